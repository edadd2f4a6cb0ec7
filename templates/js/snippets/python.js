// Trees as Python, for NumPy with plain numbers, for PyTorch's tensors and for JAX's arrays; numbers and names as Python has them.
const NUMPY = { module: "np", ln: "log", mod: "mod", min: "minimum", max: "maximum" };
const TORCH = { ...NUMPY, module: "torch", mod: "remainder", relu: "torch.relu" };
const JAX = { ...NUMPY, module: "jnp", relu: "jax.nn.relu" };

// What no library has by its name, over `u`.
const WRITTEN = {
  sigmoid: "div(1,add(1,exp(min(neg(u),700))))", relu: "max(0,u)", softplus: "add(max(u,0),ln(add(1,exp(neg(abs(u))))))", sum: "u", norm: "abs(u)",
};
const SIGNS = { add: [1, " + "], sub: [1, " - "], mul: [2, " * "], div: [2, " / "], power: [3, "**"], square: [3], neg: [0] };
const TESTS = { ifLess: "<", ifAtMost: "<=", ifMore: ">", ifAtLeast: ">=", ifEqual: "==", ifNot: "!=" };
const ATOM = 4;
// How tightly a printed tree binds; a minus not at all.
const levelOf = ({ op, value }) => op === "number" && Object.is(Math.abs(value), -value) ? 0 : SIGNS[op]?.[0] ?? ATOM;
const isName = ({ op }) => op === "name";

// A tree as an expression; `called` says what a name is called.
const python = (tree, library, called) => {
  const inside = (one, fits) => fits ? print(one) : `(${print(one)})`;
  // PyTorch's functions take tensors alone.
  const tensor = (one) => library === TORCH && !gd.trees.has(one, isName) ? `torch.tensor(${print(one)})` : print(one);
  const print = (one) => {
    const { op, args } = one;
    const [left, right] = args;
    if (op === "number") return numberOf(one.value);
    if (isName(one)) return called(one);
    if (op === "neg") return `-${inside(left, levelOf(left) >= 3)}`;
    if (op === "square") return `${inside(left, levelOf(left) === ATOM)}**2`;
    if (op === "power") return `${inside(left, levelOf(left) === ATOM)}**${inside(right, levelOf(right) === ATOM)}`;
    if (SIGNS[op]) {
      const [own, sign] = SIGNS[op];
      return `${inside(left, levelOf(left) >= own)}${sign}${inside(right, levelOf(right) > own)}`;
    }
    if (TESTS[op]) {
      const [, , then, other] = args.map(print);
      const test = `${tensor(left)} ${TESTS[op]} ${print(right)}`;
      return library === NUMPY ? `(${then} if ${test} else ${other})` : `${library.module}.where(${test}, ${then}, ${other})`;
    }
    if (WRITTEN[op] && !library[op]) return `(${print(gd.trees.replaced(gd.trees.parse(WRITTEN[op]), ({ kind }) => kind === "u" ? left : null))})`;
    const name = library[op] ?? op;
    const full = name.includes(".") ? name : `${library.module}.${name}`;
    return args.length ? `${full}(${args.map(tensor).join(", ")})` : full;
  };
  return print(tree);
};

const numberOf = (value) => Number.isNaN(value) ? "np.nan" : String(value);
// A float as Python prints it: 29.0, 1e-05.
const floatOf = (value) => {
  const [digits, exponent] = value.toExponential().split("e");
  if (exponent >= -4 && exponent < 16) return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : String(value);
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
};

// Names that Python and the programs have already.
const TAKEN = "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield np jax jnp torch keras optax os print range int float zip slice order".split(" ");
// Gives each name the one that it has in a program, always the same; `words` are the program's own.
const namesOf = (words) => {
  const [given, used] = [new Map(), new Set([...TAKEN, ...words.split(" ")])];
  return (id) => {
    if (!given.has(id)) {
      // Python takes some letters for others: beyond plain and Greek ones each is written by its number.
      let name = id.replace(/[^\wα-ωΓΔΛΣΩ]/gu, (one) => one < "\x7f" ? "_" : `u${one.codePointAt(0).toString(16)}`).replace(/^(?=\d)/, "_");
      while (used.has(name)) name += "_";
      used.add(name);
      given.set(id, name);
    }
    return given.get(id);
  };
};

// A list over as many lines as it needs.
const WIDTH = 92;
const listOf = (items) => {
  const lines = [""];
  for (const item of items) {
    if (lines.at(-1).length + item.length > WIDTH) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) && " "}${item},`;
  }
  return lines.length > 1 ? `[\n    ${lines.join("\n    ")}\n]` : `[${lines[0].slice(0, -1)}]`;
};

gd.python = { NUMPY, TORCH, JAX, python, numberOf, floatOf, namesOf, listOf };
