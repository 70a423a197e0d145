"""Paths that move, as a small animated PNG whose still picture is the finished path.

    animate(descend(SGD(lr=0.95), bowl), descend(Adam(lr=0.3), bowl))

An animated PNG moves in JupyterLab, on GitHub and in exported pages without any script, and where
nothing moves, or on paper, it shows its still. Only the paths are drawn again for each frame: the
map is drawn once and restored.
"""

from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .pictures import Picture, describe, map_axes, plt, same_landscape, styles

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
    trails = [ax.plot(*run.path.T, **style)[0] for run, style in zip(runs, styles(runs))]
    heads = [
        ax.plot([], [], t.get_marker(), color=t.get_color(), mec="white", ms=8)[0] for t in trails
    ]
    ax.legend(loc="best", framealpha=0.8, frameon=True, edgecolor="none")
    counter = ax.text(0.02, 0.03, "", transform=ax.transAxes)

    canvas = FigureCanvasAgg(fig)
    stars = ax.lines[0]  # the minima of the map, drawn again over the paths
    moving = [*trails, stars, *heads, counter]
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    background = canvas.copy_from_bbox(fig.bbox)
    frames = []
    for k in shown:
        canvas.restore_region(background)
        for run, path, head in zip(runs, trails, heads):
            path.set_data(*run.path[: k + 1].T)
            head.set_data(*run.path[: k + 1][-1:].T)
        counter.set_text(f"step {k}")
        for artist in moving:
            ax.draw_artist(artist)
        frames.append(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB"))
    plt.close(fig)

    still = with_white(few_colours(frames[-1], {trail.get_color() for trail in trails}))
    frames = [frame.quantize(palette=still, dither=Image.Dither.NONE) for frame in frames]
    pause = round(1000 * seconds / len(frames))
    text = f"Moving picture. {describe(runs)}"
    about = PngInfo()
    about.add_itxt("Description", text)  # so that the file alone still says what it shows
    buffer = BytesIO()
    frames[-1].save(
        buffer,
        format="PNG",
        save_all=True,
        default_image=True,
        append_images=frames,
        duration=[pause] * (len(frames) - 1) + [2000],
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
