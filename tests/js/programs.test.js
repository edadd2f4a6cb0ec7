// The programs of a run in each library, made of the walkthrough's page. That they print its numbers is checked end to end.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { load } = require("./load.js");

const page = fs.readFileSync(path.join(__dirname, "../../docs/demo.html"), "utf8");
const [store, script] = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]);
// The engine, which stands before what is the page's.
const [end] = script.match(/isWorker\)\s*return;?\s*\}\n/);
const opening = script.slice(0, script.indexOf(end) + end.length).replace("(() => {", "return (() => {");
const gd = new Function(`${opening}return gd;\n})();`)();
load(["python", "program", "numpy", "library", "pytorch", "jax", "keras", "optax"].map((name) => `snippets/${name}.js`), gd);
const engine = gd.engine(JSON.parse(store).program);

const made = (library, changes, name = changes.optimizers) => {
  const settings = engine.changed(engine.defaults(), changes);
  return gd.snippets.find((one) => one.name === library).of(engine.plan(settings, name), engine.run(settings, name));
};
const has = ({ code }, ...lines) => { for (const line of lines) assert.ok(code.split("\n").includes(line), `${line}\n----\n${code}`); };

test("a library's own optimizer has what is set", () => {
  has(made("PyTorch", { optimizers: "adam", "adam.lr": 0.25, epochs: 3, "start.a": -2, "y[2]": 7 }),
    "optimizer = torch.optim.Adam(weights, lr=0.25, betas=(0.9, 0.999), eps=1e-08)", "a = torch.tensor(-2.0, requires_grad=True)",
    "    58, 7, 86, 132, 86, 88, 174, 154, 198, 60, 114, 154, 124, 100, 48, 106, 118, 228, 56, 72, 86,",
    "for epoch in range(1, 4):", "    return ((a * x + b - y)**2).mean()", "        optimizer.step()");
  has(made("Keras", { optimizers: "adam:keras", batch_size: 4 }, "adam keras"), "    for first in range(0, n, 4):", "        optimizer.apply(gradient, weights)");
  has(made("Optax", { optimizers: "adam:optax" }, "adam optax"), "        steps, state = update(gradient, state, weights)");
});

test("what a library does not have is done by hand, and said", () => {
  has(made("Keras", { optimizers: "adam" }), "        # Keras does not have this form of the optimizer: its step by hand",
    "        v_a = beta1 * prev_v_a + (1 - beta1) * de_da", "        prev_v_a = v_a", "            w.assign(value)");
  has(made("PyTorch", { optimizers: "momentum:pytorch", "momentum pytorch.beta": 0 }, "momentum pytorch"),
    "        # with these settings PyTorch's optimizer does something else: its step by hand");
});

test("NumPy has the columns of the workbook", () => {
  has(made("NumPy", { optimizers: "rmsprop", loss: "huber:1", batch_size: 4 }), "batch_size = np.float64(4)", "prev_S_a = np.float64(0)",
    "        S_a = (beta * prev_S_a + (1 - beta) * mean_a**2 if update == 1 else prev_S_a)", "    print(seen, float(new_a), float(new_b))");
});

test("what a program prints is known", () => {
  const settings = engine.changed(engine.defaults(), { optimizers: "sgd", epochs: 2 });
  const run = engine.run(settings, "sgd");
  const lines = gd.programs.printedOf(engine.plan(settings, "sgd"), run);
  assert.deepEqual(lines.map((line) => line.split(" ").map(Number)), run.epochs.map(({ epoch, weights }) => [epoch, ...weights]));
});
