// Formulas read back from the functions that compute them, their values, their derivatives, and what is said of them.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { load } = require("./load.js");

const read = (name) => fs.readFileSync(path.join(__dirname, "../../templates/js", `${name}.js`), "utf8");
const gd = {
  functions: {
    sqrt: { value: Math.sqrt, slopes: ["div(1,mul(2,sqrt(u)))"], notation: [] },
    exp: { value: Math.exp, slopes: ["exp(u)"], notation: "exp" },
    tanh: { value: Math.tanh, slopes: ["sub(1,square(tanh(u)))"], notation: "tanh" },
    abs: { value: Math.abs, slopes: ["sign(u)"], notation: ["|", "|"] },
    sign: { value: Math.sign, slopes: ["0"], notation: "sign" },
    min: { value: Math.min, slopes: ["ifAtMost(u,v,1,0)", "ifAtMost(u,v,0,1)"], notation: "min" },
    ln: { value: Math.log, slopes: ["div(1,u)"], notation: "ln" },
    floor: { value: Math.floor, slopes: ["0"], notation: ["⌊", "⌋"] },
    pi: { value: Math.PI, slopes: [], notation: "π" },
  },
};
new Function("gd", `"use strict";\n${["arithmetic", "trees", "slopes"].map(read).join("")}`)(gd);
load(["latex.js"], gd);
const { trees, slopes } = gd;
const { parse, name, number, call } = trees;

// A tree as it is printed.
const text = (tree) => tree.op === "number" ? String(tree.value) : tree.op === "name" ? `${tree.kind}:${tree.at}`
  : `${tree.op}(${tree.args.map(text).join(",")})`;

// What Adam with a decay that only the first weight has looks like to the page, on a frame of eight columns.
const plan = (update) => ({
  frame: { inputs: ["n", "h"], update, current: 2, columns: [] }, data: [[1, 2], [3, 5]],
  layout: { places: Int32Array.of(8, 10), own: 8, updated: 10, gates: 12, width: 12 },
  refers: Int32Array.of(0), given: Int32Array.of(5, 6), givenInUpdate: Int32Array.of(5, 6), decays: Uint8Array.of(1, 0), refersTo: ["beta", "lr", "l2", "epoch_steps"],
  printed: {
    columns(r, p, h, d, o, u) {
      r[0] = add(p[0], 1);
      r[1] = at(d[0], r[0]);
      r[2] = p[u + 0];
      r[3] = p[u + 1];
      r[4] = at(o, r[0]);
      r[5] = ifAtMost(abs(r[1]), h[1], mul(-1.5e-8, r[2]), Math.PI);
      r[6] = r[3];
      r[7] = h[0];
    },
    predictions: [(v, h, d, s) => { return add(mul(v[0], d[0][s]), v[1]); }],
    loss(v, h, d, s) { return square(sub(add(mul(v[0], d[0][s]), v[1]), d[1][s])); },
  },
  own: {
    columns(r, p, h, f, c, w, g, k, y) {
      for (let i = 0; i < g.length; i++) {
        r[c[0] + i] = add(mul(h[0], p[c[0] + i]), mul((y[i] ? h[2] : 0), r[g[i]]));
      }
      for (let i = 0; i < g.length; i++) {
        r[c[1] + i] = sub(r[w + i], div(mul(h[1], r[k[i]]), normOver(g.length, (i) => r[c[0] + i])));
      }
    },
  },
});

test("the formulas of columns are read back, for every weight", () => {
  assert.deepEqual(trees.ofColumns(plan(-1)).map(text), [
    "add(p:0,1)", "d:0", "p:10", "p:11", "o:0", "ifAtMost(abs(c:1),i:h,mul(-1.5e-8,c:2),pi())", "c:3", "i:n",
    "add(mul(i:beta,p:8),mul(i:l2,c:5))", "add(mul(i:beta,p:9),mul(0,c:6))",
    "sub(c:2,div(mul(i:lr,c:5),sqrt(add(square(c:8),square(c:9)))))",
    "sub(c:3,div(mul(i:lr,c:6),sqrt(add(square(c:8),square(c:9)))))",
  ]);
});

test("between the ends of batches what is the optimizer's own is kept", () => {
  const own = trees.ofColumns(plan(7)).slice(8).map(text);
  assert.ok(own[0].startsWith("ifEqual(c:7,1,add(") && own[0].endsWith(",p:8)"), own[0]);
  assert.ok(own[3].startsWith("ifEqual(c:7,1,sub(") && own[3].endsWith(",c:3)"), own[3]);
});

test("equal trees are one, and a sample's loss holds its prediction", () => {
  const { predictions: [prediction], errors, loss } = trees.ofSample(plan(-1));
  assert.equal(text(prediction), "add(mul(w:0,d:0),w:1)");
  assert.ok(trees.has(loss, (part) => part === prediction) && trees.has(loss, (part) => part === errors[0]));
  assert.equal(parse("add(u,mul(2,v))"), parse(" add( u, mul(2, v) )"));
  assert.equal(trees.size(parse("mul(add(u,1),add(u,1))")), 4);
  assert.deepEqual(trees.namesOf(parse("add(u,mul(v,u))")).map((one) => one.at), ["u", "v", "u"]);
});

test("a tree has the value of its formula, and its errors", () => {
  const of = (formula, values) => trees.evaluate(parse(formula), ({ at }) => values[at]);
  assert.equal(of("sub(mul(u,3),sqrt(v))", { u: 2, v: 16 }), 2);
  assert.equal(of("mul(2,Math.PI)", {}), 2 * Math.PI);
  assert.equal(of("div(u,0)", { u: 1 }), Infinity);
  assert.ok(Number.isNaN(of("add(u,v)", { u: NaN, v: 1 })));
});

test("derivatives are simple where they can be, and right where they are not", () => {
  const by = (formula) => text(slopes.by(parse(formula), name("u", "u")));
  for (const [formula, expected] of [
    ["square(sub(mul(u,v),1))", "mul(mul(2,sub(mul(u:u,u:v),1)),u:v)"],
    ["mul(3,square(u))", "mul(6,u:u)"], ["div(square(u),2)", "u:u"], ["sub(u,u)", "0"], ["neg(u)", "-1"], ["v", "0"],
    ["power(u,3)", "mul(3,square(u:u))"], ["exp(u)", "exp(u:u)"], ["abs(u)", "sign(u:u)"], ["sign(u)", "0"],
    ["square(mul(u,ifMore(v,0,1,0)))", "mul(mul(2,u:u),ifMore(u:v,0,1,0))"], ["ifMore(u,0,square(u),v)", "ifMore(u:u,0,mul(2,u:u),0)"],
  ]) assert.equal(by(formula), expected, formula);
  const values = { u: 0.7, v: 1.3 };
  const at = (tree, u) => trees.evaluate(tree, (leaf) => leaf.at === "u" ? u : values.v);
  for (const formula of ["mul(tanh(mul(u,v)),exp(neg(square(u))))", "div(sqrt(add(1,square(u))),add(u,v))", "power(u,v)", "power(v,u)",
    "min(mul(u,u),v)", "square(sub(mul(v,tanh(add(mul(u,v),1))),2))"]) {
    const tree = parse(formula);
    const [first, second] = [slopes.by(tree, name("u", "u")), slopes.by(slopes.by(tree, name("u", "u")), name("u", "u"))];
    const h = 1e-4;
    const [low, middle, high] = [-h, 0, h].map((step) => at(tree, values.u + step));
    assert.ok(Math.abs(at(first, values.u) - (high - low) / (2 * h)) < 1e-6, formula);
    assert.ok(Math.abs(at(second, values.u) - (high - 2 * middle + low) / (h * h)) < 1e-5, formula);
  }
});

test("formulas are written as a paper has them", () => {
  const latex = (formula) => gd.latex.latexOf(parse(formula), ({ at }) => at);
  for (const [formula, expected] of [
    ["mul(mul(2,u),v)", "2 u v"], ["mul(2,mul(3,u))", "2 \\cdot 3 u"], ["mul(u,2)", "u \\cdot 2"], ["div(1,mul(2,sqrt(u)))", "\\frac{1}{2 \\sqrt{u}}"],
    ["sub(u,sub(v,1))", "u - (v - 1)"], ["square(div(1,u))", "\\left(\\frac{1}{u}\\right)^2"], ["power(u,12)", "u^{12}"], ["mul(1e-8,u)", "10^{-8} u"],
    ["abs(u)", "\\left|u\\right|"], ["tanh(add(u,1))", "\\tanh(u + 1)"],
    ["ifAtLeast(u,0,u,neg(u))", "\\begin{cases} u & \\text{if } u \\ge 0 \\\\ -u & \\text{otherwise} \\end{cases}"],
  ]) assert.equal(latex(formula), expected);
  assert.deepEqual(["v_a", "hat v_a", "∂e/∂a", "β_1", "epoch"].map(gd.latex.symbolOf),
    ["v_{a}", "\\hat{v}_{a}", "\\frac{\\partial e}{\\partial a}", "\\beta_{1}", "\\mathrm{epoch}"]);
});

test("a matrix has its eigenvalues, and a sample the only one that is not 0", () => {
  const curved = { trees, slopes, build: {}, section: () => {} };
  load(["limits.js"], curved);
  const { eigenvalues, strength, shapeOf } = curved.curvature;
  const near = (found, wanted) => found.forEach((one, at) => assert.ok(Math.abs(one - wanted[at]) < 1e-12 * Math.max(1, Math.abs(wanted[at])), `${found}`));
  near(eigenvalues([[2, 1], [1, 2]]), [3, 1]);
  near(eigenvalues([[4, 1, 0], [1, 3, 1], [0, 1, 2]]), [3 + Math.sqrt(3), 3, 3 - Math.sqrt(3)]);
  assert.deepEqual(eigenvalues([[392, 28], [28, 2]]), [394, 0]);
  assert.deepEqual(eigenvalues([[5]]), [5]);
  assert.equal(strength([[392, 28], [28, 2]]), 394);
  assert.equal(strength([[-392, -28], [-28, -2]]), -394);
  assert.equal(strength([[3, 0], [0, 4]]), 5);
  assert.ok(shapeOf([3, 1], 1).startsWith("a bowl") && shapeOf([3, -1], -1).startsWith("a saddle") && shapeOf([3, 0], 0).startsWith("a trough"));
});
