"""Numbers of every kind: right, or refused by name. Never NaN or infinity in a parameter."""

import numpy as np
import pytest
from helpers import RULES, complains, state
from hypothesis import given, settings
from hypothesis import strategies as st

import optimizers
from optimizers import (
    SGD,
    AdaGrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Momentum,
    Muon,
    Nesterov,
    Optimizer,
    allow_divergence,
)

pytestmark = pytest.mark.filterwarnings("error")

INTEGERS = ["int8", "uint8", "int16", "int32", "int64", "uint64"]
FLOATS = ["float16", "float32", "float64", "longdouble", ">f4"]
PRECISION = {"float16": 3e-3, "float32": 3e-6, "float64": 1e-13, "longdouble": 1e-13}


class Subclass(np.ndarray):
    pass


def run(rule, start, gradients):
    opt, params = rule(lr=0.01), {"x": start}
    for g in gradients:
        opt.update(params, {"x": g})
    return params["x"]


@pytest.mark.parametrize("of_x", PRECISION)
@pytest.mark.parametrize("of_g", INTEGERS + FLOATS)
@pytest.mark.parametrize("rule", RULES)
def test_every_kind_of_gradient_is_worked_with_as_floats(rule, of_g, of_x):
    """Integers do not wrap around when they are squared, nor short floats overflow."""
    ends = [-128, 127, 100, 3] if of_g in ("int8", "int16") else [100, 127, 50, 3]
    if of_g in ("int32", "int64", "float32", "float64"):
        ends = [-100_000, 300, 100_000, 3]
    gradients = [(np.array(ends) // k).astype(of_g) for k in (1, 2, 1)]
    found = run(rule, np.full(4, 0.5, of_x), gradients)
    exact = run(rule, np.full(4, 0.5), [g.astype(float) for g in gradients])
    assert found.dtype == of_x
    rtol = PRECISION[of_x]
    np.testing.assert_allclose(found.astype(float), exact, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("of_x", ["float32", "float64"])
@pytest.mark.parametrize("rule", RULES)
def test_truth_values_are_no_gradient(rule, of_x):
    x, g = np.ones(2, of_x), np.array([True, False])
    complains(lambda: rule().update({"x": x}, {"x": g}), TypeError, "'x' bool real numbers")


def memory_map(a, path):
    found = np.memmap(path, dtype=a.dtype, mode="w+", shape=a.shape)
    found[...] = a
    return found


LAYOUTS = {
    "0-d": lambda a, path: a[0, 0],
    "empty": lambda a, path: a[:0],
    "transposed": lambda a, path: a.T.copy().T,
    "strided": lambda a, path: np.repeat(a, 3, axis=1)[:, ::3],
    "backwards": lambda a, path: a[::-1].copy()[::-1],
    "Fortran": lambda a, path: np.asfortranarray(a),
    "memory map": memory_map,
    "subclass": lambda a, path: a.copy().view(Subclass),
    "big-endian": lambda a, path: a.astype(">f8"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rule", RULES)
def test_every_layout(rule, layout, tmp_path):
    rng, lay = np.random.default_rng(0), LAYOUTS[layout]
    start, gradients = rng.normal(size=(4, 3)), rng.normal(size=(5, 4, 3))
    laid = [np.asanyarray(lay(g, tmp_path / f"{k}")) for k, g in enumerate(gradients)]
    for g in laid:
        g.flags.writeable = False
    x = np.array(lay(start, tmp_path / "x"), subok=True) if layout == "0-d" else None
    x = lay(start, tmp_path / "x") if x is None else x
    plain = run(rule, np.array(x, dtype=float), [np.array(g, dtype=float) for g in laid])
    found = run(rule, x, laid)
    assert found is x
    np.testing.assert_allclose(np.asarray(x, dtype=float), plain, rtol=0, atol=1e-12)
    if rule is not Muon and layout not in ("0-d", "empty"):  # each number goes its own way
        exact = run(rule, start.ravel(), gradients.reshape(5, -1))
        assert np.array_equal(np.asarray(x).ravel(), exact)


@pytest.mark.parametrize("rule", RULES)
def test_half_precision_is_worked_with_in_single(rule):
    """In float16 an eps of 1e-8 would be 0, the square of 1e-4 too, and that of 300 infinite."""
    for g in (0.0, 1e-4, 300.0, 60_000.0, 100_000.0):
        params, opt = {"x": np.ones(3, np.float16)}, rule(lr=0.001)
        for _ in range(3):
            opt.update(params, {"x": np.full(3, g)})
        assert np.isfinite(params["x"]).all() and params["x"].dtype == np.float16
        assert all(getattr(opt, name)["x"].dtype == np.float32 for name in rule.memory)
        if g:
            assert (params["x"] <= 1).all()


def test_an_eps_that_is_nothing_in_a_dtype_is_named():
    params, opt = {"x": np.ones(2, np.float32)}, Adam(eps=1e-60)
    before = state(params, opt)
    words = "parameter 'x' NaN eps = 1e-60 is 0 in float32 take at least 1.4"
    complains(lambda: opt.update(params, {"x": np.zeros(2)}), ValueError, words)
    assert state(params, opt) == before
    opt.eps = 1e-40
    opt.update(params, {"x": np.zeros(2)})
    assert (params["x"] == 1).all()


NOT_SQUARING = [SGD, Momentum, Nesterov, Adamax, Lion]


@pytest.mark.parametrize("of_x, g", [("float64", 1e160), ("float32", 1e22)])
@pytest.mark.parametrize("rule", RULES)
def test_a_gradient_whose_square_overflows(rule, of_x, g):
    """Refused by name where the rule squares it, and else taken: SGD may diverge in peace."""
    params, opt = {"x": np.ones(2), "y": np.ones(2, of_x)}, rule(lr=1e-3)
    opt.update(params, {"x": np.ones(2), "y": np.ones(2)})
    before, told = state(params, opt), ""
    try:
        opt.update(params, {"x": np.ones(2), "y": np.array([1.0, g])})
    except ValueError as error:
        told = str(error)
    assert (told == "") == (rule in NOT_SQUARING), "enter a rule without squares in NOT_SQUARING"
    if told:
        assert all(words in told for words in ("gradient 'y'", "too large", "lr"))
        assert state(params, opt) == before
    else:
        assert np.isfinite(params["y"]).all() and params["y"][1] < 1


@pytest.mark.parametrize("rule", RULES)
def test_a_gradient_too_large_for_its_parameter(rule):
    params, opt = {"x": np.ones(2), "y": np.ones(2, np.float32)}, rule()
    before = state(params, opt)
    bad = {"x": np.ones(2), "y": np.array([1.0, 1e300])}
    complains(lambda: opt.update(params, bad), ValueError, "'y' too large for float32")
    assert state(params, opt) == before


def test_muon_does_not_stand_still_where_a_norm_overflows():
    opt, params = Muon(), {"W": np.ones((2, 2), np.float32)}
    far = {"far": np.full(2, 1e30, np.float32)}  # of a parameter itself no norm is taken
    Muon().update(params | far, {"W": np.full((2, 2), 4e18), "far": np.ones(2)})
    params["W"][...] = 1
    opt.update(params, {"W": np.full((2, 2), 4e18)})
    moved = params["W"].copy()
    assert (moved < 1).all()
    for g in (7e18, 2e19):  # v and g together are too much for a square, or g alone is
        words = "parameter 'W' NaN or infinite" if g < 1e19 else "gradient 'W' too large"
        complains(lambda g=g: opt.update(params, {"W": np.full((2, 2), g)}), ValueError, words)
        assert np.array_equal(params["W"], moved)


def test_a_sum_of_squares_that_overflows_in_the_end():
    opt, params = AdaGrad(), {"x": np.ones(1)}
    g, squares = np.full(1, 1e153), 179  # their sum is 1.79e308, and the next one is too much
    for _ in range(squares):
        opt.update(params, {"x": g})
    before = state(params, opt)
    words = ["h of parameter 'x' NaN or infinite in float64: lower lr, or look at the loss"]
    complains(lambda: opt.update(params, {"x": g}), ValueError, words)
    assert state(params, opt) == before and opt.t == squares


@pytest.mark.parametrize("n", [2, 2 * optimizers.BLOCK])
def test_a_parameter_that_would_leave_the_range(n):
    """Also in the last block of many."""
    opt, params = Momentum(lr=1e300, momentum=0), {"a": np.ones(3), "x": np.ones(n)}
    grads = {"a": np.ones(3), "x": np.zeros(n)}
    opt.update(params, {key: 0 * g for key, g in grads.items()})
    before = state(params, opt)
    grads["x"][-1] = 1e10
    words = ["parameter 'x' NaN or infinite in float64: lower lr"]  # a momentum of 0 is no cause
    complains(lambda: opt.update(params, grads), ValueError, words)
    assert state(params, opt) == before


def test_the_shortest_numbers_among_the_parameters_count():
    opt, params = SGD(lr=1e30), {"x": np.ones(2), "y": np.ones(2, np.float32), "z": np.ones(2)}
    before = state(params, opt)
    grads = {key: np.full(2, 1e10) for key in params}
    words = ["parameter 'y' NaN or infinite in float32: lower lr"]
    complains(lambda: opt.update(params, grads), ValueError, words)
    assert state(params, opt) == before


@pytest.mark.parametrize("lr, g", [(1e300, 1e5), (1e300, 0.5), (1e144, 1e150)])
def test_what_was_remembered_of_a_larger_lr_counts(lr, g):
    opt, top = Momentum(lr=lr), float(np.finfo(float).max)
    params = {"x": np.zeros(2)}
    opt.update(params, {"x": np.full(2, -g)})
    assert (opt.v["x"] == lr * g).all()
    opt.lr, params["x"][...] = 0.01, top
    before = state(params, opt)
    complains(lambda: opt.update(params, {"x": np.zeros(2)}), ValueError, "'x' NaN or infinite")
    assert state(params, opt) == before


@pytest.mark.parametrize("among_others", [False, True])
def test_what_a_small_memory_is_divided_by_counts(among_others):
    """With m = 1/4, m / (1 − β₁ᵗ) / ε is just more than half the last digit of the largest x."""
    opt, top = Adam(lr=1.0, beta1=0.5, beta2=0.0), float(np.finfo(float).max)
    params = {"x": np.zeros(2)}
    opt.update(params, {"x": np.full(2, -0.5)})
    beta1, eps = 1 - 2.0**-40, 2.0**-933.5
    opt.beta1, opt.eps = ([0.5, beta1], [1.0, eps]) if among_others else (beta1, eps)
    params["x"][...] = top
    before = state(params, opt)
    complains(lambda: opt.update(params, {"x": np.zeros(2)}), ValueError, "'x' NaN or infinite")
    assert state(params, opt) == before


def test_a_norm_of_what_is_remembered_counts():
    """Numbers that may stand in float32, though not their squares."""
    opt, params = Muon(), {"W": np.ones((2, 2), np.float32)}
    opt.begin(params)
    opt.v["W"][...] = opt._bound = 1e20
    complains(lambda: opt.update(params, {"W": np.ones((2, 2))}), ValueError, "'W' infinite")
    assert (params["W"] == 1).all() and opt.t == 0


@pytest.mark.parametrize("rule", [AdamW, Lion, Muon])
def test_a_decay_that_would_leave_the_range(rule):
    opt, params = rule(lr=0.5, weight_decay=4.0), {"x": np.full(2, 1.5e308)}
    opt.update(params, {"x": np.zeros(2)})
    assert (params["x"] == -1.5e308).all()
    opt.weight_decay = 5.0  # x ← −1.5 x
    before = state(params, opt)
    complains(lambda: opt.update(params, {"x": np.zeros(2)}), ValueError, "'x' NaN or infinite")
    assert state(params, opt) == before


@pytest.mark.parametrize("of_x", ["float32", "float64"])
@pytest.mark.parametrize("rule", RULES)
def test_an_ordinary_step_needs_no_copies(rule, of_x, monkeypatch):
    """To copy all that is remembered, and to look at it again, costs more than the step."""
    looked = []
    monkeypatch.setattr(optimizers, "_check_result", lambda *_: looked.append(True))
    opt, params = rule(), {"x": np.ones((2, 3), of_x), "y": np.ones(2, of_x)}
    for _ in range(100):
        opt.update(params, {key: np.full(x.shape, 30.0) for key, x in params.items()})
    assert not looked


def test_what_overflows_on_the_way_in_a_rule_of_ones_own_is_its_own_affair():
    class Cautious(Optimizer):
        lr: float = 0.5

        def step(self, g):
            return -self.lr * np.sign(g) * np.minimum(g * g, 1)

    params = {"x": np.ones(2)}
    Cautious().update(params, {"x": np.array([1e200, 1.0])})
    assert params["x"].tolist() == [0.5, 0.5]


def test_memory_that_somebody_wrote_is_not_trusted():
    opt, params = Adam(lr=1e5), {"x": np.ones(2)}
    opt.update(params, {"x": np.ones(2)})
    opt.m = {"x": np.full(2, -1e305)}
    complains(lambda: opt.update(params, {"x": np.ones(2)}), ValueError, "'x' NaN or infinite")
    assert opt.t == 1 and np.isfinite(params["x"]).all()


def test_who_runs_many_at_once_may_allow_divergence():
    opt, params = SGD(lr=[1.0, 1e300]), {"x": np.ones(2)}
    with allow_divergence():
        opt.update(params, {"x": np.full(2, 1e10)})
        complains(lambda: opt.update(params, {"x": np.full(2, np.nan)}), ValueError, "'x' NaN")
    assert params["x"].tolist() == [1 - 1e10, -np.inf] and opt.t == 1
    complains(lambda: opt.update(params, {"x": np.ones(2)}), ValueError, "'x' NaN or infinite")


# ---------------------------------------------------------------- searched for exceptions

anything = st.floats(allow_nan=False, allow_infinity=False)
large = st.floats(0, 1e308)
SPANS = {"lr": large, "weight_decay": large, "eps": st.floats(5e-324, 1e308)}


@settings(max_examples=150)
@given(st.data(), st.sampled_from(RULES), st.sampled_from(["float16", "float32", "float64"]))
def test_nothing_leaves_the_range_of_its_numbers(data, rule, of_x):
    """Whatever the knobs and the gradients: a step is finite, or it has not happened."""
    below = st.floats(0, 1, exclude_max=True)
    opt = rule(**{name: data.draw(SPANS.get(name, below)) for name in rule().knobs})
    params = {"x": np.array([1.0, -2.0], of_x), "y": np.ones((2, 2), of_x)}
    for _ in range(4):
        grads = {
            key: np.array(data.draw(st.lists(anything, min_size=x.size, max_size=x.size))).reshape(
                x.shape
            )
            for key, x in params.items()
        }
        before = state(params, opt)
        try:
            opt.update(params, grads)
        except ValueError as error:
            assert state(params, opt) == before
            assert any(word in str(error) for word in ("too large", "NaN or infinite"))
        arrays = [params, *[getattr(opt, name) for name in rule.memory if opt.shapes]]
        assert all(np.isfinite(a).all() for named in arrays for a in named.values())


@settings(max_examples=200)
@given(st.data(), st.sampled_from(RULES), st.sampled_from(["float32", "float64"]))
def test_where_no_copy_is_made_nothing_can_overflow(data, rule, of_x):
    """The bounds of `_cannot_overflow`: what it lets through stays far from the largest number."""
    top = float(np.finfo(of_x).max)
    size = st.floats(0, np.log10(top) / 2).map(lambda e: 10**e)
    close = st.floats(0, 15).map(lambda e: 1 - 10**-e)
    spans = {"lr": size, "weight_decay": size, "eps": size.map(lambda a: 1 / a)}
    opt, x = rule(), np.full((1, 3), top, of_x) * np.array([1, -1, 0.5], of_x)
    opt.begin({"x": x})
    memory = [getattr(opt, name)["x"] for name in opt.memory]
    steepest = data.draw(size)
    for _ in range(8):
        if data.draw(st.booleans()):
            for name in opt.knobs:
                setattr(opt, name, data.draw(spans.get(name, close) | st.just(opt.knobs[name])))
        g = (steepest * np.array([[data.draw(st.floats(-1, 1)) for _ in range(3)]])).astype(of_x)
        with np.errstate(over="ignore"):  # as in an update
            largest = optimizers._norm(g)
        calm = optimizers._cannot_overflow(opt, [(x, g, memory)], largest)
        loud = "raise" if calm else "ignore"
        with np.errstate(over=loud, divide=loud, invalid=loud):
            opt.t += 1
            delta = opt.step(g, *memory)
            opt.shrink(x)
            x += delta
        assert not calm or all(np.isfinite(a).all() for a in (x, *memory))
        x[...] = np.where(np.isfinite(x), x, 1.0)


@pytest.mark.parametrize("rule", RULES)
def test_a_square_that_is_too_large_is_refused_or_does_no_harm(rule):
    """(1 − β₂)g² of 1e155 is a number, v̂ = v / (1 − β₂ᵗ) is none: Adam would stand still."""
    opt, params, wide = rule(), {"x": np.ones(3)}, {"x": np.ones(3, np.longdouble)}
    g = np.array([1.0, 1e155, -2.0])
    try:
        opt.update(params, {"x": g})
    except ValueError as error:
        assert "too large" in str(error)
        assert opt.t == 0 and params["x"].tolist() == [1, 1, 1]
    else:
        rule().update(wide, {"x": g.astype(np.longdouble)})
        assert params["x"] == pytest.approx(wide["x"].astype(float), rel=1e-12)
