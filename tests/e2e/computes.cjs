// Opens a report in headless Chromium and prints what it computed, as JSON: every run with all its rows.
//
//     node computes.cjs REPORT.html [SET...]
//
// With SETs, {"epochs": 3} as JSON each, the page sets them one after the other and shows its runs after each.

const { main, open } = require("./browser.cjs");

// Runs in the page: the runs of what is set, and how long it took to compute them.
function look(changes) {
  performance.clearMeasures();
  if (changes) window.gdtrace.set(changes);
  const time = performance.getEntriesByName("gdtrace computes").at(-1)?.duration;
  const names = Object.keys(window.gdtrace.results());
  return {
    time, state: window.gdtrace.state(), results: window.gdtrace.results(),
    runs: Object.fromEntries(names.map((name) => [name, window.gdtrace.rows(name)])),
  };
}

async function compute(browser, given) {
  const [file, ...sets] = given;
  const faults = new Set();
  const page = await open(browser, faults, file);
  const seen = [await page.evaluate(look, null)];
  for (const set of sets) seen.push(await page.evaluate(look, JSON.parse(set)));
  return { faults, seen };
}

module.exports = compute;
if (require.main === module) main(compute);
