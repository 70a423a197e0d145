"""What the live pictures share: a script, a style, and a still picture where nothing runs."""

from pathlib import Path

import anywidget
import traitlets

FOLDER = Path(__file__).parent


def script(name):
    """Return a widget's JavaScript with the shared controls in front of it."""
    parts = ("controls.js", name)
    return "\n".join((FOLDER / part).read_text(encoding="utf-8") for part in parts)


class Live(anywidget.AnyWidget):
    """A widget that shows `still()`, a Picture, wherever no kernel runs it."""

    _css = FOLDER / "live.css"

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
