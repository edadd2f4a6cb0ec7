// A chart's life: drawn where it stands, anew when its numbers or the room for it change; values at the pointer and under
// the arrow keys; the chosen step marked, and chosen by a click.
//
// What a kind of chart does stands in gd.kinds, as functions of a chart and a cursor (a row, an epoch, a sample's index, or
// a run's series with a row): `first`, `move`, `point` (the cursor at a place), `title`, `x`, `values`, `dots`, `row` (the
// run and row to choose), `chosen` (marks of the chosen step), and `draw`.
gd.kinds = {};

const dotAt = (frame, x, y, colour, radius = 4.5) => {
  const [cx, cy] = frame.at(x, y);
  if (!Number.isFinite(cx) || !Number.isFinite(cy) || !frame.shows(cx, cy)) return null;
  return svgElement("circle", { cx, cy, r: radius, class: colour === undefined ? "dot" : `dot run-${colour}` });
};
const uprightAt = (frame, x) => !frame.shows(frame.placeX(x), frame.top) ? null
  : svgElement("path", { d: `M${frame.placeX(x)} ${frame.top}v${frame.size[1]}`, class: "cross-hair" });
Object.assign(gd.frame, { dotAt, uprightAt });

// More values than this are not read at a glance: those nearest to the pointer are shown.
const MOST_VALUES = 12;
const ROOMY = 500;

const showTip = (chart, at, pointer) => {
  const { frame, kind } = chart;
  chart.at = at;
  frame.hover.node().replaceChildren(...[uprightAt(frame, kind.x(chart, at)), ...kind.dots(chart, at, frame)].filter(Boolean));
  // Where there is little room, without what stands in the background.
  const roomy = chart.root.clientWidth > ROOMY;
  let values = kind.values(chart, at).filter((one) => one.value !== null && one.value !== undefined && (roomy || !one.faint));
  const all = values.length;
  if (all > MOST_VALUES) {
    const y = pointer?.y ?? frame.top + frame.size[1];
    const distance = (one) => typeof one.value === "number" ? Math.abs(frame.placeY(one.value) - y) : Infinity;
    values = values.sort((one, other) => distance(one) - distance(other)).slice(0, MOST_VALUES);
  }
  const list = element("ul");
  for (const { colour, name, value } of values) {
    const item = list.appendChild(element("li"));
    if (colour !== undefined) item.append(element("i", { class: `swatch run-${colour}` }));
    item.append(element("span", {}, name), element("b", {}, Number.isNaN(value) ? "#NUM!" : gd.show(value, 6)));
  }
  if (all > MOST_VALUES) list.append(element("li", {}, `and ${all - MOST_VALUES} more`));
  chart.tip.replaceChildren(element("strong", {}, kind.title(chart, at)), list);
  chart.tip.style.left = "0";
  chart.tip.hidden = false;
  // Beside the cursor, on the side that has more room.
  const scale = chart.root.clientWidth / frame.width;
  const x = Math.min(Math.max(frame.placeX(kind.x(chart, at)), frame.left), frame.left + frame.size[0]) * scale;
  const wanted = x > chart.root.clientWidth / 2 ? x - 14 - chart.tip.offsetWidth : x + 14;
  chart.tip.style.left = `${Math.max(Math.min(wanted, chart.root.clientWidth - chart.tip.offsetWidth), 0)}px`;
  chart.tip.style.top = `${frame.top * scale + 4}px`;
};
const hideTip = (chart) => {
  chart.at = null;
  chart.tip.hidden = true;
  chart.frame?.hover.node().replaceChildren();
};
const choose = (chart) => {
  const chosen = chart.at === null ? null : chart.kind.row(chart, chart.at);
  if (chosen) (chart.kind.choose ?? gd.select)(...chosen);
};

// Where the pointer is in the drawing's own units, and whether that is within the axes.
const placeOf = ({ root, frame }, event) => {
  const box = root.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((one) => one * frame.width / box.width);
  const room = 12;
  const inside = x > frame.left - room && x < frame.left + frame.size[0] + room
    && y > frame.top - room && y < frame.top + frame.size[1] + room;
  return { x, y, inside };
};

// What can be dragged: `handles` are places with what becomes of a drag to a value, from the chart's kind. Else a pointer zooms.
const REACH = 16;
const handled = ({ frame }, handle) => ({
  follow: ([x, y]) => handle.move(frame.x.invert(Math.min(Math.max(x, frame.left), frame.left + frame.size[0])),
    frame.y.invert(Math.min(Math.max(y, frame.top), frame.top + frame.size[1]))),
});
const grasp = (chart, event) => {
  const { x, y, inside } = placeOf(chart, event);
  if (chart.fingers.size === 2 && chart.frame.x) return gd.zoom.pinched(chart, chart.fingers);
  const distance = ({ at }) => Math.hypot(at[0] - x, at[1] - y);
  const near = chart.kind.handles?.(chart, chart.frame).reduce((best, one) => distance(one) < (best ? distance(best) : REACH) ? one : best, null);
  if (near && !event.shiftKey && !chart.brushing) return handled(chart, near);
  return inside ? gd.zoom.begin(chart, event, [x, y]) : null;
};
const hold = (chart, event) => {
  const { x, y } = placeOf(chart, event);
  chart.fingers.set(event.pointerId, [x, y]);
  chart.dragging?.end?.();
  chart.dragging = grasp(chart, event);
  chart.dragged = false;
  if (!chart.dragging) return;
  chart.root.setPointerCapture(event.pointerId);
  hideTip(chart);
  event.preventDefault();
};
const drag = (chart, event) => {
  const { x, y } = placeOf(chart, event);
  if (chart.fingers.has(event.pointerId)) chart.fingers.set(event.pointerId, [x, y]);
  chart.dragged = true;
  chart.dragging.follow([x, y]);
};

const KEYS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  PageUp: [-10, 0], PageDown: [10, 0], Home: [-1e9, 0], End: [1e9, 0],
};
const listen = (chart) => {
  const { root } = chart;
  const follow = (event) => {
    if (!chart.frame || chart.dragging) return;
    const place = placeOf(chart, event);
    if (place.inside) showTip(chart, chart.kind.point(chart, chart.frame, place.x, place.y), place); else hideTip(chart);
  };
  root.addEventListener("pointermove", (event) => (chart.dragging ? drag(chart, event) : follow(event)));
  root.addEventListener("pointerdown", (event) => {
    if (!chart.frame) return;
    hold(chart, event);
    follow(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    root.addEventListener(end, (event) => {
      chart.fingers.delete(event.pointerId);
      const { dragging } = chart;
      chart.dragging = null;
      dragging?.end?.();
    });
  }
  gd.zoom.listen(chart, placeOf);
  root.addEventListener("pointerleave", () => hideTip(chart));
  root.addEventListener("click", (event) => {
    if (chart.dragged) return;
    follow(event);
    choose(chart);
  });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !chart.frame) return;
    const { kind } = chart;
    if (event.key === "Escape") hideTip(chart);
    else if (gd.zoom.key(chart, event.key)) hideTip(chart);
    else if (event.key === "Enter") choose(chart);
    else if (KEYS[event.key] && (kind.across || !KEYS[event.key][1])) {
      const [by, across] = KEYS[event.key];
      showTip(chart, chart.at === null ? kind.first(chart) : kind.move(chart, chart.at, by, across));
    } else return;
    event.preventDefault();
  });
  root.addEventListener("focus", () => {
    if (chart.frame && root.matches(":focus-visible")) showTip(chart, chart.at ?? chart.kind.first(chart));
  });
  root.addEventListener("blur", () => hideTip(chart));
};

// Among many runs the chosen one stands out, in the charts that it is in.
const CROWD = 14;
const standOut = (chart, run) => {
  if (gd.runs.length <= CROWD || !chart.byRun) return;
  const groups = $$("[class*='run-']", chart.frame.svg.node()).filter((one) => !one.closest(".chosen, .hover"));
  const isChosen = (group) => group.classList.contains(`run-${run.colour}`);
  const isHere = groups.some(isChosen);
  for (const group of groups) {
    group.classList.toggle("others", isHere && !isChosen(group));
    if (isChosen(group)) group.parentNode.append(group);
  }
};

const markChosen = (chart) => {
  if (!chart.frame) return;
  const { run: index, row } = gd.state;
  standOut(chart, gd.runs[index]);
  const marks = chart.kind.chosen?.(chart, chart.frame, gd.runs[index], row) ?? [];
  chart.frame.chosen.node().replaceChildren(...marks.filter(Boolean));
};

// Draws a chart, if it is seen or asked for; otherwise it is drawn when it comes into view.
const draw = (chart, always = false) => {
  chart.stale = true;
  if (!always && !chart.seen) return;
  const width = chart.width();
  if (!width) return;
  chart.stale = false;
  chart.drawnAt = width;
  // While something is dragged the axes stay where they are.
  if (chart.dragging && chart.held) Object.assign(chart, chart.held); else chart.held = { x: chart.x, y: chart.y };
  const frame = (chart.kind.frameOf ?? gd.frame.frameOf)(gd.zoom.shown(chart), width);
  chart.frame = frame;
  chart.kind.draw(chart, frame);
  frame.over.raise();
  for (const layer of [frame.chosen, frame.hover]) layer.raise();
  chart.svg?.remove();
  chart.svg = frame.svg.node();
  chart.root.prepend(chart.svg);
  markChosen(chart);
  gd.zoom.drawn(chart);
  if (chart.at !== null && !chart.dragging) hideTip(chart);
};

const all = new Set();
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    for (const chart of all) {
      if (chart.root !== target) continue;
      chart.seen = isIntersecting;
      if (isIntersecting && chart.stale && chart.kind) draw(chart);
    }
  }
}, { rootMargin: "600px 0px" });
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    for (const chart of all) {
      if (chart.root === target && chart.drawnAt && Math.abs(chart.width() - chart.drawnAt) > 1) draw(chart);
    }
  }
});

// A chart in `root`, an element of its own; `update` gives it what it shows.
gd.chart = (root) => {
  const chart = {
    root, at: null, frame: null, zoomed: null, fingers: new Map(), seen: false, stale: true,
    width: () => root.clientWidth || chart.drawnAt, redraw: () => draw(chart, true),
  };
  chart.tip = root.appendChild(element("div", { class: "tip", role: "status", hidden: "" }));
  root.dataset.chart = "";
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  chart.update = (content) => {
    // Another chart, or one whose axis is of another kind, is seen as a whole.
    const isOther = ["x", "y"].some((axis) => chart[axis]?.logarithmic !== content[axis]?.logarithmic);
    if (chart.id !== content.id || isOther) chart.zoomed = null;
    Object.assign(chart, content, { kind: gd.kinds[content.kind] });
    root.setAttribute("aria-label", `${content.name.replace(/\?$/, "")}: the arrow keys show values, Enter chooses the ${gd.row_head}, + and − zoom.`);
    draw(chart);
    drawLater();
  };
  chart.remove = () => { all.delete(chart); watch.unobserve(root); resized.unobserve(root); root.remove(); };
  listen(chart);
  all.add(chart);
  watch.observe(root);
  resized.observe(root);
  return chart;
};

// What is not looked at is drawn when there is nothing else to do, a chart at a time, and all before it is printed.
const PATIENCE = 200;
const later = (run) => globalThis.requestIdleCallback?.(run, { timeout: PATIENCE }) ?? setTimeout(run, PATIENCE);
let waiting = false;
const drawLater = () => {
  if (waiting) return;
  waiting = true;
  later(() => {
    waiting = false;
    const stale = [...all].filter((chart) => chart.stale && chart.kind);
    // One that has no room yet is drawn when it comes into view.
    if (stale.some((chart) => { draw(chart, true); return !chart.stale; }) && stale.length > 1) drawLater();
  });
};
addEventListener("beforeprint", () => { for (const chart of all) if (chart.stale && chart.kind) draw(chart, true); });
gd.on(() => { for (const chart of all) markChosen(chart); });
