// Long runs are computed in a worker, which runs the page's own script: it has the engine, but no page. Answers are
// {name, done} now and then, and {name, computed} at the end of a run.
const isWorker = typeof document === "undefined" && typeof WorkerGlobalScope !== "undefined";
if (isWorker) {
  onmessage = ({ data: { program, state } }) => {
    const engine = gd.engine(program);
    for (const name of state.optimizers) {
      const steps = compute(engine.plan(state, name));
      let step = steps.next();
      for (; !step.done; step = steps.next()) postMessage({ name, done: step.value });
      const { columns, marks } = step.value;
      const buffers = [...columns, ...marks ?? []].filter(Boolean).map((values) => values.buffer);
      postMessage({ name, computed: step.value }, buffers);
    }
  };
}

// Whether runs have so many values that they are computed elsewhere while the page goes on.
const AT_ONCE = 1.2e6;
gd.isLong = (plans) => plans.reduce((sum, plan) => sum + plan.rows * plan.layout.width, 0) > AT_ONCE;

// Computes runs elsewhere and tells `take(name, computed)` of each, and `progress(share)` on the way. Where there can be no
// worker they are computed here, bit by bit. What is returned stops it.
gd.elsewhere = (program, source, state, plans, take, progress) => {
  const all = plans.reduce((sum, plan) => sum + plan.rows, 0);
  const done = new Map();
  const told = (name, rows) => {
    done.set(name, rows);
    progress([...done.values()].reduce((sum, one) => sum + one, 0) / all);
  };
  const here = () => {
    let waiting = 0;
    const left = plans.map((plan) => ({ plan, steps: compute(plan) }));
    const turn = () => {
      if (left.length === 0) return;
      const { done: isDone, value } = left[0].steps.next();
      const { name, rows } = left[0].plan;
      if (isDone) {
        left.shift();
        take(name, value);
      }
      told(name, isDone ? rows : value);
      waiting = setTimeout(turn);
    };
    waiting = setTimeout(turn);
    return () => clearTimeout(waiting);
  };
  let worker = null;
  try {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    worker = new Worker(address);
    URL.revokeObjectURL(address);
  } catch {
    return here();
  }
  let stop = () => worker.terminate();
  worker.onerror = () => {
    stop();
    stop = here();
  };
  worker.onmessage = ({ data: { name, done: rows, computed } }) => {
    const plan = plans.find((one) => one.name === name);
    if (computed) take(name, computed);
    told(name, computed ? plan.rows : rows);
  };
  worker.postMessage({ program, state });
  return () => stop();
};
// What follows is the page's.
if (isWorker) return;
