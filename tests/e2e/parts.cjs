// Opens a report page in headless Chromium at a step and prints what the sections that look into it show, as JSON.
//
//     node parts.cjs REPORT.html '#adam/step=30' ...
//
// For each address: the console's errors, which step each section says it shows, and every number by its name.
// Needs playwright-core (found through NODE_PATH) and Chromium (CHROMIUM, or where Debian puts it).

const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

// Runs in the page.
function look() {
  const values = {};
  for (const place of document.querySelectorAll(".part [data-v]")) (values[place.dataset.v] ||= new Set()).add(place.textContent);
  const heights = (kind) => [...document.querySelectorAll(`#remembered-content .weights .${kind}`)]
    .reduce((sum, bar) => sum + Number(bar.getAttribute("height")), 0);
  return {
    shows: [...document.querySelectorAll("[data-shows]")].map((place) => place.textContent),
    values: Object.fromEntries(Object.entries(values).map(([name, texts]) => [name, [...texts]])),
    bars: [...document.querySelectorAll("#split-content [data-bar]")].map((bar) => bar.getAttribute("class")),
    chosen: [...document.querySelectorAll("#limits-content .chosen th")].map((cell) => cell.textContent),
    before: heights("before"), after: heights("after"),
  };
}

async function main() {
  const [file, ...addresses] = process.argv.slice(2);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  const faults = [];
  const seen = [];
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script error: ${error.message}`));
  for (const address of addresses) {
    // The same page goes from step to step, as a reader does.
    await page.goto(pathToFileURL(path.resolve(file)).href + address, { waitUntil: "load" });
    await page.waitForTimeout(200);
    seen.push(await page.evaluate(look));
  }
  // Without its script the page has the first step.
  const plain = await browser.newPage({ javaScriptEnabled: false });
  await plain.goto(pathToFileURL(path.resolve(file)).href, { waitUntil: "load" });
  const still = {};
  for (const place of await plain.$$(".part [data-v]")) {
    (still[await place.getAttribute("data-v")] ||= []).push(await place.textContent());
  }
  await browser.close();
  console.log(JSON.stringify({ faults, seen, still }));
}

main().catch((error) => {
  console.error(error);
  process.exit(2);
});
