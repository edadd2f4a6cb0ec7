// What all pages share: how numbers are shown, and shorthands for elements.
// A number with the digits that matter: seven of them, and before the point all. The whole one is `String(number)`.
gd.show = (value, digits = 7) => {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) {
    const [mantissa, exponent] = value.toExponential(Math.min(digits, 5) - 1).split("e");
    const raised = [...exponent.replace("+", "")].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"["0123456789".indexOf(c)] ?? "⁻").join("");
    return `${mantissa.replace(/\.?0+$/, "")}·10${raised}`.replace("-", "−");
  }
  const rounded = size < 10 ** (digits - 1) ? Number(value.toPrecision(digits)) : Math.sign(value) * Math.round(size);
  const text = String(Number.isInteger(value) ? value : rounded);
  return text.replace("-", "−");
};
// A number as it is shown in two parts, which meet at its point in a column.
gd.atPoint = (text) => {
  const point = text.search(/[.·]/);
  return point < 0 ? [text, ""] : [text.slice(0, point), text.slice(point)];
};

// Shorthands for the page's elements.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const SVG = "http://www.w3.org/2000/svg";
const svgElement = (name, attributes = {}) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const element = (name, attributes = {}, text = "") => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};
const MATH = "http://www.w3.org/1998/Math/MathML";
const mathElement = (name, parts = [], attributes = {}) => {
  const made = document.createElementNS(MATH, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...parts);
  return made;
};
