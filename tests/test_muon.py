"""Muon works on whole matrices: by its paper, and what that forbids. Weight decay, of all rules."""

from math import sqrt

import numpy as np
import pytest
from helpers import RULES, WHOLE, beale_gradient, complains, path_of, state

import optimizers
from optimizers import Adam, AdamW, Lion, Muon, orthogonal

pytestmark = pytest.mark.filterwarnings("error")


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


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (5, 5)])
def test_newton_schulz_of_a_stack(shape):
    """Each matrix of a stack by itself, whatever the others are."""
    stack = (
        np.random.default_rng(2).normal(size=(2, 3, *shape))
        * np.geomspace(1e-3, 1e3, 3)[:, None, None]
    )
    made = orthogonal(stack)
    assert made.shape == stack.shape
    for place in np.ndindex(2, 3):
        np.testing.assert_allclose(made[place], orthogonal(stack[place]), rtol=0, atol=1e-12)


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
    before = state(params, opt)
    words = f"Muon works on whole arrays, so an array of {name} has no meaning: use one optimizer"
    told = complains(lambda: opt.update(params, {"x": np.ones(2)}), ValueError, [words])
    assert told.endswith("for each value")
    assert state(params, opt) == before
    setattr(opt, name, 0.1)
    opt.update(params, {"x": np.ones(2)})
    assert opt.t == 1


# ---------------------------------------------------------------- weight decay

DECAYING = [rule for rule in RULES if "shrink" in vars(rule)]


def test_which_rules_have_weight_decay():
    assert DECAYING == [AdamW, Lion, Muon]
    assert DECAYING == [rule for rule in RULES if hasattr(rule, "weight_decay")], (
        "a field weight_decay does nothing by itself: write a `shrink` beside it, as in AdamW"
    )


@pytest.mark.parametrize("rule", DECAYING)
@pytest.mark.parametrize("kind", [float, np.float32, np.array, lambda x: np.full((2, 3), x)])
def test_weight_decay_alone_is_a_geometric_series(rule, kind):
    opt, params = rule(lr=0.1, weight_decay=0.5), {"x": kind(-3.0)}
    for t in range(20):
        np.testing.assert_allclose(params["x"], -3 * (1 - 0.1 * 0.5) ** t, rtol=1e-5)
        opt.update(params, {"x": np.zeros_like(params["x"])})
    assert type(params["x"]) is type(kind(-3.0))


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
