// Makes minified.js, which the pages carry, of the modules beside this folder: each behind a line with its path. The first
// line has the hash of them all, by which a test knows whether that was forgotten.
//
//     node minify.mjs FOLDER OUTPUT.js
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, output] = process.argv.slice(2);
const { transformSync } = createRequire(join(folder, "node_modules", "x"))("esbuild");
const all = join(here, "..");
const paths = readdirSync(all, { recursive: true }).map((path) => path.split(sep).join("/"))
  .filter((path) => path.endsWith(".js") && path !== "minified.js" && !path.startsWith("vendor/")).sort();

// The names of these are for all that stands behind them; those of the others are their own.
const SHARED = ["arithmetic", "random", "layout", "summary", "trace", "settings", "engine", "trees", "slopes", "worker",
  "elements", "core", "start", "sweep", "swept", "cursor", "drawn"].map((name) => `${name}.js`);

const hash = createHash("sha256");
const modules = paths.map((path) => {
  const source = readFileSync(join(all, path), "utf8");
  hash.update(`${path}\n${source}`);
  const module = SHARED.includes(path) ? source : `{\n${source}}\n`;
  const { code } = transformSync(module, { minify: true, target: "es2022", charset: "utf8", legalComments: "none" });
  // A page may not have this character, which esbuild writes for its escape.
  return `//@ ${path}\n${code.replaceAll("\x7f", "\\x7f")}`;
});
writeFileSync(output, `// Made by vendor/bundle.sh of the modules beside it, sha256 ${hash.digest("hex")}\n${modules.join("")}`);
