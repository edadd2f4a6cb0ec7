// Trees as mathematics: MathML that a browser sets as a textbook does (src/formula/mathml.rs).
const set = mathElement;
const row = (...parts) => set("mrow", parts);
const sign = (text) => set("mo", [text]);
const inParentheses = (inside) => row(sign("("), inside, sign(")"));

const LEVELS = { add: 1, sub: 1, mul: 2, div: 2, power: 3, square: 3, neg: 0 };
const SIGNS = { add: "+", sub: "−", mul: "·" };
const COMPARED = { ifLess: "<", ifAtMost: "≤", ifMore: ">", ifAtLeast: "≥", ifEqual: "=", ifNot: "≠" };
const isNegative = (value) => value < 0 || Object.is(value, -0);

// A number; an exponent is set as a power of ten.
const numberOf = (value) => {
  const [mantissa, exponent] = String(Math.abs(value)).split("e");
  let made = set("mn", [mantissa]);
  if (exponent !== undefined) {
    const size = set("mn", [exponent.replace(/[-+]/, "")]);
    const power = set("msup", [set("mn", ["10"]), exponent.startsWith("-") ? row(sign("−"), size) : row(size)]);
    made = mantissa === "1" ? power : row(made, sign("·"), power);
  }
  return isNegative(value) ? row(sign("−"), made) : made;
};

// A symbol such as v_a, hat S or ∂e/∂a: `_` sets an index. Letters that stand together are one name, whose last digits are
// its index; ∂ and Δ stand for themselves.
const letters = (text) => {
  if (text.startsWith("hat ")) return set("mover", [letters(text.slice(4)), sign("^")], { accent: "true" });
  if (/^\d+$/.test(text)) return set("mn", [text]);
  if (/^[∂Δ]/.test(text)) return row(set("mi", [text[0]]), letters(text.slice(1)));
  const [, base, index] = /^(.*?)(\d*)$/s.exec(text);
  return index ? set("msub", [set("mi", [base]), set("mn", [index])]) : set("mi", [base]);
};
const symbol = (text) => {
  const [over, under] = text.split(/\/(.*)/s);
  if (under !== undefined) return set("mfrac", [letters(over), letters(under)]);
  const [base, index] = text.split(/_(.*)/s);
  return index === undefined ? letters(base) : set("msub", [letters(base), letters(index)]);
};

// Prints trees with what `leaf` makes of names. Where numbers will stand for names, any of which may be below 0, a name
// binds as a negative number does, and is marked as `fenced` where such a number needs parentheses.
const printer = (leaf, standsForNumbers = false) => {
  const level = ({ op, value }) => op === "number" ? (isNegative(value) ? 0 : 4)
    : op === "name" ? (standsForNumbers ? 0 : 4) : op.startsWith("if") ? 0 : LEVELS[op] ?? 4;
  const leads = ({ op, args, value }) => op === "number" ? isNegative(value) : op === "name" ? standsForNumbers
    : op === "neg" ? level(args[0]) >= 2 : op === "mul" && leads(args[0]);
  const fenced = (tree, fence) => {
    const inside = print(tree);
    if (!fence) return inside;
    if (tree.op !== "name" || !standsForNumbers) return inParentheses(inside);
    inside.classList.add("fenced");
    return inside;
  };
  const isFraction = (made) => made.localName === "mfrac" || (made.classList.contains("term") && made.firstChild.localName === "mfrac");
  const power = (base, exponent) => {
    const made = fenced(base, level(base) < 4);
    return set("msup", [level(base) === 4 && isFraction(made) ? inParentheses(made) : made, exponent]);
  };
  const binary = ({ op, args: [left, right] }) => {
    const own = LEVELS[op];
    return row(fenced(left, level(left) < own && !leads(left)), sign(SIGNS[op]),
      fenced(right, (level(right) <= Math.max(own, 1) && right.op !== "div") || leads(right)));
  };
  const listed = (args, between) => args.flatMap((one, at) => at ? [between(), one] : [one]);
  const called = ({ op, args }) => {
    const { notation } = gd.functions[op];
    if (typeof notation === "string") {
      return args.length ? row(set("mi", [notation]), sign("("), ...listed(args.map(print), () => sign(",")), sign(")")) : set("mi", [notation]);
    }
    const [open, close] = notation;
    if (open === undefined) return set("msqrt", args.map(print));
    if (close !== undefined) return row(sign(open), ...args.map(print), sign(close));
    const operands = args.map((one) => fenced(one, level(one) < 2));
    return row(sign("("), ...listed(operands, () => set("mo", [open], { lspace: "0.3em", rspace: "0.3em" })), sign(")"));
  };
  const choice = ({ op, args }) => {
    const [left, right, then, otherwise] = args.map(print);
    const cell = (...parts) => set("mtd", parts);
    return row(sign("{"), set("mtable", [
      set("mtr", [cell(then), cell(set("mtext", ["if\u00a0"]), left, sign(COMPARED[op]), right)]),
      set("mtr", [cell(otherwise), cell(set("mtext", ["otherwise"]))]),
    ], { displaystyle: "true" }));
  };
  const print = (tree) => {
    const { op, args, value } = tree;
    if (op === "number") return numberOf(value);
    if (op === "name") return leaf(tree);
    if (op === "neg") return row(sign("−"), fenced(args[0], level(args[0]) < 2));
    if (op === "square") return power(args[0], set("mn", ["2"]));
    if (op === "power") return power(args[0], print(args[1]));
    if (op === "div") return set("mfrac", args.map(print));
    return SIGNS[op] ? binary(tree) : COMPARED[op] ? choice(tree) : called(tree);
  };
  return print;
};
// A long formula breaks on paper: its parts are set as words of a line are, so that the signs between operands need room.
const onPaper = new CSSStyleSheet();
onPaper.replaceSync(`@media print {
  math.long, .long mrow { display: inline; }
  :is(math.long, .long mrow) > :not(mrow) { display: inline math; }
  :is(math.long > mo, .long mrow > mo:nth-child(2):nth-last-child(2)) { margin-inline: .22em; }
  .long mrow > mo:not(:nth-child(2):nth-last-child(2)) { vertical-align: .15em; }
}`);
document.adoptedStyleSheets.push(onPaper);

// A whole formula. One that is longer than a line of a sheet of paper can break there, number by number and sign by sign,
// unless it has cases; a number that is still to be written has up to eight digits and a sign.
const LINE = 44;
const whole = (parts, attributes) => {
  const made = set("math", parts, attributes);
  const size = [...made.querySelectorAll("mi, mn, mo, mtext")].reduce((sum, part) => sum + (part.textContent.length || 9), 0);
  made.classList.toggle("long", size > LINE && !made.querySelector("mtable"));
  return made;
};
const inline = (...parts) => whole(parts);
gd.math = { COMPARED, set, whole, row, sign, letters, symbol, printer, inline, inParentheses, numberOf };

// What names of a run's formulas are called.
gd.symbolsOf = (run) => {
  const hyper = new Map(engine.optimizers.get(run.name).hyper.map((one) => [one.id, one]));
  const common = new Map(gd.program.inputs.map((one) => [one.id, one]));
  const input = (id) => hyper.get(id) ?? common.get(id) ?? { symbol: id, meaning: "" };
  const isNew = (at) => run.weights.some(({ after }) => after === at);
  return { input, column: (at) => run.about[at].symbol ?? run.headers[at], isNew };
};
