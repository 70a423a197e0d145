"""The live plane of chapters 04 and 05, and the rates that it is compared with."""

import base64
import itertools

import numpy as np
import pytest
from lab import bowl, descend, heavy_ball_rate, nesterov_rate, plane, quadratic
from lab.dialects.interfaces import plug
from lab.dialects.mysteries import stranger
from lab.live.plane import LABEL, setting
from lab.theory import rate_of
from seen import ask, everything, opened, sent

from optimizers import SGD, Momentum, Muon, Nesterov

RATES = np.linspace(0.02, 1.8, 12)
BETAS = np.linspace(0, 0.9, 10)


def predicted(lr, momentum):
    return np.maximum(heavy_ball_rate(lr, momentum, 0.1), heavy_ball_rate(lr, momentum, 2.0))


def made(*rules, **options):
    rules = rules or (Momentum(lr=0.5, momentum=0.6),)
    return plane(*rules, on=bowl, x=("lr", RATES), y=("momentum", BETAS), **options)


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
    ask(shown, {"lr": 0.3, "momentum": 0.85}, sweeps=False)
    assert shown.error == {} and shown.reply["settings"] == {"lr": 0.3, "momentum": 0.85}
    ((verdict, path),), ((_, other),) = sent(shown).values()
    wanted = descend(Momentum(lr=0.3, momentum=0.85), bowl, 100)
    np.testing.assert_array_equal(path[:, :2], wanted.path.astype("<f4"))
    alone = descend(SGD(lr=0.3), bowl, 100)
    np.testing.assert_array_equal(other[:, :2], alone.path.astype("<f4"))
    rate = f"measured rate {rate_of(wanted):.4f}, predicted {predicted(0.3, 0.85):.4f}"
    assert verdict == [wanted.verdict(), rate]
    ask(shown, {"lr": 1.7, "momentum": 0.1})
    lost = descend(SGD(lr=1.7), bowl, 100).verdict()
    assert "diverged at step" in lost
    assert sent(shown)["", 1][0][0] == [lost, f"predicted {predicted(1.7, 0.1):.4f}"]


def test_its_row_and_its_column_are_sent_before_they_are_asked_for():
    shown = made(Momentum(lr=0.5, momentum=0.6), SGD(), predicted=[predicted, predicted])
    for reply, lr, beta in (
        (sent(shown, *everything(shown)), 0.5, 0.6),
        (ask(shown, {"lr": 0.3, "momentum": 0.85}) or sent(shown), 0.3, 0.85),
    ):
        for slider in shown.scene["sliders"]:
            name, values = slider["name"], slider["values"]
            assert shown.settings[name] in values and values == sorted(values)
            for rule in (0, 1):
                sweep = reply[name, rule]
                assert len(sweep) == len(values)
                for i in (0, 5, len(values) - 1):
                    pair = {"lr": lr, "momentum": beta, name: values[i]}
                    one = Momentum(**pair) if rule == 0 else SGD(lr=pair["lr"])
                    run = descend(one, bowl, 100)
                    (verdict, rates), path = sweep[i]
                    np.testing.assert_array_equal(path[:, :2], run.path.astype("<f4"))
                    assert verdict == run.verdict()
                    assert rates.endswith(f"predicted {predicted(*pair.values()):.4f}")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"lr": -1.0, "momentum": 0.5}, "lr must be finite and not negative"),
        ({"lr": 0.5, "momentum": 1.0}, "momentum must be at least 0 and less than 1"),
        ({"lr": None, "momentum": 0.5}, ""),
        ({"lr": 0.5}, "momentum"),
    ],
)
def test_what_cannot_be_asked_for_is_told_and_the_last_answer_stays(settings, word):
    shown = made()
    ask(shown, {"lr": 0.2, "momentum": 0.2})
    before = shown.reply, shown.runs
    ask(shown, settings)
    assert word in shown.error["text"] and "\n" not in shown.error["text"]
    assert (shown.reply, shown.runs) == before


@pytest.mark.parametrize("rules", [(Momentum(),), (Momentum(), SGD(), Nesterov())])
def test_its_bundle_holds_pictures_and_a_description(rules):
    shown = made(*rules, predicted=[predicted] * len(rules), levels=[0.8, 0.9, 1.0])
    bundle = shown._repr_mimebundle_()[0]
    with opened(bundle["image/png"]) as still:
        assert min(still.size) > 300
    assert "f = " in bundle["text/plain"] and "lr and momentum" in bundle["text/plain"]
    assert len(shown.scene["heats"]) == len(rules)
    for heat in shown.scene["heats"]:
        with opened(heat["image"]) as image:
            pixels = np.asarray(image.convert("L"), dtype=int)
        assert min(pixels.shape) > 300
        corner = pixels[-20:, :20].mean()  # slow there, and coloured up to the very edge
        assert corner < 100
        assert [label["text"] for label in heat["labels"]] == ["0.8", "0.9", "1"]


def test_a_heat_map_is_told_to_the_browser_as_it_was_measured():
    shown = made(Momentum(), predicted=predicted, levels=[0.8, 0.9, 1.0])
    (heat,) = shown.scene["heats"]
    rates = np.frombuffer(base64.b64decode(heat["rates"]), dtype="<f4").reshape(10, 12)
    for j, i in ((0, 0), (9, 3), (2, 11)):
        run = descend(Momentum(lr=RATES[i], momentum=BETAS[j]), bowl, 100)
        assert rates[j, i] == pytest.approx(rate_of(run), rel=1e-6)
    assert np.isinf(rates).any() and np.isfinite(rates).any()
    (left, right), (bottom, top) = heat["view"]
    assert left < RATES[0] < RATES[-1] < right and bottom < BETAS[0] < BETAS[-1] < top
    for label in heat["labels"]:  # each number lies on its line, and whole within the frame
        (x, y), level = label["at"], float(label["text"])
        assert predicted(x, y) == pytest.approx(level, abs=0.03)
        assert left + 0.05 * (right - left) < x < right - 0.05 * (right - left)
        assert bottom + 0.03 * (top - bottom) < y < top - 0.03 * (top - bottom)


def test_the_numbers_of_levels_keep_apart():
    shown = made(Momentum(), predicted=predicted, levels=[0.7, 0.8, 0.9, 0.95, 1.0])
    (heat,) = shown.scene["heats"]
    (left, right), (bottom, top) = heat["view"]
    places = [
        np.array(label["at"]) / [right - left, top - bottom] / LABEL for label in heat["labels"]
    ]
    assert len(places) >= 3
    assert all(np.linalg.norm(a - b) > 1 for a, b in itertools.combinations(places, 2))


def test_a_logarithmic_axis_is_told_to_the_browser():
    shown = plane(
        Momentum(), on=bowl, x=("lr", np.geomspace(0.01, 1, 9)), y=("momentum", BETAS), steps=20
    )
    assert shown.scene["heats"][0]["log"] == [True, False]


def own_sgd(w, dw, config):
    return w - 0.1 * dw, config or {}


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
        (lambda: made(predicted=0.9), "predicted must be functions"),
        (lambda: made(steps=0), "steps must be at least 1"),
        (lambda: made(steps=2.5), "steps must be a whole number"),
        (lambda: made(start=[(1, 2), (3, 4)]), "one start"),
        (lambda: made(Momentum(lr=[0.1, 0.2])), r"lr is an array of shape \(2,\)"),
        (lambda: made(Momentum), "Momentum is a class"),
        (lambda: made(stranger(1)), "does not say which knobs it has"),
        (lambda: made(plug(own_sgd)), "does not say which knobs it has"),
        (
            lambda: plane(Momentum(), on=bowl, x=("lr", [-1, 1]), y=("momentum", BETAS)),
            "the range of lr ends at -1: .*lr must be finite and not negative",
        ),
        (
            lambda: plane(Momentum(), on=bowl, x=("lr", RATES), y=("momentum", [0.5, 1.0])),
            "the range of momentum ends at 1: .*less than 1",
        ),
        (lambda: plane(Momentum(), on=bowl, x=(1, RATES), y=("lr", RATES)), "x must be"),
        (
            lambda: plane(Momentum(), on=bowl, x=("lr", [0.1, np.inf]), y=("momentum", BETAS)),
            "rising row",
        ),
        (lambda: made(Muon()), "Muon moves a point as a whole"),
        (lambda: made(Momentum(), Muon()), "Muon moves a point as a whole"),
    ],
)
def test_what_cannot_be_shown_gets_one_clear_line(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
