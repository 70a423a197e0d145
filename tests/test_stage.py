"""The live map, from the kernel's side: whatever the sliders say, it answers."""

import base64
import inspect
import io
import itertools
import warnings

import numpy as np
import pytest
from lab import LANDSCAPES, bowl, descend
from lab import stage as make_stage
from PIL import Image

import optimizers
from optimizers import SGD, Adam, Momentum, Muon, Optimizer

knob_values = inspect.getmodule(make_stage).knob_values
RULES = [
    rule
    for _, rule in inspect.getmembers(optimizers, inspect.isclass)
    if issubclass(rule, Optimizer) and rule not in (Optimizer, Muon)
]


def wish(stage, **changes):
    """Do what the browser does when a slider or the start is let go."""
    stage.wish = {**stage.wish, **changes}


def paths(stage, count):
    """The first `count` runs that the kernel sent, shape (count, steps + 1, 3)."""
    data = np.frombuffer(stage.runs, dtype="<f4")
    return data.reshape(-1, stage.scene["steps"] + 1, 3)[:count]


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_slider_at_both_ends_and_the_start_anywhere(name):
    """All rules at once; the other sliders stand at one end while each is swept."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stage = make_stage(*[rule() for rule in RULES], on=name, steps=15)
        (x0, x1), (y0, y1) = stage.scene["view"]
        for lr, others in itertools.product((0, -1), repeat=2):
            knobs = [
                {k["name"]: k["values"][lr if k["name"] == "lr" else others] for k in rule["knobs"]}
                for rule in stage.scene["rules"]
            ]
            for start in ([x0, y0], [x1, (y0 + y1) / 2], [0.0, 0.0]):
                wish(stage, start=start, knobs=knobs, quick=False)
                assert stage.problem == ""
                told = list(flatten(stage.answer["verdicts"]))
                ends = paths(stage, len(told))[:, -1]
                for verdict, lost in zip(told, np.isnan(ends).any(axis=1), strict=True):
                    assert lost == verdict.startswith("diverged at step "), verdict
                    assert lost or verdict.startswith(("f = ", "diverging: f rose")), verdict


def flatten(table):
    """The verdicts in the order in which the runs were sent."""
    return (verdict for rule in table for sweep in rule for verdict in sweep)


def test_a_sweep_is_the_path_of_each_of_its_values():
    stage = make_stage(Adam(lr=0.3), on=bowl, steps=20)
    table, first = stage.answer["verdicts"][0], 1
    for knob, verdicts in zip(stage.scene["rules"][0]["knobs"], table[1:]):
        for i in (0, 40, len(knob["values"]) - 1):
            run = descend(Adam(**{"lr": 0.3, knob["name"]: knob["values"][i]}), bowl, steps=20)
            sent = paths(stage, first + i + 1)[-1]
            np.testing.assert_allclose(sent[:, :2], run.path.astype("f4"), rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(sent[:, 2], run.f.astype("f4"), rtol=1e-4, atol=1e-6)
            assert verdicts[i] == run.verdict()
        first += len(verdicts)


def test_quick_sends_the_paths_alone():
    stage = make_stage(SGD(lr=0.5), Adam(lr=0.3), on=bowl, steps=10)
    wish(stage, start=[3.0, 1.0], quick=True)
    assert len(stage.runs) == 2 * 11 * 3 * 4
    assert paths(stage, 2)[:, 0, :2].tolist() == [[3.0, 1.0], [3.0, 1.0]]


@pytest.mark.parametrize(
    ("knobs", "word"),
    [([{"lr": -1}], "lr"), ([{"lr": "fast"}], "lr"), ([{"speed": 1}], "speed")],
)
def test_a_wish_that_cannot_be_met_is_told_and_changes_nothing(knobs, word):
    stage = make_stage(SGD(lr=0.5), on=bowl)
    before = stage.runs, stage.answer
    wish(stage, knobs=knobs)
    assert word in stage.problem
    assert (stage.runs, stage.answer) == before
    wish(stage, knobs=[{"lr": 0.1}])
    assert stage.problem == ""


def test_the_callers_optimizer_stays_as_it_was():
    opt = Momentum(lr=0.1)
    stage = make_stage(opt, on=bowl)
    wish(stage, knobs=[{"lr": 9.0, "momentum": 0.5}])
    assert (opt.lr, opt.momentum, opt.t, opt.v) == (0.1, 0.9, 0, {})


def test_its_bundle_holds_a_still_and_a_description():
    stage = make_stage(SGD(lr=0.5), on=bowl)
    data, _ = stage._repr_mimebundle_()
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size[0] > 300
    assert data["text/plain"].startswith("Live map. Descent on the bowl from (-7.00, 2.00). SGD")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_frame_is_where_matplotlib_put_the_axes():
    """A black dot drawn by the browser's formula must fall on the star at the origin."""
    stage = make_stage(SGD(), on=bowl)
    left, top, right, bottom, width, height = stage.scene["frame"]
    image = Image.open(io.BytesIO(base64.b64decode(stage.scene["map"]))).convert("RGB")
    scale = image.size[0] / width
    assert image.size[1] / height == pytest.approx(scale, rel=0.01)
    x, y = (left + right) / 2 * scale, (top + bottom) / 2 * scale
    assert image.getpixel((round(x), round(y))) == (255, 255, 255)  # the white star
    assert image.getpixel((round(x), round(y - 0.2 * (bottom - top) * scale))) != (255, 255, 255)


def test_marks_stand_where_their_values_are():
    stage = make_stage(SGD(lr=0.5), on=bowl, marks={"lr": {"2/L": 1.0}}, ranges={"lr": (0.1, 1.2)})
    (mark,) = stage.scene["rules"][0]["knobs"][0]["marks"]
    assert mark["at"] == pytest.approx((1.0 - 0.1) / (1.2 - 0.1))


@pytest.mark.parametrize(
    ("name", "ends", "first", "last"),
    [
        ("lr", None, 1e-3, 10),
        ("lr", (0.1, 1.2), 0.1, 1.2),
        ("lr", (0.0, 3.0), 0.0, 3.0),
        ("eps", None, 1e-12, 100),
        ("beta1", None, 0.0, 0.9999),
        ("weight_decay", None, 0.0, 1.0),
        ("momentum", (0.5, 0.99), 0.5, 0.99),
    ],
)
def test_sliders_reach_their_ends_in_rising_round_numbers(name, ends, first, last):
    values = knob_values(name, ends)
    assert (values[0], values[-1]) == (first, last)
    assert (np.diff(values) > 0).all()
    assert 40 < len(values) < 160
    assert all(len(f"{value:.4g}") <= 9 and float(f"{value:.4g}") == value for value in values)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: make_stage(on=bowl), "no optimizer to show"),
        (lambda: make_stage(SGD, on=bowl), "SGD is a class"),
        (lambda: make_stage(SGD(), on="bowll"), "no landscape 'bowll'"),
        (lambda: make_stage(SGD(), on=bowl, steps=-1), "steps must be at least 0"),
        (lambda: make_stage(SGD(), on=bowl, start=(1, 2, 3)), "start must be (x, y)"),
        (lambda: make_stage(SGD(), on=bowl, start=[(1, 2), (3, 4)]), "one start"),
        (lambda: make_stage(SGD(), on=bowl, marks={"beta": {"a": 1}}), "no slider 'beta'"),
        (lambda: make_stage(SGD(), on=bowl, ranges={"lr": (1, 0)}), "range of lr"),
        (lambda: make_stage(SGD(lr=[0.1, 0.2]), on=bowl), "lr is an array"),
        (lambda: make_stage(SGD(), Muon(), on=bowl), "Muon moves a point as a whole"),
        (lambda: make_stage(Muon(lr=0.3), on=bowl), "draw trail(descend(Muon(lr=0.3), on))"),
    ],
)
def test_bad_input_gets_one_clear_line(call, word):
    with pytest.raises((TypeError, ValueError)) as error:
        call()
    assert word in str(error.value)
    assert "\n" not in str(error.value)


def test_a_turned_landscape_takes_its_path_along():
    """Gradient descent's path turns with the bowl; the angles are one batch, the last sweep."""
    stage = make_stage(
        SGD(lr=0.9), Adam(lr=0.3), on=bowl, steps=20, knobs=["lr"], turns=[0, 30, 90]
    )
    tables = stage.answer["verdicts"]
    assert [len(sweeps) for sweeps in tables] == [3, 3]  # the path, lr, the angles
    sent = paths(stage, len(list(flatten(tables))))
    of_sgd = sent[len(tables[0][0]) + len(tables[0][1]) :][:3, :, :2]
    flat = descend(SGD(lr=0.9), bowl, steps=20).path
    for path, angle in zip(of_sgd, np.radians([0, 30, 90])):
        turned = flat @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        np.testing.assert_allclose(path, turned, atol=1e-5)
    assert len(tables[1][2]) == 3

    wish(stage, turn=90.0)
    np.testing.assert_allclose(paths(stage, 1)[0, 0, :2], [-2, -7], atol=1e-5)


@pytest.mark.parametrize("turns", [["a"], [[1, 2]], [float("nan")]])
def test_turns_that_are_no_angles(turns):
    with pytest.raises((TypeError, ValueError)):
        make_stage(SGD(), on=bowl, turns=turns)
