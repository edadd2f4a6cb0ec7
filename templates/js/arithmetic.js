// What a cell holds, and what arithmetic makes of it, as the engine has it (src/value.rs, src/formula/evaluate.rs): a
// finite number or an error. In arrays of doubles NaN stands for #NUM!, Infinity for #DIV/0! and -Infinity for a cell
// that holds nothing; no number of a trace is one of these.
const [NUM, DIV, BLANK] = [NaN, Infinity, -Infinity];
const ok = (a) => a - a === 0;
const number = (a) => a - a === 0 ? a : NUM;
// What a cell shows: a number, the text of its error, or null.
gd.shown = (value) => ok(value) ? value : value === DIV ? "#DIV/0!" : value === BLANK ? null : "#NUM!";
// The result of an operation that has none: the first operand that is an error.
const failed = (a, b) => ok(a) ? ok(b) ? NUM : b : a;
const add = (a, b) => { const c = a + b; return c - c === 0 ? c : failed(a, b); };
const sub = (a, b) => { const c = a - b; return c - c === 0 ? c : failed(a, b); };
const mul = (a, b) => { const c = a * b; return c - c === 0 ? c : failed(a, b); };
const div = (a, b) => {
  const c = a / b;
  if (c - c === 0 && b - b === 0) return c;
  return b === 0 && ok(a) ? DIV : failed(a, b);
};
const neg = (a) => ok(a) ? -a : a;
const square = (a) => { const c = a * a; return c - c === 0 ? c : failed(a, a); };
const power = (a, b) => {
  if (!ok(a) || !ok(b)) return failed(a, b);
  if (b === 2) return number(a * a);
  if (a === 0 && b <= 0) return b === 0 ? NUM : DIV;
  return number(a ** b);
};
// The remainder with the sign of the divisor, as a spreadsheet has it.
const modulo = (a, b) => {
  if (b === 0) return DIV;
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};
const ifLess = (a, b, then, other) => ok(a) && ok(b) ? a < b ? then : other : failed(a, b);
const ifAtMost = (a, b, then, other) => ok(a) && ok(b) ? a <= b ? then : other : failed(a, b);
const ifMore = (a, b, then, other) => ok(a) && ok(b) ? a > b ? then : other : failed(a, b);
const ifAtLeast = (a, b, then, other) => ok(a) && ok(b) ? a >= b ? then : other : failed(a, b);
const ifEqual = (a, b, then, other) => ok(a) && ok(b) ? a === b ? then : other : failed(a, b);
const ifNot = (a, b, then, other) => ok(a) && ok(b) ? a !== b ? then : other : failed(a, b);
// What a list has at a place that is counted from 1.
const at = (list, place) => {
  const value = list[place - 1];
  return value === undefined ? NUM : value;
};
// Sums and norms over the weights.
const sumOver = (count, of) => {
  let sum = of(0);
  for (let i = 1; i < count; i += 1) sum = add(sum, of(i));
  return sum;
};
const normOver = (count, of) => {
  const sum = sumOver(count, (i) => square(of(i)));
  return ok(sum) ? number(Math.sqrt(sum)) : sum;
};
