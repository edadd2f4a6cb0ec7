// The engine in the page: a run, every number of it, computed as src/trace computes it. Nothing here knows the page, so
// that it runs in a worker and under node too.
//
//     engine = gd.engine(program)      // what src/export/html/program put in the page, with the functions in gd.printed
//     engine.defaults()                // the state as in the file: {epochs, batch_size, loss, "start.a", "adam.beta1", optimizers: [names], ...}
//     engine.controls(state)           // what can be changed: [{key, label, symbol, default, range: [low, high], logarithmic, of}]
//     engine.surface(state, name)      // {predict(weights, columns, at), loss(weights)}
//     engine.run(state, name)          // a run:
//       {name, title, rows, ids, headers, columns: [Float64Array(rows + 1), ...], value(column, row),
//        weights: [{name, before, gradient, after}], epochs: [{epoch, weights, rmse, online_rmse, root_of_sum, loss}],
//        start_rmse, final: {a: ...}, ended: null | {row, column, why}, stopped: null | reason}
//
// Row 0 of a column holds its start value. In the arrays NaN is #NUM!, Infinity #DIV/0! and -Infinity a cell without a
// value; `value` says what the cell holds: a number, the text of its error, or null.

// The sum with Neumaier's compensation, as src/value.rs has it.
const total = (terms) => {
  let [sum, lost] = [0, 0];
  for (const term of terms) {
    if (!ok(term)) return term;
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? (sum - next) + term : (term - next) + sum;
    sum = next;
  }
  return number(ok(sum) ? sum + lost : sum);
};
const root = (value) => ok(value) ? number(Math.sqrt(value)) : value;
const mean = (terms) => div(total(terms), terms.length);

gd.shown = (value) => ok(value) ? value : value === DIV ? "#DIV/0!" : value === BLANK ? null : "#NUM!";

gd.engine = (program) => {
  const data = program.data.map((values) => Float64Array.from(values));
  const samples = program.samples;
  const optimizers = new Map(program.optimizers.map((one) => [one.name, one]));

  // The value of a hyperparameter of an optimizer.
  const hyper = (state, optimizer, id) => {
    const key = `${optimizer.name}.${id}`;
    return state[key] ?? optimizer.hyper.find((one) => one.id === id).value;
  };

  const defaults = () => {
    const state = { epochs: program.epochs, batch_size: program.batch_size, loss: program.loss };
    program.weights.forEach((weight, index) => { state[`start.${weight}`] = program.start[index]; });
    state.optimizers = program.shown.slice();
    for (const name of program.shown) {
      const optimizer = optimizers.get(name);
      for (const one of optimizer.hyper) state[`${name}.${one.id}`] = one.value;
    }
    return state;
  };

  // The values of the cells above a trace, by their names.
  const inputsOf = (state, optimizer) => {
    const inputs = new Map(optimizer.training);
    for (const one of optimizer.hyper) inputs.set(one.id, hyper(state, optimizer, one.id));
    program.weights.forEach((weight, index) => inputs.set(`start ${weight}`, state[`start.${weight}`] ?? program.start[index]));
    inputs.set("n", samples);
    const size = inputs.get("batch_size") ?? 1;
    // The number of updates an epoch, in the order in which its formula has it.
    const updates = size > 1 || inputs.has("batch_size") ? -Math.floor(-samples / size) : samples;
    inputs.set("epoch_steps", updates);
    if (inputs.has("epochs")) inputs.set("epochs", state.epochs);
    if (inputs.has("steps")) inputs.set("steps", state.epochs * updates);
    return inputs;
  };

  // Where the columns of an optimizer stand: those of the frame, its own for each weight, the new weights, the gates.
  const layoutOf = (optimizer, frame) => {
    const count = program.weights.length;
    const prefix = frame.columns.length;
    const [ids, headers] = [frame.columns.map((one) => one[0]), frame.columns.map((one) => one[1])];
    const places = [];
    for (const column of [...optimizer.columns, optimizer.update]) {
      places.push(ids.length);
      for (const weight of column.shared ? program.weights.slice(0, 1) : program.weights) {
        ids.push(column === optimizer.update ? `new_${weight}` : column.shared ? column.id : `${column.id}_${weight}`);
        headers.push(column.header.replaceAll("{w}", weight));
      }
    }
    const updated = places[places.length - 1];
    const gates = ids.length;
    for (const [id, header] of frame.gates) {
      ids.push(id);
      headers.push(header);
    }
    const weights = program.weights.map((name, i) =>
      ({ name, before: frame.current + i, gradient: frame.gradient[i], after: updated + i }));
    const carried = frame.carries_used ? frame.current : updated;
    return { ids, headers, prefix, places: Int32Array.from(places), updated, gates, weights, carried, count };
  };

  // The numbers of an epoch with these weights.
  const summary = (frame, inputs, weights) => {
    const f = gd.printed.frames[frame.printed];
    const target = data[data.length - 1];
    const [squares, losses] = [new Float64Array(samples), new Float64Array(samples)];
    for (let s = 0; s < samples; s += 1) {
      squares[s] = square(sub(f.prediction(weights, inputs, data, s), target[s]));
      losses[s] = f.loss(weights, inputs, data, s);
    }
    return { rmse: root(mean(squares)), loss: mean(losses) };
  };

  const run = (state, name) => {
    const optimizer = optimizers.get(name);
    const frame = program.frames[optimizer.frame];
    const layout = layoutOf(optimizer, frame);
    const width = layout.ids.length;
    const { prefix, places, updated, gates, count } = layout;
    const [F, D] = [gd.printed.frames[frame.printed], gd.printed.definitions[optimizer.printed]];
    const named = inputsOf(state, optimizer);
    const inputs = Float64Array.from(frame.inputs, (id) => named.get(id));
    const own = Float64Array.from(optimizer.inputs, (id) => named.get(id) ?? NUM);
    const looked = Int32Array.from(optimizer.refers, (id) => id === "loss" ? frame.loss
      : frame.columns.findIndex((one) => one[0] === (id === "t" ? "step" : id)));
    const given = Int32Array.from(frame.given);
    const givenInUpdate = Int32Array.from(optimizer.penalizes ? frame.given_in_update : frame.given);
    const decays = Uint8Array.from(frame.decays);
    const most = state.epochs * samples;
    const columns = Array.from({ length: width }, () => new Float64Array(most + 1));
    let [row, above] = [new Float64Array(width), new Float64Array(width).fill(BLANK)];

    F.start(above, inputs);
    D.start(above, own, places, count);
    program.weights.forEach((weight, i) => { above[updated + i] = named.get(`start ${weight}`); });
    if (frame.update >= 0) for (let k = prefix; k < updated; k += 1) if (above[k] === BLANK) above[k] = 0;
    for (const [id, value] of optimizer.states ?? []) above[layout.ids.indexOf(id)] = value;
    for (let k = 0; k < width; k += 1) columns[k][0] = above[k];

    const order = program.order;
    const epochs = [];
    const first = Float64Array.from(program.weights, (weight) => named.get(`start ${weight}`));
    const squares = new Float64Array(samples);
    let ended = null;
    for (let index = 1; index <= most; index += 1) {
      F.columns(row, above, inputs, data, order, updated);
      if (frame.update < 0 || row[frame.update] === 1) {
        D.columns(row, above, own, looked, places, frame.current, given, givenInUpdate, decays);
      } else {
        for (let k = prefix; k < updated; k += 1) row[k] = above[k];
        for (let i = 0; i < count; i += 1) row[updated + i] = row[frame.current + i];
      }
      if (frame.gates.length > 0) F.gates(row, above, inputs, gates);
      for (let k = 0; k < width; k += 1) {
        columns[k][index] = row[k];
        if (ended === null && !ok(row[k])) ended = { row: index, column: k, why: gd.shown(row[k]) };
      }
      const place = (index - 1) % samples;
      squares[place] = square(row[frame.error]);
      if (place === samples - 1) {
        const weights = row.slice(layout.carried, layout.carried + count);
        epochs.push({
          epoch: epochs.length + 1, weights, ...summary(frame, inputs, weights),
          online_rmse: root(mean(squares)), root_of_sum: root(total(squares)),
        });
      }
      [row, above] = [above, row];
    }
    const last = epochs[epochs.length - 1];
    return {
      name, title: optimizer.title, rows: most, ids: layout.ids, headers: layout.headers, columns,
      value: (column, at) => gd.shown(columns[column][at]),
      weights: layout.weights, epochs, start_rmse: summary(frame, inputs, first).rmse,
      final: Object.fromEntries(program.weights.map((weight, i) => [weight, gd.shown(last.weights[i])])),
      sample: frame.sample, inputs: named, ended, stopped: null,
    };
  };

  // What the charts draw besides the runs: the prediction at a row of some columns, and the mean loss over the data, by
  // the weights.
  const surface = (state, name) => {
    const optimizer = optimizers.get(name);
    const frame = program.frames[optimizer.frame];
    const inputs = Float64Array.from(frame.inputs, (id) => inputsOf(state, optimizer).get(id));
    return {
      predict: (weights, columns, at) => gd.printed.frames[frame.printed].prediction(weights, inputs, columns, at),
      loss: (weights) => summary(frame, inputs, weights).loss,
    };
  };

  return { program, data, defaults, run, surface, controls: (state) => gd.controls(program, state) };
};
