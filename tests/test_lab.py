"""Pictures, moving pictures, claims and exercise checks."""

import io
import re
from itertools import combinations

import numpy as np
import pytest
from course_files import ROOT
from lab import (
    LANDSCAPES,
    animate,
    beale,
    bowl,
    chart,
    check,
    claim,
    contour,
    descend,
    dots,
    film,
    grow,
    heat_map,
    line,
    loss_curve,
    phase_portrait,
    picture,
    trail,
)
from lab.exercises.check import close
from lab.pictures import GREY, LOOKS, OTHER_LOOK, draw_heat, plt
from lab.values import label
from matplotlib.contour import ContourSet
from PIL import Image

import optimizers
from optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov

RUNS = [descend(rule, bowl, steps=30) for rule in (SGD(lr=0.95), Momentum(lr=0.1), Adam(lr=0.3))]


def opened(shown):
    return Image.open(io.BytesIO(shown.png))


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape_has_a_map_with_relief(name):
    shown = contour(name)
    colours = opened(shown).convert("RGB").getcolors(10**6)
    assert len([1 for count, _ in colours if count > 1000]) >= 5, "the map is almost one colour"
    assert LANDSCAPES[name].name in repr(shown)


@pytest.mark.parametrize("draw", [trail, loss_curve, phase_portrait, animate])
def test_a_picture_says_what_it_shows_and_leaves_no_figure_open(draw):
    shown = draw(*RUNS)
    assert plt.get_fignums() == []
    for part in ("SGD(lr=0.95): f = 1.333e-02", "Momentum(lr=0.1): f = 4.794e-02", "Adam(lr=0.3)"):
        assert part in repr(shown)
    data, metadata = shown._repr_mimebundle_()
    assert data["text/plain"] == repr(shown)
    assert metadata["image/png"]["width"] == pytest.approx(440, abs=60)


def test_a_moving_picture_moves_and_rests_on_the_finished_path():
    shown = animate(*RUNS)
    image = opened(shown)
    assert image.is_animated and image.n_frames == 32  # the still, and steps 0 to 30
    frames = []
    for k in range(image.n_frames):
        image.seek(k)
        frames.append(np.asarray(image.convert("RGB"), dtype=int))
    changed = [np.any(a != b) for a, b in zip(frames[1:], frames[2:])]
    assert all(changed)
    np.testing.assert_array_equal(frames[0], frames[-1])  # where nothing moves one sees the end
    assert frames[0][2, 2].tolist() == [255, 255, 255]
    assert len(shown.png) < 160_000


def test_a_long_run_has_no_more_frames_than_one_can_watch():
    assert opened(animate(descend(SGD(lr=0.5), bowl, steps=1000))).n_frames <= 62


def test_any_figure_can_be_filmed():
    fig, ax = plt.subplots()
    (dot,) = ax.plot([0], [0.5], "o", color="#0072b2", ms=12, animated=True)
    ax.set_xlim(-0.5, 4.5)
    shown = film(fig, lambda k: dot.set_data([k], [0.5]), 5, "A dot goes to the right.", seconds=1)
    assert plt.get_fignums() == [] and repr(shown) == "A dot goes to the right."
    image, middles = opened(shown), []
    for k in range(image.n_frames):
        image.seek(k)
        blue = np.asarray(image.convert("RGB"), dtype=int) @ [-1, 0, 1] > 100
        middles.append(np.nonzero(blue)[1].mean())
    assert middles[0] == middles[-1] and np.all(np.diff(middles[1:]) > 20)
    with pytest.raises(ValueError, match="animated=True"):
        film(plt.figure(), print, 5, "Nothing moves.")
    plt.close("all")


def test_the_curves_of_a_chart_grow():
    x = np.arange(100)
    curve = line(x, 0 * x, color="#0072b2", lw=5)
    shown, widths = grow(curve, x="t", y="x", text="A level line grows.", frames=5), []
    image = opened(shown)
    for k in range(image.n_frames):
        image.seek(k)
        blue = np.asarray(image.convert("RGB"), dtype=int) @ [-1, 0, 1] > 100
        widths.append(np.ptp(np.nonzero(blue)[1]))
    assert repr(shown) == "A level line grows." and plt.get_fignums() == []
    assert widths[0] == widths[-1] and np.all(np.diff(widths[1:]) > 40)


def test_a_divergence_is_told_and_not_hidden():
    run = descend(SGD(lr=1.2), bowl, steps=60)
    assert f"diverged at step {run.diverged}" in repr(trail(run))
    assert "diverging: f rose" in repr(trail(descend(SGD(lr=1.01), bowl)))


def test_every_rule_has_a_look_of_its_own():
    assert list(LOOKS) == [name for name in optimizers.__all__ if name != "Optimizer"]
    assert len({OTHER_LOOK[0], *(colour for colour, _ in LOOKS.values())}) == len(LOOKS) + 1
    assert len({OTHER_LOOK[1], *(marker for _, marker in LOOKS.values())}) == len(LOOKS) + 1


def test_the_browser_knows_the_shape_of_every_marker():
    """It reads the key of a tuple as numbers joined by commas, and draws corners as they are."""
    source = (ROOT / "notebooks" / "lab" / "live" / "controls.js").read_text(encoding="utf-8")
    table = re.search(r"const SHAPES = {\n(.*?)\n};", source, re.S)[1]
    shapes = dict(re.findall(r'^  "?([^"]+?)"?: "(M[^"]+z|M[^"]+-6,0)",', table, re.M))
    assert len(shapes) == len(table.splitlines()) == len(set(shapes.values()))
    markers = [marker for _, marker in [*LOOKS.values(), OTHER_LOOK]]
    corners = [m for m in markers if np.ndim(m) == 2]
    keys = {m if isinstance(m, str) else ",".join(map(str, m)) for m in markers if np.ndim(m) < 2}
    assert keys == set(shapes) and np.abs(np.concatenate(corners)).max() <= 1.2


@pytest.mark.parametrize("rule", LOOKS)
def test_a_path_of_every_rule_is_drawn_in_its_colour(rule):
    run = descend(getattr(optimizers, rule)(lr=0.3), bowl, steps=12)
    colour = list(bytes.fromhex(LOOKS[rule][0][1:]))
    for draw in (trail, animate):
        shown = draw(run)
        pixels = np.asarray(opened(shown).convert("RGB"), dtype=int)
        assert np.count_nonzero(abs(pixels - colour).max(axis=-1) <= 16) > 30
        assert f"{rule}(lr=0.3)" in repr(shown)


def silhouette(marker):
    """Return which pixels a marker covers, drawn as large as a path's head."""
    fig = plt.figure(figsize=(0.3, 0.3), layout="none")
    ax = fig.add_axes([0, 0, 1, 1])
    ax.plot([0], [0], marker=marker, color="black", ms=8, mec="none")
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    ax.axis("off")
    return np.asarray(opened(picture(fig, "a marker")).convert("L")) < 128


def test_the_markers_of_any_two_rules_can_be_told_apart_in_grey():
    """Of what either covers, one in six pixels or more is not covered by the other."""
    covered = {rule: silhouette(marker) for rule, (_, marker) in LOOKS.items()}
    for one, other in combinations(covered, 2):
        both = np.count_nonzero(covered[one] & covered[other])
        either = np.count_nonzero(covered[one] | covered[other])
        assert either > 50 and both / either < 5 / 6, (one, other, both / either)


def test_two_runs_of_a_rule_differ_by_dashes():
    from lab.pictures import styles

    first, second = styles([descend(SGD(lr=0.1), bowl, 3), descend(SGD(lr=0.2), bowl, 3)])
    assert first["color"] == second["color"]
    assert first["dashes"] != second["dashes"]


def test_a_label_takes_little_of_its_line_on_logarithmic_axes():
    x, y = np.geomspace(0.01, 1, 20), np.geomspace(1, 64, 7)
    fig, ax = plt.subplots()
    z = np.log10(x * y[:, None])
    draw_heat(ax, x, y, z + 3, z, levels=[-1.0])  # one line
    (lines,) = [c for c in ax.collections if isinstance(c, ContourSet)]
    drawn = ax.transAxes.inverted().transform(ax.transData.transform(lines.get_paths()[0].vertices))
    plt.close(fig)
    # the longest step from one point of the line to the next is the gap for its label
    assert np.hypot(*np.diff(drawn, axis=0).T).max() < 0.12


def test_a_heat_map_is_drawn_where_values_are_finite():
    rates, betas = np.geomspace(0.01, 3, 30), np.linspace(0, 0.9, 20)
    runs = descend(Momentum(lr=rates, momentum=betas[:, None]), bowl)
    assert np.isinf(runs.final).any()
    shown = heat_map(
        rates, betas, runs.final, xlabel="lr", ylabel="momentum", zlabel="f", text="What it shows."
    )
    assert repr(shown) == "What it shows."


def test_a_chart_has_curves_that_predict_dots_that_measure_and_the_limits():
    t = np.arange(1, 50)
    shown = chart(
        line(t, 1 / t),
        line(t, 2 / t, "Adam's", rule="Adam", style="--"),
        dots(t[::7], 1 / t[::7], "measured", rule="Lion"),
        x="step t",
        y="f",
        log="xy",
        marks={"2/L": 20},
        levels={"floor": 0.05},
        ylim=(0.01, 3),
        text="Two curves fall.",
    )
    assert repr(shown) == "Two curves fall." and plt.get_fignums() == []
    pixels = np.asarray(opened(shown).convert("RGB"), dtype=int)
    for colour in (GREY, LOOKS["Adam"][0], LOOKS["Lion"][0]):
        apart = abs(pixels - list(bytes.fromhex(colour[1:]))).max(axis=-1)
        assert np.count_nonzero(apart <= 16) > 30, colour
    # Upright and level lines: grey all along one column and one row of the axes.
    grey = abs(pixels - list(bytes.fromhex(GREY[1:]))).max(axis=-1) <= 24
    assert grey.sum(axis=0).max() > 400 and grey.sum(axis=1).max() > 500


def test_pictures_can_be_saved(tmp_path):
    fig, ax = plt.subplots()
    picture(fig, "An empty frame.").save(tmp_path / "frame.png")
    assert Image.open(tmp_path / "frame.png").size[0] > 600


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: trail(), "no run to draw"),
        (lambda: trail(SGD(lr=0.1)), "a run is wanted"),
        (
            lambda: trail(RUNS[0], descend(SGD(), beale)),
            "different landscapes: Beale function, bowl",
        ),
        (lambda: animate(descend(SGD(lr=[0.1, 0.2]), bowl)), "draw single paths"),
        (lambda: contour("hill"), "no landscape 'hill'"),
        (lambda: chart([1, 2], text="", x="", y=""), "line(x, y) and dots(x, y)"),
    ],
)
def test_what_cannot_be_drawn_gets_one_clear_line(call, word):
    with pytest.raises((TypeError, ValueError)) as error:
        call()
    assert word in str(error.value) and "\n" not in str(error.value)


def test_the_famous_picture_of_the_readme_is_the_one_the_command_draws():
    """Fonts and layout differ between versions of Matplotlib; what is shown may not."""
    rules = SGD(lr=0.95), Momentum(lr=0.1), AdaGrad(lr=1.5), Adam(lr=0.3)
    drawn = animate(*[descend(rule, bowl, steps=30) for rule in rules])
    with Image.open(ROOT / "img" / "race.png") as stored:
        pixels = np.asarray(stored.convert("RGB"), dtype=int)
        assert (stored.n_frames, stored.size) == (opened(drawn).n_frames, opened(drawn).size)
        assert stored.text["Description"] == repr(drawn)
    for rule in rules:
        colour = list(bytes.fromhex(LOOKS[type(rule).__name__][0][1:]))
        seen = np.count_nonzero(abs(pixels - colour).max(axis=-1) <= 16)
        assert seen > 30, f"no {rule!r} to be seen"


def test_a_claim_prints_both_numbers_or_fails(capsys):
    claim("rate", 0.5, 0.5 + 1e-12, 1e-9)
    claim("count", 3, 3, 0)
    claim("pair", [1.0, 2.5], np.array([1.0, 2.5]), 0.05)
    claim("path", np.ones(31), np.ones(31), 1e-9)
    assert capsys.readouterr().out.splitlines() == [
        "rate: predicted 0.500000, measured 0.500000: they agree within 1e-09",
        "count: predicted 3, measured 3: they agree exactly",
        "pair: predicted (1, 2.500000), measured (1, 2.500000): they agree within 5 %",
        "path: 31 predicted values, 31 measured ones: they agree within 1e-09",
    ]


@pytest.mark.parametrize(
    ("predicted", "measured", "within"),
    [
        (0.5, 0.51, 1e-3),
        (0.0, 1e-6, 1e-9),
        (3, 4, 0),
        ([1.0, 2.0], [1.0, 2.1], 1e-3),
        ([1.0, 2.0], [1.0], 1e-3),
        (1.0, np.nan, 1e-3),
        (np.inf, 1.0, 1e-3),
        (np.nan, np.nan, 1.0),
    ],
)
def test_a_claim_that_is_false_stops_the_notebook(predicted, measured, within):
    with pytest.raises(AssertionError):
        claim("something", predicted, measured, within)


def test_a_check_is_open_right_or_wrong_and_never_raises():
    assert check("01.1", ...).state == "open"
    assert check("01.1", 1 / 3).state == "right"
    wrong = check("01.1", 2.0)
    assert wrong.state == "wrong"
    assert repr(wrong).startswith("Exercise 01.1: yours 2, expected 0.333333.\nNot yet. Hint: ")
    assert check("01.1", "a third").state == "wrong"
    assert check("01.2", Nesterov(lr=0.2)).state == "wrong"
    assert check("01.2", SGD(lr=[0.45, 0.45])).state == "wrong"
    assert check("01.4", (0, 0)).state == "wrong"
    assert check("01.4", (0.97, np.array([5.0]))).state == "wrong"  # ragged: no array can hold it


@pytest.mark.parametrize("answer", [1 / 3, np.float32(1 / 3), np.array(1 / 3), [1 / 3], (1 / 3,)])
def test_a_number_is_right_in_whatever_box_it_comes(answer):
    assert check("01.1", answer).state == "right"


@pytest.mark.parametrize("number", ["01.9", "99.1", "", None, 1.1])
def test_a_check_of_no_exercise_says_so(number):
    with pytest.raises(KeyError, match="no exercise"):
        check(number, 1)


def test_close_judges_by_relative_error():
    assert close(0.3334, 1 / 3)[0]
    assert not close(0.334, 1 / 3)[0]
    assert close(1e-4, 0)[0] and not close(1e-2, 0)[0]
    assert not close([1, 2], 1)[0]
    assert not close(float("nan"), 1)[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (3.0, "3"),
        (1 / 3, "0.333333"),
        (1e-9, "1.000e-09"),
        (True, "True"),
        ((1, 0.5), "(1, 0.500000)"),
        (list(range(12)), "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"),
        (list(range(13)), "(0, 1, 2, …, 12)"),
        (np.ones((20, 2)), "((1, 1), (1, 1), (1, 1), …, (1, 1))"),
        (np.float64(0.5), "0.500000"),
        (len, "len"),
        (float("inf"), "inf"),
    ],
)
def test_values_are_shown_the_same_everywhere(value, text):
    assert label(value) == text
