// The programs of what is on the page, a library at a time: shown below the charts, and where somebody wants to make this run.
const { printedOf } = gd.programs;

// The program of a run in a library as {code, prints}, with the lines that it prints, or why there is none as {sentence}.
gd.programOf = (run, library) => {
  if (run.partial) return { sentence: "The run is still being computed." };
  const plan = engine.plan(gd.settings, run.name);
  const made = gd.snippets.find((one) => one.name === library).of(plan, run);
  return made.code ? { ...made, prints: printedOf(plan, run) } : made;
};

// A longer program is saved rather than read.
const MOST = 60_000;
const view = element("div", { class: "programs" });
const choice = (label, names, act) => {
  const box = element("label", {}, `${label} `);
  const select = box.appendChild(element("select"));
  const fill = (all) => select.replaceChildren(...all.map((name) => element("option", { value: name }, name)));
  fill(names);
  select.addEventListener("change", act);
  return { box, select, fill };
};
// A program or a command in a box of its own, which scrolls.
gd.codeBlock = (name, text = "") => {
  const pre = element("pre", { class: "program", tabindex: "0", role: "region", "aria-label": name });
  pre.append(element("code", {}, text));
  return pre;
};
const write = (pre, text) => {
  pre.firstChild.textContent = text;
  pre.hidden = !text;
};
const library = choice("With", gd.snippets.map((one) => one.name), () => show());
const chosen = choice("Run", [], () => gd.select(chosen.select.selectedIndex, gd.state.row));
const said = element("p");
const program = gd.codeBlock("The program");
const prints = element("p", { class: "prints" }, `It prints the epoch and the weights ${gd.program.weights.join(", ")}:`);
const expected = gd.codeBlock("What the program prints");
const remark = element("p", { class: "note" }, "From the next epoch on the run has error values, and the program prints inf or nan or goes on with what these make.");
const save = element("button", { type: "button" }, "Save as Python");
const saving = element("p", { class: "save" });
saving.append(save);
const controls = element("p", { class: "choices" });
controls.append(library.box, chosen.box);
view.append(controls, said, program, saving, prints, expected, remark);

let made = {};
const show = () => {
  const run = gd.runs[gd.state.run];
  made = gd.programOf(run, library.select.value);
  const { name, needs } = gd.snippets[library.select.selectedIndex];
  said.replaceChildren(...made.code ? ["It needs ", element("code", {}, `pip install ${needs}`), "."] : [made.sentence]);
  const isLong = made.code?.length > MOST;
  write(program, isLong ? `${made.code.slice(0, MOST / 10)}\n…\n# It has many samples: the saved file has all of it.` : made.code ?? "");
  program.setAttribute("aria-label", `${run.title} with ${name}`);
  const lines = made.prints ?? [];
  write(expected, [lines[0], ...lines.length > 2 ? ["…"] : [], ...lines.length > 1 ? [lines.at(-1)] : []].join("\n"));
  prints.hidden = !lines.length;
  saving.hidden = !made.code;
  remark.hidden = !made.code || lines.length * gd.program.samples >= run.rows;
};
save.addEventListener("click", () => gd.download(`${gd.runs[gd.state.run].name}.py`, new Blob([made.code], { type: "text/x-python" })));

// Made when it comes into view: a program changes with whatever is set.
let [isSeen, isStale, shown] = [false, true, null];
const showSeen = () => {
  if (!isSeen || !isStale) return;
  isStale = false;
  show();
};
new IntersectionObserver(([{ isIntersecting }]) => { isSeen = isIntersecting; showSeen(); }).observe(view);
gd.on((run, _, index, changed) => {
  if (!changed && shown === run) return;
  shown = run;
  isStale = true;
  chosen.fill(gd.runs.map((one) => one.title));
  chosen.select.selectedIndex = index;
  chosen.box.hidden = gd.runs.length < 2;
  showSeen();
});
const home = $("#yourself").parentNode;
home.append(view);
gd.programsIn = (place) => (place ?? home).append(view);
