"""Makes optimizers.json: the walkthrough trained by every optimizer, as each paper and each library has it.

Why: a variant is right when it gives the library's numbers, and the libraries differ in places that are easy
to miss (where eps stands, what starts at 0, which average the largest is taken of). So the libraries
themselves make the numbers: PyTorch, Keras (on JAX) and Optax, all in float64, gradients from autograd.

Every case is computed once more by hand, from the formulas written out below, and the script stops where
the two differ. A paper's form that a library can be set to is made by that library; what no library has
is made by hand alone. Nothing in a case may hang on a rounding: no sign and no condition is near its jump,
and start weights that are off by 1e-14 of themselves stay within 1e-11; the script stops otherwise.

    python make_optimizers.py            writes optimizers.json beside this file
    python make_optimizers.py --check    computes everything, writes nothing, fails if the file would change
"""

import json
import math
import os
import sys
from types import SimpleNamespace

# Keras reads this when it is imported. JAX, because it is here for Optax anyway.
os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import optax
import torch

import make_golden
from make_golden import HERE, START, TOLERANCE, X, Y, difference, without_versions

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
# Not only for tensors made below: NAdam keeps the product of its momenta in the default type, float32, even
# for float64 weights, and is then off by 1e-9.
torch.set_default_dtype(torch.float64)

EPOCHS = 5
# How near a jump a number may come, relative to its terms; how far a run may drift from one that starts
# beside it.
JUMP, BESIDE, DRIFT = 1e-6, 1e-14, 1e-11
VERSIONS = make_golden.VERSIONS | {"jax": jax.__version__, "keras": keras.__version__,
                                   "optax": optax.__version__}


# ---- the rules, by hand: the new weight and the new state, from the weight w, its gradient g, the state
# ---- that it kept (empty before the first step), where the training stands and the hyperparameters.
# ---- `at` has the step t (from 1), the epoch (from 1), the loss of the sample before this step, and the sums
# ---- of the losses of the epochs that are over.

def sgd(w, g, old, at, h):
    return w - h.lr * g, {}


def momentum(w, g, old, at, h):
    v = h.beta * old.get("v", 0) + (1 - h.beta) * g
    return w - h.lr * v, {"v": v}


def momentum_pytorch(w, g, old, at, h):
    v = h.beta * old["v"] + (1 - h.dampening) * g if old else g
    return w - h.lr * v, {"v": v}


def momentum_keras(w, g, old, at, h):
    v = h.beta * old.get("v", 0) - h.lr * g
    return w + v, {"v": v}


def nesterov(w, g, old, at, h):
    v = h.beta * old.get("v", 0) + (1 - h.beta) * g
    return w - h.lr * (h.beta * v + (1 - h.beta) * g), {"v": v}


def nesterov_pytorch(w, g, old, at, h):
    v = h.beta * old.get("v", 0) + g
    return w - h.lr * (g + h.beta * v), {"v": v}


def nesterov_keras(w, g, old, at, h):
    v = h.beta * old.get("v", 0) - h.lr * g
    return w + (h.beta * v - h.lr * g), {"v": v}


def adagrad(w, g, old, at, h):
    total = old.get("G", 0) + g * g
    return w - h.lr * g / (math.sqrt(total) + h.eps), {"G": total}


def adagrad_pytorch(w, g, old, at, h):
    total = old.get("G", h.initial) + g * g
    lr = h.lr / (1 + (at.t - 1) * h.lr_decay)
    return w - lr * g / (math.sqrt(total) + h.eps), {"G": total}


def adagrad_keras(w, g, old, at, h):
    total = old.get("G", h.initial) + g * g
    return w - h.lr * g / math.sqrt(total + h.eps), {"G": total}


def adadelta(w, g, old, at, h):
    squares, steps = old.get("S", 0), old.get("D", 0)
    squares = h.rho * squares + (1 - h.rho) * g * g
    u = math.sqrt(steps + h.eps) / math.sqrt(squares + h.eps) * g
    return w - h.lr * u, {"S": squares, "D": h.rho * steps + (1 - h.rho) * u * u}


def second_moment(g, old, beta):
    return beta * old.get("S", 0) + (1 - beta) * g * g


def rmsprop(w, g, old, at, h):
    s = second_moment(g, old, h.beta)
    return w - h.lr * g / (math.sqrt(s) + h.eps), {"S": s}


def rmsprop_inside(w, g, old, at, h):
    """eps inside the root: Keras, Optax."""
    s = second_moment(g, old, h.beta)
    return w - h.lr * g / math.sqrt(s + h.eps), {"S": s}


def rmsprop_centered(w, g, old, at, h):
    s = second_moment(g, old, h.beta)
    mean = h.beta * old.get("mean", 0) + (1 - h.beta) * g
    return w - h.lr * g / (math.sqrt(s - mean * mean) + h.eps), {"S": s, "mean": mean}


def rmsprop_walkthrough(w, g, old, at, h):
    """The sheet divides by the root of the row above, which starts at 10000, and has no eps."""
    before = old.get("S", 10000)
    return w - h.lr * g / math.sqrt(before), {"S": h.beta * before + (1 - h.beta) * g * g}


def moments(g, old, h):
    return {"v": h.beta1 * old.get("v", 0) + (1 - h.beta1) * g, "S": second_moment(g, old, h.beta2)}


def corrected(new, at, h):
    return new["v"] / (1 - h.beta1 ** at.t), new["S"] / (1 - h.beta2 ** at.t)


def adam(w, g, old, at, h):
    new = moments(g, old, h)
    v, s = corrected(new, at, h)
    return w - h.lr * v / (math.sqrt(s) + h.eps), new


def adam_keras(w, g, old, at, h):
    """The paper's faster order, with its "eps hat": eps is added to the root before the correction."""
    new = moments(g, old, h)
    lr = h.lr * math.sqrt(1 - h.beta2 ** at.t) / (1 - h.beta1 ** at.t)
    return w - lr * new["v"] / (math.sqrt(new["S"]) + h.eps), new


def adam_optax(w, g, old, at, h):
    new = moments(g, old, h)
    v, s = corrected(new, at, h)
    return w - h.lr * v / (math.sqrt(s + h.eps_root) + h.eps), new


def adam_walkthrough(w, g, old, at, h):
    new = moments(g, old, h)
    return w - h.lr * new["v"] / math.sqrt(new["S"]), new


def amsgrad(w, g, old, at, h):
    """Reddi et al., algorithm 2: no correction. The paper has no eps; it is added as everywhere else."""
    new = moments(g, old, h)
    new["M"] = max(old.get("M", 0), new["S"])
    return w - h.lr * new["v"] / (math.sqrt(new["M"]) + h.eps), new


def amsgrad_pytorch(w, g, old, at, h):
    """The largest S, corrected afterwards."""
    new = moments(g, old, h)
    new["M"] = max(old.get("M", 0), new["S"])
    v, _ = corrected(new, at, h)
    return w - h.lr * v / (math.sqrt(new["M"] / (1 - h.beta2 ** at.t)) + h.eps), new


def amsgrad_optax(w, g, old, at, h):
    """The largest corrected S."""
    new = moments(g, old, h)
    v, s = corrected(new, at, h)
    new["M"] = max(old.get("M", 0), s)
    return w - h.lr * v / (math.sqrt(new["M"] + h.eps_root) + h.eps), new


def adamw(w, g, old, at, h):
    new = moments(g, old, h)
    v, s = corrected(new, at, h)
    return w - h.lr * (v / (math.sqrt(s) + h.eps) + h.decay * w), new


def adamax(w, g, old, at, h, inside=0.0, outside=0.0):
    """The paper's has no eps; PyTorch adds it to abs(g), Keras to the largest."""
    v = h.beta1 * old.get("v", 0) + (1 - h.beta1) * g
    u = max(h.beta2 * old.get("u", 0), abs(g) + inside)
    return w - h.lr / (1 - h.beta1 ** at.t) * v / (u + outside), {"v": v, "u": u}


def adamax_pytorch(w, g, old, at, h):
    return adamax(w, g, old, at, h, inside=h.eps)


def adamax_keras(w, g, old, at, h):
    return adamax(w, g, old, at, h, outside=h.eps)


def nadam_step(w, g, old, at, h, momentum_decay, decay_of_v):
    """mu is the scheduled momentum, P the product of all of them until now."""
    mu = h.beta1 * (1 - 0.5 * 0.96 ** (at.t * momentum_decay))
    mu_next = h.beta1 * (1 - 0.5 * 0.96 ** ((at.t + 1) * momentum_decay))
    decay = decay_of_v(mu)
    new = {"v": decay * old.get("v", 0) + (1 - decay) * g, "S": second_moment(g, old, h.beta2),
           "P": old.get("P", 1) * mu}
    v = mu_next * new["v"] / (1 - new["P"] * mu_next) + (1 - mu) * g / (1 - new["P"])
    return w - h.lr * v / (math.sqrt(new["S"] / (1 - h.beta2 ** at.t)) + h.eps), new


def nadam(w, g, old, at, h):
    """Dozat, algorithm 2: the first moment decays with the scheduled momentum, too. The paper's further
    factor beta2 in the corrected S is in no library and not here."""
    return nadam_step(w, g, old, at, h, h.momentum_decay, lambda mu: mu)


def nadam_pytorch(w, g, old, at, h):
    return nadam_step(w, g, old, at, h, h.momentum_decay, lambda mu: h.beta1)


def nadam_keras(w, g, old, at, h):
    return nadam_step(w, g, old, at, h, 1, lambda mu: h.beta1)


def rectification(at, h, threshold):
    """Liu et al.: how far the second moment can be trusted yet, or nothing where it cannot at all."""
    longest = 2 / (1 - h.beta2) - 1
    length = longest - 2 * at.t * h.beta2 ** at.t / (1 - h.beta2 ** at.t)
    Jump.near(length - threshold, threshold)
    if length <= threshold:
        return None
    return math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))


def radam(w, g, old, at, h):
    """The paper's has no eps."""
    new = moments(g, old, h)
    v, s = corrected(new, at, h)
    r = rectification(at, h, 4)
    return (w - h.lr * v if r is None else w - h.lr * r * v / math.sqrt(s)), new


def radam_pytorch(w, g, old, at, h):
    """eps is added to the root before the correction, as in Keras' Adam."""
    new = moments(g, old, h)
    v, _ = corrected(new, at, h)
    r = rectification(at, h, 5)
    if r is None:
        return w - h.lr * v, new
    return w - h.lr * r * v * math.sqrt(1 - h.beta2 ** at.t) / (math.sqrt(new["S"]) + h.eps), new


def lion(w, g, old, at, h):
    v = old.get("v", 0)
    kept, added = h.beta1 * v, (1 - h.beta1) * g
    Jump.near(kept + added, abs(kept) + abs(added))
    direction = math.copysign(1, kept + added)
    return w - h.lr * (direction + h.decay * w), {"v": h.beta2 * v + (1 - h.beta2) * g}


def eve(w, g, old, at, h):
    """Koushik, Hayashi 2016 (arXiv 1611.01505v1), algorithm 1: F follows the loss, but by no more than the
    factors between k and K say; d averages its relative changes. eps stands beside d*sqrt(S)."""
    if not old:
        followed, d = at.loss, 1
    else:
        before = old["F"]
        Jump.near(at.loss - before, before)
        low, high = (1 + h.k, 1 + h.K) if at.loss >= before else (1 / (1 + h.K), 1 / (1 + h.k))
        followed = before * min(max(at.loss / before, low), high)
        d = h.beta3 * old["d"] + (1 - h.beta3) * abs(followed - before) / min(followed, before)
    new = moments(g, old, h)
    v, s = corrected(new, at, h)
    return w - h.lr * v / (d * math.sqrt(s) + h.eps), new | {"F": followed, "d": d}


def eve_walkthrough(w, g, old, at, h):
    """The older sheet: the step of its Adam (no eps, no correction) divided by d, which is the same for a
    whole epoch. The loss of an epoch is the sum of the losses that its samples had before their steps. d is
    1 in the first two epochs; the first step of every later one averages in the relative change between
    the two epochs before it, not clipped."""
    d = old.get("d", 1)
    if at.epoch >= 3 and at.t % len(X) == 1:
        earlier, last = at.epoch_losses[-2:]
        d = h.beta3 * d + (1 - h.beta3) * abs(last - earlier) / min(last, earlier)
    new = moments(g, old, h)
    return w - h.lr * new["v"] / math.sqrt(new["S"]) / d, new | {"d": d}


def rmsprop_step(w, g, old, at, h, centered, inside):
    """With momentum; eps and the learning rate stand outside root and velocity (PyTorch) or inside (Keras, Optax)."""
    s = second_moment(g, old, h.beta)
    mean = h.beta * old.get("mean", 0) + (1 - h.beta) * g
    spread = s - mean * mean if centered else s
    scaled = h.lr * g / math.sqrt(spread + h.eps) if inside else g / (math.sqrt(spread) + h.eps)
    v = getattr(h, "momentum", 0) * old.get("v", 0) + scaled
    return w - (v if inside else h.lr * v), {"S": s, "mean": mean, "v": v}


def rmsprop_with(centered, inside):
    return lambda w, g, old, at, h: rmsprop_step(w, g, old, at, h, centered, inside)


def optimistic(w, g, old, at, h):
    return w - h.lr * ((h.alpha + h.beta) * g - h.beta * old.get("g", g)), {"g": g}


def asgd(w, g, old, at, h):
    eta = h.lr / (1 + h.lambd * h.lr * (at.t - 1)) ** h.power
    return w * (1 - h.lambd * eta) - eta * g, {}


def sign(x, terms):
    Jump.near(x, terms)
    return math.copysign(1, x)


def sign_sgd(w, g, old, at, h):
    return w - h.lr * sign(g, 1), {}


def rprop(w, g, old, at, h):
    turn = 0 if old.get("g", 0) == 0 else sign(g * old["g"], 1)
    size = old.get("size", h.lr) * {1: h.eta_plus, 0: 1, -1: h.eta_minus}[turn]
    size = min(max(size, h.least), h.most)
    kept = 0 if turn < 0 else g
    step = 0 if kept == 0 else sign(kept, 1) * size
    return w - step, {"size": size, "g": kept, "step": step}


def rprop_optax(w, g, old, at, h):
    """The step of the gradient before, unless the gradient turns."""
    _, new = rprop(w, g, old, at, h)
    return w - (0 if new["g"] == 0 else old.get("step", 0)), new


def adafactor_step(w, g, old, at, h, squares, floor):
    beta = 1 - at.t ** -h.decay_rate
    s = beta * old.get("S", 0) + (1 - beta) * squares
    u = g / math.sqrt(max(s, floor))
    rate = max(h.eps2, abs(w)) * min(h.lr, 1 / math.sqrt(at.t))
    return w - rate * u / max(1, abs(u) / h.d), {"S": s}


def adafactor(w, g, old, at, h):
    return adafactor_step(w, g, old, at, h, g * g + h.eps1, 0)


def adafactor_pytorch(w, g, old, at, h):
    return adafactor_step(w, g, old, at, h, g * g, h.eps1 ** 2)


def sm3(w, g, old, at, h):
    total = old.get("G", 0) + g * g
    v = h.beta * old.get("v", 0) + (1 - h.beta) * g / math.sqrt(total + h.eps)
    return w - h.lr * v, {"G": total, "v": v}


def ftrl(w, g, old, at, h):
    before = old.get("G", h.initial)
    total = before + g * g
    z = old.get("z", 0) + g + 2 * h.shrinkage * w - (total ** h.power - before ** h.power) / h.lr * w
    divisor = total ** h.power / h.lr + 2 * (h.ridge + h.beta / (2 * h.lr))
    return (min(max(z, -h.l1), h.l1) - z) / divisor, {"G": total, "z": z}


def amsgrad_keras(w, g, old, at, h):
    new = moments(g, old, h)
    new["M"] = max(old.get("M", 0), new["S"])
    lr = h.lr * math.sqrt(1 - h.beta2 ** at.t) / (1 - h.beta1 ** at.t)
    return w - lr * new["v"] / (math.sqrt(new["M"]) + h.eps), new


def adamw_keras(w, g, old, at, h):
    step, new = adam_keras(w, g, old, at, h)
    return step - h.lr * h.decay * w, new


def adamw_optax(w, g, old, at, h):
    step, new = adam_optax(w, g, old, at, h)
    return step - h.lr * h.decay * w, new


def adamaxw(w, g, old, at, h):
    step, new = adamax_pytorch(w, g, old, at, h)
    return step - h.lr * h.decay * w, new


def nadam_optax(w, g, old, at, h):
    """No schedule of the momentum."""
    new = moments(g, old, h)
    _, s = corrected(new, at, h)
    v = h.beta1 * new["v"] / (1 - h.beta1 ** (at.t + 1)) + (1 - h.beta1) * g / (1 - h.beta1 ** at.t)
    return w - h.lr * (v / (math.sqrt(s + h.eps_root) + h.eps) + getattr(h, "decay", 0) * w), new


def adabelief(w, g, old, at, h):
    v = h.beta1 * old.get("v", 0) + (1 - h.beta1) * g
    new = {"v": v, "S": h.beta2 * old.get("S", 0) + (1 - h.beta2) * (g - v) ** 2 + h.eps_root}
    v, s = corrected(new, at, h)
    return w - h.lr * v / (math.sqrt(s) + h.eps), new


def yogi(w, g, old, at, h):
    before = old.get("S", h.initial)
    new = {"v": h.beta1 * old.get("v", h.initial) + (1 - h.beta1) * g,
           "S": before - (1 - h.beta2) * sign(before - g * g, before + g * g) * g * g}
    v, s = corrected(new, at, h)
    return w - h.lr * v / (math.sqrt(s) + h.eps), new


def adan(w, g, old, at, h):
    change = g - old.get("g", g)
    v = h.beta1 * old.get("v", 0) + (1 - h.beta1) * g
    d = h.beta2 * old.get("D", 0) + (1 - h.beta2) * change
    s = h.beta3 * old.get("S", 0) + (1 - h.beta3) * (g + (1 - h.beta2) * change) ** 2
    u = v / (1 - h.beta1 ** at.t) + (1 - h.beta2) * d / (1 - h.beta2 ** at.t)
    u /= math.sqrt(s / (1 - h.beta3 ** at.t) + h.eps_root) + h.eps
    return w - h.lr * u, {"g": g, "v": v, "D": d, "S": s}


def ademamix(w, g, old, at, h):
    new = moments(g, old, h) | {"m": h.beta3 * old.get("m", 0) + (1 - h.beta3) * g}
    v, s = corrected(new, at, h)
    return w - h.lr * (v + h.alpha * new["m"]) / (math.sqrt(s + h.eps_root) + h.eps), new


def schedule_free_step(w, step, old, at, h, beta):
    """The learning rate does not change, so that every step counts the same in the average."""
    before = old.get("z", w)
    z, c = before - h.lr * step, 1 / at.t
    x = (1 - c) * (w - (1 - beta) * before) / beta + c * z
    return beta * x + (1 - beta) * z, {"z": z}


def schedule_free(w, g, old, at, h):
    return schedule_free_step(w, g, old, at, h, h.beta)


# ---- rules of all weights at once: ws, gs and old are lists

def over_all(rule):
    rule.is_over_all = True
    return rule


def norm(values):
    return math.sqrt(sum(x * x for x in values))


def trust(ws, us):
    """The norm of the weights by that of what they would move by."""
    return 1 if norm(ws) * norm(us) == 0 else norm(ws) / norm(us)


@over_all
def lars(ws, gs, old, at, h):
    us = [g + h.decay * w for w, g in zip(ws, gs)]
    ratio = h.trust * trust(ws, us)
    vs = [h.beta * one.get("v", 0) - h.lr * ratio * u for one, u in zip(old, us)]
    return [w + v for w, v in zip(ws, vs)], [{"v": v} for v in vs]


@over_all
def lamb(ws, gs, old, at, h):
    new = [moments(g, one, h) for g, one in zip(gs, old)]
    hats = [corrected(one, at, h) for one in new]
    us = [v / (math.sqrt(s) + h.eps) + h.decay * w for w, (v, s) in zip(ws, hats)]
    return [w - h.lr * trust(ws, us) * u for w, u in zip(ws, us)], new


@over_all
def fromage(ws, gs, old, at, h):
    ratio = norm(ws) / norm(gs)
    return [(w - h.lr * ratio * g) / math.sqrt(1 + h.lr ** 2) for w, g in zip(ws, gs)], old


@over_all
def novograd(ws, gs, old, at, h):
    squared = norm(gs) ** 2
    s = h.beta2 * old[0]["S"] + (1 - h.beta2) * squared if old[0] else squared
    scale = math.sqrt(s + h.eps_root) + h.eps
    vs = [h.beta1 * one.get("v", 0) + g / scale + h.decay * w for w, g, one in zip(ws, gs, old)]
    return [w - h.lr * v for w, v in zip(ws, vs)], [{"v": v, "S": s} for v in vs]


@over_all
def polyak_sgd(ws, gs, old, at, h):
    squared = (h.lr * norm(gs)) ** 2
    step = min((at.loss - h.least_loss) / (squared + h.eps), h.most)
    return [w - step * h.lr * g for w, g in zip(ws, gs)], old


@over_all
def dog(ws, gs, old, at, h):
    starts = [one.get("start", w) for one, w in zip(old, ws)]
    distance = norm(w - start for w, start in zip(ws, starts))
    r = max(old[0].get("r", h.first * (1 + norm(ws))), distance)
    total = old[0].get("G", 0) + norm(gs) ** 2
    rate = h.lr * r / math.sqrt(total + h.eps)
    return ([w - rate * g for w, g in zip(ws, gs)],
            [{"start": start, "r": r, "G": total} for start in starts])


class Jump:
    """How near the numbers of a run come to a jump of its rule, relative to their terms."""
    nearest = math.inf

    @classmethod
    def near(cls, distance, terms):
        cls.nearest = min(cls.nearest, abs(distance) / terms)


# ---- the cases. made_with is the very expression that makes the library's optimizer, None where there is none.

def case(optimizer, variant, rule, made_with, *hypers, joint=False, **options):
    """`options` are ways to train that gdtrace has for any optimizer: l2 (l2/n*w is added to g) and
    weight_decay (lr*weight_decay*w is taken off). The library has the weights as one vector where they
    are `joint`."""
    return SimpleNamespace(optimizer=optimizer, variant=variant, rule=rule, made_with=made_with, hypers=hypers,
                           joint=joint, options=options)


ADAM = "betas=({beta1}, {beta2}), eps={eps}"
ADAM_KERAS = "beta_1={beta1}, beta_2={beta2}, epsilon={eps}"
ADAM_OPTAX = "b1={beta1}, b2={beta2}, eps={eps}"
RMSPROP = "lr={lr}, alpha={beta}, eps={eps}"
RMSPROP_KERAS = "{lr}, rho={beta}, epsilon={eps}"
ASGD = "lr={lr}, lambd={lambd}, alpha={power}, t0={t0}"
CASES = [
    case("sgd", "", sgd, "torch.optim.SGD(weights, lr={lr})", {"lr": 7e-5}),
    case("momentum", "", momentum, "torch.optim.SGD(weights, lr={lr} * (1 - {beta}), momentum={beta})",
         {"lr": 8e-5, "beta": 0.8}),
    case("momentum", "pytorch", momentum_pytorch,
         "torch.optim.SGD(weights, lr={lr}, momentum={beta}, dampening={dampening})",
         {"lr": 1.5e-5, "beta": 0.85, "dampening": 0.0}, {"lr": 4e-5, "beta": 0.8, "dampening": 0.6}),
    case("momentum", "keras", momentum_keras, "keras.optimizers.SGD({lr}, momentum={beta})",
         {"lr": 1.5e-5, "beta": 0.85}),
    case("nesterov", "", nesterov, "torch.optim.SGD(weights, lr={lr} * (1 - {beta}), momentum={beta}, nesterov=True)",
         {"lr": 8e-5, "beta": 0.8}),
    case("nesterov", "pytorch", nesterov_pytorch,
         "torch.optim.SGD(weights, lr={lr}, momentum={beta}, nesterov=True)", {"lr": 1.5e-5, "beta": 0.85}),
    case("nesterov", "keras", nesterov_keras, "keras.optimizers.SGD({lr}, momentum={beta}, nesterov=True)",
         {"lr": 1.5e-5, "beta": 0.85}),
    case("adagrad", "", adagrad, "torch.optim.Adagrad(weights, lr={lr}, eps={eps})",
         {"lr": 0.7, "eps": 1e-9}, {"lr": 0.4, "eps": 1e-3}),
    case("adagrad", "pytorch", adagrad_pytorch,
         "torch.optim.Adagrad(weights, lr={lr}, lr_decay={lr_decay}, initial_accumulator_value={initial}, eps={eps})",
         {"lr": 0.7, "eps": 1e-9, "lr_decay": 0.01, "initial": 0.5},
         {"lr": 0.4, "eps": 1e-3, "lr_decay": 0.0, "initial": 3000.0}),
    case("adagrad", "keras", adagrad_keras,
         "keras.optimizers.Adagrad({lr}, initial_accumulator_value={initial}, epsilon={eps})",
         {"lr": 0.7, "eps": 1e-8, "initial": 0.2}, {"lr": 0.4, "eps": 1e-3, "initial": 0.0}),
    case("adadelta", "", adadelta, "torch.optim.Adadelta(weights, lr={lr}, rho={rho}, eps={eps})",
         {"lr": 1.5, "rho": 0.8, "eps": 1e-5}, {"lr": 1.0, "rho": 0.95, "eps": 1e-3}),
    case("adadelta", "pytorch", adadelta, "torch.optim.Adadelta(weights, lr={lr}, rho={rho}, eps={eps})",
         {"lr": 2.0, "rho": 0.85, "eps": 1e-5}, {"lr": 0.8, "rho": 0.9, "eps": 1e-3}),
    case("rmsprop", "", rmsprop, "torch.optim.RMSprop(weights, lr={lr}, alpha={beta}, eps={eps})",
         {"lr": 0.03, "beta": 0.8, "eps": 1e-9}, {"lr": 0.05, "beta": 0.95, "eps": 1e-3}),
    case("rmsprop", "pytorch", rmsprop, "torch.optim.RMSprop(weights, lr={lr}, alpha={beta}, eps={eps})",
         {"lr": 0.03, "beta": 0.98, "eps": 1e-9}, {"lr": 0.05, "beta": 0.9, "eps": 1e-3}),
    case("rmsprop", "keras", rmsprop_inside, "keras.optimizers.RMSprop({lr}, rho={beta}, epsilon={eps})",
         {"lr": 0.03, "beta": 0.8, "eps": 1e-8}, {"lr": 0.05, "beta": 0.95, "eps": 1e-3}),
    case("rmsprop", "optax", rmsprop_inside, "optax.rmsprop({lr}, decay={beta}, eps={eps})",
         {"lr": 0.03, "beta": 0.85, "eps": 1e-9}, {"lr": 0.05, "beta": 0.95, "eps": 1e-3}),
    case("rmsprop", "centered", rmsprop_centered,
         "torch.optim.RMSprop(weights, lr={lr}, alpha={beta}, eps={eps}, centered=True)",
         {"lr": 0.02, "beta": 0.9, "eps": 1e-9}, {"lr": 0.03, "beta": 0.95, "eps": 1e-3}),
    case("rmsprop", "walkthrough", rmsprop_walkthrough, None,
         {"lr": 0.03, "beta": 0.85}, {"lr": 0.01, "beta": 0.95}),
    case("adam", "", adam, f"torch.optim.Adam(weights, lr={{lr}}, {ADAM})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.9, "eps": 1e-3}),
    case("adam", "pytorch", adam, f"torch.optim.Adam(weights, lr={{lr}}, {ADAM})",
         {"lr": 0.3, "beta1": 0.85, "beta2": 0.98, "eps": 1e-9},
         {"lr": 0.2, "beta1": 0.6, "beta2": 0.95, "eps": 1e-3}),
    case("adam", "keras", adam_keras, "keras.optimizers.Adam({lr}, beta_1={beta1}, beta_2={beta2}, epsilon={eps})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-8},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.999, "eps": 1e-3}),
    case("adam", "optax", adam_optax, "optax.adam({lr}, b1={beta1}, b2={beta2}, eps={eps}, eps_root={eps_root})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "eps_root": 0.0},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3, "eps_root": 0.02}),
    case("adam", "notes", adam, f"torch.optim.Adam(weights, lr={{lr}}, {ADAM})",
         {"lr": 0.4, "beta1": 0.999, "beta2": 0.9, "eps": 1e-9},
         {"lr": 0.2, "beta1": 0.99, "beta2": 0.8, "eps": 1e-3}),
    case("adam", "walkthrough", adam_walkthrough, None,
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.95}, {"lr": 0.5, "beta1": 0.7, "beta2": 0.9}),
    case("amsgrad", "", amsgrad, "optax.amsgrad({lr}, b1={beta1}, b2={beta2}, eps={eps}, "
         "bias_correction_mu=False, bias_correction_nu=False)",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-9},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.99, "eps": 1e-3}),
    case("amsgrad", "pytorch", amsgrad_pytorch, f"torch.optim.Adam(weights, lr={{lr}}, {ADAM}, amsgrad=True)",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-9},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.99, "eps": 1e-3}),
    case("amsgrad", "optax", amsgrad_optax,
         "optax.amsgrad({lr}, b1={beta1}, b2={beta2}, eps={eps}, eps_root={eps_root})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-9, "eps_root": 0.0},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.99, "eps": 1e-3, "eps_root": 0.02}),
    case("adamw", "", adamw, f"torch.optim.AdamW(weights, lr={{lr}}, {ADAM}, weight_decay={{decay}})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "decay": 0.02},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.9, "eps": 1e-3, "decay": 0.1}),
    case("adamw", "pytorch", adamw, f"torch.optim.AdamW(weights, lr={{lr}}, {ADAM}, weight_decay={{decay}})",
         {"lr": 0.3, "beta1": 0.85, "beta2": 0.98, "eps": 1e-9, "decay": 0.05},
         {"lr": 0.2, "beta1": 0.6, "beta2": 0.95, "eps": 1e-3, "decay": 0.2}),
    case("adamax", "", adamax, "torch.optim.Adamax(weights, lr={lr}, betas=({beta1}, {beta2}), eps=0)",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.97}, {"lr": 0.2, "beta1": 0.7, "beta2": 0.9}),
    case("adamax", "pytorch", adamax_pytorch, f"torch.optim.Adamax(weights, lr={{lr}}, {ADAM})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.97, "eps": 1e-9},
         {"lr": 0.2, "beta1": 0.7, "beta2": 0.9, "eps": 1e-3}),
    case("adamax", "keras", adamax_keras,
         "keras.optimizers.Adamax({lr}, beta_1={beta1}, beta_2={beta2}, epsilon={eps})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.97, "eps": 1e-8},
         {"lr": 0.2, "beta1": 0.7, "beta2": 0.9, "eps": 1e-3}),
    case("nadam", "", nadam, None,
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "momentum_decay": 0.004},
         {"lr": 0.2, "beta1": 0.95, "beta2": 0.95, "eps": 1e-3, "momentum_decay": 0.2}),
    case("nadam", "pytorch", nadam_pytorch,
         f"torch.optim.NAdam(weights, lr={{lr}}, {ADAM}, momentum_decay={{momentum_decay}})",
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "momentum_decay": 0.004},
         {"lr": 0.2, "beta1": 0.95, "beta2": 0.95, "eps": 1e-3, "momentum_decay": 0.2}),
    case("nadam", "keras", nadam_keras,
         "keras.optimizers.Nadam({lr}, beta_1={beta1}, beta_2={beta2}, epsilon={eps})",
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-8},
         {"lr": 0.2, "beta1": 0.95, "beta2": 0.95, "eps": 1e-3}),
    # Before the second moment can be trusted, RAdam takes plain steps of a gradient in the hundreds.
    case("radam", "", radam, "optax.radam({lr}, b1={beta1}, b2={beta2}, eps=0, threshold=4)",
         {"lr": 0.00005, "beta1": 0.8, "beta2": 0.99}, {"lr": 0.00006, "beta1": 0.7, "beta2": 0.9}),
    case("radam", "pytorch", radam_pytorch, f"torch.optim.RAdam(weights, lr={{lr}}, {ADAM})",
         {"lr": 0.00005, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9},
         {"lr": 0.001, "beta1": 0.3, "beta2": 0.9, "eps": 1e-3}),
    case("lion", "", lion, "optax.lion({lr}, b1={beta1}, b2={beta2}, weight_decay={decay})",
         {"lr": 0.037, "beta1": 0.8, "beta2": 0.95, "decay": 0.0},
         {"lr": 0.023, "beta1": 0.95, "beta2": 0.97, "decay": 0.13}),
    case("lion", "optax", lion, "optax.lion({lr}, b1={beta1}, b2={beta2}, weight_decay={decay})",
         {"lr": 0.031, "beta1": 0.85, "beta2": 0.97, "decay": 0.003},
         {"lr": 0.019, "beta1": 0.7, "beta2": 0.9, "decay": 0.17}),
    case("eve", "", eve, None,
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "beta3": 0.9, "k": 0.2, "K": 5.0, "eps": 1e-9},
         {"lr": 0.2, "beta1": 0.7, "beta2": 0.95, "beta3": 0.99, "k": 0.05, "K": 20.0, "eps": 1e-3}),
    case("eve", "walkthrough", eve_walkthrough, None,
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.95, "beta3": 0.7},
         {"lr": 0.2, "beta1": 0.7, "beta2": 0.9, "beta3": 0.4}),
    # What libraries call weight decay: a part of the weight in its gradient, or off the weight.
    *[case(name, variant, rule, f"torch.optim.{made_with}, weight_decay={{l2}} / 29)", hyper, l2=2.9)
      for name, variant, rule, made_with, hyper in [
          ("sgd", "", sgd, "SGD(weights, lr={lr}", {"lr": 7e-5}),
          ("momentum", "pytorch", momentum_pytorch, "SGD(weights, lr={lr}, momentum={beta}, dampening={dampening}",
           {"lr": 4e-5, "beta": 0.8, "dampening": 0.6}),
          ("nesterov", "pytorch", nesterov_pytorch, "SGD(weights, lr={lr}, momentum={beta}, nesterov=True",
           {"lr": 1.5e-5, "beta": 0.85}),
          ("adagrad", "", adagrad, "Adagrad(weights, lr={lr}, eps={eps}", {"lr": 0.7, "eps": 1e-9}),
          ("adadelta", "", adadelta, "Adadelta(weights, lr={lr}, rho={rho}, eps={eps}",
           {"lr": 1.5, "rho": 0.8, "eps": 1e-5}),
          ("rmsprop", "centered-momentum", rmsprop_with(True, False),
           f"RMSprop(weights, {RMSPROP}, centered=True, momentum={{momentum}}",
           {"lr": 0.005, "beta": 0.9, "eps": 1e-9, "momentum": 0.7}),
          ("adam", "", adam, f"Adam(weights, lr={{lr}}, {ADAM}",
           {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9}),
          ("amsgrad", "pytorch", amsgrad_pytorch, f"Adam(weights, lr={{lr}}, {ADAM}, amsgrad=True",
           {"lr": 0.4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-9}),
          ("adamax", "pytorch", adamax_pytorch, f"Adamax(weights, lr={{lr}}, {ADAM}",
           {"lr": 0.4, "beta1": 0.8, "beta2": 0.97, "eps": 1e-9}),
          ("nadam", "pytorch", nadam_pytorch,
           f"NAdam(weights, lr={{lr}}, {ADAM}, momentum_decay={{momentum_decay}}",
           {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "momentum_decay": 0.004}),
          ("radam", "pytorch", radam_pytorch, f"RAdam(weights, lr={{lr}}, {ADAM}",
           {"lr": 0.00005, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9}),
          ("asgd", "", asgd, f"ASGD(weights, {ASGD}",
           {"lr": 7e-5, "lambd": 0.3, "power": 0.6, "t0": 40.0}),
      ]],
    *[case(name, variant, rule, f"{made_with}, weight_decay={{weight_decay}})", hyper, weight_decay=0.07)
      for name, variant, rule, made_with, hyper in [
          ("amsgrad", "pytorch", amsgrad_pytorch, f"torch.optim.AdamW(weights, lr={{lr}}, {ADAM}, amsgrad=True",
           {"lr": 0.4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-9}),
          ("nadam", "pytorch", nadam_pytorch, f"torch.optim.NAdam(weights, lr={{lr}}, {ADAM}, "
           "momentum_decay={momentum_decay}, decoupled_weight_decay=True",
           {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "momentum_decay": 0.004}),
          ("radam", "pytorch", radam_pytorch,
           f"torch.optim.RAdam(weights, lr={{lr}}, {ADAM}, decoupled_weight_decay=True",
           {"lr": 0.001, "beta1": 0.3, "beta2": 0.9, "eps": 1e-3}),
          ("momentum", "keras", momentum_keras, "keras.optimizers.SGD({lr}, momentum={beta}",
           {"lr": 1.5e-5, "beta": 0.85}),
          ("rmsprop", "keras-centered-momentum", rmsprop_with(True, True),
           f"keras.optimizers.RMSprop({RMSPROP_KERAS}, centered=True, momentum={{momentum}}",
           {"lr": 0.005, "beta": 0.9, "eps": 1e-8, "momentum": 0.7}),
          ("amsgrad", "keras", amsgrad_keras, f"keras.optimizers.Adam({{lr}}, {ADAM_KERAS}, amsgrad=True",
           {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-8}),
      ]],
    case("optimistic", "", optimistic, "optax.optimistic_gradient_descent({lr}, alpha={alpha}, beta={beta})",
         {"lr": 6e-5, "alpha": 0.9, "beta": 0.3}, {"lr": 3e-5, "alpha": 1.0, "beta": 1.0}),
    case("asgd", "", asgd, f"torch.optim.ASGD(weights, {ASGD})",
         {"lr": 7e-5, "lambd": 1e-4, "power": 0.75, "t0": 1e6}, {"lr": 7e-5, "lambd": 20.0, "power": 0.6, "t0": 3.0}),
    case("sign_sgd", "", sign_sgd, "optax.sign_sgd({lr})", {"lr": 0.037}),
    case("rprop", "", rprop, "torch.optim.Rprop(weights, lr={lr}, etas=({eta_minus}, {eta_plus}), "
         "step_sizes=({least}, {most}))",
         {"lr": 0.03, "eta_minus": 0.4, "eta_plus": 1.3, "least": 1e-3, "most": 0.4}),
    case("rprop", "optax", rprop_optax, "optax.rprop({lr}, eta_minus={eta_minus}, eta_plus={eta_plus}, "
         "min_step_size={least}, max_step_size={most})",
         {"lr": 0.02, "eta_minus": 0.5, "eta_plus": 1.2, "least": 1e-4, "most": 0.3}),
    case("adagrad", "keras", adagrad_keras, "optax.adagrad({lr}, initial_accumulator_value={initial}, eps={eps})",
         {"lr": 0.6, "eps": 1e-7, "initial": 0.1}),
    case("adadelta", "keras", adadelta, "keras.optimizers.Adadelta({lr}, rho={rho}, epsilon={eps})",
         {"lr": 2.0, "rho": 0.85, "eps": 1e-5}, {"lr": 0.8, "rho": 0.9, "eps": 1e-3}),
    case("rmsprop", "momentum", rmsprop_with(False, False),
         f"torch.optim.RMSprop(weights, {RMSPROP}, momentum={{momentum}})",
         {"lr": 0.01, "beta": 0.9, "eps": 1e-9, "momentum": 0.8}, {"lr": 0.02, "beta": 0.95, "eps": 1e-3, "momentum": 0.5}),
    case("rmsprop", "centered-momentum", rmsprop_with(True, False),
         f"torch.optim.RMSprop(weights, {RMSPROP}, centered=True, momentum={{momentum}})",
         {"lr": 0.005, "beta": 0.9, "eps": 1e-9, "momentum": 0.7}, {"lr": 0.01, "beta": 0.95, "eps": 1e-3, "momentum": 0.5}),
    *[case("rmsprop", f"keras-{name}", rmsprop_with(centered, True), made_with + more + ")",
           {"lr": 0.006, "beta": 0.9, "eps": 1e-8} | hyper, {"lr": 0.01, "beta": 0.95, "eps": 1e-3} | hyper)
      for made_with in [f"keras.optimizers.RMSprop({RMSPROP_KERAS}", "optax.rmsprop({lr}, decay={beta}, eps={eps}"]
      for name, centered, hyper, more in [
          ("momentum", False, {"momentum": 0.7}, ", momentum={momentum}"),
          ("centered", True, {}, ", centered=True"),
          ("centered-momentum", True, {"momentum": 0.7}, ", centered=True, momentum={momentum}")]],
    # Keras takes means in float32 here and is off by 1e-6.
    case("adafactor", "", adafactor, "torch.optim.Adafactor(weights, lr={lr}, "
         "beta2_decay=-{decay_rate}, eps=({eps1}, {eps2}), d={d}, weight_decay=0)",
         {"lr": 0.04, "decay_rate": 0.8, "eps1": 0.0, "eps2": 1e-3, "d": 1.0},
         {"lr": 0.1, "decay_rate": 0.6, "eps1": 0.0, "eps2": 1.5, "d": 1.2}),
    case("adafactor", "", adafactor, None,
         {"lr": 0.3, "decay_rate": 0.6, "eps1": 1e-2, "eps2": 2.5, "d": 0.7}),
    case("adafactor", "pytorch", adafactor_pytorch, "torch.optim.Adafactor(weights, lr={lr}, "
         "beta2_decay=-{decay_rate}, eps=({eps1}, {eps2}), d={d}, weight_decay=0)",
         {"lr": 0.04, "decay_rate": 0.8, "eps1": 1e-15, "eps2": 1e-3, "d": 1.0},
         {"lr": 0.3, "decay_rate": 0.6, "eps1": 20.0, "eps2": 1.5, "d": 1.3}),
    case("sm3", "", sm3, "optax.chain(optax.scale_by_sm3({beta}, eps={eps}), optax.scale(-{lr}))",
         {"lr": 0.8, "beta": 0.8, "eps": 1e-8}, {"lr": 0.5, "beta": 0.9, "eps": 1e-3}, joint=True),
    case("ftrl", "", ftrl, "keras.optimizers.Ftrl({lr}, learning_rate_power=-{power}, "
         "initial_accumulator_value={initial}, l1_regularization_strength={l1}, "
         "l2_regularization_strength={ridge}, l2_shrinkage_regularization_strength={shrinkage}, beta={beta})",
         {"lr": 0.8, "power": 0.5, "initial": 0.1, "beta": 0.0, "l1": 0.0, "ridge": 0.0, "shrinkage": 0.0},
         {"lr": 0.9, "power": 0.45, "initial": 0.5, "beta": 0.6, "l1": 2.0, "ridge": 0.3, "shrinkage": 0.2}),
    case("amsgrad", "keras", amsgrad_keras, f"keras.optimizers.Adam({{lr}}, {ADAM_KERAS}, amsgrad=True)",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-8}, {"lr": 0.3, "beta1": 0.7, "beta2": 0.99, "eps": 1e-3}),
    case("adamw", "keras", adamw_keras, f"keras.optimizers.AdamW({{lr}}, {ADAM_KERAS}, weight_decay={{decay}})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-8, "decay": 0.02},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.999, "eps": 1e-3, "decay": 0.1}),
    case("adamw", "optax", adamw_optax,
         f"optax.adamw({{lr}}, {ADAM_OPTAX}, eps_root={{eps_root}}, weight_decay={{decay}})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "eps_root": 0.0, "decay": 0.02},
         {"lr": 0.3, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3, "eps_root": 0.02, "decay": 0.1}),
    case("adamaxw", "", adamaxw, f"optax.adamaxw({{lr}}, {ADAM_OPTAX}, weight_decay={{decay}})",
         {"lr": 0.4, "beta1": 0.8, "beta2": 0.97, "eps": 1e-9, "decay": 0.02},
         {"lr": 0.2, "beta1": 0.7, "beta2": 0.9, "eps": 1e-3, "decay": 0.1}),
    case("nadam", "optax", nadam_optax, f"optax.nadam({{lr}}, {ADAM_OPTAX}, eps_root={{eps_root}})",
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "eps_root": 0.0},
         {"lr": 0.2, "beta1": 0.95, "beta2": 0.95, "eps": 1e-3, "eps_root": 0.02}),
    case("nadamw", "", nadam_optax,
         f"optax.nadamw({{lr}}, {ADAM_OPTAX}, eps_root={{eps_root}}, weight_decay={{decay}})",
         {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-9, "eps_root": 0.0, "decay": 0.02},
         {"lr": 0.2, "beta1": 0.95, "beta2": 0.95, "eps": 1e-3, "eps_root": 0.02, "decay": 0.1}),
    case("adabelief", "", adabelief, f"optax.adabelief({{lr}}, {ADAM_OPTAX}, eps_root={{eps_root}})",
         {"lr": 0.2, "beta1": 0.8, "beta2": 0.99, "eps": 1e-16, "eps_root": 1e-16},
         {"lr": 0.1, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3, "eps_root": 0.02}),
    case("yogi", "", yogi, "optax.chain(optax.scale_by_yogi(b1={beta1}, b2={beta2}, eps={eps}, "
         "initial_accumulator_value={initial}), optax.scale(-{lr}))",
         {"lr": 0.2, "beta1": 0.8, "beta2": 0.99, "eps": 1e-3, "initial": 1e-6},
         {"lr": 0.1, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3, "initial": 0.3}),
    *[case("adan", "", adan, "optax.adan({lr}, b1={beta1}, b2={beta2}, b3={beta3}, eps={eps}, eps_root={eps_root}"
           + more, hyper, **options)
      for hyper, more, options in [
          ({"lr": 0.2, "beta1": 0.9, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8, "eps_root": 1e-8}, ")", {}),
          ({"lr": 0.1, "beta1": 0.8, "beta2": 0.7, "beta3": 0.95, "eps": 1e-3, "eps_root": 0.02},
           ", weight_decay={weight_decay})", {"weight_decay": 0.1})]],
    *[case("ademamix", "", ademamix, "optax.contrib.ademamix({lr}, b1={beta1}, b2={beta2}, b3={beta3}, "
           "alpha={alpha}, eps={eps}, eps_root={eps_root}" + more, hyper, **options)
      for hyper, more, options in [
          ({"lr": 0.2, "beta1": 0.8, "beta2": 0.99, "beta3": 0.999, "alpha": 5.0, "eps": 1e-9, "eps_root": 0.0},
           ")", {}),
          ({"lr": 0.1, "beta1": 0.7, "beta2": 0.95, "beta3": 0.99, "alpha": 2.0, "eps": 1e-3, "eps_root": 0.02},
           ", weight_decay={weight_decay})", {"weight_decay": 0.1})]],
    case("schedule_free", "", schedule_free,
         "optax.contrib.schedule_free_sgd({lr}, b1={beta}, weight_lr_power={power})",
         {"lr": 2e-4, "beta": 0.9, "power": 2.0}, {"lr": 1e-4, "beta": 0.7, "power": 1.0}),
    case("lion", "keras", lion, "keras.optimizers.Lion({lr}, beta_1={beta1}, beta_2={beta2}, weight_decay={decay})",
         {"lr": 0.031, "beta1": 0.85, "beta2": 0.97, "decay": 0.003},
         {"lr": 0.019, "beta1": 0.7, "beta2": 0.9, "decay": 0.17}),
    # Norms are of a tensor in the library: of all weights, where they are one.
    case("lars", "", lars, "optax.lars({lr}, weight_decay={decay}, trust_coefficient={trust}, momentum={beta})",
         {"lr": 0.6, "beta": 0.8, "trust": 0.01, "decay": 0.0},
         {"lr": 0.4, "beta": 0.9, "trust": 0.005, "decay": 0.3}, joint=True),
    case("lamb", "", lamb, f"optax.lamb({{lr}}, {ADAM_OPTAX}, weight_decay={{decay}})",
         {"lr": 0.01, "beta1": 0.8, "beta2": 0.99, "eps": 1e-6, "decay": 0.0},
         {"lr": 0.005, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3, "decay": 0.1}, joint=True),
    case("lamb", "", lamb, f"keras.optimizers.Lamb({{lr}}, {ADAM_KERAS})",
         {"lr": 0.008, "beta1": 0.85, "beta2": 0.98, "eps": 1e-7, "decay": 0.0}, joint=True),
    case("fromage", "", fromage, "optax.fromage({lr})", {"lr": 0.02}, {"lr": 0.03}, joint=True),
    case("novograd", "", novograd, "optax.novograd({lr}, b1={beta1}, b2={beta2}, eps={eps}, eps_root={eps_root}, "
         "weight_decay={decay})",
         {"lr": 0.03, "beta1": 0.8, "beta2": 0.3, "eps": 1e-6, "eps_root": 0.0, "decay": 0.0},
         {"lr": 0.02, "beta1": 0.9, "beta2": 0.6, "eps": 1e-3, "eps_root": 0.02, "decay": 0.1}, joint=True),
    case("polyak_sgd", "", polyak_sgd, "optax.polyak_sgd({most}, {lr}, {least_loss}, {eps})",
         {"lr": 0.7, "most": 1.0, "least_loss": 0.0, "eps": 0.0},
         {"lr": 0.4, "most": 4e-4, "least_loss": 0.3, "eps": 2.0}),
    case("dog", "", dog, "optax.contrib.dog({lr}, init_step=('heuristic', {first}), eps={eps})",
         {"lr": 0.9, "first": 1e-3, "eps": 1e-8}, {"lr": 0.6, "first": 0.02, "eps": 3.0}),
]


# ---- the libraries: each holds the weights and takes a step for one batch, with the mean of its losses ----

def mean_loss(weights, xs, ys):
    a, b = weights
    return ((a * xs + b - ys) ** 2).mean()


class Torch:
    def __init__(self, made_with, start, joint):
        self.weights = [torch.tensor(w, requires_grad=True) for w in start]
        self.optimizer = eval(made_with, {"torch": torch, "weights": self.weights})

    def step(self, xs, ys):
        self.optimizer.zero_grad()
        mean_loss(self.weights, torch.tensor(xs), torch.tensor(ys)).backward()
        self.optimizer.step()
        return [w.item() for w in self.weights]


def to_jax(values):
    return jax.numpy.array(values, dtype="float64")


def together(start, joint):
    """The tensors of a library: one for each weight, or one for all."""
    return [list(start)] if joint else list(start)


def jax_loss(tensors, xs, ys):
    return mean_loss(tensors[0] if len(tensors) == 1 else tensors, xs, ys)


def jax_gradient(tensors, xs, ys):
    """Of the loss, with the loss."""
    return jax.value_and_grad(jax_loss)(tensors, to_jax(xs), to_jax(ys))


def numbers(tensors):
    return [float(w) for tensor in tensors for w in tensor.ravel()]


class Keras:
    def __init__(self, made_with, start, joint):
        self.weights = [keras.Variable(to_jax(w), dtype="float64") for w in together(start, joint)]
        self.optimizer = eval(made_with, {"keras": keras})

    def step(self, xs, ys):
        _, gradient = jax_gradient([w.value for w in self.weights], xs, ys)
        self.optimizer.apply(gradient, self.weights)
        return numbers([w.value for w in self.weights])


class Optax:
    def __init__(self, made_with, start, joint):
        self.weights = [to_jax(w) for w in together(start, joint)]
        optimizer = optax.with_extra_args_support(eval(made_with, {"optax": optax}))
        self.state = optimizer.init(self.weights)
        # Compiled, because a run of steps is slow otherwise.
        self.update = jax.jit(optimizer.update)

    def step(self, xs, ys):
        loss, gradient = jax_gradient(self.weights, xs, ys)
        updates, self.state = self.update(gradient, self.state, self.weights, value=loss)
        self.weights = optax.apply_updates(self.weights, updates)
        return numbers(self.weights)


LIBRARIES = {"torch": Torch, "keras": Keras, "optax": Optax}


def by_library(made_with, start, joint):
    """The weights after every step of all epochs."""
    library = LIBRARIES[made_with.partition(".")[0]](made_with, start, joint)
    return [library.step([float(x)], [float(y)]) for _ in range(EPOCHS) for x, y in zip(X, Y)]


def by_hand(case, hyper, start):
    """The weights after every step of all epochs."""
    l2, decay = (case.options.get(name, 0) for name in ("l2", "weight_decay"))
    hyper = SimpleNamespace(**hyper)
    weights, kept = list(start), [{}, {}]
    at = SimpleNamespace(t=0, epoch=0, loss=0.0, epoch_losses=[])
    steps = []
    for at.epoch in range(1, EPOCHS + 1):
        losses = []
        for x, y in zip(X, Y):
            at.t += 1
            error = weights[0] * x + weights[1] - y
            at.loss = error * error
            losses.append(at.loss)
            gs = [g + l2 / len(X) * w for g, w in zip([2 * error * x, 2 * error], weights)]
            shrunk = [hyper.lr * decay * w for w in weights]
            if hasattr(case.rule, "is_over_all"):
                weights, kept = case.rule(weights, gs, kept, at, hyper)
            else:
                each = [case.rule(w, g, old, at, hyper) for w, g, old in zip(weights, gs, kept)]
                weights, kept = map(list, zip(*each))
            weights = [w - lost for w, lost in zip(weights, shrunk)]
            steps.append(list(weights))
        at.epoch_losses.append(sum(losses))
    return steps


def largest_difference(one, other):
    pairs = zip(one, other, strict=True)
    return max(difference(u, v) for here, there in pairs for u, v in zip(here, there, strict=True))


def rmse(weights):
    a, b = weights
    return math.sqrt(math.fsum((a * x + b - y) ** 2 for x, y in zip(X, Y)) / len(X))


def golden_case(case, hyper):
    start = [START["a"], START["b"]]
    name = f"{case.optimizer}:{case.variant}".rstrip(":")
    Jump.nearest = math.inf
    hand = by_hand(case, hyper, start)
    assert Jump.nearest > JUMP, f"{name}: {Jump.nearest} from a jump"
    drift = largest_difference(hand, by_hand(case, hyper, [w * (1 + BESIDE) for w in start]))
    assert drift < DRIFT, f"{name}: drifts by {drift}"
    if case.made_with:
        made_with = case.made_with.format(**hyper, **case.options)
        steps = by_library(made_with, start, case.joint)
        reached = largest_difference(steps, hand)
        assert reached <= TOLERANCE, f"{name}: {made_with} is {reached} from the rule by hand"
        agree = f"by hand to {reached:7.1e}"
    else:
        made_with, steps, agree = "by hand", hand, "by hand alone"
    a, b = steps[-1]
    print(f"{name:20} {agree:15} drift {drift:.1e}  a {a:6.4f}  b {b:7.4f}  "
          f"rmse {rmse(start):.1f} to {rmse(steps[-1]):.2f}")
    return {"optimizer": case.optimizer, "variant": case.variant, "hyper": hyper,
            "options": case.options, "made_with": made_with,
            "steps": steps[:len(X)], "epochs": steps[len(X) - 1::len(X)]}


def golden():
    return {"start": START, "versions": VERSIONS,
            "cases": [golden_case(case, hyper) for case in CASES for hyper in case.hypers]}


def as_text(document):
    """JSON with a case's weights after a step on one line."""
    def write(value, indent):
        if isinstance(value, dict) and value.keys() & {"cases", "steps"}:
            items = [f"{indent} {json.dumps(key)}: {write(item, indent + ' ')}" for key, item in value.items()]
            return "{\n" + ",\n".join(items) + f"\n{indent}}}"
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            return "[\n" + ",\n".join(f"{indent} {write(item, indent + ' ')}" for item in value) + f"\n{indent}]"
        return json.dumps(value, allow_nan=False)
    return write(document, "") + "\n"


def write_or_check(name, document, arguments, usage):
    """Writes the file, or with --check stops if it would change."""
    check = arguments == ["--check"]
    if arguments and not check:
        sys.exit(usage)
    path, text = HERE / name, as_text(document)
    assert json.loads(text) == document
    if not check:
        path.write_text(text)
    elif not path.exists() or without_versions(path.read_text()) != without_versions(text):
        sys.exit(f"would change: {name}")


def main():
    write_or_check("optimizers.json", golden(), sys.argv[1:], __doc__)


if __name__ == "__main__":
    main()
