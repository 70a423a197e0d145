"""What holds for every rule, whatever the numbers: properties, searched for exceptions."""

import copy
import pickle
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import optimizers
from optimizers import SGD, Adadelta, AdaGrad, Adam, Momentum, Nesterov, RMSProp

pytestmark = pytest.mark.filterwarnings("error")

RULES = [getattr(optimizers, name) for name in optimizers.__all__ if name != "Optimizer"]

# 0, or far enough from the ends of the number line that no square over- or underflows
moderate = st.just(0.0) | st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3)
powers_of_two = st.integers(-20, 20).map(lambda k: 2.0**k)


def gradients(n, steps=6):
    """A whole run's gradients: one row for each step."""
    return arrays(np.float64, (steps, n), elements=moderate)


def knob(name):
    return {
        "lr": st.floats(1e-4, 10),
        "eps": st.floats(1e-8, 1),
    }.get(name, st.floats(0, 0.99))


@st.composite
def optimizers_(draw, rules=RULES, **fixed):
    rule = draw(st.sampled_from(rules))
    knobs = {f.name: draw(knob(f.name)) for f in fields(rule) if f.name not in fixed}
    return rule(**knobs, **{k: v for k, v in fixed.items() if hasattr(rule, k)})


def run(opt, start, rows):
    """Every point of a run on given gradients. The optimizer is copied first."""
    opt, params = copy.deepcopy(opt), {"x": np.array(start, dtype=float)}
    path = [params["x"].copy()]
    for row in rows:
        opt.update(params, {"x": row})
        path.append(params["x"].copy())
    return np.array(path)


def memory(opt, key="x"):
    return [getattr(opt, name)[key] for name in opt.memory]


def equal(a, b):
    """The same numbers, bit for bit (0 and -0 are the same number)."""
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@given(optimizers_(), gradients(4))
def test_zero_gradient_moves_only_what_memory_moves(opt, rows):
    still = rows == 0
    path = run(opt, np.ones(4), rows)
    never = still.all(axis=0)
    assert (path[:, never] == 1).all()  # nothing to remember, nothing moves
    if not isinstance(opt, (Momentum, Adam)):  # the others remember no direction
        assert (np.diff(path, axis=0)[still] == 0).all()


@given(optimizers_([Momentum, Nesterov, Adam]), st.floats(1e-3, 1e3))
def test_with_zero_gradient_a_velocity_goes_on_and_fades(opt, g):
    steps = np.diff(run(opt, [0.0], [[g], [0.0], [0.0], [0.0]]), axis=0)[:, 0]
    assert (steps <= 0).all()  # downhill, as the last gradient said
    if isinstance(opt, Momentum):
        np.testing.assert_allclose(steps[2:], opt.momentum * steps[1:-1], rtol=1e-9, atol=1e-12)


@given(optimizers_(), gradients(5), st.permutations(range(5)))
def test_the_order_of_the_parameters_does_not_matter(opt, rows, order):
    start = np.arange(5.0)
    assert equal(run(opt, start[order], rows[:, order]), run(opt, start, rows)[:, order])


@given(optimizers_(), gradients(12), st.integers(1, 11))
def test_how_the_parameters_are_cut_does_not_matter(opt, rows, cut):
    """One array, two arrays, an array of another shape, twelve floats."""
    whole = run(opt, np.arange(12.0), rows)[-1]
    two = {"a": np.arange(12.0)[:cut], "b": np.arange(12.0)[cut:]}
    cube = {"x": np.arange(12.0).reshape(2, 3, 2)}
    floats = {i: float(i) for i in range(12)}
    halves, cubes, singles = (copy.deepcopy(opt) for _ in range(3))
    for row in rows:
        halves.update(two, {"a": row[:cut], "b": row[cut:]})
        cubes.update(cube, {"x": row.reshape(2, 3, 2)})
        singles.update(floats, {i: float(g) for i, g in enumerate(row)})
    assert np.array_equal(np.concatenate([two["a"], two["b"]]), whole)
    assert np.array_equal(cube["x"].ravel(), whole)
    assert list(floats.values()) == whole.tolist()


@given(optimizers_(), gradients(35, steps=3), st.integers(1, 34), st.sampled_from([1, 5, 7, 35]))
def test_the_size_of_the_blocks_does_not_matter(opt, rows, block, width):
    shaped = rows.reshape(3, -1, width)
    whole = run(opt, np.ones((35 // width, width)), shaped)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimizers, "BLOCK", block)
        assert equal(run(opt, np.ones((35 // width, width)), shaped), whole)


@given(optimizers_(), gradients(3), gradients(3))
def test_two_halves_with_a_pickle_between_are_one_run(opt, first, second):
    whole = run(opt, np.zeros(3), np.concatenate([first, second]))[-1]
    params = {"x": np.zeros(3)}
    for row in first:
        opt.update(params, {"x": row})
    opt, params = pickle.loads(pickle.dumps((opt, params)))
    for row in second:
        opt.update(params, {"x": row})
    assert np.array_equal(params["x"], whole)
    assert opt.t == len(first) + len(second)


@given(st.data(), st.sampled_from(RULES), gradients(3))
def test_arrays_of_knobs_are_a_loop_of_scalars(data, rule, rows):
    singles = [data.draw(optimizers_([rule])) for _ in range(3)]
    together = rule(**{f.name: [getattr(o, f.name) for o in singles] for f in fields(rule)})
    path = run(together, np.ones(3), rows)
    for i, opt in enumerate(singles):
        alone = run(opt, np.ones(1), rows[:, [i]])[:, 0]
        if rule is Adam:  # β**t of an array may differ from that of a float in the last digit
            np.testing.assert_allclose(path[:, i], alone, rtol=1e-10, atol=1e-10)
        else:
            assert np.array_equal(path[:, i], alone)


@given(st.data(), gradients(3), powers_of_two)
def test_adaptive_rules_do_not_see_the_scale_of_f(data, rows, c):
    """f → cf changes nothing, as long as eps is nothing beside the gradients."""
    opt = data.draw(optimizers_([AdaGrad, RMSProp, Adadelta, Adam], eps=1e-200))
    assert equal(run(opt, np.zeros(3), c * rows), run(opt, np.zeros(3), rows))


@given(st.data(), gradients(3), powers_of_two, st.sampled_from([AdaGrad, RMSProp, Adam]))
def test_scaling_f_is_scaling_eps(data, rows, c, rule):
    """What a large eps breaks: f → cf with eps → c eps is the same path."""
    opt = data.draw(optimizers_([rule]))
    twin = copy.deepcopy(opt)
    twin.eps = c * opt.eps
    assert equal(run(twin, np.zeros(3), c * rows), run(opt, np.zeros(3), rows))


@given(optimizers_([SGD, Momentum, Nesterov]), gradients(3), powers_of_two)
def test_sgd_and_momentum_see_lr_times_scale(opt, rows, c):
    """f → cf with lr → lr/c is the same path."""
    twin = copy.deepcopy(opt)
    twin.lr = opt.lr / c
    assert equal(run(twin, np.zeros(3), c * rows), run(opt, np.zeros(3), rows))


@given(optimizers_(), gradients(3), powers_of_two)
def test_lr_is_the_unit_of_x(opt, rows, c):
    """lr → c lr stretches the path by c when the gradients are given."""
    twin = copy.deepcopy(opt)
    twin.lr = c * opt.lr
    assert equal(run(twin, np.zeros(3), rows), c * run(opt, np.zeros(3), rows))


@given(optimizers_(), gradients(3), st.floats(-1e3, 1e3))
def test_no_rule_knows_where_it_is(opt, rows, shift):
    """x → x + a with the same gradients: the same steps, and the same memory to the last bit."""
    here, there = {"x": np.zeros(3)}, {"x": np.full(3, shift)}
    twin = copy.deepcopy(opt)
    size = 1.0
    for row in rows:
        opt.update(here, {"x": row})
        twin.update(there, {"x": row})
        assert equal(memory(opt), memory(twin))
        size = max(size, abs(shift), abs(here["x"]).max())
    np.testing.assert_allclose(there["x"] - shift, here["x"], rtol=0, atol=1e-13 * size)


@given(optimizers_(), gradients(3), arrays(np.bool_, 3))
def test_mirrored_coordinates_give_a_mirrored_path(opt, rows, flip):
    sign = np.where(flip, -1.0, 1.0)
    start = np.array([1.0, -2.0, 3.0])
    assert equal(run(opt, sign * start, sign * rows), sign * run(opt, start, rows))


@given(optimizers_(), gradients(4))
def test_gradients_are_never_written(opt, rows):
    before = rows.tobytes()
    rows.flags.writeable = False  # and need not be writeable
    run(opt, np.zeros(4), rows)
    assert rows.tobytes() == before


@given(optimizers_(), gradients(4, steps=3), gradients(4, steps=3))
def test_what_the_caller_does_to_old_gradients_does_not_matter(opt, first, second):
    whole = run(opt, np.zeros(4), np.concatenate([first, second]))[-1]
    params = {"x": np.zeros(4)}
    for row in np.concatenate([first, second]):
        gradient = row.copy()
        opt.update(params, {"x": gradient})
        gradient[:] = np.nan
    assert np.array_equal(params["x"], whole)


@given(optimizers_(), gradients(4), st.integers(0, 3), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_a_failed_step_never_happened(opt, rows, at, bad):
    whole, params = run(opt, np.zeros(4), rows), {"x": np.zeros(4), "y": 0.0}
    for row in rows:
        spoiled = row.copy()
        spoiled[at] = bad
        with pytest.raises(ValueError, match="'x' holds NaN or infinity"):
            opt.update(params, {"y": 1.0, "x": spoiled})
        opt.update(params, {"x": row, "y": 1.0})
    assert np.array_equal(params["x"], whole[-1])
    assert opt.t == len(rows)


@given(optimizers_(), gradients(2))
def test_reset_and_a_new_optimizer_are_the_same(opt, rows):
    twin = copy.deepcopy(opt)
    opt.update({"other": np.ones(5)}, {"other": np.ones(5)})
    opt.reset()
    assert equal(run(opt, np.ones(2), rows), run(twin, np.ones(2), rows))


@given(st.data(), gradients(3), st.floats(1e-3, 10))
def test_adam_first_step_is_lr_in_every_direction(data, rows, lr):
    """The same holds for AdaGrad; for RMSProp it is lr / √(1−ρ)."""
    opt = data.draw(optimizers_([AdaGrad, RMSProp, Adam], lr=lr, eps=1e-200))
    first = np.diff(run(opt, np.zeros(3), rows[:1]), axis=0)[0]
    size = lr / np.sqrt(1 - opt.rho) if isinstance(opt, RMSProp) else lr
    np.testing.assert_allclose(first, -size * np.sign(rows[0]), rtol=1e-12)


@settings(max_examples=300)
@given(st.data(), st.floats(0.5, 0.95), st.floats(0.96, 0.9999))
def test_no_adam_step_is_longer_than_the_bound(data, beta1, beta2):
    """By Cauchy–Schwarz, |m|/√v ≤ (1−β₁)/√(1−β₂)/√(1−β₁²/β₂): the bound before correction."""
    rows = data.draw(gradients(1, steps=12))
    opt, params = Adam(lr=1, beta1=beta1, beta2=beta2, eps=1e-200), {"x": np.zeros(1)}
    bound = (1 - beta1) / np.sqrt(1 - beta2) / np.sqrt(1 - beta1**2 / beta2)
    for row in rows:
        opt.update(params, {"x": row})
        m, v = memory(opt)
        assert abs(m[0]) <= bound * np.sqrt(v[0]) * (1 + 1e-9)
