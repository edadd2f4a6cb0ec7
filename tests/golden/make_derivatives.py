"""Makes derivatives.json: Jacobians of formulas by PyTorch's autograd and Hessians by JAX, in float64.

    python make_derivatives.py            writes derivatives.json beside this file
    python make_derivatives.py --check    writes nothing, fails if the file would change

Every case has the formulas as gdtrace reads them, the same as functions of tensors, and a point. Nothing is
shared with gdtrace: PyTorch and JAX differentiate the tensors' operations, and must agree with each other.
"""

import json
import sys
import types
from pathlib import Path

import jax
import jax.numpy as jnp
import torch
from torch.autograd.functional import hessian, jacobian

jax.config.update("jax_enable_x64", True)
HERE = Path(__file__).resolve().parent
# What the cases call as `torch`, for JAX.
FOR_JAX = types.SimpleNamespace(
    exp=jnp.exp, log=jnp.log, log10=jnp.log10, sqrt=jnp.sqrt, sin=jnp.sin, cos=jnp.cos, tan=jnp.tan, tanh=jnp.tanh,
    sigmoid=jax.nn.sigmoid, relu=jax.nn.relu, abs=jnp.abs, sign=jnp.sign, maximum=jnp.maximum, minimum=jnp.minimum,
    where=jnp.where, nn=types.SimpleNamespace(functional=types.SimpleNamespace(softplus=jax.nn.softplus)))
pi = torch.tensor(torch.pi, dtype=torch.float64)
e = torch.exp(torch.tensor(1.0, dtype=torch.float64))
zero = torch.tensor(0.0, dtype=torch.float64)

# formulas, the same in Python, the point
CASES = [
    (["x^2*y", "5*x + sin(y)"], lambda x, y: [x**2 * y, 5 * x + torch.sin(y)], {"x": 1.0, "y": 2.0}),
    (["x^3 - 2*x*y + y^4/3"], lambda x, y: [x**3 - 2 * x * y + y**4 / 3], {"x": 1.25, "y": -0.75}),
    (["x/y", "(x + y)/(x - y)", "1/(1 + x^2)"],
     lambda x, y: [x / y, (x + y) / (x - y), 1 / (1 + x**2)], {"x": 0.7, "y": 1.9}),
    (["sqrt(x^2 + y^2)", "x^1.5*y^(1/3)", "x^y"],
     lambda x, y: [torch.sqrt(x**2 + y**2), x**1.5 * y ** (1 / 3), x**y], {"x": 1.3, "y": 2.1}),
    (["exp(-x^2/2)*y", "ln(x*y + 1)", "log10(x + y^2)", "2^x*e^y"],
     lambda x, y: [torch.exp(-x**2 / 2) * y, torch.log(x * y + 1), torch.log10(x + y**2), 2**x * e**y],
     {"x": 0.8, "y": 1.7}),
    (["sin(x)*cos(y)", "tan(x*y)", "sin(pi*x)^2", "cos(x)/(2 + sin(y))"],
     lambda x, y: [torch.sin(x) * torch.cos(y), torch.tan(x * y), torch.sin(pi * x) ** 2,
                   torch.cos(x) / (2 + torch.sin(y))], {"x": 0.4, "y": 1.1}),
    (["tanh(a*x + b)", "sigmoid(a*x + b)", "softplus(a*x + b)", "-ln(sigmoid(a*x + b))"],
     lambda a, x, b: [torch.tanh(a * x + b), torch.sigmoid(a * x + b), torch.nn.functional.softplus(a * x + b),
                      -torch.log(torch.sigmoid(a * x + b))], {"a": 0.6, "x": 1.5, "b": -0.3}),
    (["relu(a*x - 1)^2", "abs(x - a)*x", "max(a*x, x^2)", "min(a, x)*a", "sign(a)*x^3"],
     lambda a, x: [torch.relu(a * x - 1) ** 2, torch.abs(x - a) * x, torch.maximum(a * x, x**2),
                   torch.minimum(a, x) * a, torch.sign(a) * x**3], {"a": 2.0, "x": 1.5}),
    (["if(x > y, x^2*y, sqrt(y))", "if(x <= 1, ln(x), -x*y)"],
     lambda x, y: [torch.where(x > y, x**2 * y, torch.sqrt(y)), torch.where(x <= 1, torch.log(x), -x * y)],
     {"x": 2.0, "y": 0.5}),
    # Kinks: PyTorch's convention is gdtrace's.
    (["relu(x)*y", "abs(x) + y^2"], lambda x, y: [torch.relu(x) * y, torch.abs(x) + y**2], {"x": 0.0, "y": 3.0}),
    (["(a*x + b - y)^2"], lambda a, x, b, y: [(a * x + b - y) ** 2], {"a": 1.0, "x": 14.0, "b": 1.0, "y": 58.0}),
    (["v1*relu(w1*x + c1) + v2*relu(w2*x + c2) + d"],
     lambda v1, w1, x, c1, v2, w2, c2, d: [v1 * torch.relu(w1 * x + c1) + v2 * torch.relu(w2 * x + c2) + d],
     {"v1": 0.5, "w1": 1.2, "x": 0.9, "c1": 0.1, "v2": -0.7, "w2": -0.4, "c2": 0.8, "d": 0.3}),
]


def in_jax(function):
    """The same function over JAX's operations."""
    names = {"torch": FOR_JAX, "pi": jnp.pi, "e": jnp.exp(1.0)}
    return types.FunctionType(function.__code__, names)


def hessians_by_jax(function, point, count):
    """The Hessian of each of the `count` components."""
    inputs = [jnp.array(value) for value in point.values()]
    function = in_jax(function)
    places = tuple(range(len(inputs)))
    # Adding nothing: a component may be no JAX array where it does not depend on any input.
    component = [lambda *arguments, index=index: function(*arguments)[index] + 0.0 * sum(arguments)
                 for index in range(count)]
    return [[[float(one) for one in row] for row in jax.hessian(one, argnums=places)(*inputs)] for one in component]


def agree(found, expected):
    pairs = [(a, b) for row, other in zip(found, expected) for a, b in zip(row, other)]
    return all(abs(a - b) <= 1e-12 * max(1.0, abs(a), abs(b)) for a, b in pairs)


def case(formulas, function, point):
    inputs = tuple(torch.tensor(value, dtype=torch.float64) for value in point.values())
    values, jacobians, hessians = [], [], []
    for index in range(len(formulas)):
        def component(*arguments):
            # Adding nothing keeps components that do not depend on every input in the graph.
            return function(*arguments)[index] + zero * sum(arguments)
        values.append(component(*inputs).item())
        jacobians.append([one.item() for one in jacobian(component, inputs)])
        hessians.append([[one.item() for one in row] for row in hessian(component, inputs)])
    by_jax = hessians_by_jax(function, point, len(formulas))
    for formula, found, expected in zip(formulas, by_jax, hessians):
        assert agree(found, expected), f"{formula}: JAX {found}, PyTorch {expected}"
    hessians = by_jax
    return {"formulas": formulas, "variables": list(point), "point": list(point.values()), "values": values,
            "jacobian": jacobians, "hessians": hessians}


def main():
    cases = [case(*one) for one in CASES]
    text = json.dumps({"torch": torch.__version__.split("+")[0], "jax": jax.__version__, "cases": cases}, indent=1) + "\n"
    path = HERE / "derivatives.json"
    if "--check" in sys.argv:
        sys.exit(0 if path.read_text() == text else f"{path.name} would change")
    path.write_text(text)
    print(f"{path.name}: {len(cases)} cases, {sum(len(one['formulas']) for one in cases)} formulas")


if __name__ == "__main__":
    main()
