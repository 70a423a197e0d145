"""The live map, from the kernel's side: whatever the sliders say, it answers."""

import base64
import itertools
import warnings
from dataclasses import replace
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seen
from helpers import ELEMENTWISE
from lab import LANDSCAPES, bowl, descend, dialects, gentle_bowl, landscape
from lab import stage as make_stage
from lab.dialects.interfaces import plug
from lab.live import scene
from lab.live.scene import knob_values, map_scene
from lab.live.schedule import schedule_stage
from lab.schedules import linear, scheduled
from seen import everything, opened, sent

import optimizers
from optimizers import SGD, Adam, Momentum, Muon


def ask(stage, sweeps=True, **changes):
    """Do what the browser does for other settings; a change is named as "0.lr", without the dot."""
    changes = {name.replace("_", ".", 1) if "_" in name else name: v for name, v in changes.items()}
    seen.ask(stage, {**stage.settings, **changes}, sweeps)


def opening(stage):
    return sent(stage, *everything(stage))


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_slider_at_both_ends_and_the_start_anywhere(name):
    """All rules at once; the other sliders stand at one end while each is swept."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stage = make_stage(*[rule() for rule in ELEMENTWISE], on=name, steps=15)
        (x0, x1), (y0, y1) = stage.scene["maps"][0]["view"]
        for lr, others in itertools.product((0, -1), repeat=2):
            knobs = {
                s["name"]: s["values"][lr if s["name"].endswith(".lr") else others]
                for s in stage.scene["sliders"]
            }
            for start in ([x0, y0], [x1, (y0 + y1) / 2], [0.0, 0.0]):
                ask(stage, start=start, **{k.replace(".", "_", 1): v for k, v in knobs.items()})
                assert stage.error == {}
                for verdict, run in itertools.chain(*sent(stage).values()):
                    lost = np.isnan(run[-1, :3]).any()
                    assert lost == verdict.startswith("diverged at step "), verdict
                    assert lost or verdict.startswith(("f = ", "diverging: f rose")), verdict


def test_a_sweep_is_the_path_of_each_of_its_values():
    stage = make_stage(Adam(lr=0.3), on=bowl, steps=20)
    found = opening(stage)
    for slider in stage.scene["sliders"]:
        name, values = slider["name"].removeprefix("0."), slider["values"]
        sweep = found[slider["name"], 0]
        assert len(sweep) == len(values)
        for i in (0, 40, len(values) - 1):
            run = descend(Adam(**{"lr": 0.3, name: values[i]}), bowl, steps=20)
            verdict, path = sweep[i]
            np.testing.assert_allclose(path[:, :2], run.path.astype("f4"), rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(path[:, 2], run.f.astype("f4"), rtol=1e-4, atol=1e-6)
            assert verdict == run.verdict()


def test_the_fourth_number_of_a_step_is_the_direction_downhill():
    stage = make_stage(SGD(lr=0.3), on=bowl, steps=20)
    ((_, run),) = opening(stage)["", 0]
    x, y = run[:-1, :2].T
    step = np.diff(run[:, :2], axis=0)  # gradient descent goes straight downhill
    np.testing.assert_allclose(run[:-1, 3], np.arctan2(step[:, 1], step[:, 0]), atol=1e-4)
    np.testing.assert_allclose(run[:-1, 3], np.arctan2(-2 * y, -x / 10), atol=1e-5)
    at_rest = make_stage(SGD(), on=bowl, steps=1, start=(0, 0))
    assert np.isnan(opening(at_rest)["", 0][0][1][:, 3]).all()


def test_the_opening_stands_on_every_slider():
    """Else a slider dragged away and back would not come back to it."""
    stage = make_stage(SGD(lr=0.9573), Momentum(lr=19.0), on=bowl, ranges={"lr": (0.1, 1.2)})
    for slider in stage.scene["sliders"]:
        assert stage.settings[slider["name"]] in slider["values"]
        assert slider["values"] == sorted(slider["values"])
        own = opening(stage)["", slider["rule"]][0]
        again = opening(stage)[slider["name"], slider["rule"]][
            slider["values"].index(stage.settings[slider["name"]])
        ]
        assert own[0] == again[0]
        np.testing.assert_array_equal(own[1], again[1])


def test_without_sweeps_the_paths_alone_are_sent():
    stage = make_stage(SGD(lr=0.5), Adam(lr=0.3), on=bowl, steps=10)
    ask(stage, sweeps=False, start=[3.0, 1.0])
    assert len(stage.runs) == stage.reply["size"] == 2 * 11 * 4 * 4
    assert [run[0, :2].tolist() for ((_, run),) in sent(stage).values()] == [[3.0, 1.0]] * 2


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"0.lr": -1}, "lr"), ({"0.lr": "fast"}, "lr"), ({"start": [1]}, ""), ({"0.lr": None}, "lr")],
)
def test_a_request_that_cannot_be_met_is_told_and_changes_nothing(settings, word):
    stage = make_stage(SGD(lr=0.5), on=bowl)
    ask(stage, start=[1.0, 1.0])
    before = stage.runs, stage.reply, stage.opening
    stage.request = {"id": "x", "settings": {**stage.settings, **settings}, "sweeps": True}
    assert stage.error["id"] == "x" and word in stage.error["text"]
    assert "\n" not in stage.error["text"]
    assert (stage.runs, stage.reply, stage.opening) == before
    ask(stage)


def test_an_interrupted_kernel_says_so(monkeypatch):
    stage = make_stage(SGD(lr=0.5), on=bowl)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, "descend", interrupted)
    stage.request = {"id": "x", "settings": stage.settings, "sweeps": False}
    assert stage.error == {"id": "x", "text": "the kernel was interrupted"}


def test_the_callers_optimizer_stays_as_it_was():
    opt = Momentum(lr=0.1)
    stage = make_stage(opt, on=bowl)
    ask(stage, **{"0_lr": 9.0, "0_momentum": 0.5})
    assert stage.error == {}
    assert (opt.lr, opt.momentum, opt.t, opt.v) == (0.1, 0.9, 0, {})


def test_its_bundle_holds_a_still_and_a_description():
    stage = make_stage(SGD(lr=0.5), on=bowl)
    data, _ = stage._repr_mimebundle_()
    assert opened(data["image/png"]).size[0] > 300
    assert data["text/plain"].startswith("Live map. Descent on the bowl from (-7.00, 2.00). SGD")
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize("turns", [False, True])
def test_a_map_fills_its_extent(turns):
    """The browser stretches it from edge to edge: the star of the minimum lies at the origin."""
    scene = map_scene(bowl, turns)
    image = opened(scene["image"]).convert("RGB")
    (left, right), (bottom, top) = scene["extent"]
    wide, high = image.size
    assert wide / high == pytest.approx((right - left) / (top - bottom), rel=0.01)
    x, y = -left / (right - left) * wide, top / (top - bottom) * high
    assert image.getpixel((int(x), int(y))) == (255, 255, 255)  # the white star
    assert image.getpixel((int(x), int(0.7 * y))) != (255, 255, 255)
    assert (255, 255, 255) not in {image.getpixel((x, high // 2)) for x in (0, wide - 1)}


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_grid_of_a_map_holds_f_and_one_cell_more_on_each_side(name):
    on = landscape(name)
    scene = map_scene(on)
    columns, rows = scene["cells"]
    grid = np.frombuffer(base64.b64decode(scene["grid"]), "<f4").reshape(rows + 3, columns + 3)
    (left, right), (bottom, top) = scene["extent"]
    for i, j in ((0, 0), (3, 1), (columns, rows)):
        x, y = left + i / columns * (right - left), bottom + j / rows * (top - bottom)
        assert grid[j + 1, i + 1] == pytest.approx(float(on(x, y)), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        ({}, ["SGD", "EMAMomentum", "gentle_bowl"]),
        ({"SGD": SGD, "other": SGD}, ["SGD", "EMAMomentum", "gentle_bowl"]),
        ({"optimizers": optimizers}, ["optimizers.SGD", "EMAMomentum", "gentle_bowl"]),
        (
            {"SGD": type("SGD", (SGD,), {}), "course": SGD, "d": dialects, "home": gentle_bowl},
            ["course", "d.EMAMomentum", "home"],
        ),
    ],
)
def test_copied_code_names_things_as_the_notebook_does(names, calls, monkeypatch):
    """The reader's own class may be called SGD, too."""
    kernel = SimpleNamespace(user_ns=names)
    monkeypatch.setattr(scene, "get_ipython", lambda: kernel, raising=False)
    made = make_stage(SGD(), dialects.EMAMomentum(), on=gentle_bowl, steps=5).scene
    assert [rule["code"]["name"] for rule in made["rules"]] + made["code"]["on"] == calls
    code = schedule_stage(SGD(), on=gentle_bowl).scene["code"][0]
    assert code.startswith(f"schedule_stage({calls[0]}(lr=0.01), on={calls[2]}")


def test_marks_stand_where_their_values_are():
    stage = make_stage(SGD(lr=0.5), on=bowl, marks={"lr": {"2/L": 1.0}}, ranges={"lr": (0.1, 1.2)})
    (mark,) = stage.scene["sliders"][0]["marks"]
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
        (lambda: make_stage(SGD(), on=bowl, steps=0), "steps must be at least 1"),
        (lambda: make_stage(SGD(), on=bowl, steps=True), "steps must be a whole number"),
        (lambda: make_stage(SGD(), on=bowl, start=(1, 2, 3)), "start must be (x, y)"),
        (lambda: make_stage(SGD(), on=bowl, start=[(1, 2), (3, 4)]), "one start"),
        (lambda: make_stage(SGD(), on=bowl, marks={"beta": {"a": 1}}), "no slider 'beta'"),
        (lambda: make_stage(SGD(), on=bowl, ranges={"lr": (1, 0)}), "range of lr"),
        (lambda: make_stage(SGD(), on=bowl, ranges={"lr": 1}), 'ranges must look like {"lr": (0.1'),
        (lambda: make_stage(SGD(), on=bowl, ranges=[0, 1]), 'ranges must look like {"lr": (0.1'),
        (lambda: make_stage(SGD(), on=bowl, ranges={"lr": (1, 2, 3)}), "must be (low, high)"),
        (lambda: make_stage(SGD(), on=bowl, ranges={"lr": (0, np.inf)}), "must be finite"),
        (lambda: make_stage(SGD(), on=bowl, ranges={"lr": ("a", "b")}), "must be a number"),
        (
            lambda: make_stage(Momentum(), on=bowl, ranges={"momentum": (0, 1)}),
            "momentum ends at 1: ",
        ),
        (lambda: make_stage(Adam(), on=bowl, ranges={"eps": (0, 1)}), "eps ends at 0: "),
        (lambda: make_stage(SGD(), on=bowl, marks={"lr": 1.0}), 'marks must look like {"lr": {'),
        (lambda: make_stage(SGD(), on=bowl, marks={"lr": {"a": np.nan}}), "must be finite"),
        (
            lambda: make_stage(SGD(), on=bowl, start=(1e200, 0)),
            "no finite value and slope",
        ),
        (lambda: make_stage(SGD(), on=bowl, start=(500, 0)), "more than 10 maps away"),
        (lambda: make_stage(SGD(lr=[0.1, 0.2]), on=bowl), "lr is an array"),
    ],
)
def test_bad_input_gets_one_clear_line(call, word):
    with pytest.raises((TypeError, ValueError)) as error:
        call()
    assert word in str(error.value)
    assert "\n" not in str(error.value)


def test_a_turned_landscape_takes_its_path_along():
    """Gradient descent's path turns with the bowl; the angle is a slider of no rule."""
    stage = make_stage(
        SGD(lr=0.9), Adam(lr=0.3), on=bowl, steps=20, knobs=["lr"], turns=[0, 30, 90]
    )
    found = opening(stage)
    assert {len(found["turn", rule]) for rule in (0, 1)} == {3}
    flat = descend(SGD(lr=0.9), bowl, steps=20).path
    for (_, run), angle in zip(found["turn", 0], np.radians([0, 30, 90])):
        turned = flat @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        np.testing.assert_allclose(run[:, :2], turned, atol=1e-5)
        step = np.diff(run[:, :2], axis=0)
        np.testing.assert_allclose(run[:-1, 3], np.arctan2(*step.T[::-1]), atol=1e-3)

    ask(stage, turn=90.0)
    np.testing.assert_allclose(sent(stage)["", 0][0][1][0, :2], [-2, -7], atol=1e-5)
    upright = make_stage(SGD(lr=0.9), on=bowl, steps=20, turns=[0, 30, 90], turn=90)
    assert upright.settings["turn"] == 90.0
    np.testing.assert_allclose(opening(upright)["", 0][0][1][0, :2], [-2, -7], atol=1e-5)


def test_other_landscapes_begin_at_their_own_start():
    stage = make_stage(SGD(lr=0.1), on=bowl, steps=5, landscapes=["beale", "saddle"])
    assert [each["name"] for each in stage.scene["maps"]][1:] == ["Beale function", "saddle"]
    starts = [run[0, :2].tolist() for _, run in opening(stage)["landscape", 0]]
    assert starts == [pytest.approx(each["start"]) for each in stage.scene["maps"]]
    ask(stage, landscape=1, start=[2.0, 1.0])
    ((verdict, _),) = sent(stage)["", 0]
    assert verdict == descend(SGD(lr=0.1), "beale", 5, (2, 1)).verdict()


def test_more_rules_wait_to_be_shown():
    stage = make_stage(SGD(lr=0.5), on=bowl, more=[Momentum(lr=0.1)], marks={"lr": {"2/L": 1.0}})
    assert stage.settings["hidden"] == [1]
    assert [slider["marks"] != [] for slider in stage.scene["sliders"]] == [True, False, False]
    assert "Momentum" not in repr(stage)
    assert len(opening(stage)["1.momentum", 1]) == len(stage.scene["sliders"][2]["values"])


@pytest.mark.parametrize("turns", [["a"], [[1, 2]], [float("nan")]])
def test_turns_that_are_no_angles(turns):
    with pytest.raises((TypeError, ValueError)):
        make_stage(SGD(), on=bowl, turns=turns)


class Creep:
    """A stranger: it has an `update`, a `reset` and nothing else."""

    def update(self, params, grads):
        for key, g in grads.items():
            params[key] -= 0.1 * g

    def reset(self):
        pass

    def __repr__(self):
        return "Creep()"


@pytest.mark.parametrize(
    ("rule", "knobs"),
    [
        (Creep(), []),
        (plug(lambda w, g, config: (w - 0.1 * g, {})), []),
        (scheduled(Momentum(), linear(0.2, 20)), ["momentum"]),
        (Muon(lr=0.3), ["lr", "momentum", "weight_decay"]),
    ],
)
def test_a_rule_that_is_no_elementwise_dataclass_is_shown_as_far_as_it_goes(rule, knobs):
    stage = make_stage(rule, on=bowl, steps=20)
    wanted = descend(rule, bowl, 20)
    ((verdict, run),) = opening(stage)["", 0]
    assert verdict == wanted.verdict()
    np.testing.assert_allclose(run[:, :2], wanted.path, rtol=1e-5, atol=1e-6)
    assert [slider["name"] for slider in stage.scene["sliders"]] == [f"0.{knob}" for knob in knobs]
    ask(stage, start=[1.0, 1.0])
    assert stage.error == {} and sent(stage)["", 0][0][1][0, :2].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (
            lambda x, y: 1 / (x * x + y * y),
            lambda x, y: (-2 * x / (x * x + y * y) ** 2, -2 * y / (x * x + y * y) ** 2),
        ),
        (lambda x, y: 3.0 + 0 * x * y, lambda x, y: (0 * x, 0 * y)),
    ],
    ids=["pole", "constant"],
)
def test_a_landscape_with_a_pole_or_without_a_slope_has_a_map(f, slope):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        on = replace(bowl, name="own", value=f, slope=slope, minima=(), start=(1.0, 0.5))
        stage = make_stage(SGD(lr=0.01), on=on, steps=5)
    ((verdict, run),) = opening(stage)["", 0]
    assert verdict.startswith(("f = ", "diverg")) and np.isfinite(run[:, :3]).all()


def test_a_readers_style_changes_no_map():
    usual = map_scene(bowl)["image"]
    with plt.style.context("dark_background"), plt.rc_context({"savefig.bbox": "tight"}):
        assert map_scene(bowl)["image"] == usual
