"""Descents: one path, many paths, noise, divergence, and sliders pushed to their ends."""

import copy
import itertools
import pickle
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from course_files import ROOT
from helpers import ELEMENTWISE, RULES, complains
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.descent import (
    FAR,
    Run,
    check_single,
    descend,
    feed,
    iterate,
    map_distance,
    newton,
    one_start,
    remember,
    walk,
)
from lab.dialects import Rebinding, as_array, as_function
from lab.dialects.probes import plug
from lab.landscapes import (
    LANDSCAPES,
    beale,
    bowl,
    landscape,
    plateau,
    quadratic,
    rosenbrock,
    saddle,
    turned,
    two_wells,
)
from lab.own_landscape import landscape_of
from lab.schedules import constant, scheduled

from optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, Muon, Nesterov, Optimizer, RMSProp

pytestmark = pytest.mark.filterwarnings("error")  # a warning would be shown to the reader

EVERY_RULE = pytest.mark.parametrize("rule", RULES)
EVERY_ELEMENTWISE_RULE = pytest.mark.parametrize("rule", ELEMENTWISE)
EVERY_LANDSCAPE = pytest.mark.parametrize("name", LANDSCAPES)
# Made of + − × ÷ only. A new landscape is, unless its name stands here.
EXACT = set(LANDSCAPES) - {"two wells", "plateau", "rastrigin"}


def loop(opt, land, steps, start=None, noise=0.0, seed=0):
    """One path the plain way: points, values and the step at which it was lost (or −1)."""
    x, y = land.start if start is None else start
    (left, right), (bottom, top) = land.view

    def maps_away(x, y):
        across, up = x - (left + right) / 2, y - (bottom + top) / 2
        return max(abs(across) / (right - left), abs(up) / (top - bottom))

    rng, params = np.random.default_rng(seed), {"x": float(x), "y": float(y)}
    if not opt.elementwise:
        params = {"xy": np.array([x, y], float)}
    path, f, far = [], [], max(FAR, 2 * maps_away(x, y))
    with np.errstate(all="ignore"):
        for k in range(steps + 1):
            point = tuple(params.values()) if opt.elementwise else tuple(params["xy"])
            value, slope = float(land(*point)), [float(part) for part in land.gradient(*point)]
            if not np.isfinite([*point, value, *slope]).all() or maps_away(*point) > far:
                lost = steps + 1 - k
                return np.array(path + [(np.nan,) * 2] * lost), np.array(f + [np.nan] * lost), k
            path.append(point)
            f.append(value)
            if k < steps:
                if noise:
                    slope = [part + rng.normal(0, noise) for part in slope]
                opt.update(params, dict(zip("xy", slope)) if opt.elementwise else {"xy": slope})
    return np.array(path), np.array(f), -1


def same(run, i, path, f, diverged):
    """Run number i of a run of many is this path, bit for bit."""
    many = run.f.reshape(len(run.f), -1)[:, i], run.path.reshape(len(run.f), -1, 2)[:, i]
    for found, wanted in ((many[1], path), (many[0], f)):
        parted = ~((found == wanted) | (np.isnan(found) & np.isnan(wanted)))
        assert not parted.any(), (
            f"{run.landscape.name}: from step {np.argwhere(parted)[0, 0]} on a run of many differs "
            f"from the same run alone. Paths must be equal to the last bit, so write x * x in a "
            f"landscape, not x**2, which differs between arrays and numbers; or, if it needs exp "
            f"or cos, leave it out of EXACT"
        )
    assert np.ravel(run.diverged)[i] == diverged


@EVERY_RULE
@EVERY_LANDSCAPE
def test_one_path_is_the_plain_loop(rule, name):
    for lr in (0.01, 3.0):
        path, f, diverged = loop(rule(lr=lr), LANDSCAPES[name], steps=40)
        run = descend(rule(lr=lr), LANDSCAPES[name], steps=40)
        same(run, 0, path, f, diverged)
        assert run.path.shape == (41, 2) and run.f.shape == (41,) and run.steps == 40
        assert type(run.diverged) is int and type(run.final) is float and run.single
        assert run.landscape is LANDSCAPES[name] and run.rule == rule.__name__
        assert run.label == repr(rule(lr=lr)) == repr(run.optimizer)
        assert np.array_equal(run.end, path[-1], equal_nan=True)
        assert run.final == (f[-1] if diverged < 0 else np.inf)


@EVERY_ELEMENTWISE_RULE
@EVERY_LANDSCAPE
def test_many_starts_are_a_loop(rule, name):
    land = LANDSCAPES[name]
    starts = np.random.default_rng(0).uniform(*np.transpose(land.view), size=(2, 4, 2))
    run = descend(rule(lr=0.002), land, steps=30, start=starts)
    assert run.path.shape == (31, 2, 4, 2) and run.f.shape == (31, 2, 4)
    assert run.diverged.shape == run.final.shape == (2, 4) and run.end.shape == (2, 4, 2)
    assert not run.single
    for i, start in enumerate(starts.reshape(8, 2)):
        path, f, diverged = loop(rule(lr=0.002), land, 30, start)
        if name in EXACT:
            same(run, i, path, f, diverged)
        else:  # exp, sin and cos of an array may differ from those of a number in the last digit
            np.testing.assert_allclose(run.path.reshape(31, 8, 2)[:, i], path, rtol=1e-9)
            np.testing.assert_allclose(run.f.reshape(31, 8)[:, i], f, rtol=1e-9, atol=1e-12)


@EVERY_ELEMENTWISE_RULE
def test_many_knobs_are_a_loop(rule):
    rates = np.array([1e-3, 0.1, 0.9, 1.1, 50.0])
    run = descend(rule(lr=rates), bowl, steps=50)
    assert run.path.shape == (51, 5, 2)
    for i, lr in enumerate(rates):
        same(run, i, *loop(rule(lr=lr), bowl, 50))


def test_every_combination_of_knobs_and_starts():
    rates, decays = np.array([[0.01], [0.2], [1.2]]), np.array([0.0, 0.5])
    starts = np.array([(-7, 2), (1, 1), (0, -4), (3.0, 0)])[:, None, None]
    run = descend(Momentum(lr=rates, momentum=decays), bowl, steps=20, start=starts)
    assert run.f.shape == (21, 4, 3, 2)
    for i, ((start,), lr, beta) in enumerate(
        itertools.product(starts[:, 0], rates.ravel(), decays)
    ):
        same(run, i, *loop(Momentum(lr=lr, momentum=beta), bowl, 20, start))
    assert repr(run).endswith("on bowl: 24 runs of 20 steps, 3 diverged")


@pytest.mark.parametrize("start", [(-7, 2), [-7, 2], np.array([-7, 2]), np.float32([-7, 2])])
def test_ways_to_write_a_start(start):
    run = descend(SGD(lr=0.1), bowl, steps=5, start=start)
    assert np.array_equal(run.path, descend(SGD(lr=0.1), "bowl", 5).path)
    assert run.path.dtype == float


def test_a_start_that_is_an_array_is_not_written():
    start = np.array([[-7.0, 2.0], [1.0, 1.0]])
    descend(SGD(lr=0.1), bowl, start=start)
    assert start.tolist() == [[-7, 2], [1, 1]]


def test_zero_steps_is_the_start():
    run = descend(Adam(), bowl, steps=0)
    assert run.path.tolist() == [[-7, 2]] and run.f.tolist() == [bowl(-7, 2)]
    assert run.steps == 0 and run.diverged == -1 and run.final == bowl(-7, 2)


def test_by_name_and_by_number_types():
    assert descend(SGD(), "Two_Wells", np.int64(3)).landscape is landscape("two wells")
    assert descend(SGD(), "bowl", noise=np.float32(0.5)).steps == 60


@EVERY_RULE
def test_the_optimizer_stays_as_it_was(rule):
    opt, params = rule(lr=0.1), {"w": np.ones(3)}
    for optimizer in (opt, copy.deepcopy(opt)):
        before = pickle.dumps(vars(optimizer))
        first = descend(optimizer, bowl, steps=7)
        assert pickle.dumps(vars(optimizer)) == before
        assert first.optimizer is not optimizer and first.optimizer.t == 7
        optimizer.update(params, {"w": np.ones(3)})  # in the middle of a run of its own
        before = pickle.dumps(vars(optimizer))
        again = descend(optimizer, bowl, steps=7)
        assert pickle.dumps(vars(optimizer)) == before
        assert np.array_equal(first.path, again.path)


class Plain:
    """An optimizer that someone wrote without the base class."""

    def reset(self):
        self.seen = 0

    def update(self, params, grads):
        self.seen += 1
        for key in params:
            params[key] -= 0.1 * grads[key]


class Replacing(Plain):
    """One that puts new arrays in place of the old."""

    def update(self, params, grads):
        for key in params:
            params[key] = params[key] - 0.1 * grads[key]


def test_an_optimizer_without_the_base_class():
    for start in (None, [(-7, 2), (1, 1)]):
        wanted = descend(SGD(lr=0.1), bowl, 9, start).path
        run = descend(Plain(), bowl, 9, start)
        np.testing.assert_allclose(run.path, wanted, rtol=1e-15)
        np.testing.assert_allclose(descend(Replacing(), bowl, 9, start).path, wanted, rtol=1e-15)
        assert run.optimizer.seen == 9 and run.rule == "Plain"


# ---------------------------------------------------------------- numbers of the course


def test_sgd_on_the_bowl_is_two_geometric_series():
    t = np.arange(31)
    run = descend(SGD(lr=0.95), bowl, steps=30)
    np.testing.assert_allclose(run.path[:, 0], -7 * 0.905**t, rtol=1e-12)
    np.testing.assert_allclose(run.path[:, 1], 2 * (-0.9) ** t, rtol=1e-12)


@pytest.mark.parametrize(
    "opt, end",
    [
        (AdaGrad(lr=1.5), "7.22e-04"),
        (SGD(lr=0.95), "1.33e-02"),
        (Momentum(lr=0.1), "4.79e-02"),
        (Adam(lr=0.3), "1.02e-01"),
    ],
)
def test_the_famous_figure_refutes_its_caption(opt, end):
    assert f"{descend(opt, bowl, steps=30).final:.2e}" == end


@pytest.mark.parametrize("knobs", [dict(lr=0.1), dict(lr=0.05, momentum=0.0), dict(lr=0.3)])
@pytest.mark.parametrize("land", [bowl, rosenbrock])
def test_muon_on_a_point_is_momentum_of_constant_length(knobs, land):
    """One column of two numbers: Δx = −η √2 q u/|u|, u = g + βv; q is what 1 becomes in O."""
    opt, q = Muon(**knobs), 1.0
    for _ in range(5):
        q = 3.4445 * q - 4.775 * q**3 + 2.0315 * q**5
    assert f"{q:.4f}" == "0.6964"
    path, v = [np.array(land.start)], np.zeros(2)
    for _ in range(60):
        g = np.array(land.gradient(*path[-1]))
        v = opt.momentum * v + g
        u = g + opt.momentum * v
        path.append(path[-1] - opt.lr * np.sqrt(2) * q * u / np.linalg.norm(u))
    run = descend(opt, land, steps=60)
    np.testing.assert_allclose(run.path, path, rtol=0, atol=1e-5)
    lengths = np.linalg.norm(np.diff(run.path, axis=0), axis=1)
    np.testing.assert_allclose(lengths, opt.lr * 0.98491, rtol=1e-4)


def test_muon_does_not_know_the_axes():
    """The path on a turned bowl is the turned path; of Adam it is not."""
    theta = np.radians(30)
    matrix = np.array([[np.cos(theta), np.sin(theta)], [-np.sin(theta), np.cos(theta)]])
    start = np.array(bowl.start) @ matrix
    for opt, alike in ((Muon(lr=0.1), True), (Adam(lr=0.1), False)):
        flat = descend(opt, bowl, 40).path
        there = descend(opt, turned(bowl, theta), 40, start).path
        assert np.allclose(there, flat @ matrix, rtol=0, atol=1e-6) == alike


# ---------------------------------------------------------------- noise


def noise_of(run, lr):
    """The noise that an SGD run has met, worked out from its path: (steps, *runs, 2)."""
    x, y = run.path[:-1, ..., 0], run.path[:-1, ..., 1]
    return -np.diff(run.path, axis=0) / lr - np.stack(run.landscape.gradient(x, y), -1)


@pytest.mark.parametrize("lr, size", [(0.1, 0.5), (0.5, 2.0)])
def test_noise_has_the_size_that_was_asked_for(lr, size):
    starts = np.tile(bowl.start, (4000, 1))
    met = noise_of(descend(SGD(lr=lr), bowl, 10, starts, noise=size, seed=3), lr)
    assert met.shape == (10, 4000, 2)
    assert met.std(axis=(0, 1)) == pytest.approx([size, size], rel=0.02)
    assert met.mean(axis=(0, 1)) == pytest.approx([0, 0], abs=4 * size / np.sqrt(40_000))
    assert (abs(met) < 2 * size).mean() == pytest.approx(0.9545, abs=0.005)  # Gaussian
    columns = met.transpose(0, 2, 1).reshape(20, 4000)  # steps and coordinates: all independent
    assert abs(np.corrcoef(columns) - np.eye(20)).max() < 0.08
    assert len(np.unique(met.round(9))) > 79_000  # and new for every run


@EVERY_RULE
def test_noise_is_reproducible(rule):
    path, f, diverged = loop(rule(lr=0.3), bowl, 30, noise=0.7, seed=5)
    same(descend(rule(lr=0.3), bowl, 30, noise=0.7, seed=5), 0, path, f, diverged)
    same(descend(rule(lr=0.3), bowl, 30, noise=0.7, seed=5), 0, path, f, diverged)
    assert not np.array_equal(descend(rule(lr=0.3), bowl, 30, noise=0.7, seed=6).path, path)
    quiet = descend(rule(lr=0.3), bowl, 30, noise=0, seed=5).path
    assert np.array_equal(quiet, descend(rule(lr=0.3), bowl, 30).path)
    assert not np.array_equal(quiet, path)


# ---------------------------------------------------------------- divergence


def test_the_step_of_divergence():
    """y = 2(1−2·1.1)ᵗ = 2(−1.2)ᵗ is 10 maps of height 10 away, |y| > 100, first at t = 22."""
    assert 2 * 1.2**21 < 100 < 2 * 1.2**22
    run = descend(SGD(lr=1.1), bowl, steps=60)
    assert run.diverged == 22
    assert np.isfinite(run.path[:22]).all() and np.isnan(run.path[22:]).all()
    assert np.isfinite(run.f[:22]).all() and np.isnan(run.f[22:]).all()
    assert run.verdict() == "diverged at step 22"
    assert repr(run) == "SGD(lr=1.1) on bowl: diverged at step 22"
    assert run.final == np.inf
    assert descend(SGD(lr=1.1), bowl, steps=21).diverged == -1
    assert descend(SGD(lr=1.1), bowl, steps=22).diverged == 22


def test_the_three_verdicts():
    assert descend(SGD(lr=0.95), bowl, 30).verdict() == "f = 1.333e-02 after 30 steps"
    on_its_way = descend(SGD(lr=1.01), bowl, 30)
    assert on_its_way.verdict() == f"diverging: f rose from 6.450e+00 to {on_its_way.final:.3e}"
    back = Run(SGD(), bowl, np.ones((3, 2)), np.array([1.0, 3.0, 2.0]), -1)  # on its way down again
    assert back.verdict() == "f = 2.000e+00 after 2 steps"
    many = descend(SGD(lr=np.array([[0.95, 1.01], [1.1, 1e6]])), bowl, 30)
    assert [many.verdict(i).split()[0] for i in range(4)] == ["f", "diverging:"] + ["diverged"] * 2
    assert many.verdict(3) == "diverged at step 1"
    assert many.final[1].tolist() == [np.inf, np.inf] and np.isfinite(many.final[0]).all()


@pytest.mark.parametrize("far", [100.0, 1e3, 1e6])
def test_a_start_far_out_has_not_diverged_yet(far):
    """It is lost when it goes twice as far out as it began."""
    home = descend(SGD(lr=0.5), bowl, steps=60, start=(far, far))
    assert home.diverged == -1 and home.final < bowl(far, far)
    path, f, diverged = loop(SGD(lr=1.1), bowl, 60, (far, far))
    assert diverged > 1
    same(descend(SGD(lr=1.1), bowl, steps=60, start=(far, far)), 0, path, f, diverged)


def test_an_overflow_is_a_divergence():
    run = descend(SGD(lr=1e6), rosenbrock, steps=20, start=(1e100, 1e100))
    assert run.diverged == 0 and np.isnan(run.path).all()
    assert run.verdict() == "diverged at step 0" and run.final == np.inf
    two = descend(SGD(), rosenbrock, 9, [(1e100, 1e100), (1, 1)])  # one is lost before it begins
    assert two.diverged.tolist() == [0, -1] and two.final.tolist() == [np.inf, 0]
    assert repr(two).endswith("2 runs of 9 steps, 1 diverged")


def test_a_slope_too_steep_in_either_direction_is_a_divergence():
    """Though f is a number there, and the start is where it is."""
    run = descend(SGD(), bowl, 2, start=[(1e152, 0), (0, 1e151), (1e149, 1e149)])
    assert run.diverged.tolist() == [0, 0, -1]


def test_where_f_is_no_number_a_run_is_lost_though_the_slope_is_one():
    log = landscape_of(
        lambda x, y: x - np.log(x) + y * y,
        view=((0.1, 5), (-2, 2)),
        start=(2, 1),
        gradient=lambda x, y: (1 - 1 / x, 2 * y),
    )
    assert descend(SGD(lr=0.1), log, 60).final == pytest.approx(1, abs=1e-2)
    assert descend(SGD(lr=5), log, 2).diverged == 1  # x = 2 − 5/2


def test_far_is_counted_in_maps_from_the_middle_of_the_map():
    on = landscape_of(lambda x, y: x * x + y * y, view=((0, 4), (2, 12)), start=(1, 3))
    x, y = np.array([2, 42, -38, 2, 2, 4]), np.array([7, 7, 7, 107, -93, 12])
    assert map_distance(on, x, y).tolist() == [0, 10, 10, 10, 10, 0.5]


@EVERY_ELEMENTWISE_RULE
@pytest.mark.parametrize("name", ["beale", "rosenbrock", "plateau"])
def test_a_lost_run_does_not_disturb_its_neighbours(rule, name):
    land = LANDSCAPES[name]
    rates = np.array([1e-4, 1e6, 1e-3, 30.0, 1e300, 2e-4])
    together = descend(rule(lr=rates), land, steps=40)
    assert together.diverged[4] > 0 > together.diverged[0]
    for i, lr in enumerate(rates):
        alone = descend(rule(lr=lr), land, steps=40)
        assert together.diverged[i] == alone.diverged
        if name in EXACT:
            same(together, i, alone.path, alone.f, alone.diverged)
        else:
            np.testing.assert_allclose(together.path[:, i], alone.path, rtol=1e-9)


@EVERY_ELEMENTWISE_RULE
def test_noise_does_not_depend_on_who_is_lost(rule):
    starts = np.array([(-7, 2), (1, 1), (2, 2.0)])
    calm = descend(rule(lr=np.full(3, 1e-3)), bowl, 30, starts, noise=0.1)
    wild = descend(rule(lr=np.array([1e-3, 1e200, 1e-3])), bowl, 30, starts, noise=0.1)
    assert wild.diverged.tolist() == [-1, 1, -1]
    assert np.array_equal(calm.path[:, [0, 2]], wild.path[:, [0, 2]])


# ---------------------------------------------------------------- sliders at their ends

ENDS = {"lr": [1e-6, 1e-3, 0.3, 30.0, 1e6], "eps": [1e-16, 1e-8, 1e3]}
ENDS["weight_decay"] = [0.0, 0.1, 1e3]
CORNERS = [(0, 0), (1e3, 1e3), (-1e3, 0.0), (0.0, -1e3), (1e-9, 999.0)]


def sound(run):
    """A picture can be drawn from it: points, then perhaps 'diverged', then nothing."""
    f, path = run.f.reshape(run.steps + 1, -1), run.path.reshape(run.steps + 1, -1, 2)
    for i, lost in enumerate(np.ravel(run.diverged)):
        assert -1 <= lost <= run.steps
        n = run.steps + 1 if lost < 0 else lost
        assert np.isfinite(f[:n, i]).all() and np.isfinite(path[:n, i]).all()
        assert np.isnan(f[n:, i]).all() and np.isnan(path[n:, i]).all()
        verdict = run.verdict(i)
        assert "nan" not in verdict and "inf" not in verdict and "\n" not in verdict
        assert verdict.startswith("diverged at step") == (lost >= 0)


@EVERY_ELEMENTWISE_RULE
@EVERY_LANDSCAPE
def test_sliders_at_their_ends(rule, name):
    land = LANDSCAPES[name]
    axes = [ENDS.get(f.name, [0.0, 0.5, 1 - 1e-9]) for f in fields(rule)]
    knobs = np.array(list(itertools.product(*axes))).T
    starts = np.concatenate([[land.start], CORNERS, land.minima or [(0, 0)]])[:, None]
    opt = rule(**dict(zip([f.name for f in fields(rule)], knobs)))
    run = descend(opt, land, steps=25, start=starts)
    assert run.f.shape == (26, len(starts), knobs.shape[1])
    sound(run)


@st.composite
def anything(draw):
    rule = draw(st.sampled_from(RULES))
    span = {
        "lr": st.floats(1e-6, 1e6) | st.sampled_from([0.0, 1e308]),
        "weight_decay": st.floats(0, 10) | st.sampled_from([0.0, 1e308]),
        "eps": st.floats(1e-16, 1e3) | st.sampled_from([5e-324, 1e308]),
    }
    decay = st.floats(0, 1, exclude_max=True)
    return rule(**{f.name: draw(span.get(f.name, decay)) for f in fields(rule)})


coordinate = st.floats(-1e3, 1e3) | st.sampled_from([0.0, 1e-320, 1e100, 1e308])


@settings(max_examples=300)
@given(
    anything(),
    st.sampled_from(list(LANDSCAPES)),
    st.tuples(coordinate, coordinate),
    st.integers(0, 40),
    st.sampled_from([0.0, 0.0, 1e-9, 1.0, 1e6]),
)
def test_any_slider_anywhere(opt, name, start, steps, noise):
    run = descend(opt, name, steps, start, noise)
    sound(run)
    assert repr(run) == f"{opt!r} on {run.landscape.name}: {run.verdict()}"


def test_flat_ground_and_a_ridge_are_no_trouble():
    for rule in RULES:
        opt = rule(**({"weight_decay": 0} if hasattr(rule, "weight_decay") else {}))
        assert descend(opt, plateau, start=(-1000, 0)).end.tolist() == [-1000, 0]
        assert descend(rule(), saddle, start=(0, 0)).end.tolist() == [0, 0]


# ---------------------------------------------------------------- what a run tells


@pytest.mark.parametrize("on", [bowl, saddle, two_wells, plateau, beale], ids=lambda on: on.name)
def test_the_gap_is_the_height_above_the_least_known_value(on):
    run = descend(SGD(lr=np.array([0.001, 1e6])), on, 40)
    lowest = min([float(on(*point)) for point in on.minima], default=0.0)
    np.testing.assert_array_equal(run.gap[:, 0], run.f[:, 0] - lowest)
    lost = run.diverged[1]
    assert np.isfinite(run.gap[:lost, 1]).all() and np.isinf(run.gap[lost:, 1]).all()
    assert run.final.tolist() == [run.f[-1, 0], np.inf]


@pytest.mark.parametrize(("runs", "shape"), [(5, (5,)), ((3, 2), (3, 2)), ([1], (1,))])
def test_so_many_runs_are_as_many_copies_of_the_start(runs, shape):
    found = descend(Adam(lr=0.3), bowl, 20, noise=0.5, seed=4, runs=runs)
    starts = np.broadcast_to(bowl.start, (*shape, 2))
    wanted = descend(Adam(lr=0.3), bowl, 20, starts, 0.5, 4)
    np.testing.assert_array_equal(found.path, wanted.path)
    several = descend(SGD(), bowl, 3, [(1, 1), (2, 2)], runs=runs)
    assert several.f.shape == (4, *shape, 2)


def test_an_abandoned_walk_leaves_no_leniency_behind():
    """Who runs a descent by hand and stops half-way is refused and warned again, as ever."""
    steps = walk(SGD(lr=1e6), bowl, np.ones(2), np.ones(2), 100)
    before = np.geterr()
    next(steps)
    assert np.geterr() == before
    with pytest.raises(ValueError, match="NaN or infinite"):
        SGD(lr=1e200).update({"x": np.array([1e100])}, {"x": np.array([1e140])})


# ---------------------------------------------------------------- any function, any gradients


@EVERY_RULE
def test_iterating_is_the_plain_loop(rule):
    opt, start = rule(lr=0.05), np.array([[3.0, -2.0, 0.5]])
    params, path = {"x": start.copy()}, [start]
    for _ in range(30):
        opt.update(params, {"x": 2 * params["x"]})
        path.append(params["x"].copy())
    given = rule(lr=0.05)
    np.testing.assert_array_equal(iterate(given, lambda x: 2 * x, start, 30), path)
    assert given.t == 0 and start.tolist() == [[3.0, -2.0, 0.5]]


def test_iterating_a_single_number():
    path = iterate(Momentum(lr=0.1), lambda x: 2 * x, 3, steps=5)
    assert path.shape == (6,) and path[0] == 3
    np.testing.assert_array_equal(path, iterate(Momentum(lr=0.1), lambda x: 2 * x, [3.0], 5)[:, 0])
    assert iterate(SGD(), lambda x: x if x > 0 else -x, 1.0, 0).tolist() == [1]
    np.testing.assert_array_equal(path, iterate(plug(Momentum(lr=0.1)), lambda x: 2 * x, 3, 5))


def test_an_entry_that_is_lost_is_nan_and_leaves_the_others_alone():
    rates = np.array([0.1, 1e100, 0.2])
    path = iterate(SGD(lr=rates), lambda x: 2 * x, np.ones(3), 60)
    for i, lr in ((0, 0.1), (2, 0.2)):
        np.testing.assert_array_equal(path[:, i], iterate(SGD(lr=lr), lambda x: 2 * x, 1, 60))
    assert path[1, 1] == 1 - 2e100 and np.isnan(path[2:, 1]).all()
    pole = iterate(SGD(lr=1.0), lambda x: 1 / x, [1.0, 2.0], 3)
    assert pole[1].tolist() == [0.0, 1.5] and np.isnan(pole[2:, 0]).all()
    cliff = iterate(SGD(lr=1.0), lambda x: np.where(x > 1, 1e200, 1.0), [0.0, 2.0], 5)
    assert cliff[:, 0].tolist() == [0, -1, -2, -3, -4, -5] and np.isnan(cliff[1:, 1]).all()


@EVERY_RULE
def test_feeding_is_stepping_from_one_place(rule):
    gradients, opt = np.random.default_rng(1).normal(size=(20, 3)), rule(lr=0.1)
    found, wanted = feed(rule(lr=0.1), gradients, start=2.0), []
    for g in gradients:
        params = {"x": np.full(3, 2.0)}
        opt.update(params, {"x": g})
        wanted.append(params["x"] - 2.0)
    np.testing.assert_array_equal(found, wanted)


def test_feed_leaves_the_optimizer_alone_unless_a_key_is_given():
    opt = Momentum(lr=1.0)
    assert feed(opt, [1.0, 1.0]).tolist() == [-1, -1.9] and opt.t == 0
    assert feed(AdamW(lr=1.0), [0.0]).tolist() == [0]  # from 0 there is nothing to decay
    assert feed(opt, [1.0], "w").tolist() == [-1] and feed(opt, [1.0], "w").tolist() == [-1.9]
    assert opt.t == 2
    assert feed(opt, [1.0]).tolist() == [-1] and opt.t == 2  # a copy begins anew


def test_what_is_remembered_after_each_gradient():
    g = np.random.default_rng(2).normal(size=(30, 2))
    np.testing.assert_allclose(remember(AdaGrad(), g, "h"), np.cumsum(g * g, axis=0), rtol=1e-12)
    assert remember(Momentum(lr=1.0, momentum=0.5), [1, 1, 0], "v").tolist() == [-1, -1.5, -0.75]
    opt = Adam()
    assert remember(opt, [1.0], "m").shape == (1,) and opt.t == 0
    complains(lambda: remember(opt, [1.0], "h"), ValueError, "Adam no memory 'h' it has m, v")
    complains(lambda: remember(SGD(), [1.0], "h"), ValueError, "SGD no memory 'h' it has none")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: iterate(SGD, lambda x: x, 1.0), TypeError, "SGD is a class"),
        (
            lambda: iterate(SGD(), 3, 1.0),
            TypeError,
            "gradient must be a function lambda x: 2 * x 3",
        ),
        (lambda: iterate(SGD(), lambda x: x, "1"), TypeError, "start must be a number '1'"),
        (lambda: iterate(SGD(), lambda x: x, np.nan), ValueError, "start finite"),
        (lambda: iterate(SGD(), lambda x: x, 1.0, -1), ValueError, "steps at least 0"),
        (lambda: iterate(SGD(), lambda x: x[0], np.ones(2)), ValueError, "shape (2,)"),
        (
            lambda: iterate(SGD(), lambda x: None, 1.0),
            ValueError,
            "gradient must return numbers None",
        ),
        (lambda: iterate(SGD(), lambda x: x, np.ones(2**20), 99), ValueError, "fewer steps"),
    ],
)
def test_what_cannot_be_iterated_gets_one_clear_line(call, error, words):
    complains(call, error, words)


# ---------------------------------------------------------------- what is no optimizer of ours


class OnlyUpdate:
    def update(self, params, grads):
        params["x"] -= 0.1 * grads["x"]


class Arrays:
    """A homework's optimizer: one array in, the next array out."""

    def update(self, w, g):
        return w - 0.1 * g

    def reset(self):
        pass


@pytest.mark.parametrize("runner", [descend, lambda opt, on: iterate(opt, lambda x: x, 1.0)])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (OnlyUpdate, "OnlyUpdate has no reset(): plug"),
        (lambda: as_array(SGD()), "as_array(SGD(lr=0.01)) is an array class plug"),
        (Arrays, "array class w = opt.update(w, grad) plug"),
        (lambda: as_function(SGD), "sgd is a function plug(sgd)"),
        (lambda: 0.1, "an optimizer such as SGD(lr=0.1) is wanted, got 0.1"),
    ],
)
def test_other_interfaces_are_told_to_be_plugged(runner, make, words):
    complains(lambda: runner(make(), bowl), TypeError, words)


def test_the_plug_that_is_offered_fits():
    wanted = descend(SGD(lr=0.1), bowl, 9).path
    np.testing.assert_allclose(descend(plug(Arrays()), bowl, 9).path, wanted, rtol=1e-15)
    np.testing.assert_array_equal(descend(plug(as_array(SGD(lr=0.1))), bowl, 9).path, wanted)
    np.testing.assert_array_equal(descend(plug(as_function(SGD, lr=0.1)), bowl, 9).path, wanted)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: SGD, TypeError, "SGD is a class"),
        (lambda: Plain(), TypeError, "Plain does not say which knobs trail(descend("),
        (lambda: plug(as_array(SGD())), TypeError, "knobs trail(descend("),
        (lambda: Rebinding(SGD()), TypeError, "knobs trail(descend("),
        (lambda: OnlyUpdate(), TypeError, "no reset() plug"),
        (lambda: Muon(), ValueError, "Muon moves a point as a whole trail(descend("),
        (lambda: SGD(lr=[0.1, 0.2]), ValueError, "lr is an array of shape (2,) single number"),
        (
            lambda: scheduled(SGD(), constant([0.1, 0.2])),
            ValueError,
            "lr is an array single number",
        ),
    ],
)
def test_what_no_slider_can_turn_is_told(make, error, words):
    complains(lambda: check_single(make()), error, words)


def test_what_sliders_can_turn():
    for opt in (SGD(), Adam(lr=0.3), scheduled(Momentum(), constant(0.1)), scheduled(SGD(), abs)):
        check_single(opt)


def test_one_start():
    assert one_start(None, bowl) == bowl.start and one_start(np.array([1, 2]), bowl) == (1.0, 2.0)
    assert all(type(part) is float for part in one_start((1, 2), bowl))
    complains(lambda: one_start([(1, 2), (3, 4)], bowl), ValueError, "one start (x, y) (2, 2)")
    complains(lambda: one_start((1e200, 0), bowl), ValueError, "bowl finite start (1e+200, 0)")
    complains(lambda: one_start((0, 1e151), bowl), ValueError, "bowl finite start (0, 1e+151)")
    complains(lambda: one_start("origin", bowl), TypeError, "start numbers 'origin'")


def test_what_was_made_before_a_reload_still_works():
    """People who develop switch autoreload on: old landscapes and optimizers meet new modules."""
    code = """if True:
        import importlib, optimizers, lab.landscapes, lab.descent, lab.claims, lab.schedules
        from lab import bowl, claim, at_least, descend
        from lab.schedules import constant, scheduled
        old, bound, follows = optimizers.Adam(lr=0.3), at_least(0), constant(0.1)
        run = descend(old, bowl)
        for name in ("values", "landscapes", "descent", "schedules", "claims"):
            importlib.reload(getattr(lab, name))
        importlib.reload(optimizers)
        again = lab.descent.descend(old, bowl)
        assert (again.path == run.path).all()
        assert lab.landscapes.landscape(bowl) is bowl
        lab.claims.claim("bound", bound, 1)
        assert repr(lab.schedules.scheduled(old, follows)) == "Adam(lr=constant(0.1))"
        scheduled(optimizers.SGD(), follows).update({"x": 1.0}, {"x": 1.0})
    """
    folders = [str(ROOT), str(ROOT / "notebooks")]
    where = f"import sys; sys.path[:0] = {folders!r}\n"
    done = subprocess.run([sys.executable, "-c", where + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- bad input


ROWS = np.zeros((50, 3))
BAD = {
    "landscape mistyped": ((SGD(), "bowll"), ValueError, "'bowll' bowl beale"),
    "landscape None": ((SGD(), None), TypeError, "landscape 'bowl' None"),
    "landscape and rule swapped": ((bowl, SGD()), TypeError, "landscape 'bowl' SGD"),
    "class": ((SGD, bowl), TypeError, "SGD class SGD(lr=0.1)"),
    "base class": ((Optimizer, bowl), TypeError, "class"),
    "optimizer None": ((None, bowl), TypeError, "SGD(lr=0.1) None"),
    "optimizer text": (("SGD\n", bowl), TypeError, "SGD(lr=0.1) 'SGD"),
    "optimizer an array": ((ROWS, bowl), TypeError, "SGD(lr=0.1) array"),
    "no rule": ((Optimizer(), bowl), NotImplementedError, "step SGD(lr=0.1)"),
    "steps negative": ((SGD(), bowl, -1), ValueError, "steps at least 0 -1"),
    "steps 2.5": ((SGD(), bowl, 2.5), TypeError, "steps whole number 2.5"),
    "steps 30.0": ((SGD(), bowl, 30.0), TypeError, "steps whole number 30.0"),
    "steps True": ((SGD(), bowl, True), TypeError, "steps whole number True"),
    "steps text": ((SGD(), bowl, "30"), TypeError, "steps whole number '30'"),
    "steps None": ((SGD(), bowl, None), TypeError, "steps whole number None"),
    "steps an array": ((SGD(), bowl, ROWS), TypeError, "steps whole number"),
    "steps too many": ((SGD(), bowl, 10**12), ValueError, "fewer steps"),
    "runs too many": ((SGD(lr=np.ones(2**20)), bowl, 10**3), ValueError, "fewer runs"),
    "start NaN": ((SGD(), bowl, 9, (np.nan, 2)), ValueError, "start finite nan"),
    "start infinite": ((SGD(), bowl, 9, (-7, np.inf)), ValueError, "start finite inf"),
    "one start of many NaN": ((SGD(), bowl, 9, ROWS[:, :2] + np.nan), ValueError, "start finite"),
    "start 3-D": ((SGD(), bowl, 9, (1, 2, 3)), ValueError, "start (x, y) (1, 2, 3)"),
    "start one number": ((SGD(), bowl, 9, 3.0), ValueError, "start (x, y) 3.0"),
    "start empty": ((SGD(), bowl, 9, ()), ValueError, "start (x, y)"),
    "starts 3-D": ((SGD(), bowl, 9, ROWS), ValueError, "start (x, y)"),
    "start text": ((SGD(), bowl, 9, "origin"), TypeError, "start numbers (-7, 2) 'origin'"),
    "start texts": ((SGD(), bowl, 9, ("-7", "2")), TypeError, "start numbers (-7, 2) '-7'"),
    "start with None": ((SGD(), bowl, 9, (None, 2)), TypeError, "start numbers None"),
    "start bools": ((SGD(), bowl, 9, (True, False)), TypeError, "start numbers True"),
    "start complex": ((SGD(), bowl, 9, np.array([1j, 2])), TypeError, "start numbers 1.j"),
    "start ragged": ((SGD(), bowl, 9, [(1, 2), (3,)]), TypeError, "start numbers"),
    "start a dict": ((SGD(), bowl, 9, {"x": 1, "y": 2}), TypeError, "start numbers"),
    "noise negative": ((SGD(), bowl, 9, None, -1), ValueError, "noise at least 0 -1"),
    "noise NaN": ((SGD(), bowl, 9, None, np.nan), ValueError, "noise finite nan"),
    "noise infinite": ((SGD(), bowl, 9, None, np.inf), ValueError, "noise finite inf"),
    "noise text": ((SGD(), bowl, 9, None, "0.1"), TypeError, "noise number '0.1'"),
    "noise True": ((SGD(), bowl, 9, None, True), TypeError, "noise number True"),
    "noise an array": ((SGD(), bowl, 9, None, ROWS), TypeError, "noise number"),
    "starts and knobs": (
        (SGD(lr=np.ones(3)), bowl, 9, ROWS[:5, :2]),
        ValueError,
        "lr (3,) starts (5,) lr[:, None]",
    ),
    "Muon with starts": ((Muon(), bowl, 9, ROWS[:, :2]), ValueError, "Muon whole loop (50,)"),
    "Muon with knobs": ((Muon(lr=[1, 2]), bowl), ValueError, "Muon whole loop (2,)"),
    "knobs and knobs": (
        (Nesterov(lr=np.ones(3), momentum=np.zeros(2)), bowl),
        ValueError,
        "lr (3,) momentum (2,) lr[:, None]",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_clear_line(case):
    arguments, error, words = BAD[case]
    complains(lambda: descend(*arguments), error, words)


def test_a_run_is_not_changed_by_accident():
    run = descend(RMSProp(), bowl, steps=3)
    assert isinstance(run, Run)
    with pytest.raises(AttributeError):
        run.path = None


def test_newton_solves_the_model_at_each_step():
    x, y = np.array([-1.0, -1.0])
    for found in newton("rosenbrock", (-1, -1), 3)[1:]:
        (xx, xy), (_, yy) = rosenbrock.hessian(x, y)
        gx, gy = rosenbrock.gradient(x, y)
        determinant = xx * yy - xy * xy
        x, y = x - (yy * gx - xy * gy) / determinant, y - (xx * gy - xy * gx) / determinant
        assert np.allclose(found, (x, y), rtol=1e-9)
    assert np.array_equal(newton(rosenbrock), newton("rosenbrock", rosenbrock.start, 5))
    many = newton(bowl, np.ones((3, 4, 2)), 2)
    assert many.shape == (3, 3, 4, 2) and np.allclose(many[1:], 0)
    with pytest.raises(ValueError, match="singular"):
        newton(quadratic(1, 0), (1, 1), 1)
