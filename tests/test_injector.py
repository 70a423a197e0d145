"""The fault injector, from the kernel's side: all combinations of faults at any knobs."""

import itertools
import warnings

import numpy as np
import pytest
import seen
from lab import LANDSCAPES, bowl, descend
from lab.dialects.faults import CHOICES, FaultyAdam, step_ratio
from lab.live.injector import KNOBS, injector

from optimizers import SGD, Adam


def ask(made, sweeps=True, **changes):
    """Do what the browser does when a knob or, by its name, a switch is moved."""
    changes = {f"1.{name}" if name in CHOICES else name: v for name, v in changes.items()}
    seen.ask(made, {**made.scene["first"], **changes}, sweeps)


def sent(made):
    """What the last reply brought, or else all of the opening: runs of shape (steps + 1, 5)."""
    reply = (made.reply, made.runs) if made.reply else seen.everything(made)
    return seen.sent(made, *reply, 5)


def check(result, rule, knobs, steps=25, start=(4, 3)):
    """A result is the path of `descend`, and the ratio that of `step_ratio`."""
    verdict, path = result
    run = descend(rule, bowl, steps, start)
    right = descend(Adam(**knobs), bowl, steps, start)
    np.testing.assert_allclose(path[:, :2], run.path.astype("f4"), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(path[:, 2], run.f.astype("f4"), rtol=1e-4, atol=1e-9)
    assert verdict == run.verdict()
    gradients = np.array([bowl.gradient(*point) for point in right.path[:-1]])
    assert np.isnan(path[0, 4])
    np.testing.assert_allclose(path[1:, 4], step_ratio(rule, right.optimizer, gradients), rtol=1e-5)


def test_what_is_shown_is_answered_first_and_alone():
    made = injector(Adam(lr=0.3), steps=25, start=(4, 3))
    ask(made, sweeps=False, beta1=0.7, eps=0.01)
    knobs = {"lr": 0.3, "beta1": 0.7, "eps": 0.01}
    (right,), (faulty,) = sent(made).values()
    check(right, Adam(**knobs), knobs)
    check(faulty, FaultyAdam(**knobs, correction="none"), knobs)


def test_the_sweeps_are_the_paths_of_descend():
    made = injector(Adam(lr=0.3), steps=25, start=(4, 3))
    ask(made, first_t=1)  # the number of its choice, 2
    found = sent(made)
    for slider in made.scene["sliders"]:
        name, values = slider["name"], slider["values"]
        assert len(found[name, 1]) == len(values)
        for k in (0, 1, len(values) // 2, len(values) - 1)[: len(values)]:
            if name.startswith("1."):
                kind = name[2:]
                faults = {"correction": "none", "first_t": 2, kind: CHOICES[kind][k % len(values)]}
                check(found[name, 1][k % len(values)], FaultyAdam(lr=0.3, **faults), {"lr": 0.3})
                assert (name, 0) not in found, "a fault changes nothing of Adam"
            else:
                knobs = {"lr": 0.3, name: values[k]}
                check(found[name, 0][k], Adam(**knobs), knobs)
                faults = {"correction": "none", "first_t": 2}
                check(found[name, 1][k], FaultyAdam(**knobs, **faults), knobs)


def test_the_opening_stands_on_every_slider():
    """Else a slider dragged away and back would not come back to it."""
    made = injector(FaultyAdam(lr=0.317, eps=3.3e-7, first_t=2), steps=4)
    for slider in made.scene["sliders"]:
        name, values = slider["name"], slider["values"]
        at = made.settings[name] if name in made.scene["choices"] else None
        at = values.index(made.settings[name]) if at is None else at
        own, swept = sent(made)["", 1][0], sent(made)[name, 1][at]
        assert own[0] == swept[0]
        np.testing.assert_allclose(own[1], swept[1], rtol=1e-6)


def test_the_ratio_is_the_known_multiplier_whatever_the_path():
    """Without correction, and with ε out of the way, the gradients cancel."""
    t = np.arange(1, 61)
    known = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    for name in ("bowl", "himmelblau", "rosenbrock"):
        ratio = sent(injector(on=name))["", 1][0][1][1:, 4]
        np.testing.assert_allclose(ratio, known, rtol=1e-5)
        assert ratio.argmax() + 1 == 12


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_knob_at_both_ends_and_any_start(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (x0, x1), (y0, y1) = LANDSCAPES[name].view
        made = injector(on=name, steps=8, start=(x1, y0))
        for slider in made.scene["sliders"][: len(KNOBS)]:
            for end in (0, -1):
                ask(made, **{slider["name"]: slider["values"][end]})
                assert made.error == {}
                found = sent(made)
                for verdict, run in itertools.chain(*found.values()):
                    assert np.isnan(run[-1, 0]) == verdict.startswith("diverged at step ")
                (_, right), (_, faulty) = found["", 0][0], found["", 1][0]
                lost = np.isnan(right[:-1, 0])  # where Adam is lost, there is no ratio
                assert np.isnan(faulty[1:, 4][lost]).all()
                assert (faulty[1:, 4][~lost] >= 0).all()


def test_a_start_at_the_minimum_has_no_ratio_and_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = injector(start=(0, 0), steps=3)
        found = sent(made)
        assert made.still().png and "nan" not in repr(made)
    assert np.isnan(found["", 1][0][1][1:, 4]).all()
    added = CHOICES["eps_place"].index("added")
    assert np.isinf(found["1.eps_place", 1][added][1][1, 4])


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
def test_what_cannot_be_asked_for_is_told_and_changes_nothing(changes, word):
    made = injector(steps=5)
    ask(made, lr=0.2)
    before = made.runs, made.reply
    ask(made, **changes)
    assert word in made.error["text"]
    assert (made.runs, made.reply) == before
    ask(made, lr=0.1)
    assert made.reply["settings"]["lr"] == 0.1


def test_it_opens_with_the_faults_it_is_given():
    def opened(made):
        return [made.settings[f"1.{name}"] for name in CHOICES]

    assert opened(injector(steps=2)) == [1, 0, 0]
    other = injector(FaultyAdam(lr=0.1, beta2=0.9, first_t=2), steps=2)
    assert opened(other) == [0, 1, 0]
    knobs = {name: other.settings[name] for name in KNOBS}
    assert knobs == {"lr": 0.1, "beta1": 0.9, "beta2": 0.9, "eps": 1e-8}
    assert opened(injector(FaultyAdam(), steps=2)) == [0, 0, 0]


def test_its_bundle_holds_a_still_and_a_description():
    made = injector(Adam(lr=0.3))
    data, _ = made._repr_mimebundle_()
    image = seen.opened(data["image/png"]).convert("RGB")
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
    ask(made, lr=3.0)
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
