// Whom an average still remembers: the weight that each past gradient has in it, before and after the correction for its
// start at 0. In an average that decays with β the gradient of k steps ago has the weight (1 − β)·β^k; after t steps the
// weights add up to 1 − β^t, and the correction divides by that.
const { trees, math } = gd;
const { made } = gd.build;
const { name, number, call } = trees;

// How many steps back the chart goes, its height as it is drawn, and at how many steps back the axis has ticks.
const [STEPS_BACK, HEIGHT, TICK] = [30, 110, 5];
const [STEP, LEFT, RIGHT, TOP, BOTTOM] = [12, 76, 12, 26, 44];

// The decaying averages of a run, of its first weight: β*prev + (1 − β)*g. What is averaged must be the gradient, not a
// step of the rule itself.
const averagesOf = (run) => {
  const { frame, layout, given } = run.plan;
  const formulas = trees.ofColumns(run.plan);
  const [own, update] = [name("c", given[0]), name("c", frame.update)];
  const squares = call("square", own);
  const averages = [];
  for (let at = layout.own; at < layout.updated; at += 1) {
    const formula = formulas[at].op === "ifEqual" && formulas[at].args[0] === update ? formulas[at].args[2] : formulas[at];
    const beta = formula.args[0]?.args[0];
    if (beta?.kind !== "i") continue;
    const [kept, share] = [call("mul", beta, name("p", at)), call("sub", number(1), beta)];
    const isSquare = formula === call("add", kept, call("mul", share, squares));
    if (!isSquare && formula !== call("add", kept, call("mul", share, own))) continue;
    const steps = call("sub", number(1), call("power", beta, name("c", run.column.get("step"))));
    const corrected = formulas.some((one) => trees.has(one, (part) => part === steps));
    averages.push({ at, decay: beta.at, corrected, isSquare });
  }
  return averages;
};

// The weight of the gradient of so many steps ago, before and after the correction.
const weightOf = (beta, t, back) => {
  const before = back < t ? (1 - beta) * beta ** back : 0;
  return { before, after: t > 0 ? before / (1 - beta ** t) : 0 };
};

const chartOf = (run, places, { at, decay, corrected }) => {
  const [width, base] = [STEPS_BACK * STEP, TOP + HEIGHT];
  const svg = svgElement("svg", { class: "weights", viewBox: `0 0 ${LEFT + width + RIGHT} ${base + BOTTOM}`, role: "img", tabindex: 0,
    "aria-label": `The weights of the last ${STEPS_BACK} gradients in ${run.headers[at]}` });
  const text = (className, x, y, content) => {
    const one = svg.appendChild(svgElement("text", { class: className, x, y }));
    one.textContent = content;
    return one;
  };
  text("title", 2, 13, "weight in the average");
  const ticks = [1, 0.5, 0].map((share) => {
    const y = base - share * HEIGHT;
    svg.append(svgElement("path", { class: "grid", d: `M${LEFT} ${y}h${width}` }));
    return [share, text("tick end", LEFT - 8, y + 4.5, "0")];
  });
  for (let back = 0; back < STEPS_BACK; back += TICK) {
    const x = LEFT + (STEPS_BACK - back - 0.5) * STEP;
    svg.append(svgElement("path", { class: "axis", d: `M${x} ${base}v5` }));
    text("tick middle", x, base + 19, back);
  }
  text("title middle", LEFT + width / 2, base + BOTTOM - 6, "steps ago; 0 is this step");
  const bars = [];
  for (let back = STEPS_BACK - 1; back >= 0; back -= 1) {
    for (const [kind, inset] of corrected ? [["after", 1], ["before", 3]] : [["before", 3]]) {
      const bar = svgElement("rect", { class: kind, "data-back": back, x: LEFT + (STEPS_BACK - 1 - back) * STEP + inset, width: STEP - 2 * inset });
      bars.push({ back, kind, bar });
      svg.append(bar);
    }
  }
  svg.append(svgElement("path", { class: "axis", d: `M${LEFT} ${base}h${width}` }));
  const read = made("p", { class: "read note", role: "status" });
  let [now, chosen] = [() => 0, null];
  const tell = () => {
    for (const { back, bar } of bars) bar.classList.toggle("read-here", back === chosen);
    const weight = chosen === null ? null : weightOf(now(decay), now("step"), chosen);
    const when = chosen === 0 ? "This step" : `${chosen} step${chosen === 1 ? "" : "s"} ago`;
    read.textContent = weight === null ? "Point at a bar, or use the arrow keys, to read its weight."
      : `${when}: ${gd.show(weight.before, 6)}${corrected ? ` before the correction, ${gd.show(weight.after, 6)} after it` : ""}.`;
  };
  const go = (back) => { chosen = back; tell(); };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const back = STEPS_BACK - 1 - Math.floor(((event.clientX - box.left) * (LEFT + width + RIGHT) / box.width - LEFT) / STEP);
    go(back >= 0 && back < STEPS_BACK ? back : null);
  });
  for (const end of ["pointerleave", "blur"]) svg.addEventListener(end, () => go(null));
  svg.addEventListener("focus", () => { if (svg.matches(":focus-visible")) go(0); });
  svg.addEventListener("keydown", (event) => {
    const back = { ArrowLeft: (chosen ?? -1) + 1, ArrowRight: (chosen ?? 1) - 1, Home: STEPS_BACK - 1, End: 0, Escape: null }[event.key];
    if (back === undefined) return;
    go(back === null ? null : Math.min(Math.max(back, 0), STEPS_BACK - 1));
    event.preventDefault();
  });
  places.also((find) => {
    now = find;
    const [beta, t] = [find(decay), find("step")];
    const weights = (back) => weightOf(beta, t, back);
    const tallest = weights(0)[corrected ? "after" : "before"] || 1;
    for (const { back, kind, bar } of bars) {
      const tall = weights(back)[kind] / tallest * HEIGHT || 0;
      bar.setAttribute("y", base - tall);
      bar.setAttribute("height", tall);
    }
    for (const [share, label] of ticks) label.textContent = gd.show(share * tallest, 3);
    tell();
  });
  return [svg, read];
};

const ofAverage = (run, places, average) => {
  const symbols = gd.symbolsOf(run);
  const { at, decay, corrected, isSquare } = average;
  const beta = () => math.symbol(symbols.input(decay).symbol);
  const key = corrected ? made("p", { class: "keys" }, element("span", { class: "before" }), "before the correction ", element("span", { class: "after" }), "after it") : null;
  const older = made("span", {}, ` The gradients before these ${STEPS_BACK} have `, places.text("b", `older ${at}`), ` together${corrected ? ", before the correction" : ""}.`);
  places.also((find) => { older.hidden = !find(`older ${at}`); });
  const after = corrected
    ? [" The correction divides by that: this step’s gradient then has ", places.text("b", `corrected ${at}`), ", and all weights together 1."]
    : [" Nothing corrects that: the rest of the weight is still on the start value."];
  return made("figure", { class: "memory" },
    made("h3", {}, math.inline(math.symbol(symbols.column(at))), `, an average of ${isSquare ? "the squares of the gradients" : "the gradients"} with `,
      math.inline(beta(), math.sign("="), places.math(decay))),
    key, ...chartOf(run, places, average),
    made("figcaption", {}, "This step’s gradient has the weight ", places.text("b", `newest ${at}`), "; the weights of all gradients so far add up to ",
      math.inline(math.set("mn", ["1"]), math.sign("−"), math.set("msup", [beta(), math.set("mi", ["t"])])), " = ", places.text("b", `sum ${at}`), ".", ...after, older));
};

gd.section("remembered", (first) => {
  const places = gd.numberPlaces();
  const averages = averagesOf(first);
  const parts = averages.length ? averages.map((average) => ofAverage(first, places, average))
    : [made("p", {}, `${first.title} keeps no average that decays by a constant: there are no weights to show. Choose Adam or RMSProp to see some.`)];
  return {
    parts,
    write: (run, row) => {
      const step = run.cell(run.column.get("step"), row);
      const found = new Map([["step", step]]);
      for (const { at, decay } of averages) {
        const beta = run.inputs.get(decay);
        const newest = weightOf(beta, step, 0);
        found.set(decay, beta).set(`newest ${at}`, newest.before).set(`corrected ${at}`, newest.after).set(`sum ${at}`, 1 - beta ** step)
          .set(`older ${at}`, step > STEPS_BACK ? beta ** STEPS_BACK - beta ** step : 0);
      }
      places.write((id) => found.get(id));
    },
  };
});
