// Saving the explorer's formulas as LaTeX: those of the chosen run, an equation for each column.
const more = $(".explorer .more");
if (more) {
  more.append(" ", gd.saver("LaTeX", "the formulas", () => {
    const run = gd.runs[gd.state.run];
    const text = `\\begin{align*}\n${gd.formulasAsLatex(run).map((line) => `  ${line}`).join(" \\\\\n")}\n\\end{align*}\n`;
    gd.download(`${gd.stem()}-${run.name}.tex`, new Blob([text], { type: "application/x-tex" }));
  }));
}
