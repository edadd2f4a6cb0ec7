// What Keras and Optax have in common: gradients by JAX.
const { JAX } = gd.python;
gd.jax = {
  library: JAX,
  settings: ['jax.config.update("jax_enable_x64", True)'],
  array: (list) => `jnp.array(${list}, dtype="float64")`,
  whole: (list) => `jnp.array(${list})`,
  loss: (data, weights, loss, penalty) => [`def loss_of(weights, ${data}):`, `    ${weights} = weights`, `    return jnp.mean(${loss})${penalty}`],
  before: ["slopes = jax.jit(jax.value_and_grad(loss_of))"],
  gradientValues: "gradient",
  lossValue: "loss",
  setGradients: (names) => [`gradient = [jnp.array(value, dtype="float64") for value in [${names.join(", ")}]]`],
};
