// What the checks in headless Chromium share: opening a page that is watched, and telling what was found.
//
// Needs playwright-core (found through NODE_PATH) and Chromium (CHROMIUM, or where Debian puts it).

const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

// Runs `check` with a browser and prints what it returns as JSON; sets print as lists.
async function inBrowser(check) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  const found = await check(browser);
  await browser.close();
  console.log(JSON.stringify(found, (_, value) => (value instanceof Set ? [...value] : value)));
}

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

// Ends the program with an error where a check itself fails.
function main(check) {
  inBrowser(check).catch((error) => {
    console.error(error);
    process.exit(2);
  });
}

module.exports = { go, main, open };
