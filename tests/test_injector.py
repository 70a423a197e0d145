"""The fault injector, from the kernel's side: all combinations of faults at any knobs."""

import base64
import io
import warnings

import numpy as np
import pytest
from lab import LANDSCAPES, bowl, descend
from lab.dialects.faults import FaultyAdam, step_ratio
from lab.live.injector import COMBINATIONS, injector
from PIL import Image

from optimizers import SGD, Adam


def sent(made):
    """The kernel's paths, shape (1 + faulty ones, steps + 1, 3), and ratios (faulty, steps)."""
    steps = made.scene["steps"]
    runs = np.frombuffer(made.runs, dtype="<f4").reshape(-1, steps + 1, 3)
    return runs, np.frombuffer(made.ratios, dtype="<f4").reshape(-1, steps)


def wish(made, **changes):
    """Do what the browser does when a knob is moved."""
    made.wish = {**made.wish, **changes}


def test_the_bytes_are_the_paths_of_descend():
    made = injector(Adam(lr=0.3), steps=25, start=(4, 3))
    wish(made, beta1=0.7, eps=0.01)
    knobs = {"lr": 0.3, "beta1": 0.7, "eps": 0.01}
    runs, ratios = sent(made)
    assert len(runs) == 1 + len(ratios) == 1 + len(COMBINATIONS) == 31
    rules = [Adam(**knobs), *(FaultyAdam(**knobs, **faults) for faults in COMBINATIONS)]
    right = descend(rules[0], bowl, 25, (4, 3))
    gradients = np.array([bowl.gradient(*point) for point in right.path[:-1]])
    for k, rule in enumerate(rules):
        run = descend(rule, bowl, 25, (4, 3))
        np.testing.assert_array_equal(runs[k, :, :2], run.path.astype("f4"))
        np.testing.assert_array_equal(runs[k, :, 2], run.f.astype("f4"))
        assert made.answer["verdicts"][k] == run.verdict()
        if k:
            expected = step_ratio(rule, rules[0], gradients)
            np.testing.assert_allclose(ratios[k - 1], expected, rtol=1e-6)


def test_the_browser_finds_a_combination_by_counting_its_switches():
    """injector.js: number = (correction · 2 + first t) · 3 + place of ε, all right is 0."""
    switches = injector(steps=1).scene["switches"]
    for number, faults in enumerate(COMBINATIONS):
        found = 0
        for switch in switches:
            choices = switch["choices"]
            found = found * len(choices) + choices.index(faults[switch["name"]])
        assert found == number


def test_the_ratio_is_the_known_multiplier_whatever_the_path():
    """Without correction, and with ε out of the way, the gradients cancel."""
    t = np.arange(1, 61)
    known = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    number = COMBINATIONS.index({"correction": "none", "first_t": 1, "eps_place": "outside"})
    for name in ("bowl", "himmelblau", "rosenbrock"):
        ratio = sent(injector(on=name))[1][number]
        np.testing.assert_allclose(ratio, known, rtol=1e-5)
        assert ratio.argmax() + 1 == 12


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_knob_at_both_ends_and_any_start(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (x0, x1), (y0, y1) = LANDSCAPES[name].view
        made = injector(on=name, steps=8, start=(x1, y0))
        for knob in made.scene["knobs"]:
            for end in (0, -1):
                wish(made, **{**made.scene["first"]["wish"], knob["name"]: knob["values"][end]})
                assert made.problem == ""
                runs, ratios = sent(made)
                for verdict, run in zip(made.answer["verdicts"], runs, strict=True):
                    assert np.isnan(run[-1, 0]) == verdict.startswith("diverged at step ")
                lost = np.isnan(runs[0, :-1, 0])  # where Adam is lost, there is no ratio
                assert np.isnan(ratios[:, lost]).all()
                assert (ratios[:, ~lost] >= 0).all()


def test_a_start_at_the_minimum_has_no_ratio_and_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = injector(start=(0, 0), steps=3)
        ratios = sent(made)[1]
        assert made.still().png and "nan" not in repr(made)
    for faults, ratio in zip(COMBINATIONS, ratios):
        assert np.isinf(ratio[0]) if faults["eps_place"] == "added" else np.isnan(ratio[0])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"lr": -1}, "Adam: lr must be"),
        ({"beta1": 1}, "Adam: beta1 must be"),
        ({"eps": 0}, "Adam: eps must be"),
        ({"beta2": "high"}, "beta2 must be a number"),
        ({"lr": None}, "lr must be a number"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told_and_changes_nothing(changes, word):
    made = injector(steps=5)
    before = made.runs, made.ratios, made.answer
    wish(made, **changes)
    assert word in made.problem
    assert (made.runs, made.ratios, made.answer) == before
    wish(made, **{**made.scene["first"]["wish"], "lr": 0.1})
    assert made.problem == "" and made.answer["wish"]["lr"] == 0.1


def test_it_opens_with_the_faults_it_is_given():
    right = {"correction": "right", "first_t": 1, "eps_place": "outside"}
    assert injector(steps=2).faults == {**right, "correction": "none"}
    opened = injector(FaultyAdam(lr=0.1, beta2=0.9, first_t=2), steps=2)
    assert opened.faults == {**right, "first_t": 2}
    assert opened.wish == {"lr": 0.1, "beta1": 0.9, "beta2": 0.9, "eps": 1e-8}
    assert injector(FaultyAdam(), steps=2).faults == right


def test_its_bundle_holds_a_still_and_a_description():
    made = injector(Adam(lr=0.3))
    data, _ = made._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    pixels = np.asarray(image, dtype=int)
    purple = np.count_nonzero(abs(pixels - [0x7A, 0x4F, 0xBF]).max(axis=-1) <= 16, axis=1)
    middle = len(purple) * 3 // 5
    assert purple[:middle].sum() > 300 and purple[middle:].sum() > 300, "a path, and a ratio"
    text = data["text/plain"]
    assert text.startswith("Fault injector. Descent on the bowl from (-7.00, 2.00). Adam(lr=0.3): ")
    assert "least 3.162 times at step 1, most 6.569 times at step 12, in the end" in text
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_callers_optimizer_stays_as_it_was():
    opt = FaultyAdam(lr=0.1, first_t=2)
    made = injector(opt, steps=5)
    wish(made, lr=3.0)
    assert (opt.lr, opt.first_t, opt.t, opt.m) == (0.1, 2, 0, {})


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: injector(SGD()), "the faults are those of Adam"),
        (lambda: injector(Adam), "Adam is a class"),
        (lambda: injector("Adam"), "an optimizer such as"),
        (lambda: injector(Adam(lr=[0.1, 0.2])), "lr is an array of shape (2,)"),
        (lambda: injector(on="bowll"), "no landscape 'bowll'"),
        (lambda: injector(steps=0), "steps must be at least 1"),
        (lambda: injector(steps=2.5), "steps must be a whole number"),
        (lambda: injector(start=[(1, 2), (3, 4)]), "one start"),
        (lambda: injector(start=(1, 2, 3)), "start must be (x, y)"),
    ],
)
def test_bad_input_gets_one_clear_line(call, word):
    with pytest.raises((TypeError, ValueError)) as error:
        call()
    assert word in str(error.value) and "\n" not in str(error.value)
