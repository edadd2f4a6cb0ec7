// Makes d3.js, which the pages carry, from the packages of package.json in the folder given, where bundle.sh has
// installed them.
//
//     node bundle.mjs FOLDER OUTPUT.js
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, output] = process.argv.slice(2);
const { build } = createRequire(join(folder, "node_modules", "x"))("esbuild");
const names = Object.keys(JSON.parse(readFileSync(join(here, "package.json"), "utf8")).dependencies);

// No page may ever make markup of a text: what d3 has for that writes the text itself.
const withoutMarkup = {
  name: "without-markup",
  setup({ onLoad }) {
    onLoad({ filter: /d3-selection\.mjs$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!source.includes("innerHTML")) throw new Error(`${path} makes markup in another way than it did`);
      return { contents: source.replaceAll("innerHTML", "textContent") };
    });
  },
};

// The licences ask that their notices go with every copy: one line for each package, the texts in LICENSES.
const shipped = names.filter((name) => name !== "esbuild");
const packages = shipped.map((name) => {
  const { version, license } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"));
  return { name, version, license, text: readFileSync(join(folder, "node_modules", name, "LICENSE"), "utf8").trim() };
});
const told = packages.map(({ name, version }) => `${name} ${version}`).join(", ");
const [{ text }] = packages;

const { outputFiles } = await build({
  stdin: { contents: readFileSync(join(here, "entry.js"), "utf8"), resolveDir: folder },
  bundle: true, minify: true, format: "iife", globalName: "d3", target: "es2022", charset: "utf8",
  legalComments: "none", write: false, plugins: [withoutMarkup],
  banner: { js: `/* ${told}\n\n${text} */` },
});
writeFileSync(output, outputFiles[0].contents);
const licences = new Map();
for (const one of packages) licences.set(one.text, [...licences.get(one.text) ?? [], `${one.name} ${one.version}`]);
writeFileSync(join(dirname(output), "LICENSES"),
  [...licences].map(([licence, of]) => `${of.join(", ")}:\n\n${licence}\n`).join("\n"));
