// What can be changed: a slider and a number for each hyperparameter, the start, epochs, batches; the loss; which optimizers
// are shown. All of it is made from engine.controls, so that an optimizer of one's own has its controls too.
const { PLACES, valueAt, placeAt } = gd.slider;

const dock = document.body.appendChild(element("aside", { class: "dock", "aria-label": "Play and change" }));
const bar = dock.appendChild(element("div", { class: "playbar" }));
const panel = element("div", { class: "panel", id: "gd-panel", hidden: "" });
dock.prepend(panel);
const fault = element("p", { class: "fault", role: "status", hidden: "" });

const button = (text, name, act, more = {}) => {
  const made = element("button", { type: "button", ...name ? { "aria-label": name, title: name } : {}, ...more }, text);
  made.addEventListener("click", act);
  return made;
};

// Sets what is given, once for each time that the page is drawn; says what cannot be set, and why.
let wanted = null;
gd.change = (changes) => {
  if (!wanted) requestAnimationFrame(apply);
  wanted = { ...wanted, ...changes };
};
const apply = () => {
  const changes = wanted;
  wanted = null;
  try {
    engine.changed(gd.settings, changes);
  } catch (error) {
    fault.textContent = `${error.message}.`;
    fault.hidden = false;
    return;
  }
  fault.hidden = true;
  gd.set(changes, true);
  gd.settle();
};

// A symbol such as beta_1 or w_0 as it is written.
const GREEK = { alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eps: "ε", eta: "η", lambda: "λ", mu: "μ", rho: "ρ", theta: "θ", nu: "ν" };
const symbolOf = (text) => {
  const [, base, index] = /^(.*?)(?:_\{?([^}]*)\}?)?$/.exec(text);
  const made = element("var", {}, GREEK[base] ?? base);
  if (index) made.append(element("sub", {}, index));
  return made;
};

// A control in the panel: `show` puts a value there, unless the reader is just typing one.
const makeControl = (control) => {
  const { key, label, symbol, options, whole } = control;
  const row = element("div", { class: "control" });
  const name = element("label", { for: `gd-${key}`, title: label });
  name.append(symbolOf(symbol), element("span", {}, key.split(".").at(-1) === symbol ? "" : key.startsWith("start.") ? "start" : key.split(".").at(-1).replace("_", " ")));
  row.append(name);
  if (options) {
    const select = row.appendChild(element("select", { id: `gd-${key}` }));
    for (const one of options) select.append(element("option", { value: one }, one));
    select.addEventListener("change", () => gd.change({ [key]: select.value }));
    return { row, show: ({ value }) => { select.value = value; } };
  }
  let range = control;
  const slider = row.appendChild(element("input", { type: "range", min: 0, max: PLACES, "aria-label": `${label}, slider` }));
  const number = row.appendChild(element("input", { type: "number", id: `gd-${key}`, step: whole ? 1 : "any", inputmode: "decimal" }));
  slider.addEventListener("input", () => gd.change({ [key]: valueAt(range, Number(slider.value)) }));
  number.addEventListener("change", () => gd.change({ [key]: number.value }));
  const mark = row.appendChild(element("span", { class: "limit", hidden: "" }));
  return {
    row,
    show: (now) => {
      range = { ...now, range: control.range };
      slider.value = placeAt(range, now.value);
      slider.setAttribute("aria-valuetext", String(now.value));
      if (document.activeElement !== number) number.value = now.value;
      row.classList.toggle("changed", now.value !== now.default);
      gd.showLimit?.(mark, range, now.value);
    },
  };
};

// The panel: what is common to all, then a group for each optimizer. It is built anew when its controls are others.
let [built, controls] = ["", new Map()];
const group = (title, name, colour) => {
  const box = element("fieldset", name ? { class: `run-${colour}`, "data-name": name } : {});
  const legend = box.appendChild(element("legend"));
  if (name) legend.append(gd.key({ colour }));
  legend.append(title);
  if (name && gd.runs.length > 1) {
    legend.append(button("×", `Take ${title} off`, () => gd.change({ optimizers: gd.settings.optimizers.filter((one) => one !== name) }), { class: "off" }));
  }
  return box;
};
const adder = () => {
  const box = element("div", { class: "add" });
  const others = gd.program.optimizers.map((one) => one.name).filter((name) => !gd.settings.optimizers.includes(name));
  if (!others.length) return box;
  const select = element("select", { "aria-label": "Another optimizer or variant" });
  for (const name of others) select.append(element("option", { value: name }, name));
  box.append(select, button("Add", null, () => gd.change({ optimizers: [...gd.settings.optimizers, select.value] })));
  return box;
};
// Two runs side by side: the first step at which they part.
const apart = element("fieldset", { class: "apart" });
const [one, other] = ["One run", "The other run"].map((name) => element("select", { "aria-label": name }));
const said = element("p", { role: "status" });
const goApart = button("Go there", null, () => gd.go(gd.state.run, Number(goApart.dataset.row)), { hidden: "" });
apart.append(element("legend", {}, "Where do they part?"), one, other, said, goApart);
const showApart = () => {
  const { row, text } = gd.toldApart(gd.runs[one.selectedIndex], gd.runs[other.selectedIndex]);
  said.textContent = text;
  goApart.hidden = row === null;
  goApart.dataset.row = row;
};
for (const select of [one, other]) select.addEventListener("change", showApart);
const listApart = () => {
  for (const [select, at] of [[one, 0], [other, gd.runs.length - 1]]) {
    const before = select.value;
    select.replaceChildren(...gd.runs.map((run) => element("option", { value: run.name }, run.name)));
    select.selectedIndex = Math.max(gd.runs.findIndex((run) => run.name === before), 0) || at;
  }
};

const build = (all) => {
  controls = new Map();
  const groups = new Map([[null, group("All")]]);
  for (const run of gd.runs) groups.set(run.name, group(run.name, run.name, run.colour));
  for (const control of all) {
    const made = makeControl(control);
    controls.set(control.key, made);
    groups.get(control.of).append(made.row);
  }
  const boxes = element("div", { class: "groups" });
  boxes.append(...[...groups.values()].filter((box) => box.children.length > 1), adder());
  if (gd.runs.length > 1) {
    listApart();
    boxes.append(apart);
  }
  panel.replaceChildren(fault, boxes);
};

// The bar: play and step, where one is, and the way to the panel.
const playing = button("▶", "Play", () => gd.player.toggle(), { class: "play" });
gd.player.on((isPlaying) => {
  playing.textContent = isPlaying ? "❚❚" : "▶";
  for (const attribute of ["aria-label", "title"]) playing.setAttribute(attribute, isPlaying ? "Pause" : "Play");
});
const place = element("output", { class: "place" });
const steps = element("input", { type: "range", min: 1, "aria-label": gd.row_head, class: "steps" });
steps.addEventListener("input", () => { gd.player.pause(); gd.go(gd.state.run, Number(steps.value)); });
const speed = element("select", { "aria-label": `${gd.row_head}s a second`, class: "speed" });
for (const one of gd.player.SPEEDS) speed.append(element("option", { value: one, ...one === gd.player.speed() ? { selected: "" } : {} }, `${one}/s`));
speed.addEventListener("change", () => gd.player.setSpeed(Number(speed.value)));
const opener = button("Change", null, () => {
  panel.hidden = !panel.hidden;
  opener.setAttribute("aria-expanded", String(!panel.hidden));
}, { "aria-expanded": "false", "aria-controls": panel.id, class: "opener" });
const reset = button("As in the file", null, () => {
  fault.hidden = true;
  gd.set(null, true);
  gd.settle();
}, { class: "reset", hidden: "" });
const maker = button("Make this run", null, () => gd.makeRun(), { class: "maker" });
bar.append(
  button("◀", `The ${gd.row_head} before`, () => { gd.player.pause(); gd.player.step(-1); }), playing,
  button("▶|", `The next ${gd.row_head}`, () => { gd.player.pause(); gd.player.step(1); }),
  place, steps, speed, reset, maker, opener,
);

gd.on((run, row, index, changed) => {
  const all = engine.controls(gd.settings);
  const keys = all.map((control) => control.key).join(" ");
  if (keys !== built) {
    built = keys;
    build(all);
  }
  for (const control of all) controls.get(control.key).show(control);
  if (gd.runs.length > 1 && (changed || !said.textContent)) showApart();
  steps.max = run.rows;
  steps.value = row;
  steps.setAttribute("aria-valuetext", `${gd.row_head} ${row} of ${run.rows}`);
  steps.className = `steps run-${run.colour}`;
  place.textContent = `${gd.row_head} ${row}`;
  reset.hidden = gd.isAsInFile();
});
