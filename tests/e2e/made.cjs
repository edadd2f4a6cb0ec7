// Sets some of a report's run and prints as JSON what makes this run, and what the page says that it comes to.
//
//     node made.cjs REPORT.html SETTINGS.json

const { readFileSync } = require("node:fs");
const { main, open } = require("./browser.cjs");

async function made(browser, [file, settings]) {
  const faults = new Set();
  const page = await open(browser, faults, file, "", { viewport: { width: 1280, height: 900 } });
  await page.evaluate((changes) => window.gdtrace.set(changes), JSON.parse(readFileSync(settings, "utf8")));
  await page.locator(".playbar .maker").click();
  const [command, toml] = await page.locator("dialog pre").allInnerTexts();
  const results = await page.evaluate(() => window.gdtrace.results());
  await page.close();
  return { faults, command, toml, results };
}

module.exports = made;
if (require.main === module) main(made);
