// The last part: every part is listening now.
document.documentElement.classList.add("scripted");
if (!gd.read()) gd.select(0, 1, true);
addEventListener("hashchange", () => {
  if (gd.read()) $("#explorer")?.scrollIntoView();
});
})();
