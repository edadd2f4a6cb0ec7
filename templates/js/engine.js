// The engine in the page: a run, every number of it, computed as src/trace computes it. Nothing here knows the page, so
// that it runs in a worker and under node too.
//
//     engine = gd.engine(program)      // what src/export/html/engine put in the page, with the functions in gd.printed
//     engine.defaults()                // the state as in the file: {epochs, batch_size, loss, "start.a", "adam.beta1", optimizers: [names], ...}
//     engine.controls(state)           // what can be changed: [{key, label, symbol, default, range: [low, high], logarithmic, of}]
//     engine.surface(state, name)      // {predict(weights, columns, at), loss(weights)}
//     engine.changed(state, changes)   // the state with some of it changed; throws where that cannot be
//     engine.run(state, name)          // a run:
//       {name, title, rows, ids, column: the place of each id, headers, columns: [Float64Array(rows + 1), ...], value(column, row), cell(column, row),
//        loss, sample: places of columns, weights: [{name, before, gradient, after}], epochs: [{epoch, weights, rmse, online_rmse, root_of_sum, loss}],
//        start_rmse, final: {a: ...}, ended: null | {row, column, why}, stopped: null | "condition" | "patience",
//        as_in_file: whether it has the columns of its sheet in the workbook, partial: whether it is still being computed}
//
// Row 0 of a column holds its start value. In the arrays NaN is #NUM!, Infinity #DIV/0! and -Infinity a cell without a
// value; `cell` gives the same for any
// row, and `value` what the cell holds: a number, the text of its error, or null. Of a very long run only those columns
// are kept that charts are drawn of, the others are null; `value` knows all. Epochs are in the units of the data.

gd.engine = (given) => {
  // What is written once and referred to by its place is looked up here; what goes without saying is not written.
  const column = (at) => given.frame_columns[at];
  const frames = given.frames.map((frame) => ({ ...frame, columns: frame.columns.map(column), gates: (frame.gates ?? []).map(column) }));
  const program = { ...given, frames };
  const data = program.data.map((values) => Float64Array.from(values));
  const known = (optimizer) => ({
    refers: [], states: [], libraries: [], penalizes: false,
    ...optimizer, hyper: optimizer.hyper.map(([at, standard, value = standard]) => ({ ...program.hyper[at], value, default: standard })),
    columns: (optimizer.columns ?? []).map((at) => program.columns[at]), update: program.columns[optimizer.update],
    frames: program.ways[optimizer.frames], libraries: (optimizer.libraries ?? []).map((at) => program.libraries[at]),
    reset: optimizer.reset && { ...optimizer.reset, optimizer: known(optimizer.reset.optimizer) },
  });
  const optimizers = new Map(program.optimizers.map((one) => [one.name, known(one)]));
  const orders = new Map();

  // The data with the samples that were moved in a state: `y[14]` is the y of the 14th.
  const dataOf = (state) => {
    const moved = Object.keys(state).filter((key) => key.endsWith("]"));
    if (moved.length === 0) return data;
    const columns = data.map((values) => values.slice());
    for (const key of moved) {
      const [, name, sample] = gd.movedSample(key);
      columns[program.data_names.indexOf(name)][sample - 1] = state[key];
    }
    return columns;
  };

  // The order of the samples in so many epochs; null where it is that of the data.
  const order = (epochs) => {
    if (program.shuffle === null) return null;
    if (!orders.has(epochs)) orders.set(epochs, gd.orderOf(program.shuffle, program.samples, epochs));
    return orders.get(epochs);
  };

  const defaults = () => {
    const state = { epochs: program.epochs, batch_size: program.batch_size, loss: program.loss };
    program.weights.forEach((weight, at) => { state[`start.${weight}`] = program.start[at]; });
    state.optimizers = program.shown.slice();
    for (const name of program.shown) {
      const optimizer = optimizers.get(name);
      for (const one of optimizer.hyper) state[`${name}.${one.id}`] = one.value;
    }
    return state;
  };

  // What the states of an optimizer start from: where a reset made them, what it leaves with these settings.
  const statesOf = (state, optimizer) => {
    const { reset, states } = optimizer;
    if (!reset) return states;
    const plan = planOf(program, dataOf(state), { ...state, epochs: reset.epochs }, { ...reset.optimizer, name: optimizer.name }, null);
    plan.until = null;
    const { columns, rows } = finish(compute(plan));
    return states.map(([id]) => [id, columns[plan.layout.ids.indexOf(id)][rows]]);
  };

  const plan = (state, name) => {
    const optimizer = optimizers.get(name);
    const states = statesOf(state, optimizer);
    return planOf(program, dataOf(state), state, { ...optimizer, states }, order(state.epochs));
  };

  // A run of what was computed by a plan.
  const runOf = (plan, computed) => {
    const look = lookUp(plan, computed);
    const last = computed.epochs[computed.epochs.length - 1];
    const { name, title, layout, frame, named } = plan;
    return {
      plan, name, title, as_in_file: program.frames.indexOf(frame) === optimizers.get(name).frame, partial: false,
      about: layout.about, ids: layout.ids, column: new Map(layout.ids.map((id, at) => [id, at])), headers: layout.headers, weights: layout.weights, loss: frame.row_loss,
      sample: frame.sample, inputs: named,
      ...computed,
      cell: look, value: (column, row) => gd.shown(look(column, row)),
      final: Object.fromEntries(program.weights.map((weight, at) => [weight, last ? gd.shown(last.weights[at]) : null])),
    };
  };

  const computed = (plan) => runOf(plan, finish(compute(plan)));

  // What the model makes of any weights: of a sample, and the mean loss over all.
  const surface = (state, name) => {
    const { printed, inputs, ...rest } = plan(state, name);
    return {
      predict: (weights, columns, at, output = 0) => printed.predictions[output](weights, inputs, columns, at),
      loss: (weights) => overAll({ printed, inputs, ...rest }, weights).loss,
    };
  };

  // A run that is still to be computed: any row of it is, when it is asked for.
  const begun = (plan) => {
    const columns = new Array(plan.layout.width).fill(null);
    const rows = optimizers.get(plan.name).rows ?? plan.rows;
    return runOf(plan, {
      rows: Math.min(rows, plan.rows), columns, marks: [rowZero(plan)], epochs: [], start_rmse: overAll(plan, plan.start).rmse,
      ended: null, stopped: null, partial: true,
    });
  };

  return {
    program, optimizers, dataOf, defaults, plan, runOf, surface,
    controls: (state) => gd.controls(program, optimizers, state),
    changed: (state, changes) => gd.changed(program, optimizers, state, changes),
    begun,
    computed,
    run: (state, name) => computed(plan(state, name)),
  };
};

// Runs through what is computed bit by bit.
const finish = (steps) => {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};
