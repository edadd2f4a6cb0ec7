// Whether the gradient is right: against differences of the loss itself, each with the error that its own formula predicts.
// A forward difference is off by h/2 times the second derivative, a central one by h²/6 times the third, which a parabola
// does not have.
const { trees, slopes, math } = gd;
const { made, label, row: line, table } = gd.build;
const { number } = trees;

// Derivatives with more parts than this are not worth the time that they take, and those with more than the second number
// are told by their value alone.
const [LARGEST, SHORT] = [400, 60];

const mi = (text) => math.set("mi", [text]);
const inline = (...parts) => math.inline(...parts.map((part) => typeof part === "string" ? math.sign(part) : part));
const loss = (...moved) => math.row(mi("e"), math.sign("("), mi("w"), ...moved, math.sign(")"));
const plus = () => [math.sign("+"), mi("h")];
const minus = () => [math.sign("−"), mi("h")];
const note = (places) => made("p", { class: "note" }, "With ", inline(mi("h")), " = ", places.text("span", "h"), ": the forward difference ",
  inline("(", loss(...plus()), "−", loss(), ")", "/", mi("h")), " is off by ", inline(mi("h"), "/", math.set("mn", ["2"])),
  " times the second derivative; the central one ",
  inline("(", loss(...plus()), "−", loss(...minus()), ")", "/", math.row(math.sign("("), math.set("mn", ["2"]), mi("h"), math.sign(")"))), " by ",
  inline(math.set("msup", [mi("h"), math.set("mn", ["2"])]), "/", math.set("mn", ["6"])),
  " times the third, which a parabola does not have. What rounding makes of two losses is about 10⁻¹⁴ of them, divided by ", inline(mi("h")), ".");

// The error that is predicted of a forward difference, as h times a formula: none for 1, a sum in parentheses.
const predicted = (second) => {
  const factor = slopes.product(number(0.5), second);
  if (trees.size(factor) > SHORT) return null;
  const shown = math.printer((leaf) => math.symbol(gd.nameOf(leaf)))(factor);
  const isSum = factor.op === "add" || factor.op === "sub";
  return inline(mi("h"), ...factor === number(1) ? [] : ["·", isSum ? math.inParentheses(shown) : shown]);
};

// The derivatives that a weight's check needs; null where they are too long.
const derivativesOf = ({ loss: tree }, weight) => {
  if (trees.size(tree) > LARGEST) return null;
  const second = slopes.by(slopes.by(tree, weight), weight);
  return trees.size(second) > LARGEST ? null : { second, third: slopes.by(second, weight) };
};

const linesOf = (places, w, { second, third }) => {
  const id = (part) => `${part} ${w}`;
  const told = third === number(0) ? label("0, but for rounding") : label(places.text("span", id("central error")));
  const forward = predicted(second);
  return made("tbody", {},
    line(made("th", { scope: "row", rowspan: 3 }, element("var", {}, `∂e/∂${w}`)), label("by the chain rule"), places.cell(id("exact")), "", "", ""),
    line(label("forward difference"), places.cell(id("forward")), places.cell(id("forward off")),
      label(...forward ? [forward, " = "] : [], places.text("span", id("forward error"))), places.text("td", id("forward agrees"), "v")),
    line(label("central difference"), places.cell(id("central")), places.cell(id("central off")), told, places.text("td", id("central agrees"), "v")));
};

// What the check of a weight finds in a row.
const findings = (run, row, at, { second, third }) => {
  const [weights, sample] = [gd.weightsAt(run, row), gd.sampleIn(run, row)];
  const h = run.inputs.get("h");
  const { printed, inputs, data } = run.plan;
  const lossAt = (moved) => printed.loss(weights.map((value, one) => one === at ? value + moved : value), inputs, data, sample);
  const meaning = gd.meaningOf(run, weights, sample);
  const [now, up, down] = [0, h, -h].map(lossAt);
  const exact = run.cell(run.weights[at].gradient, row);
  const [forward, central] = [(up - now) / h, (up - down) / (2 * h)];
  const errors = [h / 2 * trees.evaluate(second, meaning), h * h / 6 * trees.evaluate(third, meaning)];
  // The next term of Taylor's series, and what rounding makes of losses of this size.
  const bound = 2 * Math.abs(errors[1]) + 1e-14 * (1 + Math.abs(up) + Math.abs(down)) / h;
  return {
    exact, forward, central, "forward off": forward - exact, "central off": central - exact, "forward error": errors[0], "central error": errors[1],
    "forward agrees": Number(Math.abs(forward - exact - errors[0]) <= bound), "central agrees": Number(Math.abs(central - exact) <= bound),
  };
};

gd.section("check", (first) => {
  const places = gd.numberPlaces();
  const sample = gd.sampleOf(first);
  const checked = sample.weights.map((weight, at) => ({ at, name: gd.program.weights[at], derivatives: derivativesOf(sample, weight) })).filter((one) => one.derivatives);
  if (!checked.length) return { parts: [made("p", {}, "The formulas of this model are too long for a check by hand.")], write: () => {} };
  const bodies = checked.map(({ name, derivatives }) => linesOf(places, name, derivatives));
  return {
    parts: [table("The gradient and its checks", ["", "<how", "slope", "off by", "<predicted", "verdict"], bodies, "numbers checks"), note(places)],
    write: (run, row) => {
      const found = new Map([["h", run.inputs.get("h")]]);
      for (const { at, name, derivatives } of checked) {
        for (const [part, value] of Object.entries(findings(run, row, at, derivatives))) found.set(`${part} ${name}`, gd.shown(value));
      }
      places.write((id) => found.get(id));
    },
  };
});
