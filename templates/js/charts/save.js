// Saving: a chart as SVG or PNG, its numbers as CSV.

gd.download = (name, blob) => {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};
gd.stem = () => decodeURIComponent(gd.workbook ?? "gdtrace").replace(/^\.\//, "").replace(/(\.trace)?\.xls[xm]$/, "");

// A chart stands alone when all that the page's style says is said by its elements.
const STYLED = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "opacity", "paint-order", "font-family", "font-size", "font-weight", "text-anchor", "display"];
const alone = (svg) => {
  const copy = svg.cloneNode(true);
  const [from, to] = [$$("*", svg), $$("*", copy)];
  from.forEach((one, at) => {
    const style = getComputedStyle(one);
    for (const name of STYLED) to[at].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "data-plot", "aria-hidden"]) to[at].removeAttribute(name);
  });
  for (const one of $$(".hover", svg)) to[from.indexOf(one)].remove();
  return copy;
};
// The drawings of a figure as one, below each other, on the page's ground.
const pictureOf = (figure) => {
  const drawings = $$(".plots > svg", figure);
  const sizes = drawings.map((svg) => svg.viewBox.baseVal);
  const width = Math.max(...sizes.map((size) => size.width)) + 24;
  const height = sizes.reduce((sum, size) => sum + size.height + 12, 12);
  const all = svgElement("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height });
  all.append(svgElement("rect", { width, height, fill: getComputedStyle(document.body).backgroundColor }));
  let top = 12;
  drawings.forEach((svg, at) => {
    const copy = alone(svg);
    for (const [name, value] of Object.entries({ x: 12, y: top, width: sizes[at].width, height: sizes[at].height })) copy.setAttribute(name, value);
    all.append(copy);
    top += sizes[at].height + 12;
  });
  return { width, height, text: new XMLSerializer().serializeToString(all) };
};
const saveSvg = (figure, name) => gd.download(`${name}.svg`, new Blob([pictureOf(figure).text], { type: "image/svg+xml" }));
const savePng = async (figure, name) => {
  const { width, height, text } = pictureOf(figure);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = element("canvas", { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
  canvas.toBlob((blob) => gd.download(`${name}.png`, blob), "image/png");
};
const field = (value) => value === undefined || value === null ? "" : Number.isNaN(value) ? "#NUM!"
  : /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
const csvOf = ({ columns }) => {
  const lines = [columns.map(({ head }) => field(head)), ...columns[0].values.map((_, row) => columns.map(({ values }) => field(values[row])))];
  return `${lines.map((line) => line.join(",")).join("\n")}\n`;
};

const saver = (text, what, act) => {
  const button = element("button", { type: "button", "aria-label": `Save ${what} as ${text}` }, text);
  button.addEventListener("click", act);
  return button;
};
// The buttons below a figure.
gd.savers = (figure, id, content) => {
  const name = () => `${gd.stem()}-${id}`;
  const line = element("p", { class: "save" }, "Save as ");
  line.append(saver("SVG", "the chart", () => saveSvg(figure, name())), saver("PNG", "the chart", () => savePng(figure, name())),
    saver("CSV", "the numbers", () => gd.download(`${name()}.csv`, new Blob([csvOf(content())], { type: "text/csv" }))));
  return line;
};
gd.saver = saver;
