"""The rules against their papers, in plain floats, and against published numbers."""

from collections import defaultdict
from dataclasses import fields
from math import sqrt

import numpy as np
import pytest
from helpers import ELEMENTWISE, KNOBS, RULES, WHOLE, beale_gradient, bowl_gradient, path_of

import optimizers
from optimizers import AdaBelief, Adam, AMSGrad, Lion, Nesterov, Optimizer, RAdam

pytestmark = pytest.mark.filterwarnings("error")

TERRAIN = {"bowl": (bowl_gradient, (-7.0, 2.0)), "beale": (beale_gradient, (1.0, 1.5))}

# ---------------------------------------------------------------- the papers, in plain floats
# One coordinate at a time: x and g are floats, t counts from 1, s holds what the rule remembers
# (0 at first). Nothing here comes from optimizers.py.


def sgd(x, g, t, s, lr):
    return x - lr * g


def momentum(x, g, t, s, lr, momentum):
    s["v"] = momentum * s["v"] - lr * g
    return x + s["v"]


def nesterov(x, g, t, s, lr, momentum):
    s["v"] = momentum * s["v"] - lr * g
    return x + (momentum * s["v"] - lr * g)


def adagrad(x, g, t, s, lr, eps):
    s["h"] = s["h"] + g**2
    return x - lr * g / (sqrt(s["h"]) + eps)


def rmsprop(x, g, t, s, lr, rho, eps):
    s["h"] = rho * s["h"] + (1 - rho) * g * g
    return x - lr * g / (sqrt(s["h"]) + eps)


def adadelta(x, g, t, s, lr, rho, eps):
    s["h"] = rho * s["h"] + (1 - rho) * g * g
    delta = -sqrt(s["d"] + eps) / sqrt(s["h"] + eps) * g
    s["d"] = rho * s["d"] + (1 - rho) * delta * delta
    return x + lr * delta


def adam(x, g, t, s, lr, beta1, beta2, eps):
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g * g
    m_hat = s["m"] / (1 - beta1**t)
    v_hat = s["v"] / (1 - beta2**t)
    return x - lr * m_hat / (sqrt(v_hat) + eps)


def adamw(x, g, t, s, lr, beta1, beta2, eps, weight_decay):
    return adam((1 - lr * weight_decay) * x, g, t, s, lr, beta1, beta2, eps)


def amsgrad(x, g, t, s, lr, beta1, beta2, eps):
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g * g
    s["w"] = s["v"] if s["v"] > s["w"] else s["w"]
    return x - lr * s["m"] / (sqrt(s["w"]) + eps)


def adamax(x, g, t, s, lr, beta1, beta2, eps):
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    faded = beta2 * s["u"]
    s["u"] = faded if faded > abs(g) else abs(g)
    return x - lr * (s["m"] / (1 - beta1**t)) / (s["u"] + eps)


def nadam(x, g, t, s, lr, beta1, beta2, eps):
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g * g
    m_hat = beta1 * s["m"] / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
    v_hat = s["v"] / (1 - beta2**t)
    return x - lr * m_hat / (sqrt(v_hat) + eps)


def radam(x, g, t, s, lr, beta1, beta2, eps):
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g * g
    m_hat = s["m"] / (1 - beta1**t)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length <= 4:
        return x - lr * m_hat
    r2 = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return x - sqrt(r2) * (lr * m_hat / (sqrt(s["v"] / (1 - beta2**t)) + eps))


def adabelief(x, g, t, s, lr, beta1, beta2, eps):
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["s"] = beta2 * s["s"] + ((1 - beta2) * (g - s["m"]) * (g - s["m"]) + eps)
    m_hat = s["m"] / (1 - beta1**t)
    return x - lr * m_hat / (sqrt(s["s"] / (1 - beta2**t)) + eps)


def lion(x, g, t, s, lr, beta1, beta2, weight_decay):
    c = beta1 * s["m"] + (1 - beta1) * g
    s["m"] = beta2 * s["m"] + (1 - beta2) * g
    return (1 - lr * weight_decay) * x - lr * ((c > 0) - (c < 0))


# Of all that treat each number by itself, by name; Muon has tests of its own in test_muon.py.
PAPERS = {rule: globals().get(rule.__name__.lower()) for rule in ELEMENTWISE}


def by_paper(paper, knobs, gradient, start, steps):
    """The path by the paper's formula, and what it remembers of x and of y."""
    (x, y), of_x, of_y = start, defaultdict(float), defaultdict(float)
    path = [(x, y)]
    for t in range(1, steps + 1):
        gx, gy = gradient(x, y)
        x, y = paper(x, gx, t, of_x, **knobs), paper(y, gy, t, of_y, **knobs)
        path.append((x, y))
    return path, of_x, of_y


def test_every_rule_has_a_transcription():
    def below(cls):
        return {cls, *(rule for child in cls.__subclasses__() for rule in below(child))}

    found = {rule for rule in below(Optimizer) - {Optimizer} if rule.__module__ == "optimizers"}
    assert optimizers.__all__ == ["Optimizer"] + [rule.__name__ for rule in RULES]
    assert found == set(RULES), "write the new rule's name into __all__ of optimizers.py"
    assert all(PAPERS.values()), (
        "write the new rule a second time, for plain floats and straight from its paper, above in "
        "tests/test_papers.py: a function of its name in small letters"
    )
    assert set(RULES) == {rule for rule, _ in KNOBS + WHOLE}, (
        "enter two settings of the new rule in KNOBS of tests/helpers.py, none at its default"
    )
    assert list(DEFAULTS) == [rule.__name__ for rule in RULES], (
        "enter the new rule's defaults in DEFAULTS below"
    )


@pytest.mark.parametrize("terrain", TERRAIN)
@pytest.mark.parametrize("rule, knobs", KNOBS)
def test_the_paper_bit_for_bit(rule, knobs, terrain):
    gradient, start = TERRAIN[terrain]
    path, of_x, of_y = by_paper(PAPERS[rule], knobs, gradient, start, steps=80)
    assert all(np.isfinite(path[-1])) and len(set(path)) > 75  # a path worth comparing

    opt = rule(**knobs)
    assert path_of(opt, gradient, start, steps=80) == path
    for name in rule.memory:
        assert getattr(opt, name) == {"x": of_x[name], "y": of_y[name]}

    opt, params = rule(**knobs), {"p": np.array(start)}
    for t, point in enumerate(path):
        assert params["p"].tolist() == list(point)
        assert opt.t == t
        opt.update(params, {"p": np.array(gradient(*params["p"]))})


def test_nesterov_is_the_look_ahead_of_1983():
    """Sutskever et al. (2013), eqs. (3) and (4): the gradient is taken at theta + beta v."""
    opt, lr, beta = Nesterov(lr=0.1, momentum=0.8), 0.1, 0.8
    theta, v, params = np.array([-7.0, 2.0]), np.zeros(2), {"x": np.array([-7.0, 2.0])}
    for _ in range(40):
        v = beta * v - lr * np.array(bowl_gradient(*(theta + beta * v)))
        theta = theta + v
        opt.update(params, {"x": np.array(bowl_gradient(*params["x"]))})
        np.testing.assert_allclose(params["x"], theta + beta * v, rtol=0, atol=1e-13)


# ---------------------------------------------------------------- what sets the new rules apart


def test_amsgrad_does_not_forget_and_adam_does():
    """A large gradient once, then small ones: AMSGrad's steps stay short, Adam's grow again."""
    last = {}
    for rule in (AMSGrad, Adam):
        opt, params = rule(lr=0.1, beta2=0.9), {"x": 0.0}
        for t in range(300):
            before = params["x"]
            opt.update(params, {"x": 1.0 if t else 100.0})
        last[rule] = before - params["x"]
    assert last[Adam] == pytest.approx(0.1, rel=1e-6)
    assert last[AMSGrad] == pytest.approx(0.1 / sqrt(0.1 * 100**2), rel=1e-6)


def test_radam_begins_as_momentum_and_ends_as_adam():
    """With β₂ = 0.999 it is rectified from step 5 on; r is 0.0164 then, and 1 in the end."""
    opt, params, moves = RAdam(lr=0.1), {"x": 0.0}, []
    for _ in range(20_000):
        before = params["x"]
        opt.update(params, {"x": 3.0})
        moves.append(before - params["x"])
    assert moves[:4] == pytest.approx([0.3] * 4)  # η m̂, with the gradient's size
    rho = 1999 - 2 * 5 * 0.999**5 / (1 - 0.999**5)
    r = sqrt((rho - 4) * (rho - 2) * 1999 / (1995 * 1997 * rho))
    assert moves[4] == pytest.approx(0.1 * r) and 0.01 < r < 0.02
    assert moves[-1] == pytest.approx(0.1, rel=1e-4)
    assert (np.diff(moves[4:]) > -1e-11).all()


def test_radam_of_a_short_memory_never_rectifies():
    """ρ∞ = 2/(1−β₂) − 1 ≤ 4 for β₂ ≤ 0.6."""
    opt, params = RAdam(lr=0.1, beta2=[0.0, 0.5, 0.6]), {"x": np.zeros(3)}
    for _ in range(50):
        opt.update(params, {"x": np.full(3, 3.0)})
    np.testing.assert_allclose(params["x"], -0.1 * 3 * 50, rtol=1e-12)


def test_adabelief_takes_long_steps_where_the_gradient_is_as_expected():
    opt, params = AdaBelief(lr=0.1, beta2=0.9), {"x": 0.0}
    for _ in range(200):
        before = params["x"]
        opt.update(params, {"x": 1.0})
    assert before - params["x"] > 100 * 0.1  # Adam's would be 0.1


def test_every_step_of_lion_has_the_same_length():
    path = np.array(path_of(Lion(lr=0.25), bowl_gradient, (-7, 2), 30))
    assert (abs(np.diff(path, axis=0)) == 0.25).all()


# ---------------------------------------------------------------- published numbers


def test_nesterov_ends_where_it_should():
    """A widely ported version, which uses the velocity before it is updated, ends at 0.52639."""
    x, _ = path_of(Nesterov(lr=0.1), bowl_gradient, (-7, 2), steps=30)[-1]
    assert f"{x:.5f}" == "0.68961"


DEFAULTS = {
    "SGD": dict(lr=0.01),
    "Momentum": dict(lr=0.01, momentum=0.9),
    "Nesterov": dict(lr=0.01, momentum=0.9),
    "AdaGrad": dict(lr=0.01, eps=1e-7),
    "RMSProp": dict(lr=0.01, rho=0.9, eps=1e-8),
    "Adadelta": dict(lr=1.0, rho=0.95, eps=1e-6),
    "Adam": dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8),
    "AdamW": dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01),
    "AMSGrad": dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8),
    "Adamax": dict(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8),
    "NAdam": dict(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8),
    "RAdam": dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8),
    "AdaBelief": dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-16),
    "Lion": dict(lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0),
    "Muon": dict(lr=0.02, momentum=0.95, weight_decay=0.0),
}


@pytest.mark.parametrize("rule", RULES)
def test_published_defaults(rule):
    opt, published = rule(), DEFAULTS[rule.__name__]
    assert list(opt.knobs.items()) == list(published.items())
    assert [f.name for f in fields(rule)] == list(published)
    assert all(type(value) is float for value in opt.knobs.values())
