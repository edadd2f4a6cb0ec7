// The last part: every part is listening now.
document.documentElement.classList.add("scripted");
// A link to a step leads to where it is explained.
const follow = () => {
  const isLink = gd.read();
  if (isLink) $("#explorer")?.scrollIntoView();
  return isLink;
};
if (!follow()) gd.select(0, 1, true);
addEventListener("hashchange", follow);
