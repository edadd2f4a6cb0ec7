// The cursor that all parts follow, moved by time and by steps: play, pause, one step on or back.

let settled = 0;
// The address follows when the reader rests: browsers refuse to change it many times a second.
gd.settle = () => {
  clearTimeout(settled);
  settled = setTimeout(() => history.replaceState(null, "", gd.address()), 250);
};
gd.go = (index, row) => {
  gd.select(index, row, true);
  gd.settle();
};

const SPEEDS = [1, 4, 12, 40];
const listeners = [];
let [playing, speed] = [0, 4];
const tellPlaying = () => { for (const listener of listeners) listener(playing !== 0); };
const step = (by) => {
  const { run, row } = gd.state;
  const next = Math.min(Math.max(row + by, 1), gd.runs[run].rows);
  if (next !== row) gd.go(run, next);
};
const pause = () => {
  if (!playing) return;
  clearInterval(playing);
  playing = 0;
  tellPlaying();
};
const play = () => {
  const { run, row } = gd.state;
  clearInterval(playing);
  if (row === gd.runs[run].rows) gd.go(run, 1);
  playing = setInterval(() => {
    step(1);
    if (gd.state.row === gd.runs[gd.state.run].rows) pause();
  }, 1000 / speed);
  tellPlaying();
};
gd.player = {
  SPEEDS, play, pause, step, toggle: () => (playing ? pause() : play()), speed: () => speed,
  setSpeed: (steps) => {
    speed = steps;
    if (playing) play();
  },
  on: (listener) => listeners.push(listener),
};
document.addEventListener("visibilitychange", () => { if (document.hidden) pause(); });
