"""A live picture of schedules: drag warm-up and peak, see the learning rate and the mean loss.

    schedule_stage(SGD(), on=bowl, steps=150, noise=0.2)

The kernel runs every setting of the sliders once, all of them with the same random numbers, and
sends the mean losses. So the browser can draw every setting at once, and nothing waits.
"""

import numpy as np
import traitlets

from ..descent import check_single, walk
from ..landscapes import landscape
from ..pictures import look, picture, style, subplots
from ..schedules import constant, cosine, linear, scheduled, table, warm_up
from ..values import real, short, whole
from .scene import Slider, as_bytes, looks
from .stage import call_code, spelled
from .widget import Live, script

RUNS = 60
PEAKS = (
    np.array(
        [5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 22, 25, 28, 32, 36, 40, 45, 50, 55, 60, 70, 80, 90]
        + [100, 110, 120, 140, 160, 180, 200]
    )
    / 100
)
WARMUPS = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 60)
SHAPES = {
    "constant": lambda lr, steps: constant(lr),
    "linear": linear,
    "cosine": cosine,
}


def shares(steps):
    """Return the learning rate over its peak, for each shape, warm-up and step t = 1, 2, …"""
    schedules = [[warm_up(make(1.0, steps - w), w) for w in WARMUPS] for make in SHAPES.values()]
    return np.array([[[of(t) for t in range(1, steps + 1)] for of in row] for row in schedules])


def mean_losses(optimizer, on, ramp, noise):
    """Return the mean f of RUNS runs, shape (shape, warm-up, peak, step); NaN once any is lost."""
    *many, steps = ramp.shape
    rates = np.moveaxis(ramp, -1, 0)[..., None, None] * PEAKS[:, None]  # step first
    x, y = (np.full((*many, len(PEAKS), RUNS), c) for c in on.start)
    rng, found = np.random.default_rng(0), np.full((steps + 1, *many, len(PEAKS)), np.nan)
    run = walk(
        scheduled(optimizer, table(rates)), on, x, y, steps, lambda: rng.normal(0, noise, RUNS)
    )
    for t, (_, _, f, alive) in enumerate(run):
        found[t] = np.where(alive.all(axis=-1), f.mean(axis=-1), np.nan)
    return np.moveaxis(found, 0, -1)


class ScheduleStage(Live):
    """What `schedule_stage` returns. settings: {"peak", "warmup", "shape": its number in SHAPES}.

    losses: float32 mean f for each shape, warm-up, peak and step 0, 1, …; NaN once a run is lost.
    shares: float32 learning rate over its peak for each shape, warm-up and step 1, 2, …
    """

    _esm = script("schedule")
    losses = traitlets.Bytes().tag(sync=True)
    shares = traitlets.Bytes().tag(sync=True)

    def __init__(self, optimizer, on, steps, noise, first, marks):
        self._told, self._ramp = f"{type(optimizer).__name__} on the {on.name}", shares(steps)
        self._curves = mean_losses(optimizer, on, self._ramp, noise)
        self._first, self._colour = first, look(type(optimizer).__name__)[0]
        good = self._curves[np.isfinite(self._curves)]
        self._heights = [10.0 ** np.floor(np.log10(good.min())), 3 * self._curves[..., 0].max()]
        call = f"schedule_stage({spelled(optimizer)}, on={call_code({}, [on])['on'][0]}"
        super().__init__(
            {
                "told": self._told,
                "rules": looks([optimizer]),
                "runs": RUNS,
                "steps": steps,
                "peaks": PEAKS.tolist(),
                "shapes": list(SHAPES),
                "sliders": [
                    Slider("peak", "peak lr", PEAKS, 0, marks).describe(),
                    Slider("warmup", "warm-up steps", WARMUPS, 0).describe(),
                    Slider("shape", "then", list(SHAPES), 0).describe(),
                ],
                "heights": self._heights,
                "code": [
                    f"{call}, steps={steps}, noise={noise:g}",
                    f", marks={marks}" if marks else "",
                ],
            },
            {**first, "shape": list(SHAPES).index(first["shape"])},
            losses=as_bytes(np.moveaxis(self._curves, -1, 0)[..., None]),
            shares=as_bytes(np.moveaxis(self._ramp, -1, 0)[..., None]),
        )

    def at(self, shape, warmup, peak):
        """Return (learning rates, mean losses) of one setting, the nearest on the sliders."""
        s, w = list(SHAPES).index(shape), int(np.argmin(abs(np.array(WARMUPS) - warmup)))
        p = int(np.argmin(abs(PEAKS - peak)))
        return PEAKS[p] * self._ramp[s, w], self._curves[s, w, p]

    @style()
    def still(self):
        fig, axes = subplots(2, 1, figsize=(5.2, 4.0), sharex=True)
        rates, losses = self.at(**self._first)
        axes[0].set(ylabel="learning rate", xlim=(0, len(rates)), ylim=(0, 1.04 * PEAKS[-1]))
        axes[1].set(xlabel="step t", ylabel="mean f", yscale="log", ylim=self._heights)
        axes[0].step(np.arange(1, len(rates) + 1), rates, where="mid", color=self._colour)
        axes[1].plot(losses, color=self._colour)
        return picture(fig, repr(self))

    def __repr__(self):
        losses = self.at(**self._first)[1]
        lost = np.isnan(losses)
        end = (
            f"runs diverge from step {int(lost.argmax())}"
            if lost.any()
            else f"mean f = {losses[-1]:.4f} after {len(losses) - 1} steps"
        )
        return (
            f"Live schedules. {RUNS} runs of {self._told}, peak {self._first['peak']:g}, "
            f"warm-up {self._first['warmup']}, then {self._first['shape']}: {end}."
        )


def schedule_stage(
    optimizer, on, steps=150, noise=0.0, shape="cosine", warmup=0, peak=0.2, marks=None
):
    """Return the live picture of warm-up, peak and shape of a schedule, and of the mean loss.

    on, noise: as for `descend`. It opens with this shape ("constant", "linear" or "cosine"),
    warm-up and peak, which must be on the sliders, WARMUPS and PEAKS. marks: {label: peak}.
    Raises TypeError or ValueError that says what to write instead.
    """
    on = landscape(on)
    check_single(optimizer)
    steps, noise = whole("steps", steps, 61, 400), real("noise", noise, least=0)
    for name, value, known in (
        ("shape", shape, list(SHAPES)),
        ("warmup", warmup, list(WARMUPS)),
        ("peak", peak, PEAKS.tolist()),
    ):
        if not np.isscalar(value) or value not in known:
            raise ValueError(f"{name} must be one of {known}, got {short(value)}")
    if not isinstance(marks := {} if marks is None else marks, dict):
        raise TypeError(f'marks must look like {{"2/9": 0.22}}, got {short(marks)}')
    marks = {str(label): real("marks", value) for label, value in marks.items()}
    first = {"shape": shape, "warmup": int(warmup), "peak": float(peak)}
    return ScheduleStage(optimizer, on, steps, noise, first, marks)
