// Computes the runs of a page without the page, as its worker does, and prints them as JSON: for each run its columns, the
// bytes of doubles in base64, and what its epochs come to.
//
//     node run_page.js PAGE.html '{"epochs": 2}'

const fs = require("node:fs");
const vm = require("node:vm");

const [page, changes] = process.argv.slice(2);
const scripts = [...fs.readFileSync(page, "utf8").matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]);
const { program } = JSON.parse(scripts[0]);
const { epochs, batch_size, loss, shown: optimizers } = program;

const runs = {};
const worker = vm.createContext({
  WorkerGlobalScope: Object,
  postMessage: ({ name, computed }) => {
    if (!computed) return;
    const bytes = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
    const text = (value) => Number.isFinite(value) ? value : null;
    runs[name] = {
      columns: computed.columns.map((column) => column && bytes(column)), stopped: computed.stopped, ended: computed.ended,
      epochs: computed.epochs.map((epoch) => ({ ...epoch, weights: [...epoch.weights].map(text), rmse: text(epoch.rmse) })),
    };
  },
});
vm.runInContext(scripts[1], worker);
worker.onmessage({ data: { program, state: { epochs, batch_size, loss, optimizers, ...JSON.parse(changes ?? "{}") } } });
process.stdout.write(JSON.stringify(runs));
