// A run with Optax, which gets its gradients from JAX.
gd.snippets.push({ name: "Optax", needs: "optax jax numpy", of: gd.programIn({
  ...gd.jax, title: "Optax", prefix: "optax.",
  imports: (isMade) => ["import jax", "import jax.numpy as jnp", "numpy", ...isMade ? ["import optax"] : []],
  weights: (names, starts) => [`weights = [${starts.map((start) => `jnp.array(${start}, dtype="float64")`).join(", ")}]`],
  optimizer: (made, lr) => [
    lr === null ? `optimizer = ${made()}` : `optimizer = optax.inject_hyperparams(lambda lr: ${made("lr")})(${lr})`,
    "state = optimizer.init(weights)", "update = jax.jit(optimizer.update)",
  ],
  slopes: (batch) => [`loss, gradient = slopes(weights, ${batch})`],
  weightValues: "weights",
  setRate: (rate) => [`state.hyperparams["lr"] = jnp.array(${rate})`],
  shrink: (which, factor) => which.map((at) => `weights[${at}] = weights[${at}] * ${factor}`),
  step: ["steps, state = update(gradient, state, weights)", "weights = optax.apply_updates(weights, steps)"],
  setWeights: (names) => [`weights = [jnp.array(value, dtype="float64") for value in [${names.join(", ")}]]`],
  number: (weight) => `float(${weight})`,
}) });
