// The formulas of the page as trees. The functions that compute a run are printed from trees, a call for each operation,
// so they are read back from their own text: what is shown of a formula is what is computed. Needs no page.
//
// A tree is {op, args}; a number is {op: "number", value}, a name {op: "name", kind, at}: `c` a column of this row, `p` of
// the row above, `i` an input by its id, `d` a data column, `o` the drawn order, `w` a weight, `u` an operand. Equal trees
// are one and the same.
gd.trees = (() => {
  const forest = new Map();
  const numbers = new Map();
  let count = 0;
  const planted = (key, tree) => {
    if (!forest.has(key)) forest.set(key, { ...tree, id: count += 1 });
    return forest.get(key);
  };
  const number = (value) => {
    if (!numbers.has(value)) numbers.set(value, { op: "number", value, args: [], id: count += 1 });
    return numbers.get(value);
  };
  const name = (kind, at) => planted(`${kind} ${at}`, { op: "name", kind, at, args: [] });
  const call = (op, ...args) => planted(`${op}(${args.map((one) => one.id)})`, { op, args });

  // The words of a text, and a place among them.
  const WORD = /\s*(-?\d[\d.]*(?:e[-+]?\d+)?|[A-Za-z_][\w.]*|=>|.)/gs;
  const reader = (text) => ({ words: [...text.matchAll(WORD)].map((match) => match[1]), at: 0 });
  const next = (from) => from.words[from.at++];
  const passes = (from, word) => {
    if (from.words[from.at] !== word) return false;
    from.at += 1;
    return true;
  };
  const past = (from, word) => { while (next(from) !== word); };

  // A place in a list: a sum of numbers, of what `env` knows, and of entries of its lists.
  const place = (from, env) => {
    let sum = 0;
    do {
      const word = next(from);
      if (/^\d/.test(word)) sum += Number(word);
      else if (passes(from, "[")) sum += env[word][place(from, env)];
      else sum += env[word];
    } while (passes(from, "+"));
    next(from);
    return sum;
  };
  // Sums and norms over all weights, written out.
  const OVER = {
    sumOver: (all) => all.reduce((sum, one) => call("add", sum, one)),
    normOver: (all) => call("sqrt", all.map((one) => call("square", one)).reduce((sum, one) => call("add", sum, one))),
  };
  const overWeights = (from, env, op) => {
    past(from, "=>");
    const start = from.at;
    const all = Array.from({ length: env.g.length }, (_, i) => {
      from.at = start;
      return read(from, { ...env, i });
    });
    next(from);
    return OVER[op](all);
  };
  // What a list holds at a place.
  const entry = (from, env, list) => {
    const at = place(from, env);
    if (list === "d" && passes(from, "[")) place(from, env);
    if (list === "h") return env.inputOf(env.inputs[at]);
    return name({ r: "c", p: "p", d: "d", v: "w" }[list], at);
  };
  const read = (from, env) => {
    const word = next(from);
    if (/^-?\d/.test(word)) return number(Number(word));
    if (word === "(") {
      // What is 0 for a weight that does not decay.
      next(from);
      next(from);
      const decays = env.y[place(from, env)];
      next(from);
      const value = read(from, env);
      past(from, ")");
      return decays ? value : number(0);
    }
    if (passes(from, "[")) return entry(from, env, word);
    if (!passes(from, "(")) return word.startsWith("Math.") ? call(word === "Math.PI" ? "pi" : "e") : name("u", word);
    if (word === "at") {
      const list = next(from);
      const at = passes(from, "[") ? place(from, env) : 0;
      past(from, ")");
      return name(list, at);
    }
    if (OVER[word]) return overWeights(from, env, word);
    const args = [];
    do args.push(read(from, env)); while (passes(from, ","));
    next(from);
    return call(word, ...args);
  };

  // The formulas of a function whose statements are r[...]=...; some of them in loops over the weights.
  const statements = (printed, env, take) => {
    const from = reader(String(printed));
    past(from, "{");
    const statement = (i) => {
      past(from, "[");
      const at = place(from, { ...env, i });
      next(from);
      take(at, read(from, { ...env, i }));
      next(from);
    };
    while (from.words[from.at] !== "}") {
      if (!passes(from, "for")) {
        statement(0);
        continue;
      }
      past(from, "{");
      while (!passes(from, "}")) {
        const start = from.at;
        for (let i = 0; i < env.g.length; i += 1) {
          from.at = start;
          statement(i);
        }
      }
    }
  };
  const returned = (printed, env) => {
    const from = reader(String(printed));
    past(from, "return");
    return read(from, env);
  };

  // The number of updates an epoch, as workbooks have it.
  const epochSteps = (isBatched) => isBatched
    ? call("neg", call("floor", call("div", call("neg", name("i", "n")), name("i", "batch_size")))) : name("i", "n");
  const envOf = ({ frame, layout, refers, given, givenInUpdate, decays }, inputs) => ({
    inputs, inputOf: (id) => id === "epoch_steps" ? epochSteps(frame.update >= 0) : name("i", id),
    c: layout.places, f: refers, w: frame.current, g: given, k: givenInUpdate, y: decays, u: layout.updated, q: layout.gates, i: 0,
  });
  // The formula of each column of a plan.
  const known = new WeakMap();
  const ofColumns = (plan) => {
    if (known.has(plan)) return known.get(plan);
    const { frame, layout, printed, own } = plan;
    const trees = [];
    const take = (at, tree) => { trees[at] = tree; };
    statements(printed.columns, envOf(plan, frame.inputs), take);
    statements(own.columns, envOf(plan, plan.refersTo), take);
    if (layout.gates < layout.width) statements(printed.gates, envOf(plan, frame.inputs), take);
    // Between the ends of batches what is the optimizer's own stays as it is.
    if (frame.update >= 0) {
      const ends = [name("c", frame.update), number(1)];
      for (let at = layout.own; at < layout.gates; at += 1) {
        const kept = at < layout.updated ? name("p", at) : name("c", frame.current + at - layout.updated);
        trees[at] = call("ifEqual", ...ends, trees[at], kept);
      }
    }
    known.set(plan, trees);
    return trees;
  };
  // The predictions of a sample, one for each output, how far they are off, and the loss, over weights, data and inputs.
  const ofSample = (plan) => {
    const formula = (printed) => returned(printed, { ...envOf(plan, plan.frame.inputs), s: 0 });
    const predictions = plan.printed.predictions.map(formula);
    const target = plan.data.length - predictions.length;
    const errors = predictions.map((prediction, output) => call("sub", prediction, name("d", target + output)));
    return { predictions, errors, loss: formula(plan.printed.loss) };
  };
  // What a text says over `u` and `v`.
  const parse = (text) => read(reader(text), {});

  // The same tree with other trees for some.
  const replaced = (tree, other, done = new Map()) => {
    if (!done.has(tree)) {
      const instead = other(tree);
      done.set(tree, instead ?? (tree.args.length ? call(tree.op, ...tree.args.map((one) => replaced(one, other, done))) : tree));
    }
    return done.get(tree);
  };
  const has = (tree, is) => is(tree) || tree.args.some((one) => has(one, is));
  // How many parts it has, each counted once.
  const size = (tree, seen = new Set()) => {
    if (!seen.has(tree)) {
      seen.add(tree);
      for (const one of tree.args) size(one, seen);
    }
    return seen.size;
  };
  // Its names in the order in which they are written.
  const namesOf = (tree) => tree.op === "name" ? [tree] : tree.args.flatMap(namesOf);

  const OPERATIONS = { add, sub, mul, div, neg, square, power, ifLess, ifAtMost, ifMore, ifAtLeast, ifEqual, ifNot };
  // Its value, where `valueOf` knows names; each part is computed once.
  const evaluate = (tree, valueOf, done = new Map()) => {
    if (tree.op === "number") return tree.value;
    if (!done.has(tree)) {
      const args = () => tree.args.map((one) => evaluate(one, valueOf, done));
      const { value } = gd.functions[tree.op] ?? {};
      done.set(tree, tree.op === "name" ? valueOf(tree)
        : typeof value === "number" ? value : (OPERATIONS[tree.op] ?? value)(...args()));
    }
    return done.get(tree);
  };
  return { number, name, call, parse, ofColumns, ofSample, replaced, has, size, namesOf, evaluate };
})();
