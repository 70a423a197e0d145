"""Paths that move, as a small animated PNG whose still picture is the finished path.

    animate(descend(SGD(lr=0.95), bowl), descend(Adam(lr=0.3), bowl))
    grow(line(t, x, "x"), x="t", y="x", text=…)    # a chart whose curves grow
    film(fig, draw, frames, "what it shows")       # any figure of your own

An animated PNG moves in JupyterLab, on GitHub and in exported pages without any script, and where
nothing moves, or on paper, it shows its still. It begins when it is first seen, is shown PLAYS
times and then rests on the finished path. Only what moves is drawn again for each frame, and only
what has changed is stored.
"""

from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

from .pictures import (
    DPI,
    FINE,
    Picture,
    describe,
    description,
    draw_chart,
    draw_charts,
    draw_trail,
    map_axes,
    plt,
    same_landscape,
    style,
    subplots,
)

COLOURS = 64  # of one palette for all frames: a third of the bytes of 256
UNCHANGED = COLOURS  # one more, transparent: what is as in the frame before
NO_COLOUR = (254, 1, 254)  # its entry in the palette: never seen, and no other colour's
SECONDS = 6.0  # of one showing
REST = 2.0  # seconds on the finished path, before it begins again
PLAYS = 3  # after which it rests for good: nothing moves beside a text for ever
FRAMES = 60  # as many as one can watch in SECONDS; more steps than that are not all shown


@style()
def animate(*runs, seconds=SECONDS, title="", view=None):
    """Return a Picture in which the paths of runs, all on one landscape, grow step by step.

    seconds: how long one showing takes; then the finished paths rest and it begins again. view:
    the part of the map to show.
    """
    fig, ax = map_axes(same_landscape(runs), view=view)
    ax.set_title(title)
    paths = draw_trail(ax, runs)
    shown = frames_of(max(run.steps for run in runs), FRAMES)
    counter = ax.text(0.02, 0.03, "", transform=ax.transAxes)
    for artist in (ax.lines[0], ax.lines[len(paths) + 1]):  # stars and start: over the paths
        artist.set_animated(True)
    moving = [*[(path, None) for path in paths], *[(head_of(path), 0) for path in paths]]
    return film_paths(fig, moving, shown, f"Moving picture. {describe(runs)}", seconds, counter)


def frames_of(steps, frames):
    """Return the steps that are shown: all of them, or about as many as there are frames."""
    return np.unique(np.linspace(0, steps, min(steps, frames) + 1).astype(int))


def head_of(path, size=7):
    """Draw the head of a path that will move, with the path's own colour, marker and face."""
    return path.axes.plot(
        *path.get_xydata().T,
        color=path.get_color(),
        marker=path.get_marker(),
        mfc=path.get_markerfacecolor(),
        mec="white" if path.get_markerfacecolor() != "white" else path.get_color(),
        ls="none",
        ms=size,
        zorder=5,
    )[0]


def film_paths(fig, paths, shown, text, seconds=SECONDS, counter=None, also=None):
    """Return a film of lines that grow. paths: pairs (line with all its points, tail).

    tail: how many steps of a line are seen behind its last point; None for all, 0 for its head
    alone. shown: the step of each frame; a line that has fewer points waits at its end. counter:
    a text that tells the step. also(k): moves what else was made with animated=True.
    """
    points = [line.get_xydata().copy() for line, _ in paths]
    marks = [line.get_markevery() for line, _ in paths]  # of all points
    for artist in [counter, *[line for line, _ in paths]]:
        if artist is not None:
            artist.set_animated(True)

    def draw(frame):
        k = shown[frame]
        for (line, tail), all_points, marked in zip(paths, points, marks):
            end = min(k, len(all_points) - 1)
            first = 0 if tail is None else max(0, end - tail)
            line.set_data(*all_points[first : end + 1].T)
            if isinstance(marked, np.ndarray):
                line.set_markevery(marked[(marked >= first) & (marked <= end)] - first)
        if counter is not None:
            counter.set_text(f"step {k}")
        if also is not None:
            also(k)

    return film(fig, draw, len(shown), text, seconds)


@style()
def grow(*shapes, text, frames=FRAMES, seconds=SECONDS, **axes):
    """Return a `chart` that moves: its curves grow, all in the same time, to their last points.

    shapes, text, axes: as for `chart`; what is no curve stands still. Several charts side by side:
    one dict in place of the shapes, as for `charts`. seconds: as for `animate`.
    """
    if isinstance(shapes[0] if shapes else None, dict):
        fig, drawn = draw_charts(*shapes, **axes)
    else:
        fig, ax = subplots()
        drawn = draw_chart(ax, *shapes, **axes)
    lines = [artist for artist in drawn if artist in artist.axes.lines]
    if not lines:
        raise ValueError("grow moves curves: pass what line(x, y) returns")
    points = [line.get_xydata().copy() for line in lines]
    for line in lines:
        line.set_animated(True)

    def draw(frame):
        for line, all_points in zip(lines, points):
            line.set_data(*all_points[: max(1, (frame + 1) * len(all_points) // frames)].T)

    return film(fig, draw, frames, text, seconds)


@style()
def film(fig, draw, frames, text, seconds=SECONDS):
    """Return a figure that moves as a Picture, and close it. text says what it shows.

    draw(k), for k = 0 … frames − 1, moves those artists of fig that were made with animated=True;
    all others are drawn once. The still is the last frame. seconds: as for `animate`.
    """
    moving = [a for ax in fig.axes for a in ax.get_children() if a.get_animated()]
    if not moving:
        raise ValueError("nothing in this figure moves: make artists with animated=True")
    if frames < 1 or not seconds > 0:
        raise ValueError(f"a film needs frames and time, got {frames} frames in {seconds} seconds")
    moving.sort(key=lambda artist: artist.get_zorder())
    fig.set_dpi(FINE)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    background = canvas.copy_from_bbox(fig.bbox)
    shots = []
    for k in range(frames):
        canvas.restore_region(background)
        draw(k)
        for artist in moving:
            artist.axes.draw_artist(artist)
        shots.append(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB"))
    plt.close(fig)
    colours = {line.get_color() for line in moving if hasattr(line, "get_marker")}
    pause = round(1000 * seconds / frames)
    pauses = [pause] * (frames - 1) + [round(1000 * REST)]
    width = round(fig.get_figwidth() * DPI)
    return Picture(stored(shots, colours, pauses, text), text, width)


def stored(shots, lines, pauses, text):
    """Return RGB images as the bytes of an animated PNG whose still is the last of them.

    lines: colours that the palette must have. pauses: after each image, in milliseconds.
    """
    palette = with_white(few_colours(shots[-1], lines))
    frames = [np.array(shot.quantize(palette=palette, dither=Image.Dither.NONE)) for shot in shots]
    news = [np.where(new == old, UNCHANGED, new) for old, new in zip(frames, frames[1:])]
    images = [Image.fromarray(pixels.astype(np.uint8)) for pixels in (frames[-1], frames[0], *news)]
    colours = [*palette.getpalette(), *[255] * 3 * COLOURS][: 3 * COLOURS]
    for image in images:
        image.putpalette([*colours, *NO_COLOUR])
    buffer = BytesIO()
    images[0].save(
        buffer,
        format="PNG",
        save_all=True,
        default_image=True,
        append_images=images[1:],
        duration=pauses,
        loop=PLAYS,
        blend=[0] + [1] * len(news),  # the first frame replaces, the others are laid over it
        transparency=UNCHANGED,
        pnginfo=description(text),
    )
    return buffer.getvalue()


def few_colours(image, kept):
    """Reduce an image to COLOURS colours; the kept ones of its lines, pure and pale, are in it."""
    lines = np.array(sorted(to_rgb(colour) for colour in kept))[: COLOURS // 4]
    lines = np.concatenate([lines, 0.6 * lines + 0.4])  # pale: the edges of a line
    size = COLOURS - len(lines)
    few = image.quantize(size, dither=Image.Dither.NONE)
    few.putpalette(few.getpalette()[: 3 * size] + np.rint(255 * lines.ravel()).astype(int).tolist())
    return image.quantize(palette=few, dither=Image.Dither.NONE)


def with_white(image):
    """Make what is almost white in a palette pure white, so that the ground joins the page."""
    palette = np.reshape(image.getpalette(), (-1, 3))
    palette[(palette >= 245).all(axis=1)] = 255
    image.putpalette(palette.ravel().tolist())
    return image
