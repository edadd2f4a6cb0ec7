// A run as a program that leaves gradients to a library, and steps too where it has the optimizer in this very form; what it does not
// have is done by hand, with the formulas of the run, and said. What only one library writes in its way stands in its own file.
const { python, numberOf, floatOf } = gd.python;
const { indented, sourceOf, neededFor, linesOf, endingOf } = gd.programs;
const { name: named, number, call, namesOf: namesIn, has, ofSample, replaced } = gd.trees;

const WORDS = "t n epoch first batch samples loss loss_of weights optimizer gradient group slopes state steps update w value";
const between = (names) => names.map((name) => `${name}, `).join("").trimEnd();

// The expression that makes the optimizer in a library, or why its steps are done by hand.
const madeIn = ({ title, prefix, late }, { optimizer, named, decays, states, layout }, { looksAtWeights, startsShrunk }) => {
  const isShrunk = optimizer.inputs.includes("weight_decay") && decays.some(Boolean);
  const [made, when = []] = optimizer.libraries.find(([text]) => text.startsWith(prefix)) ?? [];
  if (!made) return { reason: `${title} does not have this form of the optimizer` };
  const values = optimizer.hyper.map(({ id }) => named.get(id));
  if (!when.every((at) => gd.printed.conditions[at](values) === 1)) return { reason: `with these settings ${title}'s optimizer does something else` };
  if (late && made.startsWith(late) && layout.ids.includes("lr_t")) return { reason: `${title}'s optimizer takes the rate of the step before` };
  if (states.length) return { reason: `${title}'s optimizer starts with no such memory` };
  if (optimizer.hyper.some(({ id }) => id === "decay") && decays.includes(0)) return { reason: `${title}'s optimizer shrinks all weights, this run only some` };
  if (isShrunk && startsShrunk) return { reason: `${title}'s optimizer starts from the weights before they shrink, this run from those after` };
  if (isShrunk && looksAtWeights) return { reason: `${title}'s optimizer looks at weights that are shrunk already, this run at those before` };
  // With another text for the learning rate where one is given.
  return { made: (lr) => made.replace(/\{(\w+)\}/g, (_, id) => (id === "lr" && lr) || floatOf(named.get(id))), reason: null };
};

// What an update knows before any formula, as the names of columns. It is of the last row of a batch, and the loss is the mean over it.
const knownOf = (source, old, isByHand) => {
  const { plan: { layout, frame, order }, column, place, isBatched, formulas } = source;
  const gradients = layout.weights.map(({ name, gradient }) =>
    [...isByHand ? [] : [`g_${name}`], `mean_${name}`].map(place).find((at) => at >= 0) ?? gradient);
  const known = new Map([[place("step"), "t"], [place("epoch"), "epoch"], [frame.row_loss, column(frame.row_loss)]]);
  if (isBatched) {
    const ends = ({ op, args: [test, , then] }) => op === "ifEqual" && test.kind === "c" && test.at === frame.update ? replaced(then, ends) : null;
    formulas.forEach((tree, at) => { formulas[at] = replaced(tree, ends); });
    const [loss, penalty] = [named("c", frame.row_loss), place("penalty")];
    if (frame.loss !== frame.row_loss) formulas[frame.loss] = penalty < 0 ? loss : call("add", loss, named("c", penalty));
  } else known.set(order ? place("place") : frame.sample, "(first + 1)");
  gradients.forEach((at) => known.set(at, column(at)));
  layout.weights.forEach(({ before }, at) => known.set(before, old[at]));
  return { known, slopes: gradients, gradients: gradients.map(column) };
};

// The formulas of an update for some columns; null where they look at single rows.
const formulasFor = (source, known, wanted) => {
  const columns = neededFor(source, wanted, (at) => known.has(at));
  const lines = linesOf(source, columns, known);
  const isOfRow = lines.uses("d") || columns.some((at) => ["row", "in_batch", "place", "sample"].includes(source.plan.layout.ids[at]));
  return isOfRow ? null : lines;
};

// The program of a run in the way of `face`, or a sentence where there can be none.
const programIn = (face) => (plan, run) => {
  const { title } = face;
  if (plan.frame.carries_used) return { sentence: `No library loses the last update of each epoch, so this run is NumPy's alone.` };
  const source = sourceOf(plan, run, WORDS);
  const { names, place, column, updated } = source;
  const { layout, frame, named: values, optimizer, samples } = plan;
  const weights = layout.weights.map(({ name }) => names(name));
  // What the optimizer computes from the weights, but for their new values and for what they are after their decay.
  const isDecayed = (one) => one.kind === "c" && layout.ids[one.at].startsWith("decayed_");
  const own = source.formulas.filter((_, at) => at >= layout.own && !updated.includes(at) && !layout.ids[at].startsWith("decayed_"));
  const looksAtWeights = own.some((tree) => namesIn(tree).some((one) => one.kind === "c" && layout.weights.some(({ before }) => before === one.at)));
  const startsShrunk = own.some((tree) => has(tree, (one) => one.op === "ifEqual" && one.args.slice(2).some(isDecayed)));
  const { made, reason } = madeIn(face, plan, { looksAtWeights, startsShrunk });
  const old = weights.map((name) => names(`old ${name}`));
  const { known, slopes, gradients } = knownOf(source, old, !made);
  // Beside the library's step: a clipped gradient and a rate that moves.
  const [given, rate] = [[...plan.given], place("lr_t")];
  const isGiven = made && given.every((at) => known.has(at));
  const byHand = formulasFor(source, known, made ? [...isGiven ? [] : given, ...rate < 0 ? [] : [rate]] : updated);
  if (!byHand) return { sentence: `The schedule looks at single rows and at what the optimizer remembers, which is not told to ${title}: this run is NumPy's alone.` };
  const usesT = byHand.uses("c", place("step"));
  const penalized = weights.filter((_, at) => plan.decays[at]);
  const penalty = values.has("l2") && penalized.length
    ? ` + ${numberOf(values.get("l2"))} / (2 * n) * (${penalized.map((name) => `${name}**2`).join(" + ")})` : "";
  const shrinks = made && optimizer.inputs.includes("weight_decay") ? weights.flatMap((_, at) => plan.decays[at] ? [at] : []) : [];
  const lr = rate < 0 ? numberOf(values.get("lr")) : column(rate);
  const loss = python(ofSample(plan).loss, face.library, ({ kind, at }) => kind === "d" ? source.data(at) : kind === "w" ? weights[at] : numberOf(values.get(at)));
  const data = plan.data.map((_, at) => source.data(at));
  const step = [
    ...face.slopes(plan.data.map((_, at) => `${source.all(at)}[batch]`).join(", "), made),
    ...made ? [] : [`# ${reason}: its step by hand`],
    ...usesT ? ["t += 1"] : [],
    ...!made || byHand.uses("c", ...layout.weights.map(({ before }) => before)) ? [`${between(old)} = [np.float64(value) for value in ${face.weightValues}]`] : [],
    ...!made || !isGiven || byHand.uses("c", ...slopes) ? [`${between(gradients)} = [np.float64(value) for value in ${face.gradientValues}]`] : [],
    ...byHand.uses("c", frame.row_loss) ? [`${column(frame.row_loss)} = np.float64(${face.lossValue})`] : [],
    ...byHand.lines, ...byHand.keeps,
    ...made && !isGiven ? face.setGradients(given.map(column)) : [],
    ...made && rate >= 0 ? face.setRate(column(rate), made) : [],
    ...face.shrink(shrinks, `(1 - ${lr} * ${numberOf(values.get("weight_decay"))})`),
    ...made ? face.step : face.setWeights(updated.map(column)),
  ];
  const isOrdered = Boolean(plan.order);
  const size = source.isBatched ? values.get("batch_size") : 1;
  const needsNumpy = step.concat(byHand.starts, byHand.inputs).some((line) => /\bnp\./.test(line));
  return {
    code: [
      ...face.imports(Boolean(made)).flatMap((line) => line === "numpy" ? needsNumpy ? ["import numpy as np"] : [] : [line]), "",
      ...face.settings,
      ...plan.data.map((_, at) => `${source.all(at)} = ${face.array(source.values(at))}`),
      ...isOrdered ? [`order = ${face.whole(source.order)}`] : [], `n = ${samples}`, "",
      ...face.weights(weights, Array.from(plan.start, floatOf)),
      ...made ? face.optimizer(made, rate < 0 ? null : numberOf(values.get("lr"))) : [],
      ...usesT ? ["t = 0"] : [], ...byHand.inputs, ...byHand.starts, "", "",
      ...face.loss(data.join(", "), between(weights), loss, made ? penalty : ""), "", "",
      ...face.before,
      `for epoch in range(1, ${source.epochs + 1}):`,
      ...indented([
        ...isOrdered ? ["samples = order[(epoch - 1) * n:epoch * n] - 1"] : [],
        `for first in range(0, n, ${size}):`,
        ...indented([`batch = ${isOrdered ? `samples[first:first + ${size}]` : `slice(first, first + ${size})`}`, ...step]),
        `print(epoch, *[${face.number("w")} for w in weights])`,
      ]),
      ...endingOf(source, weights.map((_, at) => face.number(`weights[${at}]`))), "",
    ].join("\n"),
  };
};
gd.programIn = programIn;
