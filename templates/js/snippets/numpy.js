// A run with nothing but NumPy: the columns of the workbook, each from its tree, in the order in which the workbook computes them. It
// works for every optimizer, a user's own too.
const { indented, sourceOf, neededFor, linesOf, endingOf } = gd.programs;

const numpy = (plan, run) => {
  const source = sourceOf(plan, run, "seen");
  const carried = source.updated.map((_, at) => plan.layout.carried + at);
  const rows = linesOf(source, neededFor(source, [...source.updated, ...carried]));
  const own = rows.columns.findIndex((at) => at >= plan.layout.own);
  const weights = carried.map((at) => `float(${source.column(at)})`);
  return [
    "import numpy as np", "",
    ...plan.data.flatMap((_, at) => rows.uses("d", at) ? [`${source.all(at)} = np.array(${source.values(at)}, dtype=np.float64)`] : []),
    ...rows.uses("o") ? [`order = ${source.order}`] : [],
    "", ...rows.inputs, "", "# before the first step", ...rows.starts, "",
    `for seen in range(1, ${source.epochs + 1}):`,
    ...indented([
      `for _ in range(${plan.samples}):`,
      ...indented([...rows.lines.slice(0, own), `# ${plan.title}`, ...rows.lines.slice(own), "# this row is the row above of the next", ...rows.keeps]),
      `print(seen, ${weights.join(", ")})`,
    ]),
    ...endingOf(source, weights), "",
  ].join("\n");
};
gd.snippets.push({ name: "NumPy", needs: "numpy", of: (plan, run) => ({ code: numpy(plan, run) }) });
