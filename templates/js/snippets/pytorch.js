// A run with PyTorch: gradients by its autograd.
const { TORCH } = gd.python;
gd.snippets.push({ name: "PyTorch", needs: "torch numpy", of: gd.programIn({
  // What computes the rate of a step at the end of the one before.
  late: "torch.optim.ASGD(",
  title: "PyTorch", prefix: "torch.", library: TORCH,
  imports: () => ["numpy", "import torch"],
  settings: ["torch.set_default_dtype(torch.float64)"],
  array: (list) => `torch.tensor(${list}, dtype=torch.float64)`,
  whole: (list) => `torch.tensor(${list})`,
  weights: (names, starts) => [...names.map((name, at) => `${name} = torch.tensor(${starts[at]}, requires_grad=True)`), `weights = [${names.join(", ")}]`],
  optimizer: (made) => [`optimizer = ${made()}`],
  loss: (data, _, loss, penalty) => [`def loss_of(${data}):`, `    return (${loss}).mean()${penalty}`],
  before: [],
  slopes: (batch, made) => [`loss = loss_of(${batch})`, ...made ? ["optimizer.zero_grad()"] : ["for w in weights:", "    w.grad = None"], "loss.backward()"],
  weightValues: "[w.item() for w in weights]",
  gradientValues: "[w.grad.item() for w in weights]",
  lossValue: "loss.item()",
  setGradients: (names) => [`for w, value in zip(weights, [${names.join(", ")}]):`, "    w.grad = torch.tensor(float(value))"],
  setRate: (rate, made) => [`optimizer.param_groups[0]["lr"] = ${/ lr=(.*?)(?:, \w+=|\)$)/.exec(made(rate))[1]}`],
  shrink: (which, factor) => which.length ? ["with torch.no_grad():", ...which.map((at) => `    weights[${at}] *= ${factor}`)] : [],
  step: ["optimizer.step()"],
  setWeights: (names) => ["with torch.no_grad():", `    for w, value in zip(weights, [${names.join(", ")}]):`, "        w.fill_(float(value))"],
  number: (weight) => `${weight}.item()`,
}) });
