// Zooming into a chart: by the wheel with ctrl or ⌘, by two fingers, by a rectangle that is drawn with shift or after Zoom, by + and −;
// what is zoomed is moved by dragging. 0, a double click and Whole show all of it again. `chart.zoomed` has the ends of the axes.
const { plot } = gd;

// How many times an axis can be zoomed, and by how much at a time; steps and epochs are not parted.
const [MOST, FACTOR, FEWEST, SMALL] = [5000, 1.5, 1, 8];
const WHEEL = 0.004;

const within = (axis, ends) => ({ ...axis, low: ends[0], high: ends[1], exact: true });
// A chart as far as it is shown.
const shown = (chart) => chart.zoomed ? { ...chart, x: within(chart.x, chart.zoomed.x), y: within(chart.y, chart.zoomed.y) } : chart;

// The ends of an axis that a stretch of it leads to: not beyond the whole, and not too close; null where it is too close.
const endsOf = (axis, ends, count = 6) => {
  const whole = plot.scaleOf(axis, [0, 1], count);
  const [low, high] = [...ends].sort((one, other) => one - other);
  const kept = [Math.max(low, whole.domain()[0]), Math.min(high, whole.domain()[1])];
  const isTooClose = whole(kept[1]) - whole(kept[0]) < 1 / MOST || (axis.counts && kept[1] - kept[0] < FEWEST);
  return isTooClose ? null : kept;
};
// Rounding aside.
const isWhole = (axis, ends, count = 6) => {
  const [low, high] = ends.map(plot.scaleOf(axis, [0, 1], count));
  return low < 1e-6 && high > 1 - 1e-6;
};

// A drawing without axes is not zoomed.
const can = ({ frame }) => Boolean(frame?.x);
// Shows what lies between two corners of the drawing.
const show = (chart, from, to) => {
  const { frame } = chart;
  const [x, y] = ["x", "y"].map((name, at) => endsOf(chart[name], [from[at], to[at]].map((place) => frame[name].invert(place))));
  if (!x || !y) return;
  chart.zoomed = isWhole(chart.x, x) && isWhole(chart.y, y) ? null : { x, y };
  chart.redraw();
};
const showWhole = (chart) => {
  chart.zoomed = null;
  chart.redraw();
};
const cornersOf = ({ left, top, size }) => [[left, top], [left + size[0], top + size[1]]];
// Zooms by a factor round a place, which stays where it is unless it is to be `moved`.
const zoomBy = (chart, factor, about, moved = about) =>
  show(chart, ...cornersOf(chart.frame).map((corner) => corner.map((one, at) => about[at] + (one - moved[at]) / factor)));
const middleOf = ({ frame: { left, top, size } }) => [left + size[0] / 2, top + size[1] / 2];

// What a pointer that is held down does: draws a rectangle, moves what is zoomed.
const brushed = (chart, from) => {
  const rect = chart.frame.svg.append("rect").attr("class", "brush");
  let to = from;
  return {
    follow: (place) => {
      const [low, high] = cornersOf(chart.frame);
      to = place.map((one, at) => Math.min(Math.max(one, low[at]), high[at]));
      const [x, y] = [0, 1].map((at) => Math.min(from[at], to[at]));
      rect.attr("x", x).attr("y", y).attr("width", Math.abs(to[0] - from[0])).attr("height", Math.abs(to[1] - from[1]));
    },
    end: () => {
      rect.remove();
      setBrushing(chart, false);
      if ([0, 1].every((at) => Math.abs(to[at] - from[at]) > SMALL)) show(chart, from, to);
    },
  };
};
const moved = (chart, from) => {
  const { x, y } = chart.frame;
  const corners = cornersOf(chart.frame);
  const ends = (scale, axis, at, by) => {
    const moved = corners.map((corner) => scale.invert(corner[at] - by)).sort((one, other) => one - other);
    const [least, most] = plot.scaleOf(axis, [0, 1], 6).domain();
    return moved[0] >= least && moved[1] <= most ? moved : null;
  };
  return {
    follow: (place) => {
      const { zoomed } = chart;
      chart.zoomed = { x: ends(x, chart.x, 0, place[0] - from[0]) ?? zoomed.x, y: ends(y, chart.y, 1, place[1] - from[1]) ?? zoomed.y };
      chart.redraw();
    },
  };
};
// What begins with a pointer at a place within the axes; null where nothing does.
const begin = (chart, event, place) => !can(chart) ? null : chart.brushing || event.shiftKey ? brushed(chart, place) : chart.zoomed ? moved(chart, place) : null;
// Two fingers, by where they are: what was between them stays there.
const pinched = (chart, fingers) => {
  const now = () => {
    const [one, other] = [...fingers.values()];
    return { middle: [0, 1].map((at) => (one[at] + other[at]) / 2), apart: Math.hypot(one[0] - other[0], one[1] - other[1]) };
  };
  let last = now();
  return {
    follow: () => {
      const next = now();
      zoomBy(chart, next.apart / last.apart, last.middle, next.middle);
      last = next;
    },
  };
};

const setBrushing = (chart, isOn) => {
  chart.brushing = isOn;
  chart.zoomer.setAttribute("aria-pressed", String(isOn));
};
// The buttons above a chart.
const addButtons = (chart) => {
  const bar = chart.root.appendChild(element("div", { class: "zoom" }));
  const add = (text, name, act) => {
    const button = bar.appendChild(element("button", { type: "button", "aria-label": name, title: name }, text));
    button.addEventListener("click", act);
    return button;
  };
  chart.wholer = add("Whole", "Show the whole chart (0)", () => showWhole(chart));
  chart.zoomer = add("Zoom", "Zoom: draw a rectangle (shift), or + and −", () => setBrushing(chart, !chart.brushing));
  setBrushing(chart, false);
  // What is done with the buttons is not done with the chart.
  for (const type of ["pointerdown", "pointermove", "click", "dblclick", "keydown"]) bar.addEventListener(type, (event) => event.stopPropagation());
};

const KEYS = { "+": FACTOR, "=": FACTOR, "-": 1 / FACTOR, "−": 1 / FACTOR };
gd.zoom = {
  shown, begin, pinched, endsOf,
  // A key; whether it is one of these.
  key: (chart, key) => {
    if (!can(chart)) return false;
    if (key === "0") showWhole(chart);
    else if (KEYS[key]) zoomBy(chart, KEYS[key], middleOf(chart));
    else return false;
    return true;
  },
  // Listens to the wheel and to double clicks; `placeOf` says where a pointer is.
  listen: (chart, placeOf) => {
    addButtons(chart);
    chart.root.addEventListener("wheel", (event) => {
      const { x, y, inside } = can(chart) && (event.ctrlKey || event.metaKey) ? placeOf(chart, event) : {};
      if (!inside) return;
      event.preventDefault();
      zoomBy(chart, Math.exp(-event.deltaY * WHEEL), [x, y]);
    }, { passive: false });
    chart.root.addEventListener("touchmove", (event) => { if (event.touches.length > 1) event.preventDefault(); }, { passive: false });
    chart.root.addEventListener("dblclick", () => { if (chart.zoomed) showWhole(chart); });
  },
  // After a chart was drawn.
  drawn: (chart) => {
    chart.wholer.hidden = !chart.zoomed;
    chart.zoomer.hidden = !can(chart);
    chart.root.classList.toggle("zoomed", Boolean(chart.zoomed));
  },
};
