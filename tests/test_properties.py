"""What holds for every rule, whatever the numbers: properties, searched for exceptions."""

import copy
import pickle
from dataclasses import fields

import numpy as np
import pytest
from helpers import ELEMENTWISE, RULES
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

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
    RAdam,
    RMSProp,
)

pytestmark = pytest.mark.filterwarnings("error")

WITHOUT_DIRECTION = [SGD, AdaGrad, RMSProp, Adadelta]  # they remember at most the sizes
DIRECTED = [rule for rule in RULES if rule not in WITHOUT_DIRECTION]
SCALED = [AdaGrad, RMSProp, Adam, AdamW, AMSGrad, Adamax, NAdam]  # they divide by √… + eps

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
        "weight_decay": st.floats(0, 10),
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


@given(optimizers_(ELEMENTWISE, weight_decay=0), gradients(4))
def test_zero_gradient_moves_only_what_memory_moves(opt, rows):
    still = rows == 0
    path = run(opt, np.ones(4), rows)
    never = still.all(axis=0)
    assert (path[:, never] == 1).all()  # nothing to remember, nothing moves
    if type(opt) in WITHOUT_DIRECTION:
        assert (np.diff(path, axis=0)[still] == 0).all()


@given(optimizers_(DIRECTED, weight_decay=0), st.floats(1e-3, 1e3))
def test_with_zero_gradient_a_velocity_goes_on_and_fades(opt, g):
    steps = np.diff(run(opt, [0.0], [[g], [0.0], [0.0], [0.0]]), axis=0)[:, 0]
    assert (steps <= 0).all()  # downhill, as the last gradient said
    if isinstance(opt, Momentum):
        np.testing.assert_allclose(steps[2:], opt.momentum * steps[1:-1], rtol=1e-9, atol=1e-12)


@given(optimizers_(ELEMENTWISE), gradients(5), st.permutations(range(5)))
def test_the_order_of_the_parameters_does_not_matter(opt, rows, order):
    start = np.arange(5.0)
    assert equal(run(opt, start[order], rows[:, order]), run(opt, start, rows)[:, order])


@given(optimizers_(ELEMENTWISE), gradients(12), st.integers(1, 11))
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


@given(
    optimizers_(),
    gradients(3),
    gradients(3),
    st.sampled_from([copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]),
)
def test_two_halves_with_a_copy_between_are_one_run(opt, first, second, duplicate):
    whole = run(opt, np.zeros(3), np.concatenate([first, second]))[-1]
    params = {"x": np.zeros(3)}
    for row in first:
        opt.update(params, {"x": row})
    opt, params = duplicate((opt, params))
    for row in second:
        opt.update(params, {"x": row})
    assert np.array_equal(params["x"], whole)
    assert opt.t == len(first) + len(second)


@given(st.data(), st.sampled_from(ELEMENTWISE), gradients(3))
def test_arrays_of_knobs_are_a_loop_of_scalars(data, rule, rows):
    singles = [data.draw(optimizers_([rule])) for _ in range(3)]
    together = rule(**{f.name: [getattr(o, f.name) for o in singles] for f in fields(rule)})
    path = run(together, np.ones(3), rows)
    for i, opt in enumerate(singles):
        alone = run(opt, np.ones(1), rows[:, [i]])[:, 0]
        if hasattr(
            rule, "beta1"
        ):  # β**t of an array may differ from that of a float in the last digit
            np.testing.assert_allclose(path[:, i], alone, rtol=1e-10, atol=1e-10)
        else:
            assert np.array_equal(path[:, i], alone)


@given(st.data(), gradients(3), powers_of_two)
def test_adaptive_rules_do_not_see_the_scale_of_f(data, rows, c):
    """f → cf changes nothing, as long as eps is nothing beside the gradients."""
    rule = data.draw(st.sampled_from([*SCALED, Adadelta, AdaBelief, Lion]))
    betas = dict(beta2=data.draw(st.floats(0.5, 0.99)))  # m must not outlive v
    if rule is AdaBelief:
        betas["beta1"] = 0.9  # with 0, every gradient is as expected
    opt = data.draw(optimizers_([rule], eps=1e-200, **betas))
    assert equal(run(opt, np.zeros(3), c * rows), run(opt, np.zeros(3), rows))


@given(st.data(), gradients(3), powers_of_two, st.sampled_from(SCALED))
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
    """lr → c lr stretches the path by c when the gradients are given (and ηλ stays)."""
    twin = copy.deepcopy(opt)
    twin.lr = c * opt.lr
    if hasattr(opt, "weight_decay"):
        twin.weight_decay = opt.weight_decay / c
    assert equal(run(twin, np.zeros(3), rows), c * run(opt, np.zeros(3), rows))


@given(optimizers_(weight_decay=0), gradients(3), st.floats(-1e3, 1e3))
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


@given(optimizers_(), gradients(2))
def test_reset_and_a_new_optimizer_are_the_same(opt, rows):
    twin = copy.deepcopy(opt)
    opt.update({"other": np.ones(5)}, {"other": np.ones(5)})
    opt.reset()
    assert equal(run(opt, np.ones(2), rows), run(twin, np.ones(2), rows))


FIRST_STEP = {  # how long it is, whatever the gradient, in units of lr
    AdaGrad: lambda o: 1,
    RMSProp: lambda o: 1 / np.sqrt(1 - o.rho),
    Adam: lambda o: 1,
    AdamW: lambda o: 1,
    AMSGrad: lambda o: (1 - o.beta1) / np.sqrt(1 - o.beta2),
    Adamax: lambda o: 1,
    NAdam: lambda o: (1 + 2 * o.beta1) / (1 + o.beta1),
    AdaBelief: lambda o: 1 / o.beta1,
    Lion: lambda o: 1,
}


@given(st.data(), st.sampled_from(list(FIRST_STEP)), gradients(3), st.floats(1e-3, 10))
def test_the_first_step_is_equally_long_in_every_direction(data, rule, rows, lr):
    fixed = {"beta1": data.draw(st.floats(0.1, 0.99))} if rule is AdaBelief else {}
    opt = data.draw(optimizers_([rule], lr=lr, eps=1e-200, **fixed))
    first = np.diff(run(opt, np.zeros(3), rows[:1]), axis=0)[0]
    np.testing.assert_allclose(first, -lr * FIRST_STEP[rule](opt) * np.sign(rows[0]), rtol=1e-11)


@given(st.data(), gradients(3))
def test_radam_begins_with_the_gradient_itself(data, rows):
    opt = data.draw(optimizers_([RAdam]))
    first = np.diff(run(opt, np.zeros(3), rows[:1]), axis=0)[0]
    np.testing.assert_allclose(first, -opt.lr * rows[0], rtol=1e-11)


@given(st.data(), st.sampled_from([AdamW, Lion, Muon]), gradients(3))
def test_weight_decay_shrinks_x_and_leaves_step_and_memory_alone(data, rule, rows):
    opt = data.draw(optimizers_([rule]))
    free = copy.deepcopy(opt)
    free.weight_decay = 0
    held, plain, x = {"x": np.ones(3)}, {"x": np.zeros(3)}, np.ones(3)
    for row in rows:
        before = plain["x"].copy()
        opt.update(held, {"x": row})
        free.update(plain, {"x": row})
        x = (1 - opt.lr * opt.weight_decay) * x + (plain["x"] - before)
        np.testing.assert_allclose(held["x"], x, rtol=1e-9, atol=1e-12 * max(1, abs(x).max()))
        assert equal(memory(opt), memory(free))


@given(st.data(), gradients(3, steps=12))
def test_amsgrad_and_adamax_remember_the_largest(data, rows):
    ams, inf = data.draw(optimizers_([AMSGrad])), data.draw(optimizers_([Adamax]))
    largest, params = np.zeros(3), {"x": np.zeros(3)}
    for t, row in enumerate(rows):
        ams.update(params, {"x": row})
        inf.update(params, {"x": row})
        assert (ams.w["x"] >= np.maximum(largest, ams.v["x"])).all()
        largest = ams.w["x"].copy()
        fading = [inf.beta2 ** (t - k) * abs(rows[k]) for k in range(t + 1)]
        np.testing.assert_allclose(inf.u["x"], np.max(fading, axis=0), rtol=1e-12, atol=1e-300)


# ---------------------------------------------------------------- Muon works on whole matrices


def rotation(seed, n):
    """An orthogonal matrix."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))[0]


matrices = arrays(np.float64, (5, 4, 3), elements=moderate)  # five gradients


@given(optimizers_([Muon], weight_decay=0), matrices, st.integers(0, 99))
def test_muon_turns_with_rotations_from_both_sides(opt, rows, seed):
    """O(UGV) = U O(G) V: the rule does not know the axes of its matrix."""
    u, v = rotation(seed, 4), rotation(seed + 100, 3)
    turned = run(opt, np.zeros((4, 3)), u @ rows @ v)
    straight = u @ run(opt, np.zeros((4, 3)), rows) @ v
    np.testing.assert_allclose(turned, straight, rtol=0, atol=1e-8 * opt.lr)


@given(optimizers_([Muon], momentum=0.9, weight_decay=0), matrices, st.floats(1, 1e6))
def test_muon_does_not_see_the_scale_of_f(opt, rows, c):
    rows = rows + np.eye(4, 3) * 1e4  # else the 1e-7 beside the norm shows
    path = run(opt, np.zeros((4, 3)), rows)
    np.testing.assert_allclose(
        run(opt, np.zeros((4, 3)), c * rows), path, rtol=0, atol=1e-8 * opt.lr
    )


@given(optimizers_([Muon], weight_decay=0), matrices)
def test_no_direction_of_a_step_of_muon_is_longer_than_the_bound(opt, rows):
    """1.21 η √(rows/columns), or 1.21 η where the matrix is wide."""
    steps = np.diff(run(opt, np.zeros((4, 3)), rows), axis=0)
    assert (np.linalg.norm(steps, 2, axis=(1, 2)) < 1.21 * opt.lr * np.sqrt(4 / 3)).all()
    steps = np.diff(run(opt, np.zeros((3, 4)), np.swapaxes(rows, 1, 2)), axis=0)
    assert (np.linalg.norm(steps, 2, axis=(1, 2)) < 1.21 * opt.lr).all()


@given(optimizers_([Muon], weight_decay=0), matrices)
def test_muon_of_the_transpose_is_the_transpose_but_for_the_scale(opt, rows):
    tall = run(opt, np.zeros((4, 3)), rows)
    wide = run(opt, np.zeros((3, 4)), np.swapaxes(rows, 1, 2))
    np.testing.assert_allclose(
        tall, np.swapaxes(wide, 1, 2) * np.sqrt(4 / 3), rtol=0, atol=1e-9 * opt.lr
    )


@given(optimizers_([Muon]), matrices)
def test_muon_takes_the_matrices_of_a_dict_one_by_one(opt, rows):
    params, twin = {"a": np.zeros((4, 3)), "b": np.zeros((4, 3))}, copy.deepcopy(opt)
    for row in rows:
        twin.update(params, {"a": row, "b": -row})
    alone = run(opt, np.zeros((4, 3)), rows)[-1]
    assert np.array_equal(params["a"], alone) and np.array_equal(params["b"], -alone)


# ---------------------------------------------------------------- bounds


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
