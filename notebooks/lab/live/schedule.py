"""A live picture of schedules: drag warm-up and peak, see the learning rate and the mean loss.

    schedule_stage(SGD(), on=bowl, steps=150, noise=0.2)

The kernel runs every setting of the sliders once, all of them with the same random numbers, and
sends the mean losses. So the browser can draw every setting at once, and nothing waits.
"""

import base64
from numbers import Integral, Real

import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg

from optimizers import allow_divergence

from ..descent import FAR, descend, map_distance
from ..landscapes import landscape
from ..pictures import look, picture, plt
from ..schedules import constant, cosine, linear, scheduled, table, warm_up
from ..values import short
from .legacy import Live, frame_of, script

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
    return np.array(
        [
            [
                [warm_up(make(1.0, steps - w), w)(t) for t in range(1, steps + 1)]
                for w in WARMUPS
                if w < steps
            ]
            for make in SHAPES.values()
        ]
    )


def mean_losses(optimizer, on, ramp, noise):
    """Return the mean f of RUNS runs, shape (shape, warm-up, peak, step); NaN once any is lost."""
    many = ramp.shape[:2]
    rates = np.moveaxis(ramp, -1, 0)[..., None, None] * PEAKS[:, None]  # step first
    x, y = (np.full((*many, len(PEAKS), RUNS), c) for c in on.start)
    start, alive = np.array(on.start), np.ones(x.shape, bool)
    opt = scheduled(optimizer, table(rates))
    rng, found, params = np.random.default_rng(0), [], {"x": x, "y": y}
    with np.errstate(all="ignore"), allow_divergence():
        for t in range(ramp.shape[2] + 1):
            f = on(x, y)
            alive &= np.isfinite(f) & (map_distance(on, x, y) <= FAR)
            found.append(np.where(alive.all(axis=-1), f.mean(axis=-1), np.nan))
            x[~alive], y[~alive] = start
            slopes = [g + rng.normal(0, noise, RUNS) for g in on.gradient(x, y)]
            if t < ramp.shape[2]:
                opt.update(params, {k: np.where(alive, g, 0) for k, g in zip("xy", slopes)})
    return np.moveaxis(np.array(found), 0, -1)


class ScheduleStage(Live):
    """What `schedule_stage` returns. scene: all that is drawn around the two curves.

    losses: float32 mean f for each shape, warm-up, peak and step 0, 1, …; NaN once a run is lost.
    """

    _esm = script("schedule.js")
    scene = traitlets.Dict().tag(sync=True)
    losses = traitlets.Bytes().tag(sync=True)

    def __init__(self, optimizer, on, steps, noise, first, marks):
        self._told, self._ramp = f"{type(optimizer).__name__} on the {on.name}", shares(steps)
        losses = mean_losses(optimizer, on, self._ramp, noise)
        self._curves = losses
        good = losses[np.isfinite(losses)]
        self._heights = [10.0 ** np.floor(np.log10(good.min())), 3 * losses[..., 0].max()]
        self._first, self._colour = first, look(type(optimizer).__name__)[0]
        fig, axes = self._axes()
        FigureCanvasAgg(fig).draw()
        fig.set_layout_engine("none")  # else the axes move once more, when the picture is stored
        frames = [frame_of(ax) for ax in axes]
        png = picture(fig, "two empty axes").png
        super().__init__(
            scene={
                "map": base64.b64encode(png).decode(),
                "frames": frames,
                "views": [[list(ax.get_xlim()), list(ax.get_ylim())] for ax in axes],
                "told": self._told,
                "colour": self._colour,
                "runs": RUNS,
                "steps": steps,
                "peaks": PEAKS.tolist(),
                "warmups": [w for w in WARMUPS if w < steps],
                "shapes": list(SHAPES),
                "shares": self._ramp.round(6).tolist(),
                "first": first,
                "marks": marks,
            },
            losses=np.ascontiguousarray(losses, dtype="<f4").tobytes(),
        )

    def _axes(self):
        """Return (figure, its two axes): the learning rate above, the mean loss below."""
        fig, axes = plt.subplots(2, 1, figsize=(5.2, 4.0), sharex=True)
        steps = self._ramp.shape[2]
        axes[0].set(ylabel="learning rate", xlim=(0, steps), ylim=(0, 1.04 * PEAKS[-1]))
        axes[1].set(xlabel="step t", ylabel="mean f", yscale="log", ylim=self._heights)
        return fig, axes

    def at(self, shape, warmup, peak):
        """Return (learning rates, mean losses) of one setting, the nearest on the sliders."""
        s, w = list(SHAPES).index(shape), int(np.argmin(abs(np.array(WARMUPS) - warmup)))
        p = int(np.argmin(abs(PEAKS - peak)))
        return PEAKS[p] * self._ramp[s, w], self._curves[s, w, p]

    def still(self):
        fig, axes = self._axes()
        rates, losses = self.at(*self._first.values())
        axes[0].step(np.arange(1, len(rates) + 1), rates, where="mid", color=self._colour)
        axes[1].plot(losses, color=self._colour)
        return picture(fig, repr(self))

    def __repr__(self):
        shape, warmup, peak = self._first.values()
        losses = self.at(shape, warmup, peak)[1]
        lost = np.isnan(losses)
        end = (
            f"runs diverge from step {int(lost.argmax())}"
            if lost.any()
            else f"mean f = {losses[-1]:.4f} after {len(losses) - 1} steps"
        )
        return (
            f"Live schedules. {RUNS} runs of {self._told}, peak {peak:g}, warm-up {warmup}, then "
            f"{shape}: {end}."
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
    descend(optimizer, on, steps=0)  # raises for what is no optimizer
    if not getattr(optimizer, "elementwise", True) or getattr(optimizer, "array_knobs", {}):
        raise ValueError(f"one elementwise rule is wanted, such as SGD(), got {optimizer!r}")
    if isinstance(steps, bool) or not isinstance(steps, Integral) or not 61 <= steps <= 400:
        raise ValueError(f"steps must be a whole number from 61 to 400, got {short(steps)}")
    if isinstance(noise, bool) or not isinstance(noise, Real) or not 0 <= noise < np.inf:
        raise ValueError(f"noise must be a finite number, at least 0, got {short(noise)}")
    for name, value, known in (
        ("shape", shape, list(SHAPES)),
        ("warmup", warmup, list(WARMUPS)),
        ("peak", peak, PEAKS.tolist()),
    ):
        if value not in known:
            raise ValueError(f"{name} must be one of {known}, got {short(value)}")
    marks = {str(label): float(value) for label, value in (marks or {}).items()}
    first = {"shape": shape, "warmup": int(warmup), "peak": float(peak)}
    return ScheduleStage(optimizer, on, int(steps), float(noise), first, marks)
