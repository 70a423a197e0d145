"""Paths that move, as a small animated PNG whose still picture is the finished path.

    animate(descend(SGD(lr=0.95), bowl), descend(Adam(lr=0.3), bowl))
    grow(line(t, x, "x"), x="t", y="x", text=…)    # a chart whose curves grow
    film(fig, draw, frames, "what it shows")       # any figure of your own

An animated PNG moves in JupyterLab, on GitHub and in exported pages without any script, and where
nothing moves, or on paper, it shows its still. Only what moves is drawn again for each frame: the
rest is drawn once and restored.
"""

from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .pictures import Picture, describe, draw_chart, map_axes, plt, same_landscape, styles

COLOURS = 64  # of one palette for all frames


def animate(*runs, seconds=6.0, title=""):
    """Return a Picture in which the paths of runs, all on one landscape, grow step by step.

    seconds: how long one showing takes; then the finished paths rest and it begins again.
    """
    on = same_landscape(runs)
    steps = max(run.steps for run in runs)
    shown = np.unique(np.linspace(0, steps, min(steps, 60) + 1).astype(int))
    fig, ax = map_axes(on)
    ax.set_title(title)
    looks = styles(runs)
    trails = [ax.plot(*run.path.T, animated=True, **look)[0] for run, look in zip(runs, looks)]
    heads = [
        ax.plot([], [], marker=look["marker"], color=look["color"], mec="white", ms=8, zorder=5)[0]
        for look in looks
    ]
    ax.legend(loc="best", framealpha=0.8, frameon=True, edgecolor="none")
    counter = ax.text(0.02, 0.03, "", transform=ax.transAxes)
    for artist in (ax.lines[0], *heads, counter):  # the stars of the map, again over the paths
        artist.set_animated(True)

    def draw(frame):
        k = shown[frame]
        for run, path, head in zip(runs, trails, heads):
            path.set_data(*run.path[: k + 1].T)
            head.set_data(*run.path[: k + 1][-1:].T)
        counter.set_text(f"step {k}")

    return film(fig, draw, len(shown), f"Moving picture. {describe(runs)}", seconds)


def grow(*curves, text, frames=60, seconds=6.0, **axes):
    """Return a `chart` that moves: its curves grow, all in the same time, to their last points.

    curves, text, axes: as for `chart`. seconds: as for `animate`.
    """
    fig, lines = draw_chart(*curves, **axes)
    points = [line.get_xydata().copy() for line in lines]
    for line in lines:
        line.set_animated(True)

    def draw(frame):
        for line, all_points in zip(lines, points):
            line.set_data(*all_points[: max(1, (frame + 1) * len(all_points) // frames)].T)

    return film(fig, draw, frames, text, seconds)


def film(fig, draw, frames, text, seconds=6.0):
    """Return a figure that moves as a Picture, and close it. text says what it shows.

    draw(k), for k = 0 … frames − 1, moves those artists of fig that were made with animated=True;
    all others are drawn once. The still is the last frame. seconds: as for `animate`.
    """
    canvas = FigureCanvasAgg(fig)
    moving = [a for ax in fig.axes for a in ax.get_children() if a.get_animated()]
    if not moving:
        raise ValueError("nothing in this figure moves: make artists with animated=True")
    moving.sort(key=lambda artist: artist.get_zorder())
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

    lines = {line.get_color() for line in moving if hasattr(line, "get_marker")}
    still = with_white(few_colours(shots[-1], lines))
    shots = [shot.quantize(palette=still, dither=Image.Dither.NONE) for shot in shots]
    pause = round(1000 * seconds / frames)
    about = PngInfo()
    about.add_itxt("Description", text)  # so that the file alone still says what it shows
    buffer = BytesIO()
    shots[-1].save(
        buffer,
        format="PNG",
        save_all=True,
        default_image=True,
        append_images=shots,
        duration=[pause] * (frames - 1) + [2000],
        loop=0,
        pnginfo=about,
    )
    return Picture(buffer.getvalue(), text, width=int(fig.bbox.width))


def few_colours(image, kept):
    """Reduce an image to COLOURS colours; the kept ones of its lines, pure and pale, are in it."""
    lines = np.array([to_rgb(colour) for colour in sorted(kept)])
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
