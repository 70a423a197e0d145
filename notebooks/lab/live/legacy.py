"""The base of the live pictures that do not yet stand on widget.Live: it goes with the last."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ..pictures import map_axes, picture, style

FOLDER = Path(__file__).parent


def script(name):
    """Return a widget's JavaScript with the shared controls in front of it."""
    parts = ("legacy.js", name)
    return "\n".join((FOLDER / part).read_text(encoding="utf-8") for part in parts)


class Live(anywidget.AnyWidget):
    """A widget that shows `still()`, a Picture, wherever no kernel runs it."""

    _css = (FOLDER / "legacy.css").read_text(encoding="utf-8")

    def still(self):
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs):
        """The live widget where a kernel runs; its opening picture everywhere else."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        picture, size = self.still()._repr_mimebundle_()
        return {**data, **picture, "text/plain": repr(self)}, {**metadata, **size}


class Answering(Live):
    """A live picture that asks the kernel: the browser changes `wish`, the others follow.

    scene: what never changes. answer: what `runs` holds, {"wish": what was run, "sizes": how many
    bytes each array has, ...}. problem: why a wish could not be granted, or "".
    """

    scene = traitlets.Dict().tag(sync=True)
    wish = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    runs = traitlets.Bytes().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def reply(self, wish, arrays, **more):
        """Send what was wished for, all in one message; arrays: {trait: bytes}."""
        with self.hold_sync():
            self.problem = ""
            for name, data in arrays.items():
                setattr(self, name, data)
            sizes = {name: len(data) for name, data in arrays.items()}
            self.answer = {"wish": wish, "sizes": sizes, **more}


@style()
def background(on):
    """Return (PNG bytes of the map, its axes' [left, top, right, bottom, width, height] in px)."""
    fig, ax = map_axes(on, width=5.2)
    FigureCanvasAgg(fig).draw()
    fig.set_layout_engine("none")  # else the axes move once more, when the picture is stored
    frame = frame_of(ax)
    return picture(fig, "map").png, frame


def frame_of(ax):
    """Return where axes stand in their drawn figure: [left, top, right, bottom, width, height]."""
    box, whole = ax.get_window_extent(), ax.figure.bbox
    sides = (box.x0, whole.height - box.y1, box.x1, whole.height - box.y0)
    return [float(value) for value in (*sides, whole.width, whole.height)]


def pack(run):
    """Return x, y, f of every step as float32 bytes, run by run: shape (runs, steps + 1, 3)."""
    values = np.concatenate([run.path, run.f[..., None]], axis=-1)
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(np.moveaxis(values, 0, -2), dtype="<f4").tobytes()
