"""The live cloud of chapter 03: its dots, its ellipse, and what it refuses."""

import base64
import io

import numpy as np
import pytest
from lab import bowl, cloud, matyas, rosenbrock
from lab.live.cloud import RUNS, STEPS
from lab.theory import moments, spread
from PIL import Image

from optimizers import SGD, Adam, Muon


def test_the_dots_lie_as_the_recursions_predict():
    made = cloud(SGD(lr=0.3), on=bowl, sigma=1.0, examples=256)
    rates = made.scene["rates"]
    dots = np.frombuffer(made.dots, dtype="<f4").reshape(len(rates), len(STEPS), RUNS, 2)
    at = rates.index(0.3)
    for k in (3, len(STEPS) - 1):
        mean, variance = moments((0.1, 2.0), bowl.start, 0.3, 1.0, STEPS[k])
        error = dots[at, k].mean(axis=0) - mean
        assert np.all(abs(error) < 4 * np.sqrt(variance / RUNS))
        np.testing.assert_allclose(dots[at, k].var(axis=0), variance, rtol=0.35)
    assert np.isnan(dots[-1, -1]).any(), "the last rate is beyond 2/L and must diverge"


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
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size[0] > 300
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
        ({"sigma": 0}, "sigma must be positive"),
        ({"sigma": float("nan")}, "sigma must be positive"),
        ({"examples": 1}, "batch must be from 1 to examples"),
        ({"batch": 0}, "batch must be from 1 to examples"),
        ({"batch": 2.5}, "batch must be a whole number"),
        ({"batch": True}, "batch must be a whole number"),
    ],
)
def test_bad_input_gets_one_clear_line(change, word):
    good = {"optimizer": SGD(lr=0.3), "on": bowl, "sigma": 1.0, "examples": 256, "batch": 1}
    with pytest.raises((TypeError, ValueError)) as error:
        cloud(**(good | change))
    assert word in str(error.value) and "\n" not in str(error.value)
