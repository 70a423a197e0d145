"""The schedules of chapter 11 against their formulas, and their live picture."""

import copy
import pickle
from dataclasses import fields

import numpy as np
import pytest
from helpers import complains
from lab import bowl, descend, feed, quadratic, trail
from lab.dialects import as_function
from lab.live.schedule import PEAKS, WARMUPS, mean_losses, schedule_stage, shares
from lab.schedules import (
    constant,
    cosine,
    exponential,
    inverse_square_root,
    linear,
    one_cycle,
    scheduled,
    step,
    table,
    warm_up,
)
from lab.theory import expected_f
from seen import opened

from optimizers import SGD, Adam, Momentum, Muon


def values(schedule, steps):
    return [schedule(t) for t in range(1, steps + 1)]


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        (constant(0.1), [0.1, 0.1, 0.1, 0.1]),
        (table([0.3, 0.2]), [0.3, 0.2, 0.2]),
        (step(0.4, 2), [0.4, 0.4, 0.2, 0.2, 0.1]),
        (step(1, [1, 3], 0.1), [1, 0.1, 0.1, 0.01]),
        (exponential(0.8, 0.5), [0.8, 0.4, 0.2, 0.1]),
        (inverse_square_root(1), [1, 2**-0.5, 3**-0.5, 0.5]),
        (inverse_square_root(1, 2), [0.5, 1, (2 / 3) ** 0.5, 0.5**0.5]),
        (linear(0.4, 4), [0.4, 0.3, 0.2, 0.1, 0, 0]),
        (linear(1, 1), [1, 0]),
        (cosine(1, 4), [1, 0.5 + 0.5**1.5, 0.5, 0.5 - 0.5**1.5, 0, 0]),
        (cosine(1, 2, 0.2), [1, 0.6, 0.2, 0.2]),
        (warm_up(constant(0.4), 4), [0.1, 0.2, 0.3, 0.4, 0.4]),
        (warm_up(cosine(1, 2), 2), [0.5, 1, 1, 0.5, 0]),
        (warm_up(constant(0.4), 0), [0.4, 0.4]),
        (one_cycle(0.1, 0.5, 5, rest=0), [0.1, 0.3, 0.5, 0.3, 0.1]),
        (one_cycle(1, 3, 11, rest=0.2), [1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5, 1, 0.5, 0, 0]),
        (one_cycle(0.95, 0.85, 5, rest=0, final=0.95), [0.95, 0.9, 0.85, 0.9, 0.95]),
    ],
    ids=repr,
)
def test_each_schedule_step_by_step(schedule, wanted):
    np.testing.assert_allclose(values(schedule, len(wanted)), wanted, rtol=1e-12, atol=1e-15)


def test_one_cycle_ends_where_it_should():
    """Not a last bit beyond: a learning rate of -2e-19 would be refused."""
    for start in np.geomspace(1e-4, 1, 200):
        assert one_cycle(start, 10 * start, 200)(200) == 0
        assert one_cycle(start, 0.5, 200, final=0.95)(200) == 0.95


def test_vaswani_equation_3():
    """lrate = d^−½ · min(step^−½, step · warmup^−1.5)"""
    d, w = 512, 4000
    ours = inverse_square_root(1 / (d * w) ** 0.5, w)
    for t in (1, 100, 4000, 4001, 100_000):
        assert ours(t) == pytest.approx(d**-0.5 * min(t**-0.5, t * w**-1.5), rel=1e-12)


def test_the_sum_of_a_cosine():
    assert sum(values(cosine(0.3, 100), 100)) == pytest.approx(0.3 * 101 / 2, rel=1e-12)


def test_expected_f_without_noise_is_gradient_descent():
    for schedule in (constant(0.3), warm_up(cosine(0.9, 20), 5)):
        run = descend(scheduled(SGD(), schedule), bowl, 30)
        np.testing.assert_allclose(expected_f(schedule, 30, s=0.0), run.f, rtol=1e-9)


def test_expected_f_with_noise():
    """At a constant rate the mean f tends to ηs²/(2(2 − ηλ)) in each coordinate; chapter 03."""
    lr, lam, s = 0.4, np.array([0.5, 2.0, 3.0]), 0.7
    floor = np.sum(lr * s**2 / (2 * (2 - lr * lam)))
    found = expected_f(constant(lr), 400, curvature=lam, start=[5, 1, 0], s=s)
    assert found[0] == pytest.approx(0.5 * (0.5 * 25 + 2), rel=1e-12)
    assert found[-1] == pytest.approx(floor, rel=1e-12) and found.shape == (401,)
    many = np.tile((3.0, 2.0), (4000, 1))
    runs = descend(scheduled(SGD(), linear(0.5, 40)), quadratic(1, 3), 40, many, noise=s)
    expected = expected_f(linear(0.5, 40), 40, curvature=(1, 3), start=(3, 2), s=s)
    np.testing.assert_allclose(runs.f.mean(axis=1), expected, rtol=0.07)


def test_expected_f_takes_an_array_of_rates():
    peaks = np.array([0.1, 0.6])
    found = expected_f(cosine(peaks, 50), 50)
    assert found.shape == (51, 2)
    for i, lr in enumerate(peaks):
        np.testing.assert_allclose(found[:, i], expected_f(cosine(lr, 50), 50), rtol=1e-12)


def test_expected_f_with_momentum():
    """Against a crowd of heavy balls whose learning rate and momentum both change."""
    lr, beta = cosine(0.1, 40), one_cycle(0.9, 0.5, 40, final=0.9)
    expected = expected_f(lr, 40, momentum=beta)
    rule = scheduled(Momentum(), lr, momentum=beta)
    np.testing.assert_allclose(expected_f(lr, 40, s=0.0, momentum=beta), descend(rule, bowl, 40).f)
    crowd = descend(rule, bowl, 40, np.tile(bowl.start, (20_000, 1)), noise=1.0)
    np.testing.assert_allclose(crowd.f.mean(axis=1)[[1, 5, 40]], expected[[1, 5, 40]], rtol=0.03)


def test_expected_f_takes_arrays_of_both():
    rates, betas = np.array([0.01, 0.1, 0.3]), np.array([[0.0], [0.9]])
    found = expected_f(constant(rates), 20, momentum=constant(betas))
    assert found.shape == (21, 2, 3)
    one = expected_f(constant(0.1), 20, momentum=constant(0.9))
    np.testing.assert_allclose(found[:, 1, 1], one, rtol=1e-12)


def test_a_learning_rate_may_be_an_array():
    peaks = np.array([0.1, 0.2])
    run = descend(scheduled(SGD(), warm_up(cosine(peaks, 20), 5)), bowl, 25)
    for i, lr in enumerate(peaks):
        one = descend(scheduled(SGD(), warm_up(cosine(lr, 20), 5)), bowl, 25)
        np.testing.assert_array_equal(run.path[:, i], one.path)


def test_scheduled_is_the_loop_by_hand():
    schedule = warm_up(cosine(0.3, 20), 5)
    opt, params, path = Adam(), {"x": -7.0, "y": 2.0}, []
    for _ in range(25):
        opt.lr = schedule(opt.t + 1)
        opt.update(params, {"x": params["x"] / 10, "y": 2 * params["y"]})
        path.append(tuple(params.values()))
    run = descend(scheduled(Adam(), schedule), bowl, 25)
    np.testing.assert_array_equal(run.path[1:], path)


def test_scheduled_takes_the_place_of_its_optimizer():
    inner = Momentum()
    opt = scheduled(inner, cosine(0.1, 10), momentum=one_cycle(0.95, 0.85, 10, final=0.95))
    assert (opt.lr, opt.momentum, opt.t) == (0.1, 0.95, 0)
    params = {"x": np.ones(3)}
    for _ in range(10):
        opt.update(params, {"x": np.ones(3)})
    assert opt.t == 10 and opt.v["x"].shape == (3,) and opt.momentum == pytest.approx(0.95)
    assert inner.t == 0 and inner.lr == 0.01, "the optimizer itself must stay as it was"
    twin = copy.deepcopy(opt)
    twin.reset()
    assert (twin.t, opt.t, twin.lr) == (0, 10, 0.1)
    assert repr(opt).startswith("Momentum(lr=cosine(0.1, 10), momentum=one_cycle(0.95, 0.85, 10))")
    run = descend(opt, bowl, 5)
    assert run.rule == "Momentum" and "cosine" in trail(run).text
    assert descend(scheduled(Muon(), lambda t: 0.1 / t), bowl, 3).label == "Muon(lr=schedule)"


def test_what_a_schedule_sets_cannot_be_set_by_hand():
    opt = scheduled(Momentum(), cosine(0.1, 10))
    words = "lr follows cosine(0.1, 10) scheduled(Momentum(), lr=…)"
    complains(lambda: setattr(opt, "lr", 5), AttributeError, words)
    complains(lambda: setattr(opt, "rate", 5), AttributeError, "Momentum no 'rate' lr, momentum")
    complains(lambda: setattr(opt, "momentum", 5), ValueError, "momentum less than 1")
    assert opt.lr == 0.1 and opt.momentum == 0.9
    opt.momentum = 0.5  # no schedule follows it: it is the rule's
    assert feed(opt, [1.0, 0.0]).tolist() == [-0.1, -0.05]
    assert list(opt.knobs) == [field.name for field in fields(opt)] == ["momentum"]


EVERY_KIND = [
    constant(0.1),
    constant([0.1, 0.2]),
    table([0.3, 0.2]),
    step(0.4, [2, 5]),
    exponential(0.8, 0.5),
    inverse_square_root(1, 3),
    linear(0.4, 4),
    cosine(lr=1, steps=4, final=0.1),
    warm_up(cosine(1, 4), 2),
    one_cycle(0.1, 0.5, 5),
]


@pytest.mark.parametrize("schedule", EVERY_KIND, ids=repr)
def test_a_schedule_can_be_pickled_and_copied(schedule):
    again = pickle.loads(pickle.dumps(schedule))
    np.testing.assert_array_equal(values(again, 9), values(schedule, 9))
    assert repr(again) == repr(schedule) and copy.deepcopy(schedule) is schedule
    opt = scheduled(Momentum(), schedule)
    feed(opt, np.ones(5), key="x") if np.ndim(schedule(1)) == 0 else None
    twin = pickle.loads(pickle.dumps(opt))
    assert (twin.t, repr(twin)) == (opt.t, repr(opt))
    if np.ndim(schedule(1)) == 0:
        assert feed(twin, np.ones(4), key="x").tolist() == feed(opt, np.ones(4), key="x").tolist()


def test_a_pickled_schedule_is_as_it_was_made():
    rates = [0.3, 0.2]
    schedule = table(rates)
    rates[0] = 5.0
    assert pickle.loads(pickle.dumps(schedule))(1) == schedule(1) == 0.3


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: constant(-1), "lr must be at least 0 and finite"),
        (lambda: constant("big"), "lr must be a number"),
        (lambda: constant([[1], [1, 2]]), "lr must be a number"),
        (lambda: constant(float("nan")), "lr must be at least 0 and finite"),
        (lambda: table(0.1), "rates must be a list"),
        (lambda: table([]), "rates must be a list"),
        (lambda: table([0.1, -1]), "rates must be at least 0"),
        (lambda: step(0.1, 0), "drops must be at least 1"),
        (lambda: step(0.1, [3, 2.5]), "drops must be a whole number"),
        (lambda: step(0.1, 10, -0.5), "factor must be at least 0"),
        (lambda: exponential(0.1, 1.1), "keep must be at most 1"),
        (lambda: inverse_square_root(0.1, 0), "warmup must be at least 1"),
        (lambda: linear(0.1, 0), "steps must be at least 1"),
        (lambda: linear(-0.1, 5), "lr must be at least 0 and finite"),
        (lambda: cosine(0.1, True), "steps must be a whole number"),
        (lambda: cosine(0.1, 10, -1), "final must be at least 0"),
        (lambda: warm_up(0.1, 10), "schedule must be a function of t"),
        (lambda: warm_up(constant(0.1), -1), "steps must be at least 0"),
        (lambda: one_cycle(0.1, 1, 3), "steps must be at least 4"),
        (lambda: one_cycle(0.1, 1, 10, rest=1), "rest must be at least 0 and less than 1"),
        (lambda: constant(0.1)(0), "there is no step 0"),
        (lambda: constant(0.1)(1.5), "there is no step 1.5"),
        (lambda: scheduled(SGD, constant(0.1)), "SGD is a class"),
        (lambda: scheduled(SGD(), cosine), "cosine needs more than t"),
        (lambda: warm_up(linear, 10), "linear needs more than t"),
        (lambda: expected_f(constant(0.1), 2.5), "steps must be a whole number"),
        (lambda: scheduled(as_function(SGD), constant(0.1)), "sgd is a function"),
        (lambda: scheduled(7, constant(0.1)), "an optimizer such as SGD("),
        (lambda: scheduled(SGD(), 0.1), "lr must be a function of t"),
        (lambda: scheduled(SGD(), constant(0.1), momentum=constant(0.9)), "no 'momentum'"),
        (lambda: scheduled(SGD(), lambda t: -1.0), "lr must be finite and not negative"),
        (lambda: schedule_stage(SGD, bowl), "SGD is a class"),
        (lambda: schedule_stage(Muon(), bowl), "moves a point as a whole"),
        (lambda: schedule_stage(SGD(lr=[0.1, 0.2]), bowl), "a live picture needs a single number"),
        (lambda: schedule_stage(SGD(), "hill"), "no landscape 'hill'"),
        (lambda: schedule_stage(SGD(), bowl, steps=60), "steps must be from 61 to 400"),
        (lambda: schedule_stage(SGD(), bowl, steps=61.5), "steps must be a whole number"),
        (lambda: schedule_stage(SGD(), bowl, noise=-1), "noise must be"),
        (lambda: schedule_stage(SGD(), bowl, shape="saw"), "shape must be one of"),
        (lambda: schedule_stage(SGD(), bowl, warmup=6), "warmup must be one of"),
        (lambda: schedule_stage(SGD(), bowl, peak=0.3333), "peak must be one of"),
        (lambda: schedule_stage(SGD(), bowl, peak=[0.2]), "peak must be one of"),
        (lambda: schedule_stage(SGD(), bowl, marks=0.2), "marks must look like"),
        (lambda: schedule_stage(SGD(), bowl, marks={"a": "b"}), "marks must be a number"),
    ],
)
def test_bad_input_gets_one_clear_line(make, word):
    with pytest.raises((TypeError, ValueError)) as error:
        make()
    assert word in str(error.value) and "\n" not in str(error.value)


def test_the_losses_are_those_of_descend():
    ramp = shares(61)
    losses = mean_losses(SGD(), bowl, ramp, 0.0)
    assert losses.shape == (3, len(WARMUPS), len(PEAKS), 62)
    w, p = WARMUPS.index(10), 12
    run = descend(scheduled(SGD(), warm_up(cosine(PEAKS[p], 51), 10)), bowl, 61)
    np.testing.assert_allclose(losses[2, w, p], run.f, rtol=1e-12)
    assert np.isnan(losses[0, 0, -1, -1]), "a constant rate of 2 is beyond 2/L and must diverge"
    assert not np.isnan(losses[0, 0, -1, 0])


def test_the_losses_are_a_mean_of_noisy_runs_with_the_same_noise():
    losses = mean_losses(SGD(), bowl, shares(61), 0.5)
    peak = PEAKS.tolist().index(0.2)
    same = losses[:, 0, peak, 1]
    assert np.ptp(same) == 0 < np.ptp(losses[:, 0, peak, -1]), "the first rate is the peak in all"
    expected = expected_f(cosine(0.2, 61), 61, s=0.5)[-1]
    assert losses[2, 0, peak, -1] == pytest.approx(expected, rel=0.5)


def test_the_live_picture():
    made = schedule_stage(Adam(), on=bowl, steps=61, noise=0.5, warmup=10, peak=0.2, marks={"a": 1})
    sent = np.frombuffer(made.losses, dtype="<f4").reshape(3, len(WARMUPS), len(PEAKS), 62)
    rates, losses = made.at("cosine", 10, 0.2)
    np.testing.assert_allclose(sent[2, 7, made.scene["peaks"].index(0.2)], losses, rtol=1e-6)
    ramp = np.frombuffer(made.shares, dtype="<f4").reshape(3, len(WARMUPS), 61)
    np.testing.assert_allclose(0.2 * ramp[2, 7], rates, rtol=1e-6)
    assert made.settings == {"shape": 2, "warmup": 10, "peak": 0.2}
    peaks, warmups, _ = made.scene["sliders"]
    assert made.settings["peak"] in peaks["values"] and made.settings["warmup"] in warmups["values"]
    assert [mark["label"] for mark in peaks["marks"]] == ["a"]
    assert rates[9] == pytest.approx(PEAKS[np.argmin(abs(PEAKS - 0.2))])
    data, _ = made._repr_mimebundle_()
    assert opened(data["image/png"]).size[0] > 300
    assert data["text/plain"].startswith("Live schedules. 60 runs of Adam on the bowl, peak 0.2")
