// Opens a report in headless Chromium and prints what it computed, as JSON: every run with all its rows.
//
//     node computes.cjs REPORT.html [--results] [SET...]
//
// With --results it prints what the runs came to, without their rows. With SETs, {"epochs": 3} as JSON each, the page sets them one after the other and shows its runs after each.

const { main, open } = require("./browser.cjs");

// Runs in the page: the runs of what is set, and how long it took to compute them at once.
async function look([changes, hasRows]) {
  performance.clearMeasures();
  if (changes) window.gdtrace.set(changes);
  const time = performance.getEntriesByName("gdtrace computes").at(-1)?.duration;
  await window.gdtrace.ready();
  const names = Object.keys(window.gdtrace.results());
  return {
    time, state: window.gdtrace.state(), results: window.gdtrace.results(),
    runs: hasRows ? Object.fromEntries(names.map((name) => [name, window.gdtrace.rows(name)])) : {},
  };
}

async function compute(browser, given) {
  const [file, ...rest] = given;
  const sets = rest.filter((one) => one !== "--results");
  const hasRows = sets.length === rest.length;
  const faults = new Set();
  const page = await open(browser, faults, file);
  let workers = 0;
  page.on("worker", () => { workers += 1; });
  const seen = [await page.evaluate(look, [null, hasRows])];
  for (const set of sets) seen.push(await page.evaluate(look, [JSON.parse(set), hasRows]));
  return { faults, seen, workers };
}

module.exports = compute;
if (require.main === module) main(compute);
