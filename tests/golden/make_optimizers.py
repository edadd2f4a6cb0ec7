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


class Jump:
    """How near the numbers of a run come to a jump of its rule, relative to their terms."""
    nearest = math.inf

    @classmethod
    def near(cls, distance, terms):
        cls.nearest = min(cls.nearest, abs(distance) / terms)


# ---- the cases. made_with is the very expression that makes the library's optimizer, None where there is none.

def case(optimizer, variant, rule, made_with, *hypers):
    return SimpleNamespace(optimizer=optimizer, variant=variant, rule=rule, made_with=made_with, hypers=hypers)


ADAM = "betas=({beta1}, {beta2}), eps={eps}"
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
]


# ---- the libraries: each holds the weights and takes a step for one batch, with the mean of its losses ----

def mean_loss(weights, xs, ys):
    a, b = weights
    return ((a * xs + b - ys) ** 2).mean()


class Torch:
    def __init__(self, made_with, start):
        self.weights = [torch.tensor(w, requires_grad=True) for w in start]
        self.optimizer = eval(made_with, {"torch": torch, "weights": self.weights})

    def step(self, xs, ys):
        self.optimizer.zero_grad()
        mean_loss(self.weights, torch.tensor(xs), torch.tensor(ys)).backward()
        self.optimizer.step()
        return [w.item() for w in self.weights]


def jax_gradient(weights, xs, ys):
    to_jax = lambda values: jax.numpy.array(values, dtype="float64")
    return jax.grad(mean_loss)(weights, to_jax(xs), to_jax(ys))


class Keras:
    def __init__(self, made_with, start):
        self.weights = [keras.Variable(w, dtype="float64") for w in start]
        self.optimizer = eval(made_with, {"keras": keras})

    def step(self, xs, ys):
        gradient = jax_gradient([w.value for w in self.weights], xs, ys)
        self.optimizer.apply(gradient, self.weights)
        return [w.value.item() for w in self.weights]


class Optax:
    def __init__(self, made_with, start):
        self.weights = [jax.numpy.array(w, dtype="float64") for w in start]
        optimizer = eval(made_with, {"optax": optax})
        self.state = optimizer.init(self.weights)
        # Compiled, because a run of steps is slow otherwise.
        self.update = jax.jit(optimizer.update)

    def step(self, xs, ys):
        gradient = jax_gradient(self.weights, xs, ys)
        updates, self.state = self.update(gradient, self.state, self.weights)
        self.weights = optax.apply_updates(self.weights, updates)
        return [w.item() for w in self.weights]


LIBRARIES = {"torch": Torch, "keras": Keras, "optax": Optax}


def by_library(made_with, start):
    """The weights after every step of all epochs."""
    library = LIBRARIES[made_with.partition(".")[0]](made_with, start)
    return [library.step([float(x)], [float(y)]) for _ in range(EPOCHS) for x, y in zip(X, Y)]


def by_hand(rule, hyper, start):
    """The weights after every step of all epochs."""
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
            for i, g in enumerate([2 * error * x, 2 * error]):
                weights[i], kept[i] = rule(weights[i], g, kept[i], at, hyper)
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
    hand = by_hand(case.rule, hyper, start)
    assert Jump.nearest > JUMP, f"{name}: {Jump.nearest} from a jump"
    drift = largest_difference(hand, by_hand(case.rule, hyper, [w * (1 + BESIDE) for w in start]))
    assert drift < DRIFT, f"{name}: drifts by {drift}"
    if case.made_with:
        made_with = case.made_with.format(**hyper)
        steps = by_library(made_with, start)
        reached = largest_difference(steps, hand)
        assert reached <= TOLERANCE, f"{name}: {made_with} is {reached} from the rule by hand"
        agree = f"by hand to {reached:7.1e}"
    else:
        made_with, steps, agree = "by hand", hand, "by hand alone"
    a, b = steps[-1]
    print(f"{name:20} {agree:15} drift {drift:.1e}  a {a:6.4f}  b {b:7.4f}  "
          f"rmse {rmse(start):.1f} to {rmse(steps[-1]):.2f}")
    return {"optimizer": case.optimizer, "variant": case.variant, "hyper": hyper, "made_with": made_with,
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
