// Trees as LaTeX, for a paper, a slide or a forum (src/formula/latex.rs): factors stand side by side, and a dot comes only
// between what would run together. Needs no page.
const LEVELS = { add: 1, sub: 1, mul: 2, div: 2, power: 3, square: 3, neg: 0 };
const COMPARED = { ifLess: "<", ifAtMost: "\\le", ifMore: ">", ifAtLeast: "\\ge", ifEqual: "=", ifNot: "\\ne" };
const level = ({ op, value }) => op === "number" ? (value < 0 ? 0 : 4) : op.startsWith("if") ? 0 : LEVELS[op] ?? 4;
const leads = ({ op, args, value }) => op === "number" ? value < 0 : op === "neg" || (["add", "sub", "mul"].includes(op) && leads(args[0]));
const inParentheses = (inside) => /\\frac|\\sqrt|\\begin|\^/.test(inside) ? `\\left(${inside}\\right)` : `(${inside})`;
const numberText = (value) => {
  const [mantissa, exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const power = `10^{${exponent.replace("+", "")}}`;
  return mantissa === "1" ? power : mantissa === "-1" ? `-${power}` : `${mantissa} \\cdot ${power}`;
};
const COMMANDS = { σ: "\\sigma", π: "\\pi", e: "e", log10: "\\log_{10}" };
const commandOf = (name) => COMMANDS[name] ?? (/^(exp|ln|sin|cos|tanh?|min|max)$/.test(name) ? `\\${name}` : `\\operatorname{${name}}`);

const latexOf = (tree, nameOf) => {
  const print = (one) => latexOf(one, nameOf);
  const fenced = (one, fence) => fence ? inParentheses(print(one)) : print(one);
  const { op, args, value } = tree;
  const [left, right] = args;
  const called = (raised = "") => {
    const { notation } = gd.functions[op];
    if (typeof notation === "string") return commandOf(notation) + raised + (args.length ? inParentheses(args.map(print).join(", ")) : "");
    const [open, close] = notation;
    if (open === undefined) return `\\sqrt{${print(left)}}`;
    if (close === undefined) return inParentheses(args.map((one) => fenced(one, level(one) < 2)).join(` \\b${open} `));
    return open === "|" ? `\\left|${print(left)}\\right|` : `\\left\\lfloor ${print(left)} \\right\\rfloor`;
  };
  if (op === "number") return numberText(value);
  if (op === "name") return nameOf(tree);
  if (op === "neg") return `-${fenced(left, level(left) < 2)}`;
  if (op === "div") return `\\frac{${print(left)}}{${print(right)}}`;
  if (op === "square" || op === "power") {
    const exponent = op === "square" ? "2" : print(right);
    const stands = left.op === "name" || (left.op === "number" && level(left) === 4)
      || (gd.functions[left.op] && typeof gd.functions[left.op].notation !== "string");
    return `${fenced(left, !stands)}^${exponent.length === 1 ? exponent : `{${exponent}}`}`;
  }
  if (op === "mul") {
    const second = fenced(right, level(right) < 2 || leads(right));
    return `${fenced(left, level(left) < 2 && !leads(left))}${/^\d/.test(second) ? " \\cdot " : " "}${second}`;
  }
  if (op === "add" || op === "sub") {
    const fence = level(right) < 1 || leads(right) || (op === "sub" && level(right) === 1);
    return `${fenced(left, left.op.startsWith("if"))} ${op === "add" ? "+" : "-"} ${fenced(right, fence)}`;
  }
  if (!COMPARED[op]) return called();
  const [then, otherwise] = args.slice(2).map(print);
  return `\\begin{cases} ${then} & \\text{if } ${print(left)} ${COMPARED[op]} ${print(right)} \\\\ ${otherwise} & \\text{otherwise} \\end{cases}`;
};

// A symbol such as v_a, hat S or ∂e/∂a.
const GREEK = { α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", ζ: "zeta", η: "eta", θ: "theta", κ: "kappa", λ: "lambda", μ: "mu",
  ν: "nu", ξ: "xi", ρ: "rho", σ: "sigma", τ: "tau", φ: "phi", χ: "chi", ψ: "psi", ω: "omega", ϕ: "phi", "∂": "partial", Δ: "Delta" };
const letters = (text) => {
  if (text.startsWith("hat ")) return `\\hat{${letters(text.slice(4))}}`;
  const greek = text.replace(/[α-ωϕ∂Δ]/g, (sign) => GREEK[sign] ? `\\${GREEK[sign]} ` : sign).trim();
  return greek !== text || /^(.|\d+)$/.test(text) ? greek : `\\mathrm{${text}}`;
};
const symbolOf = (text) => {
  const [over, under] = text.split(/\/(.*)/s);
  if (under !== undefined) return `\\frac{${letters(over)}}{${letters(under)}}`;
  const [base, index] = text.split(/_(.*)/s);
  return index === undefined ? letters(base) : `${letters(base)}_{${letters(index)}}`;
};
gd.latex = { latexOf, symbolOf };

// The formulas of a run, an equation for each column; what is of the row above is of step t − 1.
gd.formulasAsLatex = (run) => {
  const symbols = gd.symbolsOf(run);
  const columnOf = (at) => symbolOf(symbols.column(at));
  const nameOf = ({ kind, at }) => kind === "c" ? columnOf(at) : kind === "p" ? `{${columnOf(at)}}^{(t-1)}`
    : symbolOf(kind === "i" ? symbols.input(at).symbol : kind === "d" ? gd.program.data_names[at] : "order");
  return gd.trees.ofColumns(run.plan).map((tree, at) => `${columnOf(at)} &= ${latexOf(tree, nameOf)}`);
};
