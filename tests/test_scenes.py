"""The scenes of single chapters: that what moves and what stands is what the runs did."""

import numpy as np
import pytest
from lab import bowl, descend, dots, himmelblau, learn, quadratic, two_wells
from lab.descent import iterate
from lab.landscapes import LANDSCAPES, kinked, kinked_slope
from lab.network import Network, digits, train, two_moons
from lab.pictures import GREY, LOOKS
from lab.races import WORKS, lower_median, quantile, race
from lab.scenes import (
    RECENT,
    TAIL,
    basins,
    borders,
    curves,
    edge_map,
    film_rates,
    gallery,
    panels,
    rate_panels,
    rolling,
    sensitivity,
    shares,
    spring,
    springs,
    tiles,
)
from lab.schedules import constant, linear, one_cycle, scheduled
from matplotlib.colors import to_hex
from seen import frames

from optimizers import SGD, Adam, Momentum, Nesterov

SPRUNG = [Momentum(lr=0.04, momentum=beta) for beta in (0.9, 0.2)]


def test_springs_hang_where_the_iterates_are(kept):
    said = repr(springs(*SPRUNG, steps=40))
    left, right = kept.fig.axes
    wanted = [descend(rule, quadratic(1, 1, start=(1.0, 0.0)), 40).path[:, 0] for rule in SPRUNG]
    grey = [a for a in left.lines if a.get_color() == "#444444"]
    masses = [a for a in left.lines if a.get_marker() == LOOKS["Momentum"][1]]
    heads = [a for a in right.lines if a.get_linestyle() == "None"]
    for t in (0, 17, 40):
        kept.draw(t)
        for i, (x, coil, mass, head, curve) in enumerate(
            zip(wanted, grey, masses, heads, kept.lines(1).values(), strict=True)
        ):
            assert mass.get_xydata().tolist() == [[i, x[t]]]
            assert head.get_xydata().tolist() == [[t, x[t]]]
            np.testing.assert_array_equal(curve.get_ydata(), x[: t + 1])
            assert coil.get_ydata()[-1] == x[t] and coil.get_ydata()[0] == 1.6
            assert head.get_markerfacecolor() == mass.get_markerfacecolor()
    assert masses[0].get_color() != masses[1].get_color()
    assert kept.frames == 41 and list(kept.lines(1)) == ["β = 0.9", "β = 0.2"]
    crossings = [np.count_nonzero(x[1:] * x[:-1] < 0) for x in wanted]
    for rule, times in zip(SPRUNG, crossings, strict=True):
        assert f"{rule!r} changes sides {times} times" in said
    assert crossings[0] > crossings[1] == 0


def test_a_spring_is_a_zig_zag_from_top_to_bottom():
    x, y = spring(2, 1.6, 0.5)
    assert len(x) == len(y) and (y[0], y[-1]) == (1.6, 0.5) and np.all(np.diff(y) < 0)
    assert (x[0], x[-1]) == (2, 2) and np.all(np.diff(np.sign(x[2:-2] - 2)) != 0)


def test_the_names_of_the_springs_stand_apart(kept):
    springs(*[Momentum(lr=0.04, momentum=beta) for beta in (0.9, 0.64, 0.2)], steps=3)
    boxes = [text.get_window_extent() for text in kept.fig.axes[0].texts]
    gaps = [right.x0 - left.x1 for left, right in zip(boxes, boxes[1:])]
    assert len(gaps) == 2 and min(gaps) > 0.7 * boxes[0].height  # more than between their words


def test_a_rule_without_momentum_has_a_spring_too(kept):
    springs(SGD(lr=0.1), steps=3)
    assert list(kept.lines(1)) == ["SGD(lr=0.1)"]


def test_balls_roll_along_the_graph(kept):
    paths = {
        "Momentum": iterate(Momentum(lr=1 / 9), kinked_slope, 3.3),
        "Nesterov": iterate(Nesterov(lr=1 / 9), kinked_slope, 3.3),
    }
    said = repr(rolling(kinked, (-3.5, 3.5), frames=20, **paths))
    graph, *rest = kept.fig.axes[0].lines
    np.testing.assert_array_equal(graph.get_ydata(), kinked(graph.get_xdata()))
    for k in (0, 2, 19):
        kept.draw(k)
        for path, tail, ball in zip(paths.values(), rest[::2], rest[1::2], strict=True):
            recent = path[max(0, k - TAIL) : k + 1]
            np.testing.assert_array_equal(tail.get_xydata(), np.stack([recent, kinked(recent)], -1))
            assert ball.get_xydata().tolist() == [[path[k], kinked(path[k])]]
    rolling(kinked, (-3.5, 3.5), SGD=np.array([0.0, 1e6]))
    assert max(kept.fig.axes[0].get_xlim()) < 4, "a ball that leaves the graph is gone"
    assert f"After 19 steps Momentum is at {paths['Momentum'][19]:.2f}, Nesterov is" in said


def test_basins_are_where_descents_end(kept):
    """Two wells: left of the ridge to the left one, right of it to the right one, or not yet."""
    side = np.linspace(-1.5, 1.5, 20)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    run = descend(SGD(lr=0.05), two_wells, 12, start=grid)
    basins(run, dots(0, 0, "the ridge"), text="Two basins.")
    (mesh,) = [c for c in kept.fig.axes[0].collections if hasattr(c, "get_coordinates")]
    found, wells = mesh.get_array(), np.asarray(two_wells.minima)
    away = np.linalg.norm(run.end[..., None, :] - wells, axis=-1)
    np.testing.assert_array_equal(found.mask, away.min(axis=-1) >= 0.1)  # a fiftieth of the map
    assert 0.1 < found.mask.mean() < 0.9
    arrived = ~found.mask
    np.testing.assert_array_equal(found[arrived], away.argmin(axis=-1)[arrived])
    assert set(np.sign(wells[found[arrived], 0] * grid[arrived][:, 0])) == {1.0}
    assert "the ridge" in kept.lines()
    assert len({to_hex(mesh.cmap(mesh.norm(k))) for k in range(2)}) == 2


# Races -------------------------------------------------------------------------------------------

RATES = [0.01, 0.02, 0.1, 0.2, 0.5, 0.6]
RULES = SGD(), Adam(), Momentum(momentum=np.array([0.0, 0.9]))
RACE = race([*RULES, Adam(beta1=0.5)], bowl, 20, rates=RATES, tune=5, report=9)
LOST = race([SGD()], bowl, 60, rates=[50.0], tune=2, report=2)


def test_the_report_of_a_race_is_its_medians_and_quartiles(kept):
    said = repr(curves(RACE))
    bands = kept.fig.axes[0].collections
    for entry, drawn, band in zip(RACE, kept.lines().values(), bands, strict=True):
        np.testing.assert_array_equal(drawn.get_ydata(), lower_median(entry.f))
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() == quantile(entry.f, 0.25).min()
        assert heights.max() == quantile(entry.f, 0.75).max()
        assert f"{entry.tuned!r}: {entry.median:.1e}" in said
    assert len({(a.get_color(), str(a.get_linestyle())) for a in kept.lines().values()}) == 4
    assert "medians and quartiles of 9 runs" in said
    assert "Adam" not in repr(curves(RACE, "SGD")) and "inf" in repr(curves(LOST))


def test_what_tuning_tells(kept):
    said = repr(sensitivity(RACE))
    ax = kept.fig.axes[0]
    for entry, drawn in zip(RACE, kept.lines().values(), strict=True):
        for lr, height in drawn.get_xydata():  # the best of all settings with this rate
            score = min(lower_median(entry.trials[entry.lr == lr]))
            assert height == pytest.approx(min(score, ax.get_ylim()[1]))
        assert len(drawn.get_xdata()) == len(RATES) / (1 + (entry.rule == "Momentum"))
        assert f"{entry.rule} {100 * entry.robust_share:.0f} %" in said
    start = lower_median(bowl(*RACE.tune.T))
    assert ax.lines[-1].get_ydata() == pytest.approx([WORKS * start] * 2)
    sensitivity(LOST)
    assert kept.lines().popitem()[1].get_ydata() == [kept.fig.axes[0].get_ylim()[1]]


def test_panels_of_a_race_grow_with_their_runs(kept):
    runs = [descend(SGD(lr=lr), bowl, 15) for lr in (0.1, 3.0)]
    groups = {"a": runs, "b": runs[:1], "c": runs}
    text = repr(panels(groups, view=((-8, 2), (-3, 3))))
    assert text.startswith("Moving picture") and "diverged at step" in text
    assert [ax.get_title() for ax in kept.fig.axes] == ["a", "b", "c", ""]
    last = kept.frames - 1
    for frame, k in ((0, 0), (last, 15)):
        kept.draw(frame)
        for ax, group in zip(kept.fig.axes, groups.values()):
            paths = [a for a in ax.lines if not a.get_label().startswith("_")]
            heads = [a for a in ax.lines if a.get_markersize() == 6.5]
            for run, path, head in zip(group, paths, heads, strict=True):
                np.testing.assert_array_equal(path.get_xydata(), run.path[: k + 1])
                np.testing.assert_array_equal(head.get_xydata(), run.path[k : k + 1])
                assert head.get_markerfacecolor() == path.get_markerfacecolor()
            assert ax.get_xlim() == (-8, 2) and len(paths) == len(heads) == len(group)
    assert 2 < kept.frames < 16


# Schedules ---------------------------------------------------------------------------------------


def test_a_film_of_rates_moves_runs_and_their_rates_together(kept):
    schedules = constant(0.6), linear(0.6, 40)
    runs = [descend(scheduled(SGD(), s), bowl, 40, noise=1.0) for s in schedules]
    assert "linear(0.6, 40): f = " in repr(film_rates(*runs, frames=5))
    left, right = kept.fig.axes
    tails, heads = left.lines[1::2], left.lines[2::2]
    for frame, k in ((0, 0), (2, 20), (4, 40)):
        kept.draw(frame)
        for run, schedule, tail, head, curve in zip(
            runs, schedules, tails, heads, right.lines, strict=True
        ):
            np.testing.assert_array_equal(tail.get_xydata(), run.path[max(0, k - RECENT) : k + 1])
            np.testing.assert_array_equal(head.get_xydata(), run.path[k : k + 1])
            t = range(1, min(k + 1, 40) + 1)  # the rate of the next step is known already
            np.testing.assert_array_equal(
                curve.get_xydata(), np.stack([t, [schedule(n) for n in t]], axis=-1)
            )
    assert "mine: f =" in repr(film_rates(*runs, names=["mine", "yours"], frames=3))


def test_every_panel_shows_the_whole_of_its_schedule(kept):
    schedules = constant(0.3), one_cycle(0.1, 1, 50), linear(0.6, 50)
    said = repr(rate_panels(schedules, 50, columns=2))
    for ax, schedule in zip(kept.fig.axes, schedules):
        (drawn,) = ax.lines
        wanted = [schedule(t) for t in range(1, 51)]
        np.testing.assert_array_equal(drawn.get_xydata(), np.stack([range(1, 51), wanted], -1))
        assert drawn.get_drawstyle() == "steps-mid"
        assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] >= max(wanted)
        assert ax.get_title() == str(schedule) in said


def test_an_edge_map_is_a_heat_map_with_its_edge(kept):
    z = np.outer([1.0, 2.0, 3.0], [1.0, np.nan, 2.0])
    predicted = np.tile([1.0, 2.0, 3.0], (3, 1))
    names = {"xlabel": "a", "ylabel": "b", "text": "An edge.", "ylim": (1, 3)}
    edge_map([1, 2, 3], [1, 2, 3], z, predicted, ([2.5, 2], [1, 3]), levels=[1.5], **names)
    ax, bar = kept.fig.axes
    mesh, lines = ax.collections
    np.testing.assert_array_equal(mesh.get_array().filled(np.nan), z)
    assert set(lines.get_paths()[0].vertices[:, 0]) == {1.5}
    (edge,) = ax.lines
    assert edge.get_xydata().tolist() == [[2.5, 1], [2, 3]]
    assert (edge.get_linestyle(), edge.get_color(), ax.get_ylim()) == ("--", GREY, (1, 3))
    assert bar.get_ylabel() == "mean f"


# Networks ----------------------------------------------------------------------------------------


def test_borders_are_what_the_networks_believe_at_each_time(kept):
    x, y = two_moons(40)
    net, steps = Network(2, 3, 1), [0, 1, 2, 5]
    _, found = train(net, Adam(lr=0.3), x, y, 5, keep=steps)
    nets = {"one": net.at(found), "two": net.at(found[::-1])}
    borders(nets, steps, x, y, "what is seen")
    for k in range(4):
        kept.draw(k)
        for ax, trained in zip(kept.fig.axes, nets.values(), strict=True):
            image = ax.images[0].get_array()
            (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
            corners = np.array([[left, bottom], [right, bottom], [left, top], [right, top]])
            wanted = trained.probabilities(corners)[k, :, 1]
            seen = image[0, 0], image[0, -1], image[-1, 0], image[-1, -1]
            np.testing.assert_allclose(seen, wanted, atol=0.0501)
            assert ax.texts[0].get_text() == f"step {steps[k]}"
    zeros, ones = (a.get_xydata() for a in kept.fig.axes[0].lines)
    np.testing.assert_array_equal(zeros, x[y == 0][::2])
    np.testing.assert_array_equal(ones, x[y == 1][::2])
    assert [ax.get_title() for ax in kept.fig.axes] == ["one", "two"]


def test_tiles_show_every_scan_under_its_label(kept):
    (x, y), _ = digits()
    tiles(x[:7], y[:7], "seven digits", columns=5)
    ax = kept.fig.axes[0]
    sheet = ax.images[0].get_array()
    for k, word in enumerate(ax.texts):
        top, left = k // 5 * 12 + 4, k % 5 * 13
        np.testing.assert_array_equal(sheet[top : top + 8, left : left + 8].ravel(), x[k])
        assert word.get_text() == str(y[k]) and left < word.get_position()[0] < left + 8
    assert sheet.shape == (24, 65) and len(ax.texts) == 7


# What a matrix has learnt -------------------------------------------------------------------------


def test_bars_are_as_high_as_what_is_learnt(kept):
    runs = learn(SGD(lr=1), steps=40), learn(Adam(lr=0.02), 3, steps=20)
    said = repr(shares(*runs))
    left, right = kept.fig.axes
    assert "SGD(lr=1): 6 of 8 half learnt" in said and kept.frames == 41
    assert left.get_title() == "SGD(lr=1)" and right.get_title() == "Adam(lr=0.02), turned"
    for t in (0, 7, 40):
        kept.draw(t)
        for ax, run in zip(kept.fig.axes, runs):  # the shorter run waits at its end
            np.testing.assert_array_equal(
                [bar.get_height() for bar in ax.patches], run.share[min(t, len(run.share) - 1)]
            )
    assert left.patches[0].get_facecolor() != right.patches[0].get_facecolor()


# All of them -------------------------------------------------------------------------------------


def test_a_scene_moves():
    """From the stored bytes: springs, whose frames differ nearly all."""
    shown = springs(*SPRUNG, steps=20)
    pictures = list(frames(shown))
    assert np.mean([np.any(a != b) for a, b in zip(pictures[1:], pictures[2:])]) > 0.9
    assert len(pictures) == 22 and len(shown.png) < 250_000


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: springs(), "no spring to draw"),
        (lambda: rolling(kinked, (-3, 3)), "no ball to draw"),
        (lambda: panels({}), "no run to draw"),
        (lambda: shares(), "nothing learnt to draw"),
        (lambda: film_rates(), "no run to draw"),
        (lambda: rate_panels([]), "nothing to draw"),
        (lambda: borders({}, [], np.zeros((2, 2)), np.zeros(2), ""), "nothing to draw"),
        (lambda: tiles([], [], ""), "no scan to draw"),
        (lambda: basins(descend(SGD(lr=0.1), himmelblau, 1), text=""), "a grid of starts"),
        (
            lambda: film_rates(*[descend(scheduled(SGD(), constant(0.1)), bowl, 2)] * 4),
            "at most 3 runs",
        ),
    ],
)
def test_what_cannot_be_shown_gets_one_clear_line(call, word):
    with pytest.raises(ValueError, match=word) as error:
        call()
    assert "\n" not in str(error.value)


def test_the_gallery_has_a_map_of_every_landscape(kept):

    text = repr(gallery())
    axes = kept.fig.axes[: len(LANDSCAPES)]
    assert [ax.get_title() for ax in axes] == list(LANDSCAPES)
    for ax, on in zip(axes, LANDSCAPES.values()):
        assert on.name in text and ax.get_xlim() == pytest.approx(on.view[0])
        assert ax.lines[-1].get_xydata().tolist() == [list(on.start)]
