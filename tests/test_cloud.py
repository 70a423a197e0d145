"""The live cloud of chapter 03: its dots, its ellipse, and what it refuses."""

import numpy as np
import pytest
from lab import bowl, cloud, descend, matyas, rosenbrock
from lab.live.cloud import RUNS, STEPS
from lab.theory import moments, spread
from seen import opened

from optimizers import SGD, Adam, Muon


def sent(made):
    """What was sent: offsets of shape (rates, runs, STEPS, 2), sums of shape (rates, steps, 4)."""
    rates = len(made.scene["sliders"][0]["values"])
    dots = np.frombuffer(made.dots, dtype="<f4").reshape(rates, RUNS, len(STEPS), 2)
    return dots, np.frombuffer(made.sums, dtype="<f4").reshape(rates, STEPS[-1] + 1, 4)


@pytest.fixture(scope="module")
def made():
    return cloud(SGD(lr=0.3), on=bowl, sigma=1.0, examples=256)


def test_the_dots_lie_as_the_recursions_predict(made):
    at = made.scene["sliders"][0]["values"].index(0.3)
    for k in (3, len(STEPS) - 1):
        off = sent(made)[0][at, :, k]
        _, variance = moments((0.1, 2.0), bowl.start, 0.3, 1.0, STEPS[k])
        assert np.all(abs(off.mean(axis=0)) < 4 * np.sqrt(variance / RUNS))
        np.testing.assert_allclose(off.var(axis=0), variance, rtol=0.35)


def test_the_dots_are_runs_of_descend(made):
    rates = np.array(made.scene["sliders"][0]["values"])
    fan = np.tile(bowl.start, (RUNS, 1))
    runs = descend(SGD(lr=rates[:, None]), bowl, 13, fan, noise=1.0)
    for at in (0, rates.tolist().index(0.3), len(rates) - 1):
        mean, _ = moments((0.1, 2.0), bowl.start, rates[at], 1.0, 13)
        found = mean + sent(made)[0][at, :, STEPS.index(13)]
        np.testing.assert_allclose(found, runs.path[13, at], rtol=1e-5, atol=1e-5)


def test_the_sums_are_those_of_the_dots(made):
    dots, sums = sent(made)
    for k in (1, 5, 12):
        off, scale = dots[:, :, k].astype(float), abs(dots[:, :, k]).max(axis=1)
        found = sums[:, STEPS[k]]
        assert np.all(abs(found[:, :2] - off.mean(axis=1)) <= 1e-5 * scale)
        np.testing.assert_allclose(found[:, 2:], np.sqrt((off**2).mean(axis=1)), rtol=1e-5)


def test_every_setting_is_a_finite_number_however_it_diverges(made):
    dots, sums = sent(made)
    assert np.isfinite(dots).all() and np.isfinite(sums).all()
    assert abs(dots[-1, :, -1, 1]).min() > 10, "the last rate is beyond 2/L: all are off the map"


def test_the_opening_stands_on_every_slider():
    made = cloud(SGD(lr=0.123), on=bowl, sigma=1.0, examples=100, batch=3)
    lr, batch = (slider["values"] for slider in made.scene["sliders"])
    assert 0.123 in lr and batch == [1, 2, 3, 4, 8, 16, 32, 64, 100]
    assert made.settings == made.scene["first"] == {"lr": 0.123, "batch": 3}


def test_nothing_moves_at_a_learning_rate_of_zero():
    made = cloud(SGD(lr=0.0), on=bowl, sigma=1.0, examples=256)
    assert not sent(made)[0][0].any()
    assert "mean f = 6.4500, predicted 6.4500" in repr(made)


def test_the_recursions_against_a_loop():
    mean, variance = 3.0, 0.0
    for _ in range(7):
        mean, variance = (1 - 0.4 * 2) * mean, (1 - 0.4 * 2) ** 2 * variance + 0.4**2 * 0.5**2
    assert moments(2.0, 3.0, 0.4, 0.5, 7) == pytest.approx((mean, variance), rel=1e-12)


@pytest.mark.parametrize(("batch", "wanted"), [(1, 1.0), (256, 0.0), (4, np.sqrt(252 / 1020))])
def test_the_spread_of_a_batch_without_replacement(batch, wanted):
    assert spread(1.0, batch, 256) == pytest.approx(wanted)


def test_its_bundle_holds_a_still_and_a_description():
    data, _ = cloud(SGD(lr=0.3), on=bowl, sigma=1.0, examples=256)._repr_mimebundle_()
    assert opened(data["image/png"]).size[0] > 300
    assert data["text/plain"].startswith("Live cloud. 300 runs of SGD(lr=0.3) on the bowl")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"optimizer": Adam()}, "predicted ellipse is that of SGD"),
        ({"optimizer": Muon()}, "predicted ellipse is that of SGD"),
        ({"optimizer": SGD}, "SGD is a class"),
        ({"optimizer": SGD(lr=[0.1, 0.2])}, "predicted ellipse is that of SGD"),
        ({"on": rosenbrock}, "along the axes"),
        ({"on": matyas}, "along the axes"),
        ({"on": "hill"}, "no landscape 'hill'"),
        ({"optimizer": 7}, "an optimizer such as SGD"),
        ({"optimizer": SGD(lr=1.2)}, "lr must be at most 1.1"),
        ({"sigma": 0}, "sigma must be greater than 0"),
        ({"sigma": "much"}, "sigma must be a number"),
        ({"sigma": float("nan")}, "sigma must be greater than 0"),
        ({"examples": 1}, "examples must be at least 2"),
        ({"batch": 0}, "batch must be from 1 to 256"),
        ({"batch": 257}, "batch must be from 1 to 256"),
        ({"batch": 2.5}, "batch must be a whole number"),
        ({"batch": True}, "batch must be a whole number"),
    ],
)
def test_bad_input_gets_one_clear_line(change, word):
    good = {"optimizer": SGD(lr=0.3), "on": bowl, "sigma": 1.0, "examples": 256, "batch": 1}
    with pytest.raises((TypeError, ValueError)) as error:
        cloud(**(good | change))
    assert word in str(error.value) and "\n" not in str(error.value)
