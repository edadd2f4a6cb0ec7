// What makes the run on the page, in a window of its own: a command line, a file of settings, programs.
const optimizers = () => new Map(gd.program.optimizers.map((one) => {
  const shown = gd.program.shown.indexOf(one.name);
  const argument = (shown >= 0 && gd.origin?.arguments[shown]) || one.name.replace(" ", ":");
  return [one.name, { argument, hyper: one.hyper.map(([at, standard]) => ({ id: gd.program.hyper[at].id, standard })) }];
}));
const base = () => gd.origin?.command ?? `gdtrace run ${gd.stem()}.xlsx`;
gd.makeRun = () => {
  const dialog = element("dialog", { class: "make", "aria-labelledby": "gd-make-title" });
  const close = element("button", { type: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  const { weights } = gd.program;
  const isMoved = Object.keys(gd.settings).some(gd.movedSample);
  const programs = element("div");
  dialog.append(element("h2", { id: "gd-make-title" }, "Make this run"), element("p", {}, "The command line for what is on the page now:"),
    gd.codeBlock("The command line", gd.make.commandOf(base(), gd.settings, weights, optimizers())),
    element("p", {}, "The same as a gdtrace.toml beside the data:"), gd.codeBlock("gdtrace.toml", gd.make.tomlOf(gd.origin?.settings ?? [], gd.settings, weights, optimizers())),
    isMoved ? element("p", { class: "warning" }, "Samples were moved in this page: the file has them where they were, the programs below as they are here.") : "",
    element("p", {}, "The same without gdtrace, as a program in Python:"), programs, close);
  dialog.addEventListener("close", () => {
    gd.programsIn(null);
    dialog.remove();
  });
  document.body.append(dialog);
  gd.programsIn(programs);
  dialog.showModal();
};
