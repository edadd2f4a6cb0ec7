// Trees as Python, and the programs' names and numbers.

const test = require("node:test");
const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { load } = require("./load.js");

const ARITHMETIC = fs.readFileSync(path.join(__dirname, "../../templates/js/arithmetic.js"), "utf8");
// The trees are over the page's arithmetic, which is in one scope with them.
const gd = load([], { functions: {} });
const trees = fs.readFileSync(path.join(__dirname, "../../templates/js/trees.js"), "utf8");
new Function("gd", `${ARITHMETIC}\n${trees}`)(gd);
load(["snippets/python.js"], gd);
const { NUMPY, TORCH, JAX, python, floatOf, namesOf, listOf } = gd.python;
const of = (text, library = NUMPY) => python(gd.trees.parse(text), library, ({ at }) => at);

test("precedence is spelt out", () => {
  for (const [tree, written] of [
    ["neg(square(a))", "-a**2"], ["square(neg(a))", "(-a)**2"], ["power(a,neg(b))", "a**(-b)"], ["power(a,power(b,c))", "a**(b**c)"],
    ["power(power(a,b),c)", "(a**b)**c"], ["sub(a,sub(b,c))", "a - (b - c)"], ["sub(sub(a,b),c)", "a - b - c"], ["div(a,mul(b,c))", "a / (b * c)"],
    ["mul(neg(a),b)", "(-a) * b"], ["mul(a,neg(b))", "a * (-b)"], ["neg(add(a,b))", "-(a + b)"], ["mul(power(2,-3),Math.E)", "2**(-3) * np.e"],
    ["mod(floor(a),b)", "np.mod(np.floor(a), b)"], ["sub(1,-0.5)", "1 - (-0.5)"],
  ]) assert.equal(of(tree), written, tree);
});

test("functions are those of the library", () => {
  const relu = "ifNot(a,1,relu(a),max(a,0))";
  assert.equal(of(relu), "((np.maximum(0, a)) if a != 1 else np.maximum(a, 0))");
  assert.equal(of(relu, TORCH), "torch.where(a != 1, torch.relu(a), torch.maximum(a, torch.tensor(0)))");
  assert.equal(of(relu, JAX), "jnp.where(a != 1, jax.nn.relu(a), jnp.maximum(a, 0))");
});

test("numbers are printed as Python prints them", () => {
  for (const [number, printed] of [[29, "29.0"], [-0, "-0.0"], [0.1, "0.1"], [0.0001, "0.0001"], [0.00001, "1e-05"], [-1.5e-7, "-1.5e-07"],
    [1e15, "1000000000000000.0"], [1e16, "1e+16"], [1.25e300, "1.25e+300"]]) assert.equal(floatOf(number), printed);
});

test("names are such as Python can have, and each its own", () => {
  const names = namesOf("seen");
  assert.deepEqual(["lambda", "lambda_", "start a", "start_a", "β", "2nd", "ñ", "np", "seen", "lambda"].map(names),
    ["lambda_", "lambda__", "start_a", "start_a_", "β", "_2nd", "uf1", "np_", "seen_", "lambda_"]);
});

test("a long list goes over several lines", () => {
  assert.equal(listOf(["1", "2"]), "[1, 2]");
  const lines = listOf(Array.from({ length: 60 }, (_, at) => String(at))).split("\n");
  assert.ok(lines.length > 3 && lines.every((line) => line.length <= 100));
});

// Functions with plain numbers, so that a test needs no more than Python.
const PRELUDE = `
import math, sys
class np:
    sqrt, exp, log, log10, sin, cos, tan, tanh = (math.sqrt, math.exp, math.log, math.log10, math.sin, math.cos, math.tan, math.tanh)
    abs, floor, minimum, maximum, pi, e = abs, math.floor, min, max, math.pi, math.e
    mod = lambda u, v: u % v
    sign = lambda u: (u > 0) - (u < 0)
p, q, r = 2.5, -1.25, 0.375
for line in sys.stdin:
    try:
        result = eval(line)
        print('none' if isinstance(result, complex) else float(result))
    except (ArithmeticError, ValueError, TypeError):
        print('none')
`;
const UNARY = ["sqrt", "exp", "ln", "sin", "tanh", "sigmoid", "relu", "softplus", "abs", "sign", "neg", "square"];
const BINARY = ["add", "sub", "mul", "div", "power", "min", "max"];
const VALUES = {
  sqrt: Math.sqrt, exp: Math.exp, ln: Math.log, sin: Math.sin, tanh: Math.tanh, sigmoid: (u) => 1 / (1 + Math.exp(-u)), relu: (u) => Math.max(0, u),
  softplus: (u) => Math.log(1 + Math.exp(u)), abs: Math.abs, sign: Math.sign, neg: (u) => -u, square: (u) => u * u,
  add: (u, v) => u + v, sub: (u, v) => u - v, mul: (u, v) => u * v, div: (u, v) => u / v, power: (u, v) => u ** v, min: Math.min, max: Math.max,
  ifLess: (u, v, then, other) => u < v ? then : other,
};
// Random trees, the same each time, as text with their values.
let seed = 1;
const below = (bound) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 65536) % bound; };
const drawn = (depth) => {
  const kind = depth ? below(9) : below(2);
  if (kind === 0) { const number = [0.5, 1, 2, 3, 1e-3, 12.75][below(6)]; return [String(number), number]; }
  if (kind === 1) return [["p", 2.5], ["q", -1.25], ["r", 0.375]][below(3)];
  const name = kind < 4 ? UNARY[below(UNARY.length)] : kind === 4 ? "ifLess" : BINARY[below(BINARY.length)];
  const operands = Array.from({ length: kind < 4 ? 1 : kind === 4 ? 4 : 2 }, () => drawn(depth - 1));
  return [`${name}(${operands.map(([text]) => text).join(",")})`, VALUES[name](...operands.map(([, value]) => value))];
};

test("Python computes the same numbers", (context) => {
  const all = Array.from({ length: 3000 }, () => drawn(4));
  const asked = spawnSync("python3", ["-c", PRELUDE], { input: all.map(([text]) => of(text)).join("\n"), encoding: "utf8" });
  if (asked.error) return context.skip("there is no python3");
  const printed = asked.stdout.trim().split("\n");
  assert.equal(printed.length, all.length);
  let compared = 0;
  all.forEach(([text, ours], at) => {
    const theirs = Number(printed[at]);
    if (!Number.isFinite(ours) || !Number.isFinite(theirs) || Math.abs(ours) > 1e12) return;
    compared += 1;
    assert.ok(Math.abs(ours - theirs) <= 1e-9 * Math.max(Math.abs(ours), Math.abs(theirs), 1), `${text}: ${of(text)} gives ${theirs}, not ${ours}`);
  });
  assert.ok(compared > 1500, String(compared));
});
