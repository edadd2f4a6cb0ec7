// The run on the page as a command line and as a file of settings.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const { make } = load(["make.js"]);
const optimizers = new Map([
  ["sgd", { argument: "sgd", hyper: [{ id: "lr", standard: 0.001 }] }],
  ["slow", { argument: "slow=adam:keras", hyper: [{ id: "lr", standard: 0.5 }, { id: "beta1", standard: 0.9 }] }],
]);
const settings = { epochs: 20, loss: "squared", batch_size: 4, "start.a": -1, "start.b": 0, optimizers: ["sgd", "slow"], "sgd.lr": 0.3, "slow.lr": 0.5, "slow.beta1": 0.8 };

test("a command line says all that is set, of hyperparameters the learning rate and what is not the definition's", () => {
  assert.equal(make.commandOf("gdtrace run a.xlsx --shuffle", settings, ["a", "b"], optimizers),
    "gdtrace run a.xlsx --shuffle --optimizers sgd,slow=adam:keras --epochs 20 --loss squared --batch-size 4 --init=a=-1,b=0 "
    + "--set sgd.lr=0.3 --set slow.lr=0.5 --set slow.beta1=0.8");
});

test("a file of settings says the same", () => {
  assert.equal(make.tomlOf(["y = \"C,D\"", "shuffle = true"], settings, ["a", "b"], optimizers),
    'y = "C,D"\nshuffle = true\noptimizers = ["sgd", "slow=adam:keras"]\nepochs = 20\nloss = "squared"\nbatch-size = 4\ninit = "a=-1,b=0"\n\n[set.sgd]\nlr = 0.3\n\n[set.slow]\nlr = 0.5\nbeta1 = 0.8\n');
});

test("what a shell would take apart is quoted", () => {
  const odd = new Map([["my sgd", { argument: "my sgd=sgd", hyper: [] }]]);
  const line = make.commandOf("gdtrace run a.xlsx", { epochs: 1, loss: "(y-p)^2", batch_size: 1, "start.a": 1, optimizers: ["my sgd"] }, ["a"], odd);
  assert.equal(line, 'gdtrace run a.xlsx --optimizers "my sgd=sgd" --epochs 1 --loss "(y-p)^2" --init=a=1');
});
