// Where everything of a run stands: which frame it has, the values of the cells above it, its columns.

// The value of a hyperparameter of an optimizer, in the file where nothing is set.
const hyperOf = (state, optimizer, one) => state[`${optimizer.name}.${one.id}`] ?? one.value;

// The frame of an optimizer under a loss, for single samples or batches; undefined where the page has none.
const frameOf = (program, state, optimizer) => {
  const frames = optimizer.frames[state.loss];
  const place = frames && frames[state.batch_size > 1 ? 1 : 0];
  return place === null || place === undefined ? undefined : program.frames[place];
};

// The values of the cells above a trace, by their names.
const inputsOf = (program, state, optimizer, frame) => {
  const inputs = new Map(frame.values.map(([id, value]) => [id, state[id] ?? value]));
  for (const one of optimizer.hyper) inputs.set(one.id, hyperOf(state, optimizer, one));
  program.weights.forEach((weight, at) => inputs.set(`start ${weight}`, state[`start.${weight}`] ?? program.start[at]));
  const { samples } = program;
  inputs.set("n", samples);
  // The number of updates an epoch, in the order in which its formula has it.
  const updates = frame.update < 0 ? samples : -Math.floor(-samples / state.batch_size);
  if (frame.update >= 0) inputs.set("batch_size", state.batch_size);
  inputs.set("epoch_steps", updates);
  if (inputs.has("epochs")) inputs.set("epochs", state.epochs);
  if (inputs.has("steps")) inputs.set("steps", state.epochs * updates);
  return inputs;
};

// The columns of an optimizer in a frame: the frame's, its own for each weight, the new weights, the gates.
const layoutOf = (program, optimizer, frame) => {
  const { weights } = program;
  const about = [...frame.columns];
  const places = [];
  const add = (column, weight, id, group) => {
    const of = (text) => text.replaceAll("{w}", weight);
    const { header, symbol = header, meaning } = column;
    about.push({ id, header: of(header), symbol: of(symbol), meaning: of(meaning), group });
  };
  for (const column of optimizer.columns) {
    places.push(about.length);
    for (const weight of column.shared ? weights.slice(0, 1) : weights) {
      add(column, weight, column.shared ? column.id : `${column.id}_${weight}`, "state");
    }
  }
  const updated = about.length;
  places.push(updated);
  for (const weight of weights) add(optimizer.update, weight, `new_${weight}`, "update");
  const gates = about.length;
  about.push(...frame.gates);
  const [ids, headers] = ["id", "header"].map((what) => about.map((column) => column[what]));
  return {
    about, ids, headers, places: Int32Array.from(places), own: frame.columns.length, updated, gates, width: ids.length,
    carried: frame.carries_used ? frame.current : updated,
    weights: weights.map((name, at) => ({
      name, before: frame.current + at, gradient: frame.gradient[at], after: updated + at,
    })),
  };
};
