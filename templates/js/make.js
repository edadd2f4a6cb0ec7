// The run on the page as a command line and as a gdtrace.toml. Needs no page.

// A number as the program reads it, and a word as a shell does.
const quoted = (word) => /^[\w\-./:=,+@%]+$/.test(word) ? word
  : /["$\x60\\!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word}"`;
const labelOf = (argument) => argument.split("=")[0];

// What must be said of each shown optimizer as [label, id, value]: what is not as in its definition, and its learning rate,
// for which the program would take another where that of the definition fails.
const told = (settings, optimizers) => settings.optimizers.flatMap((name) => {
  const { argument, hyper } = optimizers.get(name);
  const said = hyper.map(({ id, standard }) => ({ id, standard, value: settings[`${name}.${id}`] ?? standard }));
  return said.filter(({ id, value, standard }) => value !== standard || id === "lr").map(({ id, value }) => [labelOf(argument), id, value]);
});
const argumentsOf = (settings, optimizers) => settings.optimizers.map((name) => optimizers.get(name).argument);
const startOf = (settings, weights) => weights.map((weight) => `${weight}=${settings[`start.${weight}`]}`).join(",");

// `base` is the command line but for what is set here; `optimizers` has the argument and the hyperparameters of each.
const commandOf = (base, settings, weights, optimizers) => {
  const words = ["--optimizers", argumentsOf(settings, optimizers).join(","), "--epochs", settings.epochs, "--loss", settings.loss];
  if (settings.batch_size > 1) words.push("--batch-size", settings.batch_size);
  const options = words.map((word) => quoted(String(word)));
  // In one word: a start below 0 would be taken for an option.
  options.push(quoted(`--init=${startOf(settings, weights)}`));
  for (const [label, id, value] of told(settings, optimizers)) options.push("--set", quoted(`${label}.${id}=${value}`));
  return `${base} ${options.join(" ")}`;
};

// `base` has the lines of what is not set here.
const tomlOf = (base, settings, weights, optimizers) => {
  const text = (value) => JSON.stringify(value);
  const lines = [
    ...base, `optimizers = [${argumentsOf(settings, optimizers).map(text).join(", ")}]`, `epochs = ${settings.epochs}`,
    `loss = ${text(settings.loss)}`, ...settings.batch_size > 1 ? [`batch-size = ${settings.batch_size}`] : [],
    `init = ${text(startOf(settings, weights))}`,
  ];
  let last = null;
  for (const [label, id, value] of told(settings, optimizers)) {
    if (label !== last) lines.push("", `[set.${/^[\w-]+$/.test(label) ? label : text(label)}]`);
    last = label;
    lines.push(`${id} = ${value}`);
  }
  return `${lines.join("\n")}\n`;
};
gd.make = { commandOf, tomlOf };
