// The table of contents marks the section that is read, and keeps its entry in view.
const contents = $(".contents");
const entries = new Map($$("li a", contents).map((link) => [link.hash.slice(1), link]));
const sections = [...entries.keys()].map((id) => document.getElementById(id)?.closest("section")).filter(Boolean);
let current = null;
const mark = (section) => {
  const link = entries.get(section.getAttribute("aria-labelledby"));
  if (!link || link === current) return;
  current?.removeAttribute("aria-current");
  current = link;
  link.setAttribute("aria-current", "true");
  const [top, room] = [link.offsetTop - contents.offsetTop, contents.clientHeight];
  if (contents.scrollHeight > room) contents.scrollTop = top - room / 2;
};
// What crosses a line in the upper part of the window is read.
const reading = new IntersectionObserver((seen) => {
  for (const one of seen) if (one.isIntersecting) mark(one.target);
}, { rootMargin: "-20% 0px -79% 0px" });
for (const section of sections) reading.observe(section);
new IntersectionObserver(([seen]) => contents.classList.toggle("seen", seen.isIntersecting)).observe($("ul", contents));
