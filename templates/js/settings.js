// What can be set, and what it may be: the keys of the state, of the address and of gdtrace.set.
//
//     epochs, batch_size, loss         // the way to train
//     start.a                          // the weight a before the first step
//     adam.beta1                       // a hyperparameter of one optimizer; beta1: of all that are shown and have it
//     y[14]                            // the y of the 14th sample, or another of its data columns
//     optimizers                       // the names of those that are shown

// An interval as definitions write it: "(0, inf)", "[0, 1)".
const intervalOf = (text) => {
  const [low, high] = text.slice(1, -1).split(",").map((bound) => Number(bound.trim().replace("inf", "Infinity")));
  const holds = (value) => (value > low || (text.startsWith("[") && value === low))
    && (value < high || (text.endsWith("]") && value === high));
  return { low, high, holds };
};

const whole = (key, value, most) => {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${key} is ${value}: write a whole number from 1 to ${most}`);
};
const finite = (key, value) => {
  const number = typeof value === "string" && value.trim() === "" ? NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw new Error(`${key} is ${value}, which is no number`);
};
const within = (key, value, range) => {
  const number = finite(key, value);
  if (intervalOf(range).holds(number)) return number;
  throw new Error(`${key} is ${value}; it must be in ${range}`);
};

// A spreadsheet has no more rows, nor have the engine's runs.
const MOST_ROWS = 1048576;

// The data column and the number of the sample that a key such as `y[14]` moves; null where it is none.
gd.movedSample = (key) => /^(.+)\[(\d+)\]$/.exec(key);

// A change of the state by one key, as the keys that it sets with their values.
const changeOf = (program, optimizers, state, key, value) => {
  if (key === "epochs") return { epochs: whole(key, value, Math.floor(MOST_ROWS / program.samples)) };
  if (key === "batch_size") return { batch_size: whole(key, value === "all" ? program.samples : value, program.samples) };
  if (key === "loss") {
    const losses = Object.keys(optimizers.get(program.shown[0]).frames);
    if (losses.includes(value)) return { loss: value };
    throw new Error(`there is no loss ${value} in this page; there are ${losses.join(", ")}`);
  }
  if (key === "optimizers") {
    const names = typeof value === "string" ? value.split(",") : value;
    const found = names.map((name) => {
      const known = optimizers.get(name) ?? optimizers.get(name.replace(":", " "));
      if (known) return known.name;
      throw new Error(`there is no optimizer ${name} in this page; there are ${[...optimizers.keys()].join(", ")}`);
    });
    if (found.length > 0) return { optimizers: [...new Set(found)] };
    throw new Error("optimizers is empty: name at least one");
  }
  if (key.startsWith("start.") && program.weights.includes(key.slice(6))) return { [key]: finite(key, value) };
  const moved = gd.movedSample(key);
  if (moved && program.data_names.includes(moved[1]) && moved[2] >= 1 && moved[2] <= program.samples) return { [key]: finite(key, value) };
  const point = key.lastIndexOf(".");
  const [name, id] = point < 0 ? [null, key] : [key.slice(0, point), key.slice(point + 1)];
  const own = name === null ? state.optimizers : [optimizers.get(name)?.name ?? optimizers.get(name.replace(":", " "))?.name];
  const set = {};
  for (const one of own) {
    const hyper = optimizers.get(one)?.hyper.find((known) => known.id === id);
    if (hyper) set[`${one}.${id}`] = within(key, value, hyper.range);
  }
  if (Object.keys(set).length > 0) return set;
  throw new Error(`there is no ${key} that could be set`);
};

// The state with some of it changed; an error says what cannot be.
gd.changed = (program, optimizers, state, changes) => {
  let next = { ...state };
  // Which optimizers are shown decides what a hyperparameter by itself means.
  const keys = Object.keys(changes).sort((one, other) => (other === "optimizers") - (one === "optimizers"));
  for (const key of keys) next = { ...next, ...changeOf(program, optimizers, next, key, changes[key]) };
  for (const name of next.optimizers) {
    if (frameOf(program, next, optimizers.get(name))) continue;
    const size = next.batch_size > 1 ? `batches of ${next.batch_size}` : "single samples";
    throw new Error(`${name} cannot be run on ${size} with the loss ${next.loss} in this page`);
  }
  return next;
};

// The bounds of a slider for a number in a range: as far as makes sense, which may be less than is allowed.
const slider = (value, range) => {
  const { low, high } = intervalOf(range);
  if (high === Infinity && value > 0) return { range: [value / 1000, value * 1000], logarithmic: true };
  if (high === Infinity || low === -Infinity) return { range: [Math.max(low, Math.min(-1, value)), Math.max(1, 2 * value)], logarithmic: false };
  const open = (high - low) / 1000;
  return {
    range: [range.startsWith("(") ? low + open : low, range.endsWith(")") ? high - open : high], logarithmic: false,
  };
};

// What can be changed of a state, with its value in the file.
gd.controls = (program, optimizers, state) => {
  const controls = [];
  const add = (key, label, symbol, standard, more, of = null) =>
    controls.push({ key, label, symbol, default: standard, value: state[key] ?? standard, of, ...more });
  const most = Math.floor(MOST_ROWS / program.samples);
  add("epochs", "how often all samples are seen", "epochs", program.epochs,
    { range: [1, Math.min(Math.max(4 * program.epochs, 40), most)], logarithmic: false, whole: true });
  const shown = state.optimizers.map((name) => optimizers.get(name));
  const can = (changes) => shown.every((one) => frameOf(program, { ...state, ...changes }, one));
  if (program.samples > 1 && can({ batch_size: state.batch_size > 1 ? 1 : 2 })) {
    add("batch_size", "how many samples an update averages over", "K", program.batch_size,
      { range: [1, program.samples], logarithmic: false, whole: true });
  }
  const losses = Object.keys(shown[0].frames).filter((loss) => can({ loss }));
  if (losses.length > 1) add("loss", "what is made small", "e", program.loss, { options: losses });
  program.weights.forEach((weight, at) => {
    const far = Math.max(10, 2 * Math.abs(program.start[at]));
    add(`start.${weight}`, `the weight ${weight} before the first step`, `${weight}_0`, program.start[at],
      { range: [-far, far], logarithmic: false });
  });
  for (const optimizer of shown) {
    for (const one of optimizer.hyper) {
      add(`${optimizer.name}.${one.id}`, one.meaning, one.symbol, one.value, slider(one.value, one.range), optimizer.name);
    }
  }
  return controls;
};
