// What there is to notice in the runs on the page, as sentences beside their charts; computed from their numbers.
const { notice } = gd;
const { problem, track } = gd;

const [MOST_TOLD, MANY_TURNS, LEAST_STEPS] = [2, 0.5, 6];
const times = (value) => gd.show(value, 3);

const zigzags = () => gd.runs.map((run) => ({ run, ...notice.turns(track.way(run).map((point) => point.slice(1))) }))
  .filter(({ back, of }) => of >= LEAST_STEPS && back >= MANY_TURNS * of).sort((one, other) => other.back / other.of - one.back / one.of).slice(0, MOST_TOLD)
  .map(({ run, back, of }) => `${run.name} zigzags: of its first ${of} turns ${back} are back by more than a right angle.`);

const overshoots = (centre) => gd.runs.flatMap((run) => problem.weights.map((name, weight) => {
  const found = notice.overshoot(track.way(run).map((point) => point[1 + weight]), centre[weight]);
  return found && { ...found, text: `${run.name} overshoots: at ${gd.row_head} ${found.beyond} its ${name} goes beyond ${gd.show(centre[weight], 4)}, where the loss is `
    + `lowest, as far as ${gd.show(found.farthest, 4)}, and is back at ${gd.row_head} ${found.back}.` };
})).filter(Boolean).sort((one, other) => (other.back - other.beyond) - (one.back - one.beyond)).slice(0, 1).map(({ text }) => text);

// What is to be seen on the map.
gd.toldWay = (bowl) => [...zigzags(), ...bowl ? overshoots(bowl.centre) : []].join(" ");

// Where the correction of averages that start at 0 matters.
gd.toldMemory = () => gd.runs.filter((run) => run.ids.some((id) => id.includes("_corrected_"))).slice(0, 1).map((run) => {
  const betas = ["beta1", "beta2"].map((id) => run.inputs.get(id)).filter((beta) => beta > 0 && beta < 1);
  if (betas.length < 2) return "";
  const [first, second] = betas.map((beta) => 1 / (1 - beta));
  const ends = betas.map((beta) => notice.correctionEnds(beta));
  return `The correction of ${run.name} matters at first: in update 1 it makes the average of the gradients ${times(first)} times as large and that of their squares `
    + `${times(second)} times; it is below 1 % after ${gd.show(ends[0])} and ${gd.show(ends[1])} updates.`;
}).join("");

// Where two runs part: the first row whose new weights differ, and by how much.
gd.toldApart = (one, other) => {
  if (one.partial || other.partial) return { row: null, text: "The runs are still being computed." };
  const rows = one.weights.map(({ after }, weight) => {
    const row = notice.parts(one.columns[after].subarray(1), other.columns[other.weights[weight].after].subarray(1));
    return row === null ? null : { row: row + 1, name: problem.weights[weight], values: [one, other].map((run) => run.value(run.weights[weight].after, row + 1)) };
  }).filter(Boolean).sort((a, b) => a.row - b.row);
  if (!rows.length) return { row: null, text: `${one.name} and ${other.name} have the same weights at every ${gd.row_head}.` };
  const [{ row, name, values }] = rows;
  return { row, text: `${one.name} and ${other.name} part at ${gd.row_head} ${row}: there the new ${name} is ${gd.show(values[0])} and ${gd.show(values[1])}.` };
};

// The largest stable learning rate on the mean loss, at the slider of a rule that has a learning rate alone.
const limit = () => {
  const bowl = gd.bowl?.();
  return bowl ? notice.stableLimit(bowl.hessian) : null;
};
gd.showLimit = (mark, { key, of, range: [low, high] }, value) => {
  const optimizer = gd.program.optimizers.find((one) => one.name === of);
  const largest = optimizer?.hyper.length === 1 && key.endsWith(".lr") ? limit() : null;
  mark.hidden = largest === null || largest < low || largest > high;
  if (mark.hidden) return;
  mark.style.setProperty("--at", gd.slider.placeAt({ range: [low, high], logarithmic: true }, largest) / gd.slider.PLACES);
  mark.classList.toggle("beyond", value > largest);
  mark.textContent = value > largest
    ? `${times(value / largest)} times the stable limit ${gd.show(largest, 3)}: on the mean loss each step lands farther away than it started`
    : `stable on the mean loss below ${gd.show(largest, 3)}`;
};
