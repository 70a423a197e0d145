"""What the tests of pictures need: frames, the artists behind them, and what a live one answers."""

import base64
import io
import itertools

import numpy as np
from lab import animation, pictures, scenes
from PIL import Image


def opened(png):
    """An image: of a picture, of its bytes, or of base64 as a notebook stores it."""
    png = getattr(png, "png", png)
    return Image.open(io.BytesIO(base64.b64decode(png) if isinstance(png, str) else png))


def frames(shown):
    """Yield each image of a picture as RGB, shape (height, width, 3): the still, then the film.

    A frame holds what has changed, and one transparent colour for the rest. (Pillow lays one frame
    over the other from version 10.2 on; so it is done here, and changes nothing there.)
    """
    with opened(shown) as image:
        for k in range(image.n_frames):
            image.seek(k)
            new, unchanged = np.array(image), image.info.get("transparency")
            whole = new if k < 2 else np.where(new == unchanged, whole, new)  # noqa: F821
            yield np.reshape(image.getpalette(), (-1, 3))[whole]


REQUESTS = itertools.count()


def ask(live, settings, sweeps=True):
    """Do what the browser does when something of a live picture is moved."""
    live.request = {"id": f"{next(REQUESTS)}", "settings": settings, "sweeps": sweeps}


def everything(live):
    """The reply to the opening and to every position of every slider from there on, and its runs.

    It is what is sent at once where there is no program.
    """
    return live._answer({"id": "", "settings": live.scene["first"], "sweeps": True})


def sent(live, reply=None, runs=None, numbers=4):
    """What a reply brought: {(slider, rule): [(verdict, its run), …]}, the last one if not given.

    A run has the shape (steps + 1, numbers).
    """
    reply, runs = (live.reply if reply is None else reply), (live.runs if runs is None else runs)
    data = np.frombuffer(runs, dtype="<f4").reshape(-1, live.scene["steps"] + 1, numbers)
    found, rest = {}, iter(data)
    for slider, rule, verdicts in reply["table"]:
        found.setdefault((slider, rule), []).extend((verdict, next(rest)) for verdict in verdicts)
    assert next(rest, None) is None
    return found


class Kept:
    """Instead of drawing pictures and films, keep their figures and how they move."""

    def __init__(self, monkeypatch):
        self.fig, self.draw, self.frames = None, None, None
        for module in (pictures, scenes):
            monkeypatch.setattr(module, "picture", self.picture)
        for module in (animation, scenes):
            monkeypatch.setattr(module, "film", self.film)

    def picture(self, fig, text):
        self.fig = fig
        return pictures.Picture(b"", text)

    def film(self, fig, draw, frames, text, seconds=animation.SECONDS):
        self.fig, self.draw, self.frames = fig, draw, frames
        return pictures.Picture(b"", text)

    def lines(self, panel=0):
        """{label: line} of a panel's labelled curves."""
        lines = self.fig.axes[panel].lines
        return {a.get_label(): a for a in lines if not a.get_label().startswith("_")}
