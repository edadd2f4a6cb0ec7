// A run with Keras, which gets its gradients from JAX.
gd.snippets.push({ name: "Keras", needs: "keras jax numpy", of: gd.programIn({
  ...gd.jax, title: "Keras", prefix: "keras.",
  imports: () => ["import os", "", 'os.environ["KERAS_BACKEND"] = "jax"', "import jax", "import jax.numpy as jnp", "import keras", "numpy"],
  settings: [...gd.jax.settings, 'keras.config.set_floatx("float64")'],
  weights: (names, starts) => ["weights = [", ...starts.map((start) => `    keras.Variable(${start}, dtype="float64"),`), "]"],
  optimizer: (made) => [`optimizer = ${made()}`],
  slopes: (batch) => [`loss, gradient = slopes([w.value for w in weights], ${batch})`],
  weightValues: "[w.value for w in weights]",
  setRate: (rate) => [`optimizer.learning_rate = ${rate}`],
  shrink: (which, factor) => which.map((at) => `weights[${at}].assign(weights[${at}] * ${factor})`),
  step: ["optimizer.apply(gradient, weights)"],
  setWeights: (names) => [`for w, value in zip(weights, [${names.join(", ")}]):`, "    w.assign(value)"],
  number: (weight) => `float(${weight}.value)`,
}) });
