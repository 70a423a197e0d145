"""What the live pictures share: a scene, settings that the browser changes, and their results.

Moving a slider only redraws: either the browser has a program, and computes what it draws, or
everything that the sliders can show was sent before, and what was not sent is asked for. All that a
picture tells is told of what is drawn: its settings and its results travel together, in `opening`
and in each `reply`.
"""

import weakref
from collections import defaultdict
from pathlib import Path

import traitlets

from .scene import as_bytes, pack, verdicts

FOLDER = Path(__file__).parent
SHARED = ("base", "axes", "trails", "controls", "store", "program", "keep")  # before each script
FROM_BROWSER = {"sync": True, "echo_update": False}  # an echo would bring back what was before
WHY_STILL = ""  # why pictures do not move here, if they do not

try:
    from anywidget import AnyWidget
except Exception as error:  # it, or what it needs, is missing or too old
    WHY_STILL = (
        f"Live pictures are still here, because anywidget does not work ({error}): "
        "python -m pip install --upgrade anywidget"
    )

    class AnyWidget(traitlets.HasTraits):
        """Stands in for a widget: its bundle holds nothing but what we add."""

        comm = None
        hold_sync = traitlets.HasTraits.hold_trait_notifications

        def _repr_mimebundle_(self, **kwargs):
            return {}


def script(name):
    """Return a widget's JavaScript, given as "stage", with what all of them share around it.

    It defines render({ model, el }).
    """
    parts = [(FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in (*SHARED, name)]
    return "\n".join([*parts, "export default { initialize: keep, render };\n"])


class Live(AnyWidget):
    """A picture that moves where a kernel runs it, and shows `still()`, a Picture, elsewhere.

    scene: what never changes; scene["sliders"] describes the controls (scene.Slider). settings:
    what is drawn, {name: value}; the browser changes it, and all views of one picture share it.
    """

    # As text: anywidget watches a file for ever, and with it keeps every widget that it dresses.
    _css = (FOLDER / "live.css").read_text(encoding="utf-8")
    scene = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(**FROM_BROWSER)

    def __init__(self, scene, settings, **arrays):
        self._cells = set()  # where it is shown
        super().__init__(scene={**scene, "first": settings}, settings=settings, **arrays)

    def still(self):
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs):
        """The live picture where a kernel runs; its opening everywhere else."""
        picture, size = self.still()._repr_mimebundle_()
        if WHY_STILL:
            print(WHY_STILL)
            return {**picture, "text/plain": repr(self)}, size
        retire(self)
        if self.comm is None:  # it was closed, and is shown again
            self.layout.open()
            self.open()
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, **picture, "text/plain": repr(self)}, {**metadata, **size}

    def close(self):
        """Let the browser and the kernel forget it, as far as nobody else holds it."""
        if self.comm is not None:
            self.layout.close()
        super().close()
        vars(self).pop("_repr_mimebundle_", None)  # ipywidgets puts None there: never shown again


class Asking(Live):
    """A live picture that can ask the kernel, unless its program answers in the browser.

    opening: the reply to the opening settings, which stays in the browser. request: {"id": …,
    "settings": what is wanted, "sweeps": whether every position of every slider is wanted too}.
    reply: {"id", "settings", "sweeps", "size": bytes of `runs`, "table": [[slider, rule, verdicts],
    …]}, in the order of `runs`; the slider "" is the settings' own run, one with a name has one
    run for each of its positions. runs: float32, `scene["columns"]` numbers for each step of each
    run. error: {"id", "text"}: why a request could not be granted; then nothing has changed.

    A picture defines `descend(settings, sweeps)`, and may define `columns` and `tell`; what else it
    yields with a run, they get as `more`. If it defines `program`, its script has the function
    `runs` that goes with it, see program.js.
    """

    opening = traitlets.Dict().tag(sync=True)
    opening_runs = traitlets.Bytes().tag(sync=True)
    request = traitlets.Dict().tag(**FROM_BROWSER)
    reply = traitlets.Dict().tag(sync=True)
    runs = traitlets.Bytes().tag(sync=True)
    error = traitlets.Dict().tag(sync=True)

    def __init__(self, scene, settings):
        program = self.program()
        request = {"id": "", "settings": settings, "sweeps": program is None}
        opening, runs = self._answer(request)
        scene = {**scene, "program": program}
        super().__init__(scene, settings, opening=opening, opening_runs=runs)
        self.observe(self._on_request, "request")

    def descend(self, settings, sweeps):
        """Yield (slider or "", number of the rule, Run, …) of what is sent, in this order."""
        raise NotImplementedError

    def program(self):
        """Return what `tracing.program` makes of the rules and landscapes; None: ask the kernel."""
        return None

    def columns(self, run, rule, *more):
        """Return what is sent of each step, shape (steps + 1, *runs, columns)."""
        return pack(run)

    def tell(self, run, rule, *more):
        """Return one clause on each of these runs."""
        return verdicts(run)

    def _answer(self, request):
        """Return (reply, runs) to a request, or raise what an optimizer raises."""
        table, parts = [], []
        for name, rule, run, *more in self.descend(request["settings"], request["sweeps"]):
            table.append([name, rule, self.tell(run, rule, *more)])
            parts.append(as_bytes(self.columns(run, rule, *more)))
        runs = b"".join(parts)
        return {**request, "size": len(runs), "table": table}, runs

    def _on_request(self, change):
        """Grant a request, or say why not."""
        request = change["new"]
        try:
            reply, runs = self._answer(request)
        except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as error:
            self.error = {"id": request.get("id"), "text": str(error)}
        except KeyboardInterrupt:
            self.error = {"id": request.get("id"), "text": "the kernel was interrupted"}
        else:
            with self.hold_sync():  # one message
                self.runs, self.reply = runs, reply

    def close(self):
        """Let go of the last reply as well: the opening is enough to be shown again."""
        super().close()
        if self.scene:  # else it was never made
            self.runs, self.reply, self.settings = b"", {}, self.scene["first"]


_shown = defaultdict(weakref.WeakKeyDictionary)  # cell → {picture shown there: by which execution}


def retire(picture):
    """Close what an earlier execution of this cell showed, unless it is shown elsewhere too.

    ipywidgets keeps every widget, in the kernel and in the browser, until it is closed.
    """
    cell, execution = executing()
    for old, when in list(_shown[cell].items()):
        if when != execution and old is not picture:
            del _shown[cell][old]
            old._cells.discard(cell)
            if not old._cells:
                old.close()
    _shown[cell][picture] = execution
    picture._cells.add(cell)


def executing():
    """Return (id of the cell that is being executed, id of this execution), None where unknown."""
    try:
        parent = get_ipython().get_parent()
    except (NameError, AttributeError):
        return None, None
    return parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
