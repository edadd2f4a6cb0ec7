// A page that computes no run: what it shows stands in its store. Each section has a cursor of its own, `at`, which its
// charts, its tables and its drawing follow.
Object.assign(gd, JSON.parse(document.getElementById("gd-store").textContent));
gd.runs = [];
gd.state = { run: 0, row: 0 };
const listeners = [];
gd.on = (listener) => listeners.push(listener);
// Puts the cursor of a section somewhere, or tells that something else of it has changed.
gd.select = (section, at = section.at) => {
  section.at = at;
  for (const listener of listeners) listener(section);
};

// A list of names to choose from: `choose` is told the place of the one that is chosen.
const chooserOf = (label, names, choose) => {
  const box = element("label", {}, `${label} `);
  const select = box.appendChild(element("select"));
  names.forEach((name, at) => select.append(element("option", { value: at }, name)));
  select.addEventListener("change", () => choose(Number(select.value)));
  return { box, select };
};
