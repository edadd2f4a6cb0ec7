// Which charts the page of a run has, made of its runs as they are now.
const { plot } = gd;
const { problem, track } = gd;

// More small charts, lines of a small chart, runs with pale losses, weights, samples and places of curves are not drawn.
const [MOST_PANELS, FEW_LINES, MOST_FAINT, MOST_WEIGHTS, MOST_SAMPLES, PLACES] = [16, 6, 6, 12, 400, 80];
// How many rows a table shows, about.
const [TABLE_ROWS, TABLE_EPOCHS] = [12, 25];
const NAMES_ROOM = 112;

const unit = gd.row_head;
const things = (count, name) => `${gd.show(count)} ${name}${count === 1 ? "" : "s"}`;
const listed = (names) => names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
// What a series has of its run: its place, its colour and its name.
const lineOf = (run) => ({ run: gd.runs.indexOf(run), colour: run.colour, name: run.name });
const legendOf = (runs) => runs.map(lineOf);
const rows = () => Math.max(...gd.runs.map((run) => run.rows));
const stepAxis = () => ({ low: 0, high: rows(), counts: true, exact: true });
const valuesOf = (tracks) => tracks.flatMap((points) => points.map((point) => point[1]));

// What became of the runs that went wrong.
const toldWrong = (how) => {
  const wrong = gd.runs.filter((run) => !gd.well().includes(run)).map((run) => run.name);
  if (!wrong.length) return "";
  const some = wrong.slice(0, 6).join(", ");
  const more = wrong.length > 6 ? ` and ${wrong.length - 6} more` : "";
  return `The axes suit the runs that went well; of ${some}${more}, which did not, ${how}.`;
};
// Where a quantity ends lowest.
const toldLowest = (ofRun) => {
  const ends = gd.well().map((run) => [run.name, ofRun(run).at(-1)?.[1]]).filter((end) => Number.isFinite(end[1]));
  if (!ends.length) return "";
  const sorted = ends.sort((one, other) => one[1] - other[1]);
  const [best, worst] = [sorted[0], sorted.at(-1)];
  if (best === worst) return `${best[0]} ends at ${gd.show(best[1], 6)}.`;
  return `${best[0]} ends lowest, at ${gd.show(best[1], 6)}; ${worst[0]} ends highest, at ${gd.show(worst[1], 6)}.`;
};
const toldScale = ({ logarithmic }) => logarithmic ? "The scale is logarithmic: equal distances are equal factors." : "";
// The run that ends nearest to the data.
const nearestRun = () => [...gd.well()].sort((one, other) => track.last(one) - track.last(other))[0];
const sentences = (...all) => all.filter(Boolean).join(" ");

// The rows of a table by step, and a column of it for each run's track.
const tableRows = () => {
  const count = rows();
  const stride = Math.max(Math.ceil(count / TABLE_ROWS), 1);
  return [...new Set([...d3.range(1, count + 1, stride), count])];
};
const stepTable = (caption, quantities) => () => {
  const shown = tableRows();
  const column = ({ head, points }) => ({ head, values: shown.map((row) => row > points.at(-1)[0] ? undefined : points[row - 1]?.[1]) });
  return { caption, columns: [{ head: unit, values: shown }, ...quantities().map(column)] };
};

const lossFigure = () => {
  const lines = gd.runs.map((run) => ({ ...lineOf(run), points: track.mean(run) }));
  const hasFaint = gd.runs.length <= MOST_FAINT;
  const faint = hasFaint ? gd.runs.map((run) => ({ ...lineOf(run), name: `${run.name}, this sample`, faint: true, points: track.loss(run) })) : [];
  const well = gd.well();
  const means = valuesOf(well.map(track.mean));
  const y = plot.axisOf([...means, ...valuesOf(well.map(track.loss))], { from: means });
  const name = problem.isSquared() ? "squared error" : "loss";
  return {
    charts: [{
      id: "loss", kind: "steps", shape: "wide", byRun: true, unit, name: `Loss by ${unit}`,
      title: `Loss by ${unit}, a line for each optimizer`, description: toldLowest(track.mean),
      titles: [unit, `${name}, mean of the last pass over the data`], x: stepAxis(), y, series: [...faint, ...lines],
    }],
    legend: legendOf(gd.runs),
    told: sentences(
      hasFaint && `Pale: the loss of the one sample that each ${unit} sees, with the weights of that ${unit}; it jumps, since samples differ.`,
      toldScale(y), toldLowest(track.mean), toldWrong("its line leaves the chart")),
    table: stepTable("The mean loss of the last pass", () => lines.map(({ name, points }) => ({ head: name, points }))),
  };
};

const rmseFigure = () => {
  const lost = (run) => track.diverged(run) ? `diverged at epoch ${track.diverged(run)}` : "beyond the chart";
  const series = gd.runs.map((run) => ({ ...lineOf(run), points: track.errors(run), lost: lost(run) }));
  const fitting = valuesOf(gd.well().map(track.errors));
  const y = plot.axisOf(fitting, { mayBeLogarithmic: Math.min(...fitting.filter(Number.isFinite)) > 0 });
  const ends = gd.runs.map(track.epochs);
  const epochs = Math.max(...ends);
  const named = gd.runs.length <= 18 && ends.every((end) => end === epochs);
  const exact = problem.exactLine()?.rmse;
  return {
    charts: [{
      id: "rmse", kind: "epochs", shape: "wide", byRun: true, unit: "epoch", name: "RMSE by epoch", everyPoint: true, namesLost: true,
      right: named ? NAMES_ROOM : undefined, title: "RMSE by epoch, a line for each optimizer", description: toldLowest(track.errors),
      titles: ["epoch", "RMSE, in the unit of y"], x: { low: 0, high: epochs, counts: true, exact: true }, y, series,
      reference: exact > 0 ? { value: exact, name: `exact line: ${gd.show(exact, 6)}` } : null,
    }],
    legend: legendOf(gd.runs),
    told: sentences(toldScale(y)),
    table: () => {
      const stride = Math.ceil((epochs + 1) / TABLE_EPOCHS);
      const shown = d3.range(epochs + 1).filter((epoch) => epoch % stride === 0 || ends.includes(epoch));
      return {
        caption: stride === 1 ? "RMSE after each epoch" : `RMSE after every ${stride} epochs and after the last`,
        columns: [{ head: "epoch", values: shown }, ...series.map(({ name, points }) => ({ head: name, values: shown.map((epoch) => points[epoch]?.[1]) }))],
      };
    },
  };
};

const weightsTable = () => {
  const most = Math.max(...gd.runs.map(track.epochs));
  const stride = Math.max(Math.ceil(most / TABLE_ROWS), 1);
  const shown = d3.range(most + 1).filter((epoch) => epoch % stride === 0 || epoch === most);
  const column = (run, weight) => ({
    head: `${problem.weights[weight]}, ${run.name}`,
    values: shown.map((epoch) => epoch > track.epochs(run) ? undefined : track.weights(run, epoch * gd.samples)[weight]),
  });
  return {
    caption: "The weights at the ends of epochs",
    columns: [{ head: "epoch", values: shown }, ...gd.runs.flatMap((run) => problem.weights.map((_, weight) => column(run, weight)))],
  };
};
const wayChart = (content) => ({ id: "way", name: "The way of the weights", series: gd.runs.map(lineOf), byRun: true, ...content });
const toldEnds = () => {
  const point = (weights) => problem.weights.map((name, at) => `${name} = ${gd.show(weights[at], 6)}`).join(", ");
  return `All start at ${point(track.start())}. ${gd.runs.map((run) => `${run.name} ends at ${point(track.end(run))}`).join("; ")}.`;
};
const startKey = { className: "start-key", name: "start" };

const twoWeights = () => {
  const start = track.start();
  const around = [start, ...gd.well().flatMap((run) => track.way(run).map((point) => point.slice(1)))];
  const spans = [0, 1].map((weight) => plot.extent(around.map((point) => point[weight])) ?? [0, 1]);
  const bowl = problem.bowl();
  const axis = (weight) => {
    const [low, high] = plot.extent([...spans[weight], ...bowl ? [bowl.centre[weight]] : []]);
    const margin = (high - low) * 0.06 || 1;
    return { low: low - margin, high: high + margin };
  };
  const [a, b] = problem.weights;
  const times = bowl && gd.series.conditionOf(bowl.hessian);
  return {
    charts: [wayChart({
      kind: "way", shape: "square", start, bowl, x: axis(0), y: axis(1), titles: problem.titles.weights,
      title: `The way of ${a} and ${b} over lines of equal loss`, description: toldEnds(),
    })],
    legend: [...legendOf(gd.runs), startKey, ...bowl ? [{ className: "lowest-key", name: "lowest loss" }] : []],
    told: sentences(
      bowl && times >= 1.5 && `The lines are ellipses, exact for this model: across the valley the loss curves ${gd.show(times, 3)} times as much as `
        + "along it, so one learning rate is at once too large for one direction and too small for the other.",
      bowl && times < 1.5 && "The lines are ellipses, exact for this model and nearly round.",
      !bowl && "The lines are interpolated on a grid.", toldWrong("its way leaves the chart")),
    noticed: gd.toldWay(bowl),
    table: weightsTable,
  };
};

const oneWeight = () => {
  const start = track.start();
  const ways = gd.well().flatMap((run) => track.way(run).map((point) => point[1]));
  const [from, to] = plot.extent([start[0], ...ways]);
  const size = to - from || 1;
  const [low, high] = [from - size * 0.3, to + size * 0.3];
  const points = d3.range(161).map((place) => low + (high - low) * place / 160).map((weight) => [weight, problem.height(problem.loss([weight]))]);
  const [least, most] = plot.extent(valuesOf([points])) ?? [0, 1];
  return {
    charts: [wayChart({
      kind: "curve", shape: "wide", start, points, x: { low, high, exact: true }, y: { low: Math.min(least, 0), high: Math.max(most, 0) },
      titles: [problem.weights[0], problem.heightName()], title: `The ${problem.heightName()} by ${problem.weights[0]}, and the way on it`, description: toldEnds(),
    })],
    legend: [...legendOf(gd.runs), startKey],
    told: toldWrong("the marks may be outside of the chart"),
    table: weightsTable,
  };
};

// The weights of the run that ends nearest to the data, by epoch.
const manyWeights = () => {
  const best = nearestRun();
  const epochs = d3.range(track.epochs(best) + 1);
  const weights = epochs.map((epoch) => track.weights(best, epoch * gd.samples));
  const names = problem.weights.slice(0, MOST_WEIGHTS);
  const series = names.map((name, at) => ({ run: at, colour: at, name, points: epochs.map((epoch) => [epoch, weights[epoch][at]]) }));
  const few = problem.weights.length > names.length;
  return {
    charts: [wayChart({
      kind: "epochs", shape: "wide", byRun: false, unit: "epoch", everyPoint: true, titles: ["epoch", "weight"], series,
      x: { low: 0, high: epochs.at(-1), counts: true, exact: true }, y: plot.axisOf(valuesOf(series.map((one) => one.points)), { mayBeLogarithmic: false }),
      title: `The weights of ${best.name} by epoch`, description: series.map(({ name, points }) => `${name} ends at ${gd.show(points.at(-1)[1], 6)}`).join(", "),
    })],
    legend: series.map(({ colour, name }) => ({ colour, name })),
    told: sentences(`The weights of ${best.name}, the run that ends with the smallest RMSE, at the end of each epoch; epoch 0 has the start weights. `
      + "Colours and marks stand for weights here.", few && `The first ${names.length} of ${problem.weights.length} weights; the workbook has all.`),
    table: weightsTable,
  };
};

// Where scaled columns are trained on: the ends in the units of the data.
const toldInOwnUnits = () => {
  if (!gd.program.units?.parts) return "";
  const ends = gd.runs.slice(0, MOST_FAINT).map(({ name, final }) => `${name}: ${Object.entries(final).map(([weight, value]) => `${weight} = ${gd.show(value, 6)}`).join(", ")}`);
  return `In the units of the data the ends are ${ends.join("; ")}.`;
};
const marginOf = ([low, high]) => high > low ? (high - low) * 0.04 : Math.max(Math.abs(low), 1) / 4;
const fitFigure = () => {
  const against = problem.target !== 1 || problem.outputs > 1;
  const outputs = d3.range(problem.outputs);
  const targets = outputs.map((output) => problem.samples()[problem.target + output]);
  const ys = outputs.length > 1 ? targets.flatMap((column) => Array.from(column)) : targets[0];
  const xs = against ? ys : problem.samples()[0];
  const stride = Math.max(Math.ceil(gd.samples / MOST_SAMPLES), 1);
  const samples = outputs.flatMap((output) => d3.range(0, gd.samples, stride).map((at) =>
    [at + 1, (against ? targets[output] : xs)[at], targets[output][at], output]));
  const x = plot.extent(xs);
  const margin = marginOf(x);
  const places = problem.line ? [0, 1] : d3.range(PLACES + 1).map((place) => place / PLACES);
  const curve = (weights) => against
    ? samples.map(([number, , y, output]) => [y, problem.predictSample(weights, number - 1, output)])
    : places.map((share) => x[0] - margin + (x[1] - x[0] + 2 * margin) * share).map((at) => [at, problem.predict(weights, at)]);
  const lines = [{ className: "start", name: "start", weights: track.start() },
    ...problem.exactLine() ? [{ className: "exact", name: "exact line", weights: problem.exactLine().weights }] : [],
    ...gd.runs.map((run) => ({ ...lineOf(run), weights: track.end(run) }))];
  const series = lines.filter(({ weights }) => weights.every(Number.isFinite)).map((one) => ({ ...one, points: curve(one.weights) }));
  const suited = series.filter(({ run }) => run === undefined || gd.well().includes(gd.runs[run]));
  const yTitle = listed(problem.titles.data.slice(problem.target));
  const xTitle = against ? yTitle : problem.titles.data[0];
  const best = nearestRun();
  const predicted = ({ weights }, at) => problem.predictSample(weights, samples[at][0] - 1, samples[at][3]);
  return {
    charts: [{
      id: "fit", kind: against ? "against" : "fit", shape: "wide", byRun: true, name: against ? "Predictions over targets" : "The data and the predictions",
      title: against ? `Predictions over the targets ${yTitle}` : `${yTitle} over ${xTitle}: data and predictions`, description: toldEnds(),
      titles: against ? [yTitle, `prediction of ${yTitle}`] : [xTitle, yTitle], x: { low: x[0] - margin, high: x[1] + margin },
      y: heightAxis(plot.extent(ys), valuesOf(suited.map((one) => one.points))), series, samples, valueOf: predicted,
    }],
    legend: series.map(({ colour, className, name }) => ({ colour, className: className && `${className}-line`, name })),
    told: sentences(toldInOwnUnits(), `The start weights miss by ${gd.show(track.errors(gd.runs[0])[0][1], 6)} (RMSE).`,
      best && Number.isFinite(track.last(best)) && `The nearest at the end is ${best.name}, which misses by ${gd.show(track.last(best), 6)}.`,
      toldWrong("the prediction may be outside of the chart")),
    table: () => {
      const shown = d3.range(0, samples.length, Math.max(Math.ceil(samples.length / TABLE_ROWS), 1));
      const column = (at) => shown.map((index) => samples[index][at]);
      const ofSeveral = outputs.length > 1 ? [{ head: "output", values: column(3).map((output) => output + 1) }] : [];
      const data = against ? [...ofSeveral, { head: yTitle, values: column(2) }] : [{ head: xTitle, values: column(1) }, { head: yTitle, values: column(2) }];
      return {
        caption: "The samples and the predictions of them",
        columns: [{ head: "sample", values: column(0) }, ...data, ...series.map((one) => ({ head: one.name, values: shown.map((at) => predicted(one, at)) }))],
      };
    },
  };
};
// The vertical axis fits the data, and the curves as far as they are not far off.
const heightAxis = ([low, high], values) => {
  // Samples that all have the same y say nothing of how far off a prediction may be, and would all stand on the edge.
  const size = high > low ? high - low : Math.max(Math.abs(low), 1);
  const near = values.filter((value) => value > low - size && value < high + size);
  const [from, to] = plot.extent([low, high, ...near]);
  return high > low ? { low: from, high: to } : { low: from - size * 0.05, high: to + size * 0.05 };
};

const panelShape = (charts) => Math.max(...charts.map((chart) => chart.series.length)) > FEW_LINES ? "tall" : "panel";
const memoryFigure = () => {
  const states = new Map();
  for (const run of gd.runs) for (const state of track.states(run)) if (!states.has(state.id)) states.set(state.id, state);
  if (!states.size) return null;
  const shown = [...states.values()].slice(0, MOST_PANELS);
  const having = (id) => gd.runs.filter((run) => track.states(run).some((state) => state.id === id));
  const charts = shown.map(({ id, header, meaning }) => {
    const runs = having(id);
    const well = runs.filter((run) => gd.well().includes(run));
    return {
      id: `memory-${id.replace(/[^A-Za-z0-9]/g, "-")}`, kind: "steps", shape: "panel", byRun: true, unit, name: `${header} by ${unit}`, title: `${header} by ${unit}`,
      description: meaning, titles: [unit, header], x: stepAxis(), y: plot.axisOf(valuesOf((well.length ? well : runs).map((run) => track.column(run, id)))),
      series: runs.map((run) => ({ ...lineOf(run), points: track.column(run, id) })),
    };
  });
  for (const chart of charts) chart.shape = panelShape(charts);
  const none = gd.runs.filter((run) => !track.states(run).length).map((run) => run.name);
  return {
    charts, legend: legendOf(gd.runs.filter((run) => track.states(run).length)),
    told: sentences(toldStates(), none.length && `${listed(none)} remember${none.length === 1 ? "s" : ""} nothing.`,
      states.size > shown.length && `The first ${shown.length} of ${states.size} quantities; the workbook has all.`, toldWrong("its lines leave the charts")),
    noticed: gd.toldMemory(),
    table: stepTable("What is remembered", () => charts.flatMap(({ titles, series }) => series.map(({ name, points }) => ({ head: `${titles[1]}, ${name}`, points })))),
  };
};

// What is remembered, in words: for the first weight, since the others have the same.
const toldStates = () => {
  const [, ...others] = problem.weights;
  const first = gd.runs.flatMap(track.states).filter(({ id }) => !others.some((weight) => id.endsWith(`_${weight}`)));
  const told = first.map(({ header, meaning }) => `${header} (${meaning.replaceAll("de/d", "∂e/∂").replaceAll(" - ", " − ").replaceAll("beta)", "β)")})`);
  return `${[...new Set(told)].join(", ")}${others.length ? "; and the same for each other weight" : ""}.`;
};

const rateFigure = () => {
  const names = problem.weights.slice(0, MOST_PANELS);
  const all = valuesOf(gd.well().flatMap((run) => names.map((_, weight) => track.rate(run, weight))));
  const positive = all.filter((value) => value > 0);
  // All weights share the axis, so that they can be compared.
  const high = plot.extent(all)?.[1] ?? 1;
  const low = positive.length ? Math.max(plot.extent(positive)[0], high * 1e-12) : 0;
  const charts = names.map((name, weight) => ({
    id: `rate-${weight}`, kind: "steps", shape: "panel", byRun: true, unit, name: `The step of ${name} per unit of gradient`, title: `The step of ${name} per unit of gradient`,
    description: toldLowest((run) => track.rate(run, weight)), titles: [unit, `step of ${name} / gradient`], x: stepAxis(), y: { low, high, logarithmic: positive.length > 0 },
    series: gd.runs.map((run) => ({ ...lineOf(run), points: track.rate(run, weight) })),
  }));
  for (const chart of charts) chart.shape = panelShape(charts);
  return {
    charts, legend: legendOf(gd.runs), told: sentences(toldUnlike(names), toldWrong("its lines leave the charts")),
    table: stepTable("The step per unit of gradient", () => charts.flatMap(({ series }, weight) => series.map(({ name, points }) => ({ head: `${names[weight]}, ${name}`, points })))),
  };
};
// Which run treats the weights most unlike each other at the end.
const toldUnlike = (names) => {
  const spreadOf = (run) => {
    const ends = names.map((name, weight) => [name, track.rate(run, weight).at(-1)[1]]).filter((end) => end[1] > 0);
    const sorted = ends.sort((one, other) => one[1] - other[1]);
    return { run, least: sorted[0], most: sorted.at(-1), times: sorted.length ? sorted.at(-1)[1] / sorted[0][1] : 1 };
  };
  const widest = gd.well().map(spreadOf).sort((one, other) => other.times - one.times)[0];
  if (!(widest?.times > 1.5)) return "";
  return `At the end ${widest.run.name} moves ${widest.most[0]} ${gd.show(widest.times, 3)} times as far per unit of gradient as ${widest.least[0]}.`;
};

const ways = [() => null, oneWeight, twoWeights];
gd.figures = {
  loss: lossFigure, rmse: rmseFigure, way: () => (ways[problem.weights.length] ?? manyWeights)(), fit: fitFigure, memory: memoryFigure, rates: rateFigure,
};
