"""Pictures: that they show what they say. What is drawn is read from Matplotlib's artists."""

import re
from dataclasses import replace
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from course_files import ROOT
from helpers import RULES
from lab import (
    LANDSCAPES,
    arrows,
    band,
    bars,
    beale,
    bowl,
    chart,
    charts,
    contour,
    descend,
    dots,
    heat_map,
    level_line,
    line,
    lines,
    loss_curve,
    note,
    phase_portrait,
    picture,
    rosenbrock,
    trail,
)
from lab.pictures import (
    COLOURS,
    DASHES,
    GREY,
    LOOKS,
    OTHER_LOOK,
    draw_chart,
    draw_heat,
    draw_map,
    draw_trail,
    framed,
    map_axes,
    marked,
    shade,
    style,
    styles,
    subplots,
)
from matplotlib.colors import to_hex, to_rgb
from matplotlib.contour import ContourSet
from PIL import Image
from seen import opened

from optimizers import SGD, Adam, Momentum

RUNS = [descend(rule, bowl, steps=30) for rule in (SGD(lr=0.95), Momentum(lr=0.1), Adam(lr=0.3))]
LABELS = [repr(run.optimizer) for run in RUNS]


# Looks -------------------------------------------------------------------------------------------


def test_every_rule_has_a_look_of_its_own():
    assert list(LOOKS) == [rule.__name__ for rule in RULES], (
        "enter a colour and a marker for the new rule in LOOKS of notebooks/lab/pictures.py"
    )
    assert len({OTHER_LOOK[0], *(colour for colour, _ in LOOKS.values())}) == len(LOOKS) + 1
    assert len({OTHER_LOOK[1], *(marker for _, marker in LOOKS.values())}) == len(LOOKS) + 1


def test_the_browser_knows_the_shape_of_every_marker():
    """It reads the key of a tuple as numbers joined by commas, and draws corners as they are."""
    source = (ROOT / "notebooks" / "lab" / "live" / "trails.js").read_text(encoding="utf-8")
    table = re.search(r"const SHAPES = {\n(.*?)\n};", source, re.S)[1]
    shapes = dict(re.findall(r'^  "?([^"]+?)"?: "(M[^"]+z|M[^"]+-6,0)",', table, re.M))
    assert len(shapes) == len(table.splitlines()) == len(set(shapes.values()))
    markers = [marker for _, marker in [*LOOKS.values(), OTHER_LOOK]]
    corners = [m for m in markers if np.ndim(m) == 2]
    keys = {m if isinstance(m, str) else ",".join(map(str, m)) for m in markers if np.ndim(m) < 2}
    assert keys == set(shapes) and np.abs(np.concatenate(corners)).max() <= 1.2


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


def lightness(colour):
    """Return CIE L*, from 0 for black to 100 for white."""
    light = [c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 116 * np.cbrt(max(0.0089, light @ np.array([0.2126, 0.7152, 0.0722]))) - 16


@pytest.mark.parametrize("rule", RULES)
def test_two_runs_of_a_rule_differ_in_shade_face_and_dashes(rule):
    """Two shades differ by as much as a head is seen by: 15 of 100 in lightness."""
    looks = styles([descend(rule(lr=lr), bowl, 3) for lr in (0.1, 0.2, 0.3)])
    first, second, third = looks
    assert first["color"] == LOOKS[rule.__name__][0] == shade(first["color"], 0)
    assert abs(lightness(first["color"]) - lightness(second["color"])) > 15
    assert (first["markerfacecolor"], second["markerfacecolor"]) == (first["color"], "white")
    assert len({str(look["dashes"]) for look in looks}) == 3


def test_markers_stand_apart_but_every_long_step_has_one():
    corners = (-10, -5), (10, 5)
    zigzag = descend(SGD(lr=0.95), bowl, steps=8).path
    assert marked(zigzag, *corners).tolist() == list(range(9))
    slow = descend(SGD(lr=0.001), bowl, steps=1000).path
    found = marked(slow, *corners)
    away = np.linalg.norm(np.diff(slow[found] / (20, 10), axis=0), axis=1) / np.sqrt(2)
    assert len(found) > 3 and found[0] == 0 and np.median(away) > 0.03
    wild = np.random.default_rng(0).uniform(corners[0], corners[1], (5000, 2))
    assert len(marked(wild, *corners)) < 60
    lost = descend(SGD(lr=1.2), bowl, steps=60).path
    assert np.isfinite(lost[marked(lost, *corners)]).all()


# The reader's own Matplotlib ---------------------------------------------------------------------

DARK = {"axes.facecolor": "black", "font.family": "serif", "font.size": 20, "axes.grid": True}
STRANGE = {
    **{"savefig.format": "pdf", "savefig.bbox": "tight", "savefig.facecolor": "red"},
    **{"savefig.transparent": True, "savefig.dpi": 30, "figure.dpi": 50, "lines.marker": "x"},
    **{"figure.constrained_layout.use": False, "figure.figsize": (2, 9), "image.origin": "lower"},
    **{"axes.xmargin": 0.4, "legend.loc": "center", "contour.negative_linestyle": "dotted"},
}
VERBS = {
    "contour": lambda: contour(bowl, note("here", (1, 1)), text="A word on the bowl's map."),
    "trail": lambda: trail(*RUNS),
    "loss_curve": lambda: loss_curve(*RUNS),
    "phase_portrait": lambda: phase_portrait(*RUNS),
    "chart": lambda: chart(line([0, 1], [0, 1], "a"), marks={"m": 0.5}, x="x", y="y", text="One."),
    "heat_map": lambda: heat_map(
        [1, 2, 3], [1, 2], np.eye(2, 3), xlabel="x", ylabel="y", zlabel="z", text="Six."
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_no_style_of_the_reader_changes_a_picture(verb):
    with plt.style.context("default", after_reset=True):
        wanted = np.array(opened(VERBS[verb]()))
    for settings in ("dark_background", "ggplot", "classic", DARK, STRANGE):
        with plt.style.context(settings, after_reset=True):
            before = dict(plt.rcParams)
            found = np.array(opened(VERBS[verb]()))
            assert dict(plt.rcParams) == before, "and no picture changes the reader's style"
        np.testing.assert_array_equal(found, wanted, err_msg=str(settings))


def test_the_ground_of_a_live_picture_stands_where_it_is_said_to_stand():
    """The axes' box, in pixels of the stored picture, is where its ground begins and ends."""
    with plt.style.context(["dark_background", STRANGE]), style():
        fig, ax = map_axes(bowl, width=5.2)
        png, [(left, top, right, bottom, width, height)] = framed(fig, ax)
    with opened(png) as image:
        pixels = np.asarray(image.convert("RGB"), dtype=int)
    assert pixels.shape[:2] == (round(2 * height), round(2 * width))
    ground = pixels[:, :, 0] < 250
    row, column = int(top + bottom), int(left + right)  # the middle, in pixels twice as fine
    assert np.flatnonzero(ground[row])[-1] == pytest.approx(2 * right, abs=3)
    above = np.flatnonzero(ground[: int(2 * bottom), column])[0]
    assert above == pytest.approx(2 * top, abs=3)


def test_a_figure_of_the_readers_own_is_stored_whole_and_closed(tmp_path):
    with plt.style.context(STRANGE):
        fig, _ = plt.subplots(figsize=(3, 2))
        shown = picture(fig, "An empty frame.")
    shown.save(tmp_path / "frame.png")
    with Image.open(tmp_path / "frame.png") as image:
        assert image.size == (600, 400) and image.text["Description"] == "An empty frame."
    assert plt.get_fignums() == []


def test_a_picture_says_what_it_shows_to_every_reader():
    """The sentence stands in the output twice: as text, and as what exports take for alt."""
    data, metadata = trail(*RUNS)._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"]
    assert all(label in data["text/plain"] for label in LABELS)
    assert metadata["image/png"]["width"] == 440


@pytest.mark.parametrize("draw", [trail, loss_curve, phase_portrait])
def test_a_picture_of_runs_says_how_they_ended_and_leaves_no_figure_open(draw):
    shown = draw(*RUNS)
    assert plt.get_fignums() == [] and isinstance(repr(shown), str)
    for part in ("SGD(lr=0.95): f = 1.333e-02", "Momentum(lr=0.1): f = 4.794e-02", "Adam(lr=0.3)"):
        assert part in repr(shown)


def test_a_divergence_is_told_and_not_hidden():
    run = descend(SGD(lr=1.2), bowl, steps=60)
    assert f"diverged at step {run.diverged}" in repr(trail(run))
    assert "diverging: f rose" in repr(trail(descend(SGD(lr=1.01), bowl)))


# Maps --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape_has_a_map_with_relief(name):
    shown = contour(name)
    colours = opened(shown).convert("RGB").getcolors(10**6)
    assert len([1 for count, _ in colours if count > 1000]) >= 5, "the map is almost one colour"
    assert LANDSCAPES[name].name in repr(shown)


def test_low_ground_is_dark_and_the_minimum_has_a_star_above_all_paths():
    with style():
        fig, ax = subplots()
        draw_map(ax, rosenbrock)
        paths = draw_trail(ax, [descend(SGD(lr=0.001), rosenbrock, 5)])
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), rosenbrock.minima)
    assert ax.lines[0].get_zorder() > max(a.get_zorder() for a in ax.lines[1:])
    shades = ax.collections[0].get_facecolor()[:, :3].mean(axis=1)
    assert np.all(np.diff(shades) > 0) and paths[0] in ax.lines


def of(value, **about):
    about = {"name": "odd one", "formula": "f", "minima": (), **about}
    return replace(bowl, value=value, **about)


@pytest.mark.parametrize(
    "on",
    [
        of(lambda x, y: 1 / (x * x + y * y)),
        of(lambda x, y: -1 / (x * x + y * y)),
        of(lambda x, y: np.inf + 0 * x * y),
        of(lambda x, y: 3 + 0 * x * y),
        of(lambda x, y: np.log(x + 0 * y)),
        of(lambda x, y: 1e308 * (x + y)),
        of(lambda x, y: 1e-310 * (x * x + y * y)),
    ],
)
def test_odd_ground_has_a_map(on, recwarn):
    assert repr(contour(on)) == "Contour map of the odd one without a minimum."
    assert [str(w.message) for w in recwarn] == []


def test_a_map_may_show_a_part(kept):
    contour(bowl, view=((0, 2), (-1, 1)))
    assert kept.fig.axes[0].get_xlim() == (0, 2) and kept.fig.axes[0].get_ylim() == (-1, 1)


def test_a_trail_is_the_path_of_its_run(kept):
    trail(*RUNS, also=[dots([1, 2], [3, 4], "two points")])
    drawn = kept.lines()
    assert list(drawn) == ["two points", *LABELS]
    for run, label in zip(RUNS, LABELS):
        np.testing.assert_array_equal(drawn[label].get_xydata(), run.path)
        assert drawn[label].get_color() == LOOKS[run.rule][0]
    start = kept.fig.axes[0].lines[-1]
    assert start.get_xydata().tolist() == [[-7, 2]] and start.get_markerfacecolor() == "white"


def test_a_level_line_is_level():
    points = level_line(bowl, 3.0)
    np.testing.assert_allclose(bowl(*points.T), 3.0, rtol=1e-3)
    assert np.ptp(points, axis=0) == pytest.approx([2 * np.sqrt(60), 2 * np.sqrt(3)], rel=1e-3)


# Curves of runs ----------------------------------------------------------------------------------


def test_a_loss_curve_is_f_above_its_least(kept):
    lifted = replace(bowl, value=lambda x, y: bowl(x, y) - 5)
    for on, least in ((bowl, 0), (lifted, -5)):
        run = descend(Momentum(lr=0.1), on, 30)
        loss_curve(run)
        (found,) = kept.lines().values()
        assert found.get_xdata().tolist() == list(range(31))
        np.testing.assert_allclose(found.get_ydata(), run.f - least, rtol=1e-12)
        assert kept.fig.axes[0].get_yscale() == "log"


def test_a_curve_that_reaches_the_minimum_leaves_through_the_floor(kept):
    """A zero has no place on a logarithmic axis; the axis ends below the last height above it."""
    run = descend(SGD(lr=0.5), replace(bowl, slope=lambda x, y: (2 * x, 2 * y)), 4)
    assert run.f[-1] == 0 < run.f[0]
    loss_curve(run)
    low, high = kept.fig.axes[0].get_ylim()
    assert run.f[0] / 10 < low < run.f[0] < high < 10 * run.f[0]
    assert kept.lines()["SGD(lr=0.5)"].get_ydata()[-1] < low


@pytest.mark.parametrize("coordinate", ["x", "y"])
def test_a_phase_portrait_is_each_step_against_where_it_began(kept, coordinate):
    phase_portrait(*RUNS, coordinate=coordinate)
    for run, label in zip(RUNS, LABELS):
        values = run.path[:, "xy".index(coordinate)]
        wanted = np.stack([values[:-1], np.diff(values)], axis=-1)
        np.testing.assert_array_equal(kept.lines()[label].get_xydata(), wanted)


@pytest.mark.parametrize("steps", [0, 1])
def test_a_run_of_hardly_a_step_has_its_pictures(steps):
    for lr in (0.1, 1e9):
        run = descend(SGD(lr=lr), bowl, steps)
        for draw in (trail, loss_curve, phase_portrait):
            assert f"SGD(lr={lr:g})" in repr(draw(run))


# Heat maps ---------------------------------------------------------------------------------------

AXES = {"xlabel": "lr", "ylabel": "momentum", "zlabel": "f", "text": "What it shows."}


def mesh_of(ax):
    """Return the coloured cells of a heat map's axes."""
    (mesh,) = [c for c in ax.collections if hasattr(c, "get_coordinates")]
    return mesh


def test_a_heat_map_is_drawn_where_values_are_finite(kept):
    """Runs that diverged are infinite: they stay white, and the colours end at what is finite."""
    rates, betas = np.geomspace(0.01, 3, 30), np.linspace(0, 0.9, 20)
    ends = descend(Momentum(lr=rates, momentum=betas[:, None]), bowl).f[-1]
    ends[np.isnan(ends)] = np.inf
    assert np.isinf(ends).any() and np.isfinite(ends).any()
    heat_map(rates, betas, ends, **AXES)
    mesh = mesh_of(kept.fig.axes[0])
    np.testing.assert_array_equal(np.ma.getmaskarray(mesh.get_array()), np.isinf(ends))
    np.testing.assert_array_equal(mesh.get_array().compressed(), ends[np.isfinite(ends)])
    assert mesh.get_clim() == (ends.min(), ends[np.isfinite(ends)].max())
    assert kept.fig.axes[0].get_xscale() == "log" and kept.fig.axes[0].get_yscale() == "linear"


def test_heat_maps_side_by_side_have_the_same_colours_and_shapes_of_their_own(kept):
    z = {"one": np.array([[0.0, 1.0], [2.0, 3.0]]), "two": np.array([[5.0, np.nan], [1.0, 1.0]])}
    edges = {"one": [line([0, 1], [1, 1], "a")], "two": [line([0, 1], [0, 0], "b")]}
    heat_map(["no", "yes"], [10, 20], z, contours=z, levels=[1.5], also=edges, **AXES)
    for ax, (title, values), label in zip(kept.fig.axes, z.items(), "ab"):
        assert ax.get_title() == title and mesh_of(ax).get_clim() == (0, 5)
        np.testing.assert_array_equal(mesh_of(ax).get_array().filled(np.nan), values)
        assert [a.get_label() for a in ax.lines] == [label]
        assert [word.get_text() for word in ax.get_xticklabels()] == ["no", "yes"]
        assert any(isinstance(c, ContourSet) for c in ax.collections)


def test_contours_of_a_heat_map_are_the_prediction():
    """Where x · y = 1.5, on whatever axes; the line is there, and it is where it belongs."""
    x, y = np.linspace(1, 2, 30), np.linspace(0.5, 2, 40)
    with style():
        fig, ax = subplots()
        draw_heat(ax, x, y, np.zeros((40, 30)), x * y[:, None], levels=[1.5])
    (drawn,) = [c for c in ax.collections if isinstance(c, ContourSet)]
    points = drawn.get_paths()[0].vertices
    np.testing.assert_allclose(points[:, 0] * points[:, 1], 1.5, atol=0.01)


def test_a_label_takes_little_of_its_line_on_logarithmic_axes():
    x, y = np.geomspace(0.01, 1, 20), np.geomspace(1, 64, 7)
    with style():
        fig, ax = subplots()
        z = np.log10(x * y[:, None])
        draw_heat(ax, x, y, z + 3, z, levels=[-1.0])  # one line
    (drawn,) = [c for c in ax.collections if isinstance(c, ContourSet)]
    points = ax.transAxes.inverted().transform(
        ax.transData.transform(drawn.get_paths()[0].vertices)
    )
    # the longest step from one point of the line to the next is the gap for its label
    assert np.hypot(*np.diff(points, axis=0).T).max() < 0.12


# Charts ------------------------------------------------------------------------------------------


def drawn(*shapes, **axes):
    """Return (axes, artists) of a chart."""
    with style():
        fig, ax = subplots()
        return ax, draw_chart(ax, *shapes, **{"x": "x", "y": "y", **axes})


def test_a_chart_has_curves_that_predict_dots_that_measure_and_the_limits():
    t = np.arange(1, 50)
    ax, (grey, adam, lion) = drawn(
        line(t, 1 / t),
        line(t, 2 / t, "Adam's", rule="Adam", style="--"),
        dots(t[::7], 1 / t[::7], "measured", rule="Lion"),
        log="xy",
        marks={"2/L": 20},
        levels={"floor": 0.05},
        ylim=(0.01, 3),
        x="step t",
    )
    np.testing.assert_array_equal(grey.get_xydata(), np.stack([t, 1 / t], axis=-1))
    np.testing.assert_array_equal(lion.get_xydata(), np.stack([t, 1 / t], axis=-1)[::7])
    assert (grey.get_color(), adam.get_color(), lion.get_color()) == (
        GREY,
        LOOKS["Adam"][0],
        LOOKS["Lion"][0],
    )
    assert (adam.get_linestyle(), lion.get_linestyle(), lion.get_marker()) == (
        "--",
        "None",
        LOOKS["Lion"][1],
    )
    assert ax.get_ylim() == (0.01, 3) and (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [word.get_text() for word in ax.get_legend().get_texts()] == ["Adam's", "measured"]
    mark, level = [a for a in ax.lines if a not in (grey, adam, lion)]
    assert mark.get_xdata() == [20, 20] and level.get_ydata() == [0.05, 0.05]
    assert {word.get_text() for word in ax.texts} == {"2/L", "floor"}
    assert ax.get_xlabel() == "step t"


def test_a_rule_is_drawn_as_it_looks_when_its_name_is_the_label():
    _, (named, other, grey) = drawn(
        line([0, 1], [0, 1], "Adam"), dots(1, 1, "Adam's", rule="SGD"), line([0, 1], [1, 0], "me")
    )
    assert (named.get_color(), named.get_marker()) == LOOKS["Adam"]
    assert (other.get_color(), other.get_marker()) == LOOKS["SGD"]
    assert (grey.get_color(), grey.get_marker()) == (GREY, "None")


def test_lines_of_one_look_differ_by_dashes_and_rules_by_their_looks():
    two = lines([0, 1], {"a": [0, 1], "b": [1, 0]}, rule="SGD")
    assert [shape.style["ls"] for shape in two] == ["-", (0, DASHES[1])]
    assert {shape.style["color"] for shape in two} == {LOOKS["SGD"][0]}
    five = lines([0, 1], {f"{k}": [0, k] for k in range(5)})
    assert len({str(shape.style["ls"]) for shape in five}) == 5
    rules = lines([0, 1], {"SGD": [0, 1], "Adam": [1, 0]})
    assert [shape.style["ls"] for shape in rules] == ["-", "-"]
    assert [shape.style["color"] for shape in rules] == [LOOKS["SGD"][0], LOOKS["Adam"][0]]


def test_bars_bands_arrows_and_notes_stand_where_they_are_put():
    ax, (box, ground, arrow, word, led) = drawn(
        bars([1, 2], [3, 4], "counts", rule="RMSProp", width=[0.5, 1]),
        band([0, 1], 2, [3, 4], color="blue"),
        arrows(1, 2, [0.5], [-1], scale=2),
        note("here", (1, 2)),
        note("there", (1, 2), (0, 4)),
    )
    edges = [(b.get_x(), b.get_width(), b.get_height()) for b in box]
    assert edges == [(0.75, 0.5, 3), (1.5, 1, 4)]
    assert to_hex(box[0].get_facecolor()) == LOOKS["RMSProp"][0]
    corners = ground.get_paths()[0].vertices
    assert {(0.0, 2.0), (1.0, 2.0), (0.0, 3.0), (1.0, 4.0)} <= {tuple(p) for p in corners}
    assert to_hex(ground.get_facecolor()[0][:3]) == COLOURS["blue"]
    assert arrow.XY.tolist() == [[1, 2]] and (arrow.U, arrow.V) == (0.5, -1)
    assert 1 / arrow.scale == 2 and arrow.angles == "xy"
    assert word.xy == (1, 2) and word.get_text() == "here"
    assert led.xy == (1, 2) and led.xyann == (0, 4) and led.arrow_patch is not None


def test_words_at_the_upper_edge_cover_neither_one_another_nor_the_page():
    marks = {"half-life 6.58": 6.08, "mean age 9": 9, "the end of it all": 39}
    ax, _ = drawn(line([0, 40], [0, 1]), marks=marks, xlim=(0, 40))
    ax.figure.draw_without_rendering()
    boxes = [word.get_window_extent() for word in ax.texts]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert max(box.x1 for box in boxes) <= ax.bbox.x1
    assert boxes[0].y0 > boxes[1].y0 and boxes[2].y0 == pytest.approx(boxes[0].y0)


def test_no_line_runs_through_the_words_of_a_legend(kept):
    chart(line([0, 1], [0, 1], "a"), x="t", y="f", levels=[0.5], text="One.")
    ground = kept.fig.axes[0].get_legend().get_frame()
    assert (
        ground.get_visible() and ground.get_alpha() > 0.5 and to_hex(ground.get_fc()) == "#ffffff"
    )


@pytest.mark.parametrize("low, high, words", [(0.05, 0.7, "0.1"), (1.4, 22, "10"), (1, 1e4, "10^")])
def test_numbers_beside_a_short_logarithmic_axis_are_plain(low, high, words, kept):
    chart(line([1, 2], [low, high]), x="t", y="f", log="y", text="One.")
    kept.fig.draw_without_rendering()
    axis = kept.fig.axes[0].yaxis
    said = [
        label.get_text() for label in [*axis.get_majorticklabels(), *axis.get_minorticklabels()]
    ]
    assert any(words in text for text in said)
    assert any("mathdefault" in text for text in said) == (high > 100 * low)


def test_small_charts_side_by_side(kept):
    groups = {"a": lines([0, 1], {"SGD": [1, 2], "Adam": [3, 4]}), "b": [line([0, 5], [6, 7])]}
    charts(groups, x="t", y="f", share=True, ylim=(0, None), text="Two.")
    for ax, (title, shapes) in zip(kept.fig.axes, groups.items(), strict=True):
        assert ax.get_title() == title and len(ax.lines) == len(shapes)
        assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] >= 7, "all curves of all panels fit"


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: trail(), "no run to draw"),
        (lambda: trail(SGD(lr=0.1)), "a run is wanted"),
        (
            lambda: trail(RUNS[0], descend(SGD(), beale)),
            "different landscapes: Beale function, bowl",
        ),
        (lambda: trail(descend(SGD(lr=[0.1, 0.2]), bowl)), "draw single paths"),
        (lambda: trail(*RUNS, also=[3]), "dots(x, y)"),
        (lambda: phase_portrait(*RUNS, coordinate="z"), 'must be "x" or "y"'),
        (lambda: contour("hill"), "no landscape 'hill'"),
        (lambda: contour(bowl, dots(1, 1)), "text="),
        (lambda: contour(bowl, view=(1, 2)), "view must be"),
        (lambda: contour(bowl, view=((1, 0), (0, 1))), "view must be"),
        (lambda: contour(of(lambda x, y: np.nan * x * y)), "a number nowhere"),
        (lambda: level_line(bowl, -1), "nowhere -1"),
        (lambda: chart([1, 2], text="", x="", y=""), "what line(x, y), dots(x, y)"),
        (lambda: chart(text="", x="", y=""), "nothing to draw"),
        (lambda: charts({}, text="", x="", y=""), "nothing to draw"),
        (lambda: line([1, 2, 3], [1, 2]), "rows of numbers of one length"),
        (lambda: dots(["a"], [1]), "rows of numbers of one length"),
        (lambda: line([1, 2], np.ones((2, 2))), "rows of numbers of one length"),
        (lambda: note("here", 5), "must be (x, y)"),
        (lambda: heat_map([], [], np.ones((0, 0)), **AXES), "x must be a rising row"),
        (lambda: heat_map([1, 2], [1], np.ones((1, 2)), **AXES), "y must be a rising row"),
        (lambda: heat_map([1, 2, 3], [1, 2], np.ones((3, 2)), **AXES), "shape (2, 3), not (3, 2)"),
        (lambda: heat_map([1, 2], [1, 2], {}, **AXES), "no map to draw"),
    ],
)
def test_what_cannot_be_drawn_gets_one_clear_line(call, word):
    with pytest.raises((TypeError, ValueError)) as error:
        call()
    assert word in str(error.value) and "\n" not in str(error.value)
    assert plt.get_fignums() == []
