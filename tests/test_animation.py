"""Pictures that move: that their paths grow as the runs went, and rest on the finished path."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from course_files import ROOT
from lab import animate, band, bowl, descend, dots, film, grow, line
from lab.animation import FRAMES, PLAYS, frames_of, stored
from lab.pictures import LOOKS
from PIL import Image
from seen import frames, opened

import optimizers
from optimizers import SGD, AdaGrad, Adam, Momentum

RUNS = [descend(rule, bowl, steps=30) for rule in (SGD(lr=0.95), Momentum(lr=0.1), Adam(lr=0.3))]
FAMOUS = SGD(lr=0.95), Momentum(lr=0.1), AdaGrad(lr=1.5), Adam(lr=0.3)


def test_a_moving_picture_moves_and_rests_on_the_finished_path():
    shown = animate(*RUNS)
    assert plt.get_fignums() == [] and shown.width == 440
    for run in RUNS:
        assert f"{run.label}: f = " in repr(shown)
    with opened(shown) as image:
        assert image.is_animated and image.n_frames == 32  # the still, and steps 0 to 30
        assert image.size[0] == 2 * shown.width and image.text["Description"] == repr(shown)
        assert image.info["loop"] == PLAYS, "it comes to rest: nothing moves for ever"
    seen = list(frames(shown))
    assert all(np.any(a != b) for a, b in zip(seen[1:], seen[2:]))
    np.testing.assert_array_equal(seen[0], seen[-1])  # where nothing moves one sees the end
    assert seen[0][2, 2].tolist() == [255, 255, 255]
    assert len(shown.png) < 160_000


def test_each_frame_is_what_was_drawn_whatever_is_stored_of_it():
    """White over colour, colour over white, nothing new at all, and back again."""
    shots, rng = [], np.random.default_rng(0)
    for k in range(12):
        pixels = np.full((40, 60, 3), 255, dtype=np.uint8)
        pixels[5:30, k : k + 9] = (0, 114, 178)
        pixels[rng.integers(0, 40, 5), rng.integers(0, 60, 5)] = (213, 94, 0)
        shots += [Image.fromarray(pixels)] * (1 + k % 2)
    png = stored(shots, {"#0072b2", "#d55e00"}, [100] * len(shots), "squares")
    seen = list(frames(type("Shown", (), {"png": png})))
    assert len(seen) == 1 + len(shots)
    for found, shot in zip(seen, [shots[-1], *shots], strict=True):
        np.testing.assert_array_equal(found, np.array(shot))


def test_paths_grow_with_their_heads_in_front(kept):
    animate(*RUNS, descend(SGD(lr=0.5), bowl, steps=10))
    ax = kept.fig.axes[0]
    paths = list(kept.lines().values())
    heads = ax.lines[-len(paths) :]
    runs = [*RUNS, descend(SGD(lr=0.5), bowl, steps=10)]
    for frame in (0, 7, 30):
        kept.draw(frame)
        for run, path, head in zip(runs, paths, heads, strict=True):
            end = min(frame, run.steps)
            np.testing.assert_array_equal(path.get_xydata(), run.path[: end + 1])
            np.testing.assert_array_equal(head.get_xydata(), run.path[end : end + 1])
            assert head.get_marker() == path.get_marker() == LOOKS[run.rule][1]
            assert head.get_markerfacecolor() == path.get_markerfacecolor()
            assert np.all(path.get_markevery() <= end)
        assert f"step {frame}" in [word.get_text() for word in ax.texts]
    assert len({path.get_color() for path in paths}) == len(paths)
    stars, start = ax.lines[0], ax.lines[len(paths) + 1]
    assert stars.get_animated() and start.get_animated(), "drawn again, above the paths"
    assert stars.get_zorder() > max(head.get_zorder() for head in heads)


def test_a_long_run_has_no_more_frames_than_one_can_watch():
    assert frames_of(30, FRAMES).tolist() == list(range(31))
    assert len(frames_of(1000, FRAMES)) == FRAMES + 1 and frames_of(1000, FRAMES)[-1] == 1000


@pytest.mark.parametrize("rule", LOOKS)
def test_a_path_of_every_rule_is_drawn_in_its_colour(rule):
    run = descend(getattr(optimizers, rule)(lr=0.3), bowl, steps=3)
    colour = list(bytes.fromhex(LOOKS[rule][0][1:]))
    shown = animate(run)
    pixels = np.asarray(opened(shown).convert("RGB"), dtype=int)
    assert np.count_nonzero(abs(pixels - colour).max(axis=-1) <= 16) > 60
    assert f"{rule}(lr=0.3)" in repr(shown)


def blue(image):
    return np.nonzero(np.asarray(image, dtype=int) @ [-1, 0, 1] > 100)


def test_any_figure_can_be_filmed():
    with plt.style.context("dark_background"):
        fig, ax = plt.subplots()
        (dot,) = ax.plot([0], [0.5], "o", color="#0072b2", ms=12, animated=True)
        ax.set(xlim=(-0.5, 4.5))
        text = "A dot goes to the right."
        shown = film(fig, lambda k: dot.set_data([k], [0.5]), 5, text, seconds=1)
    assert plt.get_fignums() == [] and repr(shown) == text
    middles = [blue(image)[1].mean() for image in frames(shown)]
    assert middles[0] == middles[-1] and np.all(np.diff(middles[1:]) > 40)


def test_the_curves_of_a_chart_grow_and_all_else_stands(kept):
    t = np.arange(100)
    nothing_yet = np.where(t < 50, np.nan, t)
    shapes = (
        line(t, 0 * t, "Adam"),
        line(t, nothing_yet, "SGD"),
        dots([5, 9], [1, 1]),
        band(t, 0, 1),
    )
    grow(*shapes, x="t", y="x", text="A level line grows.", frames=5)
    long, late = kept.lines().values()
    for frame, points in ((0, 20), (3, 80), (4, 100)):
        kept.draw(frame)
        np.testing.assert_array_equal(long.get_xydata(), np.stack([t, 0 * t], -1)[:points])
        assert late.get_xdata()[-1] == t[:points][-1]
    assert kept.frames == 5 and not kept.fig.axes[0].collections[0].get_animated()


def test_the_curves_of_several_charts_grow_together(kept):
    t = np.arange(50)
    groups = {"one": [line(t, t, "SGD")], "two": [line(t[:10], -t[:10], "SGD")]}
    grow(groups, x="t", y="x", text="Two charts.", frames=5)
    assert [ax.get_title() for ax in kept.fig.axes] == ["one", "two"]
    for frame, points in ((0, (10, 2)), (4, (50, 10))):
        kept.draw(frame)
        assert tuple(len(ax.lines[0].get_xdata()) for ax in kept.fig.axes) == points


def test_what_has_not_begun_yet_can_be_filmed():
    curve = line([0, 1, 2], [np.nan, np.nan, 3], "SGD")
    assert repr(grow(curve, x="t", y="x", text="It begins late.", frames=3)) == "It begins late."


@pytest.mark.parametrize("steps", [0, 1])
def test_a_run_of_hardly_a_step_can_be_filmed(steps):
    for lr in (0.1, 1e9):
        assert "Moving picture" in repr(animate(descend(SGD(lr=lr), bowl, steps)))


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: animate(), "no run to draw"),
        (lambda: animate(RUNS[0], seconds=0), "in 0 seconds"),
        (lambda: animate(descend(SGD(lr=[0.1, 0.2]), bowl)), "draw single paths"),
        (lambda: film(plt.figure(), print, 5, "Nothing moves."), "animated=True"),
        (lambda: grow(line([0, 1], [0, 1]), x="", y="", text="", frames=0), "got 0 frames"),
        (lambda: grow(band([0, 1], 0, 1), x="", y="", text=""), "line(x, y)"),
    ],
)
def test_what_cannot_be_filmed_gets_one_clear_line(call, word):
    with pytest.raises((TypeError, ValueError), match=re.escape(word)):
        call()
    plt.close("all")


def test_the_famous_picture_of_the_readme_is_the_one_the_command_draws():
    """Fonts and layout differ between versions of Matplotlib; what is shown may not."""
    drawn = animate(*[descend(rule, bowl, steps=30) for rule in FAMOUS])
    with Image.open(ROOT / "img" / "race.png") as image, opened(drawn) as wanted:
        pixels = np.asarray(image.convert("RGB"), dtype=int)
        assert (image.n_frames, image.size) == (wanted.n_frames, wanted.size)
        assert image.text["Description"] == repr(drawn)
    for rule in FAMOUS:
        colour = list(bytes.fromhex(LOOKS[type(rule).__name__][0][1:]))
        seen = np.count_nonzero(abs(pixels - colour).max(axis=-1) <= 16)
        assert seen > 30, f"no {rule!r} to be seen"
