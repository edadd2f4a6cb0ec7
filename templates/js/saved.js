// Saving the explorer's formulas as LaTeX, the run itself as a command line.
const { stem, saver } = gd.saving;

// The formulas of the chosen run, an equation for each column.
const more = $(".explorer .more");
if (more) {
  more.append(" ", saver("LaTeX", "the formulas", () => {
    const run = gd.runs[gd.state.run];
    const { name } = run;
    const text = `\\begin{align*}\n${gd.formulasAsLatex(run).map((line) => `  ${line}`).join(" \\\\\n")}\n\\end{align*}\n`;
    gd.download(`${stem()}-${name}.tex`, new Blob([text], { type: "application/x-tex" }));
  }));
}

// What makes the run on the page: a command line, and a file of settings.
const optimizers = () => new Map(gd.program.optimizers.map((one) => {
  const shown = gd.program.shown.indexOf(one.name);
  const argument = (shown >= 0 && gd.origin?.arguments[shown]) || one.name.replace(" ", ":");
  return [one.name, { argument, hyper: one.hyper.map(([at, standard]) => ({ id: gd.program.hyper[at].id, standard })) }];
}));
const base = () => gd.origin?.command ?? `gdtrace run ${stem()}.xlsx`;
gd.makeRun = () => {
  const dialog = element("dialog", { class: "make", "aria-labelledby": "gd-make-title" });
  const close = element("button", { type: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  const block = (text, name) => {
    const pre = element("pre", { class: "program", tabindex: "0", role: "region", "aria-label": name });
    pre.append(element("code", {}, text));
    return pre;
  };
  const { weights } = gd.program;
  const isMoved = Object.keys(gd.settings).some(gd.movedSample);
  dialog.append(element("h2", { id: "gd-make-title" }, "Make this run"), element("p", {}, "The command line for what is on the page now:"),
    block(gd.make.commandOf(base(), gd.settings, weights, optimizers()), "The command line"),
    element("p", {}, "The same as a gdtrace.toml beside the data:"), block(gd.make.tomlOf(gd.settings, weights, optimizers()), "gdtrace.toml"),
    element("p", { class: "note" }, "Programs for PyTorch, Keras, Optax and NumPy stand in the page that this run writes, under “How to check this yourself”."),
    isMoved ? element("p", { class: "warning" }, "Samples were moved in this page: the file has them where they were.") : "", close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};
