// A run, row by row, as src/trace/mod.rs computes it.

// What a run is made from, ready to be computed.
const planOf = (program, data, state, optimizer, order) => {
  const frame = frameOf(program, state, optimizer);
  if (!frame) throw new Error(`the page has no ${state.loss} loss for ${optimizer.name}`);
  const layout = layoutOf(program, optimizer, frame);
  const named = inputsOf(program, state, optimizer, frame);
  const place = (id) => id === "loss" ? frame.loss : frame.columns.findIndex((one) => one.id === (id === "t" ? "step" : id));
  const given = Int32Array.from(frame.given);
  return {
    program, optimizer, name: optimizer.name, title: optimizer.title, samples: program.samples, rows: state.epochs * program.samples,
    data, order, frame, layout, named,
    printed: gd.printed.frames[frame.printed], own: gd.printed.definitions[optimizer.printed],
    inputs: Float64Array.from(frame.inputs, (id) => named.get(id)),
    hyper: Float64Array.from(optimizer.inputs, (id) => named.get(id)), refersTo: optimizer.inputs,
    refers: Int32Array.from(optimizer.refers, place),
    given, givenInUpdate: optimizer.penalizes ? Int32Array.from(frame.given_in_update) : given,
    decays: Uint8Array.from(frame.decays),
    start: Float64Array.from(program.weights, (weight) => named.get(`start ${weight}`)),
    states: optimizer.states, until: program.until, units: program.units,
  };
};

// Row 0: the start values.
const rowZero = (plan) => {
  const { layout, start } = plan;
  const row = new Float64Array(layout.width).fill(BLANK);
  plan.printed.start(row, plan.inputs);
  plan.own.start(row, plan.hyper, layout.places, start.length);
  // What keeps its value between updates has one to start with.
  if (plan.frame.update >= 0) for (let k = layout.own; k < layout.updated; k += 1) if (row[k] === BLANK) row[k] = 0;
  for (const [id, value] of plan.states) row[layout.ids.indexOf(id)] = value === null ? NUM : number(value);
  row.set(start, layout.updated);
  return row;
};

// Computes `row` from the row `above` it. Between the ends of batches what is the optimizer's own stays as it is.
const computeRow = (plan, row, above) => {
  const { frame, layout, printed } = plan;
  printed.columns(row, above, plan.inputs, plan.data, plan.order, layout.updated);
  if (frame.update < 0 || row[frame.update] === 1) {
    plan.own.columns(row, above, plan.hyper, plan.refers, layout.places, frame.current, plan.given, plan.givenInUpdate,
      plan.decays);
  } else {
    for (let k = layout.own; k < layout.updated; k += 1) row[k] = above[k];
    for (let k = layout.updated; k < layout.gates; k += 1) row[k] = row[frame.current + k - layout.updated];
  }
  if (layout.gates < layout.width) printed.gates(row, above, plan.inputs, layout.gates);
};

// More values than this of a run are not kept: what charts are drawn of is, and what else is asked for is computed anew
// from the last of the rows that are kept at even distances.
const MOST_VALUES = 3e6;
const DISTANCE = 1024;
// After so many values a run that is computed bit by bit lets others have their turn.
const SLICE = 4e5;

// The columns that are kept of a run.
const keptOf = ({ layout, frame, rows }) => {
  const all = Array.from({ length: layout.width }, (_, k) => k);
  if (rows * layout.width <= MOST_VALUES) return all;
  const own = all.slice(layout.own, layout.gates);
  const ofRow = [frame.row_loss, frame.update, ...layout.weights.flatMap(({ before, gradient }) => [before, gradient])];
  return [...new Set([...ofRow.filter((k) => k >= 0), ...own])];
};

// Computes a run; yields the number of rows so far, now and then, and returns what it came to.
const compute = function* (plan) {
  const { layout, samples, frame, rows } = plan;
  const kept = keptOf(plan);
  const columns = new Array(layout.width).fill(null);
  for (const k of kept) columns[k] = new Float64Array(rows + 1);
  let [above, row] = [rowZero(plan), new Float64Array(layout.width)];
  for (const k of kept) columns[k][0] = above[k];
  const marks = kept.length < layout.width ? [above.slice()] : null;
  const before = { epoch: 0, weights: plan.start, online_rmse: NUM, root_of_sum: NUM, ...overAll(plan, plan.start) };
  const start = inOwnUnits(plan.units, before);
  const over = watchOf(plan.until, start);
  const squares = new Float64Array(samples);
  const epochs = [];
  let [ended, stopped, done] = [null, null, 0];
  const slice = Math.ceil(SLICE / layout.width);
  while (done < rows && stopped === null) {
    done += 1;
    computeRow(plan, row, above);
    for (let at = 0; at < kept.length; at += 1) columns[kept[at]][done] = row[kept[at]];
    if (ended === null) {
      const column = row.findIndex((value) => !ok(value));
      if (column >= 0) ended = { row: done, column, why: gd.shown(row[column]) };
    }
    const place = (done - 1) % samples;
    squares[place] = square(row[frame.error]);
    if (place === samples - 1) {
      const weights = row.slice(layout.carried, layout.carried + plan.start.length);
      const online = { online_rmse: root(mean(squares)), root_of_sum: root(total(squares)) };
      epochs.push(inOwnUnits(plan.units, { epoch: epochs.length + 1, weights, ...online, ...overAll(plan, weights) }));
      stopped = over(epochs[epochs.length - 1]);
    }
    if (marks && done % DISTANCE === 0) marks.push(row.slice());
    if (done % slice === 0) yield done;
    [row, above] = [above, row];
  }
  const shorten = (column) => column && (done < rows ? column.slice(0, done + 1) : column);
  return { rows: done, columns: columns.map(shorten), marks, epochs, start_rmse: start.rmse, ended, stopped };
};

// The rows from a mark to the next one of a run that is not kept as a whole.
const windowOf = (plan, mark, rows) => {
  const columns = Array.from({ length: plan.layout.width }, () => new Float64Array(rows));
  let [above, row] = [mark.slice(), new Float64Array(plan.layout.width)];
  for (let at = 0; at < rows; at += 1) {
    computeRow(plan, row, above);
    for (let k = 0; k < columns.length; k += 1) columns[k][at] = row[k];
    [row, above] = [above, row];
  }
  return columns;
};

// Looks up any value of a run, computing what is not kept. `marks` may still be incomplete: it is filled as needed.
const lookUp = (plan, { columns, marks }) => {
  let [from, window] = [-1, null];
  const markAt = (wanted) => {
    while (marks.length <= wanted) {
      let [above, row] = [marks[marks.length - 1].slice(), new Float64Array(plan.layout.width)];
      for (let at = 0; at < DISTANCE; at += 1) {
        computeRow(plan, row, above);
        [row, above] = [above, row];
      }
      marks.push(above);
    }
    return marks[wanted];
  };
  return (column, row) => {
    if (columns[column]) return columns[column][row];
    if (row === 0) return marks[0][column];
    const mark = Math.floor((row - 1) / DISTANCE);
    if (mark !== from) {
      window = windowOf(plan, markAt(mark), Math.min(DISTANCE, plan.rows - mark * DISTANCE));
      from = mark;
    }
    return window[column][row - 1 - mark * DISTANCE];
  };
};
