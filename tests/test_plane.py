"""The live plane of chapters 04 and 05, and the rates that it is compared with."""

import base64
import io

import numpy as np
import pytest
from lab import bowl, descend, heavy_ball_rate, nesterov_rate, plane, quadratic
from lab.live.plane import setting
from lab.theory import rate_of
from PIL import Image

from optimizers import SGD, Momentum, Muon, Nesterov

RATES = np.linspace(0.02, 1.8, 12)
BETAS = np.linspace(0, 0.9, 10)


def predicted(lr, momentum):
    return np.maximum(heavy_ball_rate(lr, momentum, 0.1), heavy_ball_rate(lr, momentum, 2.0))


def made(*rules, **options):
    rules = rules or (Momentum(lr=0.5, momentum=0.6),)
    return plane(*rules, on=bowl, x=("lr", RATES), y=("momentum", BETAS), **options)


def paths(shown):
    data = np.frombuffer(shown.runs, dtype="<f4")
    return data.reshape(-1, shown.scene["steps"] + 1, 3)


@pytest.mark.parametrize("rate", [heavy_ball_rate, nesterov_rate])
def test_a_rate_is_the_spectral_radius_of_the_rules_own_matrix(rate):
    """The matrix is read off the rule: what one step makes of (x, v) = (1, 0) and (0, 1)."""
    rng = np.random.default_rng(1)
    for lr, beta, curvature in rng.uniform([0, 0, -1], [4, 0.99, 2], (300, 3)):
        columns = []
        for x, v in ((1.0, 0.0), (0.0, 1.0)):
            rule = (Momentum if rate is heavy_ball_rate else Nesterov)(lr=lr, momentum=beta)
            params = {"x": np.array(0.0)}
            rule.update(params, {"x": 0.0})  # a step at rest makes the memory
            params["x"][...], rule.v["x"][...] = x, v
            rule.update(params, {"x": curvature * x})
            columns.append([float(params["x"]), float(rule.v["x"])])
        radius = max(abs(np.linalg.eigvals(np.transpose(columns))))
        assert rate(lr, beta, curvature) == pytest.approx(radius, abs=1e-6)


def test_rates_broadcast_and_without_momentum_are_those_of_gradient_descent():
    curvature = np.array([0.1, 2.0])
    for rate in (heavy_ball_rate, nesterov_rate):
        np.testing.assert_allclose(rate(0.95, 0.0, curvature), [0.905, 0.9], rtol=1e-14)
        assert rate(RATES[:, None], BETAS, 2.0).shape == (12, 10)


def test_the_measured_rate_is_that_of_the_error():
    on = quadratic(1.0, 1.0)
    run = descend(SGD(lr=0.25), on, steps=40, start=(3, -4))
    assert rate_of(run) == pytest.approx(0.75, rel=1e-12)
    many = descend(SGD(lr=np.array([0.25, 0.5, 2.5])), on, steps=40, start=(3, -4))
    np.testing.assert_allclose(rate_of(many), [0.75, 0.5, np.inf], rtol=1e-12)
    assert rate_of(descend(SGD(lr=1.0), on, steps=4)) > 0, "an exact hit is not 0/0"


@pytest.mark.parametrize("rule", [SGD(lr=0.1), Momentum(), Nesterov()])
def test_a_grid_of_settings_is_a_loop_over_settings(rule):
    names = ["lr", "momentum"]
    grid = descend(setting(rule, names, RATES, BETAS[:, None]), bowl, 15)
    assert grid.f.shape == (16, 10, 12)
    for j, i in ((0, 0), (3, 7), (9, 11)):
        one = descend(setting(rule, names, RATES[i], BETAS[j]), bowl, 15)
        np.testing.assert_array_equal(grid.path[:, j, i], one.path)


def test_a_pick_is_answered_with_the_path_of_that_setting():
    shown = made(Momentum(lr=0.5, momentum=0.6), SGD(), predicted=[predicted, predicted])
    shown.wish = {"x": 0.3, "y": 0.85}
    assert shown.problem == "" and shown.answer["wish"] == {"x": 0.3, "y": 0.85}
    wanted = descend(Momentum(lr=0.3, momentum=0.85), bowl, 100)
    np.testing.assert_array_equal(paths(shown)[0, :, :2], wanted.path.astype("<f4"))
    np.testing.assert_array_equal(
        paths(shown)[1, :, :2], descend(SGD(lr=0.3), bowl, 100).path.astype("<f4")
    )
    rate = f"measured rate {rate_of(wanted):.4f}, predicted {predicted(0.3, 0.85):.4f}, "
    assert shown.answer["verdicts"][0] == rate + wanted.verdict()
    shown.wish = {"x": 1.7, "y": 0.1}
    lost = descend(SGD(lr=1.7), bowl, 100).verdict()
    assert "diverged at step" in lost
    assert shown.answer["verdicts"][1] == f"predicted {predicted(1.7, 0.1):.4f}, {lost}"


def test_a_wish_that_cannot_be_is_told_and_the_last_answer_stays():
    shown = made()
    before = shown.answer
    shown.wish = {"x": -1.0, "y": 0.5}
    assert "lr must be finite and not negative" in shown.problem and shown.answer == before
    shown.wish = {"x": 1.0, "y": 0.5}
    assert shown.problem == ""


@pytest.mark.parametrize("rules", [(Momentum(),), (Momentum(), SGD(), Nesterov())])
def test_its_bundle_holds_pictures_and_a_description(rules):
    shown = made(*rules, predicted=[predicted] * len(rules), levels=[0.8, 0.9, 1.0])
    bundle = shown._repr_mimebundle_()[0]
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as still:
        assert min(still.size) > 300
    assert "f = " in bundle["text/plain"] and "lr and momentum" in bundle["text/plain"]
    assert len(shown.scene["planes"]) == len(rules)
    for heat in shown.scene["planes"]:
        with Image.open(io.BytesIO(base64.b64decode(heat["map"]))) as image:
            left, top, right, bottom, width, height = heat["frame"]
            assert 0 <= left < right <= width and 0 <= top < bottom <= height
            assert image.size == pytest.approx((2 * width, 2 * height), abs=2)


def test_a_logarithmic_axis_is_told_to_the_browser():
    shown = plane(
        Momentum(), on=bowl, x=("lr", np.geomspace(0.01, 1, 9)), y=("momentum", BETAS), steps=20
    )
    assert shown.scene["planes"][0]["log"] == [True, False]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plane(on=bowl, x=("lr", RATES), y=("momentum", BETAS)), "no optimizer"),
        (lambda: made(SGD()), "no 'momentum' to put on an axis"),
        (lambda: plane(Momentum(), on=bowl, x=RATES, y=("momentum", BETAS)), "x must be"),
        (lambda: plane(Momentum(), on=bowl, x=("lr", 3.0), y=("momentum", BETAS)), "rising row"),
        (
            lambda: plane(Momentum(), on=bowl, x=("lr", RATES[::-1]), y=("momentum", BETAS)),
            "rising row",
        ),
        (lambda: plane(Momentum(), on=bowl, x=("lr", RATES), y=("lr", RATES)), "lr twice"),
        (lambda: made(predicted=[predicted, predicted]), "2 predictions for 1"),
        (lambda: made(Muon()), "Muon moves a point as a whole"),
        (lambda: made(Momentum(), Muon()), "Muon moves a point as a whole"),
    ],
)
def test_what_cannot_be_shown_gets_one_clear_line(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
