// Derivatives of trees: the local ones of an operation by what goes into it, and by the chain rule those of a whole tree.
// Only derivatives are simplified, never what a run computes. Needs no page.
gd.slopes = (() => {
  const { number, call, parse, has, replaced } = gd.trees;
  const [ZERO, ONE, TWO] = [0, 1, 2].map(number);
  const isNumber = (tree, value) => tree.op === "number" && (value === undefined || tree.value === value);

  // What is 0 or 1, and any power of it the same.
  const isDecision = ({ op, args }) => op.startsWith("if") && args.slice(2).every((one) => one === ZERO || one === ONE);

  // A tree as a product: a coefficient, and factors with their powers.
  const factorsOf = (tree, power = 1, into = { coefficient: 1, factors: new Map() }) => {
    const { op, args, value } = tree;
    if (op === "number") into.coefficient *= value ** power;
    else if (op === "neg") {
      into.coefficient *= (-1) ** power;
      factorsOf(args[0], power, into);
    } else if (op === "mul") for (const one of args) factorsOf(one, power, into);
    else if (op === "square") factorsOf(args[0], 2 * power, into);
    else if (op === "div" && isNumber(args[1])) {
      into.coefficient /= args[1].value ** power;
      factorsOf(args[0], power, into);
    } else into.factors.set(tree, power > 0 && isDecision(tree) ? 1 : (into.factors.get(tree) ?? 0) + power);
    return into;
  };
  const raised = (tree, power) => power === 1 ? tree : power === 2 ? call("square", tree) : call("power", tree, number(power));
  const written = ({ coefficient, factors }) => {
    const parts = [...factors].filter(([, power]) => power !== 0).map(([tree, power]) => raised(tree, power));
    if (coefficient === 0) return ZERO;
    if (!parts.length) return number(coefficient);
    const size = Math.abs(coefficient);
    const shown = size === 1 ? parts : [number(size), ...parts];
    const product = shown.reduce((all, one) => call("mul", all, one));
    return coefficient < 0 ? call("neg", product) : product;
  };
  const product = (...trees) => written(trees.reduce((all, one) => factorsOf(one, 1, all), factorsOf(ONE)));

  // A sum with equal terms put together, its constant at the end.
  const termsOf = (tree, sign, into) => {
    if (tree.op === "add" || tree.op === "sub") {
      termsOf(tree.args[0], sign, into);
      termsOf(tree.args[1], tree.op === "sub" ? -sign : sign, into);
      return into;
    }
    const { coefficient, factors } = factorsOf(tree);
    const core = written({ coefficient: 1, factors });
    into.set(core, (into.get(core) ?? 0) + sign * coefficient);
    return into;
  };
  const sum = (...trees) => {
    const all = new Map();
    for (const tree of trees) termsOf(tree, 1, all);
    const terms = [...all].filter(([, coefficient]) => coefficient !== 0)
      .sort(([one], [other]) => isNumber(one) - isNumber(other)).map(([core, coefficient]) => product(number(coefficient), core));
    return terms.reduce((total, one) => total === null ? one
      : one.op === "neg" ? call("sub", total, one.args[0])
        : isNumber(one) && one.value < 0 ? call("sub", total, number(-one.value)) : call("add", total, one), null) ?? ZERO;
  };
  const negative = (tree) => product(number(-1), tree);

  const slopesOf = (op, args) => gd.functions[op].slopes.map((text) =>
    replaced(parse(text), (part) => part.kind === "u" ? args[part.at === "v" ? 1 : 0] : null));
  // The derivative of an operation by each of what goes into it, over that.
  const local = ({ op, args }) => {
    const [u, v] = args;
    if (op === "add") return [ONE, ONE];
    if (op === "sub") return [ONE, number(-1)];
    if (op === "mul") return [v, u];
    if (op === "neg") return [number(-1)];
    if (op === "square") return [product(TWO, u)];
    if (op === "div") return isNumber(v) ? [number(1 / v.value), ZERO] : [call("div", ONE, v), call("neg", call("div", u, call("square", v)))];
    if (op === "power") {
      const less = isNumber(v) ? raised(u, v.value - 1) : call("power", u, call("sub", v, ONE));
      return [product(v, less), product(call("power", u, v), call("ln", u))];
    }
    if (op.startsWith("if")) return [ZERO, ZERO, call(op, u, v, ONE, ZERO), call(op, u, v, ZERO, ONE)];
    return slopesOf(op, args);
  };

  // The derivative of a tree by a name. The branch that is not taken may be an error, so it is not multiplied by 0.
  const done = new Map();
  const by = (tree, name) => {
    const key = `${tree.id} ${name.id}`;
    if (!done.has(key)) done.set(key, derived(tree, name));
    return done.get(key);
  };
  const derived = (tree, name) => {
    if (tree === name) return ONE;
    if (!tree.args.length || !has(tree, (part) => part === name)) return ZERO;
    const inner = tree.args.map((one) => by(one, name));
    if (tree.op.startsWith("if")) {
      const [then, otherwise] = inner.slice(2);
      return then === otherwise ? then : call(tree.op, tree.args[0], tree.args[1], then, otherwise);
    }
    return sum(...local(tree).flatMap((slope, at) => isNumber(inner[at], 0) ? []
      : [tree.op === "mul" && at === 0 ? product(inner[at], slope) : product(slope, inner[at])]));
  };
  return { local, by, product, sum, negative };
})();
