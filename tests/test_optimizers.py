"""The rules against their papers and published numbers, and all that can go wrong around them."""

import copy
import json
import pickle
from collections import defaultdict
from dataclasses import fields
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

import optimizers
from optimizers import (
    SGD,
    AdaBelief,
    Adadelta,
    AdaGrad,
    Adam,
    Adamax,
    AdamW,
    AMSGrad,
    Lion,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    Optimizer,
    RAdam,
    RMSProp,
    orthogonal,
)

pytestmark = pytest.mark.filterwarnings("error")

DATA = Path(__file__).parent / "data"


def bowl_gradient(x, y):
    return x / 10, 2 * y


def beale_gradient(x, y):
    r1, r2, r3 = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
    return (
        2 * r1 * (y - 1) + 2 * r2 * (y * y - 1) + 2 * r3 * (y * y * y - 1),
        2 * r1 * x + 4 * r2 * x * y + 6 * r3 * x * y * y,
    )


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


PAPERS = {  # of all that treat each number by itself; Muon has tests of its own below
    SGD: sgd,
    Momentum: momentum,
    Nesterov: nesterov,
    AdaGrad: adagrad,
    RMSProp: rmsprop,
    Adadelta: adadelta,
    Adam: adam,
    AdamW: adamw,
    AMSGrad: amsgrad,
    Adamax: adamax,
    NAdam: nadam,
    RAdam: radam,
    AdaBelief: adabelief,
    Lion: lion,
}
RULES = [*PAPERS, Muon]

# No default, no two numbers alike; once with an eps so large that its place in the formula shows.
KNOBS = [
    (SGD, dict(lr=0.003)),
    (SGD, dict(lr=0.011)),
    (Momentum, dict(lr=0.002, momentum=0.7)),
    (Momentum, dict(lr=0.003, momentum=0.35)),
    (Nesterov, dict(lr=0.002, momentum=0.7)),
    (Nesterov, dict(lr=0.003, momentum=0.35)),
    (AdaGrad, dict(lr=0.4, eps=0.3)),
    (AdaGrad, dict(lr=0.2, eps=1e-6)),
    (RMSProp, dict(lr=0.05, rho=0.8, eps=0.2)),
    (RMSProp, dict(lr=0.03, rho=0.97, eps=1e-5)),
    (Adadelta, dict(lr=0.7, rho=0.85, eps=0.1)),
    (Adadelta, dict(lr=1.5, rho=0.9, eps=1e-4)),
    (Adam, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (Adam, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5)),
    (AdamW, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3, weight_decay=0.2)),
    (AdamW, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5, weight_decay=0.03)),
    (AMSGrad, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (AMSGrad, dict(lr=0.07, beta1=0.6, beta2=0.5, eps=1e-5)),
    (Adamax, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (Adamax, dict(lr=0.07, beta1=0.6, beta2=0.9, eps=1e-5)),
    (NAdam, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (NAdam, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5)),
    (RAdam, dict(lr=0.04, beta1=0.8, beta2=0.97, eps=0.3)),
    (RAdam, dict(lr=0.03, beta1=0.6, beta2=0.99, eps=1e-5)),
    (AdaBelief, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (AdaBelief, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5)),
    (Lion, dict(lr=0.03, beta1=0.8, beta2=0.95, weight_decay=0.2)),
    (Lion, dict(lr=0.02, beta1=0.95, beta2=0.7, weight_decay=0.05)),
]
WHOLE = [
    (Muon, dict(lr=0.05, momentum=0.8, weight_decay=0.3)),
    (Muon, dict(lr=0.03, momentum=0.6, weight_decay=0.1)),
]
TERRAIN = {"bowl": (bowl_gradient, (-7.0, 2.0)), "beale": (beale_gradient, (1.0, 1.5))}


def by_paper(paper, knobs, gradient, start, steps):
    """The path by the paper's formula, and what it remembers of x and of y."""
    (x, y), of_x, of_y = start, defaultdict(float), defaultdict(float)
    path = [(x, y)]
    for t in range(1, steps + 1):
        gx, gy = gradient(x, y)
        x, y = paper(x, gx, t, of_x, **knobs), paper(y, gy, t, of_y, **knobs)
        path.append((x, y))
    return path, of_x, of_y


def path_of(opt, gradient, start, steps):
    """The path by `update` with plain floats."""
    params = dict(zip("xy", map(float, start)))
    path = [tuple(params.values())]
    for _ in range(steps):
        opt.update(params, dict(zip("xy", gradient(*params.values()))))
        path.append(tuple(params.values()))
    return path


def test_every_rule_has_a_transcription():
    def below(cls):
        return {cls, *(rule for child in cls.__subclasses__() for rule in below(child))}

    found = {rule for rule in below(Optimizer) - {Optimizer} if rule.__module__ == "optimizers"}
    assert found == set(RULES) == {rule for rule, _ in KNOBS + WHOLE}
    assert set(PAPERS) == {rule for rule in RULES if rule.__dict__.get("elementwise", True)}
    assert optimizers.__all__ == ["Optimizer"] + [rule.__name__ for rule in RULES]


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


# ---------------------------------------------------------------- Muon, by its paper


def quintic(s):
    """What five rounds of Newton–Schulz make of a singular value."""
    for _ in range(5):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return s


def muon(x, g, v, lr, momentum, weight_decay):
    """One step on a matrix, by singular values: Jordan et al. (2024)."""
    v = momentum * v + g
    u, s, vt = np.linalg.svd(momentum * v + g, full_matrices=False)
    scale = sqrt(max(1, len(x) / len(x.T)))
    step = lr * scale * u @ np.diag(quintic(s / (sqrt(sum(s * s)) + 1e-7))) @ vt
    return x - lr * weight_decay * x - step, v


MATRICES = {  # shapes, and the matrices they are worked on as
    (3, 3): (3, 3),
    (2, 5): (2, 5),
    (7, 2): (7, 2),
    (1, 4): (1, 4),
    (4, 2, 3): (4, 6),
    (8, 3, 1, 2): (8, 6),
    (5,): (5, 1),
    (1,): (1, 1),
    (): (1, 1),
}


@pytest.mark.parametrize("shape", MATRICES)
@pytest.mark.parametrize("rule, knobs", WHOLE)
def test_muon_by_its_paper(rule, knobs, shape):
    rng = np.random.default_rng(0)
    x, opt = rng.normal(size=MATRICES[shape]), rule(**knobs)
    params, v = {"W": x.reshape(shape).copy()}, np.zeros_like(x)
    for _ in range(8):
        g = rng.normal(size=x.shape)
        x, v = muon(x, g, v, **knobs)
        opt.update(params, {"W": g.reshape(shape)})
        np.testing.assert_allclose(params["W"], x.reshape(shape), rtol=0, atol=1e-12)
        np.testing.assert_allclose(opt.v["W"], v.reshape(shape), rtol=0, atol=1e-13)


@pytest.mark.parametrize("shape", [(6, 6), (3, 40), (40, 3), (1, 9), (9, 1)])
def test_newton_schulz_makes_singular_values_alike(shape):
    rng = np.random.default_rng(1)
    for _ in range(20):
        matrix = rng.normal(size=shape) * 10 ** rng.uniform(-3, 3)
        u, s, vt = np.linalg.svd(matrix, full_matrices=False)
        inner = u.T @ orthogonal(matrix) @ vt.T  # diagonal: the singular vectors are the same
        made, share = np.diag(inner), s / np.linalg.norm(s)
        np.testing.assert_allclose(inner, np.diag(made), atol=1e-9)
        np.testing.assert_allclose(orthogonal(matrix), u @ inner @ vt, atol=1e-9)
        np.testing.assert_allclose(made, quintic(s / (np.linalg.norm(s) + 1e-7)), atol=1e-9)
        assert (made[share > 0.002] > 0.68).all() and (made < 1.21).all()


def test_what_newton_schulz_makes_of_every_singular_value():
    share = np.geomspace(0.002, 1, 2000)
    rest = np.sqrt(1 - share**2)  # with it, the matrix has norm 1
    made = [orthogonal(np.diag(pair)).diagonal() for pair in zip(share, rest)]
    assert 0.68 < np.min([a for a, _ in made]) < 0.69
    assert 1.20 < np.max([a for a, _ in made]) < 1.21
    np.testing.assert_allclose([a for a, _ in made], quintic(share), rtol=1e-5)


def test_muon_of_nothing_and_of_zeros():
    for shape in [(0, 3), (3, 0), (0,)]:
        params = {"empty": np.zeros(shape), "W": np.ones((2, 2))}
        Muon(weight_decay=0.5).update(params, {"empty": np.zeros(shape), "W": np.zeros((2, 2))})
        assert params["empty"].shape == shape
        np.testing.assert_allclose(params["W"], 0.99, rtol=1e-15)


def test_muon_on_any_layout():
    rng = np.random.default_rng(0)
    laid = {
        "transposed": rng.normal(size=(3, 2)).T,
        "strided": rng.normal(size=(6, 6))[::2, ::3],
        "backwards": rng.normal(size=4)[::-1],
        "Fortran": np.asfortranarray(rng.normal(size=(3, 4, 2))),
    }
    plain, one, other = {k: x.copy(order="C") for k, x in laid.items()}, Muon(), Muon()
    for _ in range(3):
        grads = {key: rng.normal(size=x.shape) for key, x in laid.items()}
        one.update(laid, {key: np.asfortranarray(g) for key, g in grads.items()})
        other.update(plain, grads)
    for key, x in laid.items():
        np.testing.assert_allclose(x, plain[key], rtol=0, atol=1e-12)


def test_muon_never_cuts_a_matrix(monkeypatch):
    g = np.random.default_rng(0).normal(size=(30, 20))
    cut, whole = {"W": np.zeros((30, 20))}, {"W": np.zeros((30, 20))}
    Muon().update(whole, {"W": g})
    monkeypatch.setattr(optimizers, "BLOCK", 10)
    Muon().update(cut, {"W": g})
    assert np.array_equal(cut["W"], whole["W"])


@pytest.mark.parametrize("shape", [10**6, (500_000, 2), (2, 500_000)])
def test_muon_multiplies_the_small_way(shape):
    """The other product would have a million million numbers."""
    params = {"x": np.zeros(shape, np.float32)}
    Muon().update(params, {"x": np.ones(shape, np.float32)})
    assert np.ptp(params["x"]) < 1e-6 and (params["x"] < 0).all()


@pytest.mark.parametrize("name", ["lr", "momentum", "weight_decay"])
def test_muon_refuses_knobs_that_are_arrays(name):
    opt, params = Muon(**{name: [0.1, 0.2]}), {"x": np.ones(2)}
    before = freeze(params, vars(opt))
    words = f"Muon works on whole arrays, so an array of {name} has no meaning: use one optimizer"
    told = complains(lambda: opt.update(params, {"x": np.ones(2)}), ValueError, [words])
    assert told.endswith("for each value")
    assert freeze(params, vars(opt)) == before
    setattr(opt, name, 0.1)
    opt.update(params, {"x": np.ones(2)})
    assert opt.t == 1


# ---------------------------------------------------------------- weight decay

DECAYING = [rule for rule in RULES if hasattr(rule, "weight_decay")]


def test_which_rules_have_weight_decay():
    assert DECAYING == [AdamW, Lion, Muon]


@pytest.mark.parametrize("rule", DECAYING)
@pytest.mark.parametrize("kind", [float, np.float32, np.array, lambda x: np.full((2, 3), x)])
def test_weight_decay_alone_is_a_geometric_series(rule, kind):
    opt, params = rule(lr=0.1, weight_decay=0.5), {"x": kind(-3.0)}
    for t in range(20):
        np.testing.assert_allclose(params["x"], -3 * (1 - 0.1 * 0.5) ** t, rtol=1e-5)
        opt.update(params, {"x": np.zeros_like(params["x"])})
    assert type(params["x"]) is type(kind(-3.0))


@pytest.mark.parametrize("rule", DECAYING)
def test_weight_decay_does_not_reach_the_memory(rule):
    """x ← (1 − ηλ)x + Δx, where Δx is the step of the same rule without λ."""
    rng, start = np.random.default_rng(0), np.arange(1.0, 7.0).reshape(2, 3)
    plain, decayed = rule(lr=0.2, weight_decay=0), rule(lr=0.2, weight_decay=0.7)
    free, held = {"x": start.copy()}, {"x": start.copy()}
    for _ in range(5):
        before, wanted, g = free["x"].copy(), held["x"] * (1 - 0.2 * 0.7), rng.normal(size=(2, 3))
        plain.update(free, {"x": g})
        decayed.update(held, {"x": g})
        np.testing.assert_allclose(held["x"], wanted + (free["x"] - before), rtol=0, atol=1e-14)
        assert freeze([getattr(plain, m) for m in rule.memory]) == freeze(
            [getattr(decayed, m) for m in rule.memory]
        )


def test_adamw_without_weight_decay_is_adam():
    paths = [
        path_of(opt, beale_gradient, (1.0, 1.5), 40)
        for opt in (AdamW(lr=0.1, weight_decay=0), Adam(lr=0.1))
    ]
    assert paths[0] == paths[1]


def test_weight_decay_in_blocks():
    n = 2 * optimizers.BLOCK + 3
    params = {"x": np.ones(n)}
    AdamW(lr=0.1, weight_decay=0.5).update(params, {"x": np.zeros(n)})
    assert (params["x"] == 0.95).all()


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

FIGURE = json.loads((DATA / "famous_figure.json").read_text(encoding="utf-8"))
CHECKS = json.loads((DATA / "cs231n.json").read_text(encoding="utf-8"))["checks"]


@pytest.mark.parametrize(
    "name, opt",
    [
        ("SGD lr=0.95", SGD(lr=0.95)),
        ("Momentum lr=0.1 beta=0.9", Momentum(lr=0.1)),
        ("AdaGrad lr=1.5", AdaGrad(lr=1.5)),
    ],
)
def test_the_famous_figure(name, opt):
    path = path_of(opt, bowl_gradient, FIGURE["start"], steps=30)
    assert path == [tuple(point) for point in FIGURE["trajectories"][name]]


def test_the_famous_figure_adam():
    """The figure divides by √v + ε̂. That is Adam with ε = ε̂ / √(1 − β₂ᵗ): one eps per step."""
    opt, params = Adam(lr=0.3), dict(zip("xy", map(float, FIGURE["start"])))
    for t, point in enumerate(FIGURE["trajectories"]["Adam lr=0.3"], start=1):
        assert list(params.values()) == pytest.approx(point, rel=0, abs=1e-13)
        opt.eps = 1e-7 / sqrt(1 - 0.999**t)
        opt.update(params, dict(zip("xy", bowl_gradient(*params.values()))))


def one_step(opt, check, t=1, **memory):
    """w after one step from a given memory: a step on zeros creates it, then it is written."""
    params = {"w": np.array(check["w"])}
    opt.update(params, {"w": np.zeros_like(params["w"])})
    for name, given in memory.items():
        getattr(opt, name)["w"][...] = given
    opt.t = t
    opt.update(params, {"w": np.array(check["dw"])})
    return params["w"]


@pytest.mark.parametrize(
    "name, rule, names",
    [
        ("sgd_momentum", Momentum, dict(velocity="v")),
        ("rmsprop", RMSProp, dict(cache="h", decay_rate="rho")),
        ("adam", Adam, dict()),
    ],
)
def test_cs231n(name, rule, names):
    check = CHECKS[name]
    opt = rule(**{names.get(k, k): v for k, v in check["hyper"].items()})
    state = {names.get(k, k): v for k, v in check["state"].items()}
    expected = {names.get(k, k): v for k, v in check["expected"].items()}
    w = one_step(opt, check, **state)
    np.testing.assert_allclose(w, expected.pop("next_w"), rtol=0, atol=5.001e-9)  # 8 decimals
    assert set(expected) == set(rule.memory)
    for memory, value in expected.items():
        np.testing.assert_allclose(getattr(opt, memory)["w"], value, rtol=0, atol=5.001e-9)
    assert opt.t == check["state"].get("t", 1) + 1


def test_nesterov_ends_where_it_should():
    """A widely ported version, which uses the velocity before it is updated, ends at 0.52639."""
    x, _ = path_of(Nesterov(lr=0.1), bowl_gradient, (-7, 2), steps=30)[-1]
    assert f"{x:.5f}" == "0.68961"


@pytest.mark.parametrize(
    "rule, defaults",
    [
        (SGD, dict(lr=0.01)),
        (Momentum, dict(lr=0.01, momentum=0.9)),
        (Nesterov, dict(lr=0.01, momentum=0.9)),
        (AdaGrad, dict(lr=0.01, eps=1e-7)),
        (RMSProp, dict(lr=0.01, rho=0.9, eps=1e-8)),
        (Adadelta, dict(lr=1.0, rho=0.95, eps=1e-6)),
        (Adam, dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8)),
        (AdamW, dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01)),
        (AMSGrad, dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8)),
        (Adamax, dict(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8)),
        (NAdam, dict(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8)),
        (RAdam, dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8)),
        (AdaBelief, dict(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-16)),
        (Lion, dict(lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0)),
        (Muon, dict(lr=0.02, momentum=0.95, weight_decay=0.0)),
    ],
)
def test_published_defaults(rule, defaults):
    opt = rule()
    assert [(f.name, getattr(opt, f.name)) for f in fields(rule)] == list(defaults.items())
    assert all(type(getattr(opt, name)) is float for name in defaults)


# ---------------------------------------------------------------- the classic interface


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_floats_stay_what_they_are(rule, kind):
    params, opt = {"x": kind(0.5)}, rule()
    assert opt.update(params, {"x": 1.0}) is None
    opt.update(params, {"x": 1})
    assert type(params["x"]) is kind and params["x"] < 0.5
    for name in rule.memory:
        assert getattr(opt, name)["x"].dtype == np.dtype(kind)


@pytest.mark.parametrize("rule", RULES)
def test_an_array_that_others_hold_moves(rule):
    layer = np.ones((2, 3))
    params, opt = {"W1": layer}, rule()
    for _ in range(3):
        opt.update(params, {"W1": np.full((2, 3), 0.5)})
    assert params["W1"] is layer
    assert (layer < 1).all()


@pytest.mark.parametrize("rule, knobs", KNOBS[::2])
def test_arrays_of_any_shape_and_layout(rule, knobs):
    """0-d, 3-D, transposed, strided and Fortran-ordered arrays step as their numbers one by one."""
    rng = np.random.default_rng(0)
    params = {
        "0-d": np.array(0.3),
        "3-D": rng.normal(size=(2, 3, 4)),
        "transposed": rng.normal(size=(3, 2)).T,
        "strided": rng.normal(size=10)[::3],
        "backwards": rng.normal(size=4)[::-1],
        "Fortran": np.asfortranarray(rng.normal(size=(3, 2))),
        "empty": np.zeros((0, 3)),
    }
    single = {(k, i): float(v.flat[i]) for k, v in params.items() for i in range(v.size)}
    before, together, apart = copy.deepcopy(params), rule(**knobs), rule(**knobs)
    for _ in range(5):
        grads = {key: rng.normal(size=x.shape) for key, x in params.items()}
        together.update(params, grads)
        apart.update(single, {(key, i): float(grads[key].flat[i]) for key, i in single})
    for (key, i), x in single.items():
        assert params[key].flat[i] == x != before[key].flat[i]


@pytest.mark.parametrize("rule", RULES)
def test_float32_stays_float32(rule):
    lr = np.array([0.1, 0.2, 0.3]) if rule.elementwise else 0.1
    params, opt = {"x": np.ones(3, np.float32)}, rule(lr=lr)
    exact, reference = {"x": np.ones(3)}, rule(lr=lr)
    for _ in range(3):  # gradients and hyper-parameters of double precision do not change that
        opt.update(params, {"x": np.array([0.1, 0.2, -0.3])})
        reference.update(exact, {"x": np.array([0.1, 0.2, -0.3])})
    assert params["x"].dtype == np.float32
    assert all(getattr(opt, name)["x"].dtype == np.float32 for name in rule.memory)
    np.testing.assert_allclose(params["x"], exact["x"], rtol=1e-5)


def test_gradients_may_be_integers_or_lists():
    params = {"x": np.zeros(2), "y": np.zeros(2)}
    SGD(lr=0.5).update(params, {"x": np.array([1, -2]), "y": [3, 4.0]})
    assert params["x"].tolist() == [-0.5, 1.0]
    assert params["y"].tolist() == [-1.5, -2.0]


def test_the_order_of_the_keys_does_not_matter():
    opt, params = Momentum(lr=0.1), {"a": 0.0, "b": 0.0}
    opt.update(params, {"b": 2.0, "a": 1.0})
    params = {"b": params["b"], "a": params["a"]}
    opt.update(params, {"a": 1.0, "b": 2.0})
    assert params == pytest.approx({"a": -0.29, "b": -0.58})


@pytest.mark.parametrize("rule", RULES)
def test_a_gradient_that_is_itself_a_parameter(rule):
    """f = xy has the gradient (y, x): both must be taken before either moves."""
    params, opt = {"x": np.array([1.0]), "y": np.array([2.0])}, rule(lr=0.1)
    apart, twin = copy.deepcopy(params), rule(lr=0.1)
    for _ in range(3):
        opt.update(params, {"x": params["y"], "y": params["x"]})
        twin.update(apart, {"x": apart["y"].copy(), "y": apart["x"].copy()})
    assert params == apart


@pytest.mark.parametrize("rule", RULES)
def test_gradients_are_neither_written_nor_kept(rule):
    gradient = np.array([0.5, -2.0])
    gradient.flags.writeable = False  # a rule that wrote to it would raise
    params, opt = {"x": np.zeros(2)}, rule()
    opt.update(params, {"x": gradient})
    assert not any(np.shares_memory(getattr(opt, name)["x"], gradient) for name in rule.memory)
    assert not any(np.shares_memory(getattr(opt, name)["x"], params["x"]) for name in rule.memory)


def test_the_memory_reads_as_in_the_books():
    opts = [Momentum(lr=0.5), AdaGrad(), RMSProp(rho=0.5), Adam(beta1=0.5, beta2=0.75)]
    for opt in opts:
        opt.update({"W1": np.zeros(2), "b1": 0.0}, {"W1": np.array([1.0, 2.0]), "b1": 4.0})
    momentum, adagrad, rmsprop, adam = opts
    assert momentum.v["W1"].tolist() == [-0.5, -1.0] and momentum.v["b1"] == -2
    assert adagrad.h["W1"].tolist() == [1, 4] and adagrad.h["b1"] == 16
    assert rmsprop.h["W1"].tolist() == [0.5, 2] and rmsprop.h["b1"] == 8
    assert adam.m["W1"].tolist() == [0.5, 1] and adam.v["W1"].tolist() == [0.25, 1]


@pytest.mark.parametrize(
    "opt, legend",
    [
        (SGD(), "SGD(lr=0.01)"),
        (SGD(lr=1), "SGD(lr=1)"),
        (SGD(lr=2 / 2.1), "SGD(lr=0.952381)"),  # six digits are enough for a legend
        (Momentum(lr=0.1, momentum=0.9), "Momentum(lr=0.1)"),
        (Nesterov(0.1, 0.5), "Nesterov(lr=0.1, momentum=0.5)"),
        (Adadelta(eps=1e-4), "Adadelta(lr=1, eps=0.0001)"),
        (Adam(0.3, 0.8, 0.97, 1e-3), "Adam(lr=0.3, beta1=0.8, beta2=0.97, eps=0.001)"),
        (Adam(lr=0.3, eps=1e-8), "Adam(lr=0.3)"),
        (AdamW(lr=0.3, weight_decay=0), "AdamW(lr=0.3, weight_decay=0)"),
        (Lion(0.3, 0.9, 0.98, 0.1), "Lion(lr=0.3, beta2=0.98, weight_decay=0.1)"),
        (Muon(0.02, 0.5), "Muon(lr=0.02, momentum=0.5)"),
    ],
)
def test_repr_is_the_legend(opt, legend):
    assert repr(opt) == legend
    assert repr(eval(legend)) == legend  # and can be typed in again


def test_repr_of_array_hyper_parameters():
    assert repr(SGD(lr=np.linspace(0, 1, 200))) == "SGD(lr=<200 values>)"
    assert repr(Adam(beta1=np.array([0.9, 0.9]))) == "Adam(lr=0.001, beta1=<2 values>)"


def test_an_optimizer_equals_only_itself():
    """Its memory is its own, so that two with the same numbers are still two."""
    one, other = SGD(lr=0.1), SGD(lr=0.1)
    assert one == one != other
    assert {one: "a race", other: "between two"}[other] == "between two"


class Signum(Optimizer):
    """A rule as a reader would write it in a notebook."""

    memory = ("m",)
    lr: float = 0.1
    beta: float = 0.5

    def step(self, g, m):
        m *= self.beta
        m += (1 - self.beta) * g
        return -self.lr * np.sign(m)


class Warmup(Adam):
    """A rule on top of another, with a knob more."""

    warm: float = 0.5

    def step(self, g, m, v):
        return (1 - self.warm**self.t) * super().step(g, m, v)


def test_a_rule_of_ones_own():
    opt, params = Signum(lr=0.25), {"x": np.array([1.0, 2.0]), "y": 3.0}
    for _ in range(2):
        opt.update(params, {"x": np.array([5.0, -5.0]), "y": 0.0})
    assert params["x"].tolist() == [0.5, 2.5] and params["y"] == 3.0
    assert opt.m["x"].tolist() == [3.75, -3.75]
    assert repr(opt) == "Signum(lr=0.25)"
    assert repr(Signum(0.1, 0.75)) == "Signum(lr=0.1, beta=0.75)"
    with pytest.raises(ValueError, match="beta must be at least 0 and less than 1"):
        opt.beta = 1
    with pytest.raises(TypeError, match="beta must be a number"):
        Signum(beta="0.5")


def test_a_rule_on_top_of_another():
    opt, plain = Warmup(lr=0.5), Adam(lr=0.5)
    path = path_of(opt, lambda x, y: (1.0, -2.0), (0.0, 0.0), steps=3)
    straight = path_of(plain, lambda x, y: (1.0, -2.0), (0.0, 0.0), steps=3)
    assert [f.name for f in fields(opt)] == ["lr", "beta1", "beta2", "eps", "warm"]
    steps, full = np.diff(path, axis=0), np.diff(straight, axis=0)
    np.testing.assert_allclose(steps, full * [[0.5], [0.75], [0.875]], rtol=1e-12)


class OwnNames(SGD):
    """A rule with knobs that this file does not have."""

    alpha: float = 3.0
    beta3: float = 0.5
    rho0: float = 0.5
    momentum_end: float = 0.5
    weight_decay: float = 0.0


def test_knobs_with_names_of_ones_own():
    """Names that begin like a decay rate's are decay rates; the others may be large."""
    for name in ("alpha", "weight_decay"):
        assert getattr(OwnNames(**{name: 5}), name) == 5
        complains(lambda name=name: OwnNames(**{name: -1}), ValueError, f"{name} not negative")
    for name in ("beta3", "rho0", "momentum_end"):
        assert getattr(OwnNames(**{name: 0.99}), name) == 0.99
        complains(lambda name=name: OwnNames(**{name: 1}), ValueError, f"{name} less than 1")
    params = {"x": 2.0}
    OwnNames(lr=0.5, weight_decay=0.4).update(params, {"x": 1.0})
    assert params["x"] == 2 * (1 - 0.5 * 0.4) - 0.5


def test_a_rule_without_a_step_says_so():
    with pytest.raises(NotImplementedError, match=r"Optimizer needs a step.*SGD\(lr=0.1\)"):
        Optimizer().update({"x": 1.0}, {"x": 1.0})


# ---------------------------------------------------------------- big arrays, arrays of knobs


@pytest.mark.parametrize("rule", PAPERS)
@pytest.mark.parametrize("layout", ["flat", "wide", "tall", "transposed", "strided"])
def test_a_million_parameters_equal_one_by_one(rule, layout, monkeypatch):
    """Large arrays are worked on in blocks. No number may notice."""
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=(2, 1_000_000))
    cut = {
        "flat": lambda a: a.copy(),
        "wide": lambda a: a.reshape(8, -1).copy(),
        "tall": lambda a: a.reshape(-1, 4).copy(),
        "transposed": lambda a: a.reshape(1000, 1000).copy().T,
        "strided": lambda a: a.reshape(1000, 1000).copy()[:, ::2],
    }[layout]
    blocked, whole, grads = {"W": cut(x)}, {"W": cut(x)}, {"W": cut(g)}

    opt, sizes, step = rule(lr=0.1), [], rule.step
    monkeypatch.setattr(rule, "step", lambda s, g, *m: sizes.append(g.size) or step(s, g, *m))
    opt.update(blocked, grads)
    assert len(sizes) > 3 and sum(sizes) == blocked["W"].size  # blocks, and all of them
    assert max(sizes) <= optimizers.BLOCK and min(sizes[:-1]) > 0.9 * optimizers.BLOCK
    opt.update(blocked, grads)
    assert opt.t == 2

    monkeypatch.setattr(optimizers, "BLOCK", 10**9)
    twin = rule(lr=0.1)
    sizes.clear()
    for _ in range(2):
        twin.update(whole, grads)
    assert len(sizes) == 2
    assert np.array_equal(blocked["W"], whole["W"])
    for name in rule.memory:
        assert np.array_equal(getattr(opt, name)["W"], getattr(twin, name)["W"])


def test_a_row_is_the_smallest_block(monkeypatch):
    params, sizes = {"W": np.zeros((3, optimizers.BLOCK + 1))}, []
    monkeypatch.setattr(SGD, "step", lambda opt, g: sizes.append(g.size) or -opt.lr * g)
    SGD(lr=1).update(params, {"W": np.ones_like(params["W"])})
    assert sizes == [optimizers.BLOCK + 1] * 3
    assert (params["W"] == -1).all()


ARRAYS = [
    (SGD, dict(lr=np.array([0.0, 0.003, 0.01]))),
    (Momentum, dict(momentum=np.array([0.0, 0.5, 0.9]))),
    (Nesterov, dict(lr=np.array([0.001, 0.002, 0.003]), momentum=np.array([0.8, 0.5, 0.9]))),
    (AdaGrad, dict(lr=np.array([0.1, 1, 2]), eps=np.array([1e-8, 1e-2, 1]))),
    (RMSProp, dict(rho=np.array([0.0, 0.5, 0.99]), eps=np.array([1e-8, 1e-2, 1]))),
    (Adadelta, dict(rho=np.array([0.0, 0.5, 0.99]), eps=np.array([1e-8, 1e-2, 1]))),
    (AdamW, dict(lr=np.array([0.1, 0.2, 0.3]), weight_decay=np.array([0.0, 0.1, 1]))),
    (AMSGrad, dict(beta1=np.array([0.0, 0.5, 0.9]), beta2=np.array([0.0, 0.9, 0.999]))),
    (Adamax, dict(beta1=np.array([0.0, 0.5, 0.9]), beta2=np.array([0.0, 0.9, 0.999]))),
    (NAdam, dict(beta1=np.array([0.0, 0.5, 0.9]), beta2=np.array([0.0, 0.9, 0.999]))),
    (RAdam, dict(lr=np.full(3, 1e-4), beta2=np.array([0.0, 0.9, 0.999]))),
    (AdaBelief, dict(beta1=np.array([0.3, 0.5, 0.9]), eps=np.array([1e-16, 1e-2, 1]))),
    (Lion, dict(beta1=np.array([0.0, 0.5, 0.9]), weight_decay=np.array([0.0, 0.1, 1]))),
    (Adam, dict(lr=np.array([0.1, 0.2, 0.3]), eps=np.array([1e-8, 1e-2, 1]))),
    (Adam, dict(beta1=np.array([0.0, 0.5, 0.9]), beta2=np.array([0.0, 0.9, 0.999]))),
]


@pytest.mark.parametrize("rule, knobs", ARRAYS)
def test_arrays_of_knobs_are_a_loop_of_scalars(rule, knobs):
    opt, params = rule(**knobs), {"x": np.full(3, -2.0), "y": np.full(3, 1.0)}
    for _ in range(40):
        opt.update(params, dict(zip("xy", beale_gradient(*params.values()))))
    for i in range(3):
        single = rule(**{name: value[i] for name, value in knobs.items()})
        ends = path_of(single, beale_gradient, (-2.0, 1.0), steps=40)[-1]
        # β**t of an array may differ from that of a float in the last digit
        rel = 1e-11 if {"beta1", "beta2"} & knobs.keys() else 0
        assert (params["x"][i], params["y"][i]) == pytest.approx(ends, rel=rel, abs=0)


def test_knobs_that_broadcast():
    """A column of lr and a row of momentum are all combinations of them."""
    opt = Momentum(lr=np.array([[0.1], [0.2]]), momentum=np.array([0.0, 0.5, 0.9]))
    params = {"x": np.zeros((2, 3))}
    for _ in range(2):
        opt.update(params, {"x": np.ones((2, 3))})
    np.testing.assert_allclose(params["x"], [[-0.2, -0.25, -0.29], [-0.4, -0.5, -0.58]])


def test_knobs_on_a_big_array():
    """Knobs that are arrays and parameters that would be cut into blocks."""
    n = 2 * optimizers.BLOCK
    rates, params = np.linspace(0, 1, n), {"x": np.zeros(n)}
    SGD(lr=rates).update(params, {"x": np.ones(n)})
    assert np.array_equal(params["x"], -rates)


def test_knobs_are_copied_and_cannot_be_written():
    rates = np.array([0.1, 0.2])
    opt = SGD(lr=rates)
    rates[0] = -1.0
    assert opt.lr.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        opt.lr[0] = -1.0


def test_knobs_may_change_on_the_way():
    opt, params = Momentum(lr=0.1, momentum=0.5), {"x": np.zeros(2)}
    opt.update(params, {"x": np.ones(2)})  # v = -0.1
    opt.lr, opt.momentum = 1, 0.25
    opt.update(params, {"x": np.ones(2)})  # v = -1.025
    np.testing.assert_allclose(params["x"], [-1.125, -1.125], rtol=1e-15)
    opt.lr = np.array([0.0, 2.0])  # from one number to two ...
    opt.update(params, {"x": np.ones(2)})  # v = -0.25625, -2.25625
    np.testing.assert_allclose(params["x"], [-1.38125, -3.38125], rtol=1e-15)
    opt.lr = 0  # ... and back
    opt.update(params, {"x": np.ones(2)})
    np.testing.assert_allclose(params["x"], [-1.4453125, -3.9453125], rtol=1e-15)
    assert opt.t == 4


# ---------------------------------------------------------------- copies and reset


def freeze(*things):
    """Everything there is to know, bit for bit."""
    return pickle.dumps(things)


def three_steps(opt, params, seed):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        opt.update(params, {key: rng.normal(size=np.shape(x)) for key, x in params.items()})


@pytest.mark.parametrize("rule, knobs", KNOBS[1::2] + WHOLE[1:] + ARRAYS[-1:])
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_continue_bit_for_bit(rule, knobs, duplicate):
    opt, params = rule(**knobs), {"x": np.ones(3), "W": np.ones((2, 3))}
    three_steps(opt, params, seed=1)
    twin, others = duplicate(opt), duplicate(params)
    before = freeze(params, opt.t, [getattr(opt, name) for name in rule.memory])
    three_steps(twin, others, seed=2)
    assert freeze(params, opt.t, [getattr(opt, name) for name in rule.memory]) == before  # apart
    three_steps(opt, params, seed=2)
    assert repr(twin) == repr(opt) and twin.t == opt.t == 6
    for key, x in params.items():
        assert np.array_equal(x, others[key])
        for name in rule.memory:
            assert np.array_equal(getattr(opt, name)[key], getattr(twin, name)[key])
    with pytest.raises(ValueError, match="lr"):
        twin.lr = -1
    with pytest.raises(ValueError, match="another set"):
        twin.update({"z": 1.0}, {"z": 1.0})


@pytest.mark.parametrize("rule, knobs", KNOBS[::2] + WHOLE[:1])
def test_reset_forgets_all_but_the_knobs(rule, knobs):
    opt = rule(**knobs)
    three_steps(opt, {"x": np.ones(3)}, seed=1)
    opt.reset()
    assert opt.t == 0 and all(getattr(opt, name) == {} for name in rule.memory)
    assert path_of(opt, bowl_gradient, (-7, 2), 10) == path_of(
        rule(**knobs), bowl_gradient, (-7, 2), 10
    )


# ---------------------------------------------------------------- bad input
# All or nothing. Each case spoils the last of three parameters, after some good steps.


def good():
    params = {"a": np.array([[1.0, -2.0]]), "b": 0.5, "W2": np.array([[3.0, 4.0]])}
    return params, {"a": np.array([[0.1, 0.2]]), "b": -0.3, "W2": np.array([[0.4, -0.5]])}


def param(value):
    return lambda params, grads: (params | {"W2": value}, grads)


def grad(value):
    return lambda params, grads: (params, grads | {"W2": value})


def without(d, key):
    return {k: v for k, v in d.items() if k != key}


def read_only(array):
    array.flags.writeable = False
    return array


ALWAYS_BAD = {
    "gradient missing": (
        lambda p, g: (p, without(g, "W2")),
        KeyError,
        ["parameter 'W2' has no gradient"],
    ),
    "gradient extra": (
        lambda p, g: (p, g | {"W3": 1.0}),
        KeyError,
        ["gradient 'W3' has no parameter"],
    ),
    "parameter missing": (
        lambda p, g: (without(p, "W2"), g),
        KeyError,
        ["gradient 'W2' has no parameter"],
    ),
    "key mistyped": (
        lambda p, g: (p, without(g, "W2") | {"w2": g["W2"]}),
        KeyError,
        ["parameter 'W2' has no gradient"],
    ),
    "gradient transposed": (grad(np.ones((2, 1))), ValueError, "'W2' (2, 1) (1, 2) equal"),
    "gradient broadcasts": (grad(np.ones(2)), ValueError, "'W2' (2,) (1, 2) equal"),
    "gradient of one number": (grad(1.0), ValueError, "'W2' () (1, 2) equal"),
    "gradient NaN": (grad(np.array([[0.4, np.nan]])), ValueError, "'W2' NaN lr"),
    "gradient inf": (grad(np.array([[np.inf, 1.0]])), ValueError, "'W2' infinity lr"),
    "gradient -inf": (grad(np.array([[1.0, -np.inf]])), ValueError, "'W2' infinity lr"),
    "gradient text": (grad("up"), TypeError, "'W2' real numbers"),
    "gradient None": (grad(None), TypeError, "'W2' real numbers"),
    "gradient bool": (grad(np.array([[True, False]])), TypeError, "'W2' bool real numbers"),
    "gradient complex": (grad(np.ones((1, 2)) * 1j), TypeError, "'W2' complex128 real numbers"),
    "gradient ragged": (grad([[1.0], [1.0, 2.0]]), TypeError, "'W2' real numbers"),
    "gradient a dict": (grad({"W2": 1.0}), TypeError, "'W2' real numbers"),
    "parameter integers": (param(np.array([[3, 4]])), TypeError, "'W2' int astype(float)"),
    "parameter bools": (param(np.array([[True, False]])), TypeError, "'W2' bool astype(float)"),
    "parameter complex": (param(np.ones((1, 2)) * 1j), TypeError, "'W2' complex128"),
    "parameter texts": (param(np.array([["3", "4"]])), TypeError, "'W2' float"),
    "parameter int": (param(3), TypeError, "'W2' float int 3"),
    "parameter True": (param(True), TypeError, "'W2' float bool True"),
    "parameter None": (param(None), TypeError, "'W2' float None"),
    "parameter text": (param("3.0\n4.0"), TypeError, "'W2' float str"),
    "parameter list": (param([3.0, 4.0]), TypeError, "'W2' float list"),
    "parameter class": (param(float), TypeError, "'W2' float the class float"),
    "parameter read-only": (
        param(read_only(np.array([[3.0, 4.0]]))),
        ValueError,
        "'W2' read-only copy()",
    ),
    "parameters share memory": (
        lambda p, g: (p | {"W2": p["a"][:, ::-1]}, g),
        ValueError,
        "'a' 'W2' share memory",
    ),
    "one array twice": (lambda p, g: (p | {"W2": p["a"]}, g), ValueError, "'a' 'W2' share memory"),
    "params a list": (lambda p, g: ([p["a"]], g), TypeError, "params dict list"),
    "params an array": (lambda p, g: (np.ones((40, 2)), g), TypeError, "params dict ndarray"),
    "grads None": (lambda p, g: (p, None), TypeError, "grads dict None"),
    "grads a number": (lambda p, g: (p, 1.0), TypeError, "grads dict float"),
    "both a class": (lambda p, g: (dict, g), TypeError, "params dict the class dict"),
}
BAD_LATER = {  # fine for a first step, but this optimizer has begun with something else
    "one more": (
        lambda p, g: (p | {"W3": np.ones(2)}, g | {"W3": np.ones(2)}),
        ValueError,
        "'W3' reset()",
    ),
    "one fewer": (
        lambda p, g: (without(p, "W2"), without(g, "W2")),
        ValueError,
        "'W2' reset()",
    ),
    "another shape": (
        lambda p, g: (p | {"W2": np.ones(5)}, g | {"W2": np.ones(5)}),
        ValueError,
        "'W2' (5,) new optimizer reset()",
    ),
}


def complains(call, error, words):
    """The call raises the error, in one line that holds all the words."""
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    for word in words.split() if isinstance(words, str) else words:
        assert word in message
    return message


@pytest.mark.parametrize("case", ALWAYS_BAD | BAD_LATER)
@pytest.mark.parametrize("rule", RULES)
def test_bad_input_changes_nothing(rule, case):
    spoil, error, words = (ALWAYS_BAD | BAD_LATER)[case]
    opt, (params, grads) = rule(), good()
    for _ in range(3):
        opt.update(params, grads)
    twin, others = copy.deepcopy((opt, params))

    bad = spoil(params, grads)
    before = freeze(params, bad, vars(opt))
    complains(lambda: opt.update(*bad), error, words)
    assert freeze(params, bad, vars(opt)) == before

    opt.update(params, grads)  # and goes on as if nothing had been
    twin.update(others, grads)
    assert freeze(sorted(params.items())) == freeze(sorted(others.items()))
    assert opt.t == twin.t == 4


@pytest.mark.parametrize("case", ALWAYS_BAD)
@pytest.mark.parametrize("rule", RULES)
def test_a_bad_first_step_leaves_the_optimizer_new(rule, case):
    spoil, error, words = ALWAYS_BAD[case]
    opt, bad = rule(), spoil(*good())
    before = freeze(bad, vars(opt))
    complains(lambda: opt.update(*bad), error, words)
    assert freeze(bad, vars(opt)) == before == freeze(bad, vars(rule()))
    opt.update({"z": 1.0}, {"z": 1.0})  # still open for any set of parameters


@pytest.mark.parametrize("shape", [(3,), (1, 1, 2), (2, 2)])
@pytest.mark.parametrize("rule", PAPERS)
def test_knobs_that_do_not_broadcast(rule, shape):
    params, opt = {"fits": np.ones((2, *shape)), "W2": np.ones((1, 2))}, rule()
    three_steps(opt, params, seed=1)
    opt.lr = np.full(shape, 0.1)
    before = freeze(params, vars(opt))
    words = [f"lr has shape {shape}", "does not broadcast to (1, 2)", "parameter 'W2'"]
    complains(lambda: opt.update(params, copy.deepcopy(params)), ValueError, words)
    assert freeze(params, vars(opt)) == before


BAD_NUMBERS = {
    "text": ("0.1", TypeError),
    "long text": ("0.1\n" * 100, TypeError),
    "None": (None, TypeError),
    "bool": (True, TypeError),
    "complex": (0.1j, TypeError),
    "class": (SGD, TypeError),
    "instance": (SGD(), TypeError),
    "dict": ({"lr": 0.1}, TypeError),
    "list of texts": (["0.1", "0.2"], TypeError),
    "ragged list": ([[0.1], [0.1, 0.2]], TypeError),
    "array of bools": (np.ones((40, 40), bool), TypeError),
    "NaN": (float("nan"), ValueError),
    "infinity": (float("inf"), ValueError),
    "negative": (-0.1, ValueError),
    "just negative": (-5e-324, ValueError),
    "minus one": (-1, ValueError),
    "list with a bad one": ([0.1, -0.1], ValueError),
    "array with a bad one": (np.r_[np.full(40, 0.5), np.nan].reshape(-1, 1), ValueError),
}
ALL_KNOBS = [(rule, f.name) for rule in RULES for f in fields(rule)]


@pytest.mark.parametrize("case", BAD_NUMBERS)
@pytest.mark.parametrize("rule, name", ALL_KNOBS)
def test_bad_hyper_parameters(rule, name, case):
    bad, error = BAD_NUMBERS[case]
    told = complains(lambda: rule(**{name: bad}), error, f"{rule.__name__} {name} must be")
    opt = rule()
    before = freeze(vars(opt))
    assert complains(lambda: setattr(opt, name, bad), error, "") == told
    assert freeze(vars(opt)) == before


@pytest.mark.parametrize(
    "knobs, message",
    [
        (dict(lr="0.1"), "lr must be a number, got '0.1': write for example Adam(lr=0.1)"),
        (dict(lr=-1), "Adam: lr must be finite and not negative, got -1"),
        (dict(eps=0.0), "Adam: eps must be greater than 0, got 0.0"),
        (dict(beta1=1.0), "Adam: beta1 must be at least 0 and less than 1, got 1.0"),
        (
            dict(lr=np.array([[0.1], [-1]])),
            "Adam: lr must be finite and not negative, got array([[ 0.1], [-1. ]])",
        ),
    ],
)
def test_the_words_of_an_error(knobs, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        Adam(**knobs)
    assert str(caught.value) == message


@pytest.mark.parametrize("rule, name", ALL_KNOBS)
def test_where_the_range_of_a_hyper_parameter_ends(rule, name):
    below_one = np.nextafter(1, 0)
    positive = {"lr": (0, 1e308), "weight_decay": (0, 1e308), "eps": (5e-324, 1e308)}
    least, most = positive.get(name, (0, below_one))
    opt = rule(**{name: least})
    assert getattr(opt, name) == least
    setattr(opt, name, most)
    assert getattr(opt, name) == most
    assert getattr(rule(**{name: np.array([least, most])}), name).tolist() == [least, most]
    if name == "eps":
        complains(lambda: rule(eps=0), ValueError, "eps greater than 0")
        complains(lambda: rule(eps=[1e-8, 0.0]), ValueError, "eps greater than 0")
    elif name not in positive:
        for bad in (1, 1.0, 1.5, np.array([0.5, 1.0])):
            complains(lambda bad=bad: rule(**{name: bad}), ValueError, f"{name} less than 1")


@pytest.mark.parametrize("rule", RULES)
def test_a_mistyped_hyper_parameter(rule):
    complains(lambda: rule(learning_rate=0.1), TypeError, "learning_rate")
    opt = rule()
    names = " ".join(f.name for f in fields(rule))
    complains(
        lambda: setattr(opt, "learning_rate", 0.1),
        AttributeError,
        f"{rule.__name__} 'learning_rate' {names}",
    )
    assert not hasattr(opt, "learning_rate")
    assert freeze(vars(opt)) == freeze(vars(rule()))
