// Runs checks in one headless Chromium: what is asked for stands on standard input, a line each,
//
//     {"program": "page.cjs", "arguments": ["REPORT.html"]}
//
// and what that program found is printed as a line {"found": ...}, or {"error": ...} where it failed.

const path = require("node:path");
const readline = require("node:readline");
const { asJson, launch } = require("./browser.cjs");

async function answer(browser, line) {
  try {
    const { program, arguments: given } = JSON.parse(line);
    return { found: await require(path.join(__dirname, program))(browser, given) };
  } catch (error) {
    return { error: `${error.stack || error}` };
  } finally {
    // What a failed check has left open.
    for (const context of browser.contexts()) await context.close();
  }
}

async function serve() {
  const browser = await launch();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${asJson(await answer(browser, line))}\n`);
  }
  await browser.close();
}

serve();
