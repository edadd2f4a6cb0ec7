// What the checks in headless Chromium share: opening a page that is watched, and telling what was found.
//
// Each program exports its check, a function of a browser and its arguments. Run by itself it starts a browser for that and
// prints what was found as JSON; serve.cjs runs many in one browser, since to start one takes longer than most checks.
//
// Needs playwright-core (found through NODE_PATH) and Chromium (CHROMIUM, or where Debian puts it).

const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

// What was found as JSON on one line; sets as lists.
const asJson = (found) => JSON.stringify(found, (_, value) => (value instanceof Set ? [...value] : value));

// Opens `file` at `hash` in a new page, whose faults are added to the set `faults`: whatever stands on the console,
// errors of scripts, requests beyond the file itself.
async function open(browser, faults, file, hash = "", options = {}) {
  const page = await browser.newPage(options);
  const address = addressOf(file);
  page.on("console", (message) => faults.add(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.add(`script error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    const isOwn = url.split("#")[0] === address || url.startsWith("data:") || url.startsWith("blob:");
    if (!isOwn) faults.add(`request for ${url}`);
  });
  await go(page, file, hash);
  return page;
}

const addressOf = (file) => pathToFileURL(path.resolve(file)).href;

async function go(page, file, hash = "") {
  await page.goto(addressOf(file) + hash, { waitUntil: "load" });
}

// Runs `check` with a browser and the arguments of the command line; ends with an error where the check itself fails.
async function main(check) {
  try {
    const browser = await launch();
    const found = await check(browser, process.argv.slice(2));
    await browser.close();
    console.log(asJson(found));
  } catch (error) {
    console.error(error);
    process.exit(2);
  }
}

module.exports = { asJson, go, launch, main, open };
