"""A live cloud: many runs with noisy gradients, and the ellipse that the formulas predict.

    cloud(SGD(lr=0.3), on=bowl, sigma=0.5, examples=256, batch=4)

The kernel runs every learning rate of the slider once, with batches of one example, and sends how
far the runs are from where they would be without noise. On a quadratic the errors of the gradients
only add up: with another batch size the same random numbers give the same cloud, wider or narrower
about its middle. So the browser can draw every setting at once, and nothing waits.
"""

import numpy as np
import traitlets
from matplotlib.patches import Ellipse

from ..descent import check_optimizer, iterate
from ..landscapes import landscape
from ..pictures import look, map_axes, picture, style
from ..theory import moments, spread
from ..values import real, whole
from .scene import Slider, as_bytes, looks, map_scene
from .stage import call_code
from .widget import Live, script

RUNS = 300
STEPS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233)  # those that can be shown
SHARES = np.array([0.01, 0.02, *np.arange(1, 23) / 20])  # the learning rates, in units of 2/L
PREDICTED = {"colour": "#1b1f24", "face": "#1b1f24", "marker": "d", "dashes": [5, 3]}


class Cloud(Live):
    """What `cloud` returns. settings: {"lr": one of the slider's, "batch": any whole number}.

    dots: float32 offsets (x, y) from the mean, for each learning rate, run and step of STEPS, with
    batches of one example. sums: for each learning rate and step 0, 1, … the mean of these offsets
    in x and in y, and the roots of their mean squares.
    """

    _esm = script("cloud")
    dots = traitlets.Bytes().tag(sync=True)
    sums = traitlets.Bytes().tag(sync=True)

    def __init__(self, optimizer, on, sigma, examples, batch, curvature):
        limit = 2 / max(curvature)
        rates = Slider("lr", "SGD lr", np.round(SHARES * limit, 12), 0, {"2/L": limit})
        rates = rates.including(optimizer.lr)
        doubled = 2 ** np.arange(np.ceil(np.log2(examples)), dtype=int)
        batches = Slider("batch", "batch size b", [*doubled, examples], 0).including(batch)
        off = offsets(type(optimizer), on, sigma, curvature, rates.values)
        sums = np.concatenate([off.mean(axis=2), np.sqrt((off**2).mean(axis=2))], axis=-1)
        self._still = opening(
            optimizer,
            on,
            off[-1, np.searchsorted(rates.values, optimizer.lr)],
            (sigma, examples, batch, curvature),
        )
        super().__init__(
            {
                "maps": [map_scene(on)],
                "rules": looks([optimizer]),
                "predicted": PREDICTED,
                "sliders": [rates.describe(), batches.describe()],
                "steps": STEPS,
                "runs": RUNS,
                "curvature": curvature,
                "sigma": sigma,
                "examples": examples,
                "code": call_code({}, [on])["on"][0],
            },
            {"lr": optimizer.lr, "batch": batch},
            dots=as_bytes(off[list(STEPS)]),
            sums=as_bytes(sums),
        )

    def still(self):
        return self._still

    def __repr__(self):
        return f"Live cloud. {self._still.text}"


def cloud(optimizer, on, sigma, examples, batch=1):
    """Return the live cloud of SGD with mini-batches on a quadratic landscape along the axes.

    sigma: the standard deviation, in each coordinate, of the gradient of a single example.
    examples: how many there are; a batch is drawn from them without replacement at each step.
    Raises TypeError or ValueError that says what to write instead.
    """
    on = landscape(on)
    check_optimizer(optimizer)
    if type(optimizer).__name__ != "SGD" or not isinstance(optimizer.lr, float):
        raise TypeError(f"the predicted ellipse is that of SGD(lr=0.3), not of {optimizer!r}")
    sigma, examples = real("sigma", sigma, above=0), whole("examples", examples, 2)
    batch = whole("batch", batch, 1, examples)
    here, there = on.hessian(*on.start), on.hessian(0.3, -0.7)
    if not np.array_equal(here, there) or here[0, 1] or min(np.diag(here)) <= 0:
        raise ValueError(f"{on.name}: the ellipse is predicted for a bowl along the axes only")
    largest = SHARES[-1] * 2 / max(np.diag(here))
    if optimizer.lr > largest:
        raise ValueError(
            f"lr must be at most {largest:g}, where all runs diverge, got {optimizer.lr:g}"
        )
    return Cloud(optimizer, on, sigma, examples, batch, np.diag(here).tolist())


def offsets(rule, on, sigma, curvature, rates):
    """Return how far RUNS runs are from the predicted mean, shape (steps + 1, rates, RUNS, 2)."""
    rng = np.random.default_rng(0)

    def gradient(points):
        return np.stack([g + rng.normal(0, sigma, g.shape) for g in on.gradient(*points)])

    shape = (2, len(rates), RUNS)
    start = np.broadcast_to(np.reshape(on.start, (2, 1, 1)), shape)
    path = iterate(rule(lr=rates[:, None]), gradient, start, STEPS[-1])
    t, factor = np.arange(len(path))[:, None, None], 1 - rates[:, None] * curvature
    return np.moveaxis(path, 1, -1) - (factor**t * on.start)[:, :, None]


@style()
def opening(optimizer, on, off, noise):
    """Return the picture of a cloud after the last step.

    off: offsets from the mean with batches of one. noise: (sigma, examples, batch, curvature).
    """
    sigma, examples, batch, curvature = noise
    wide = spread(1, batch, examples)
    mean, variance = moments(curvature, on.start, optimizer.lr, sigma * wide, STEPS[-1])
    dots = mean + wide * off
    fig, ax = map_axes(on, width=5.2)
    ax.plot(*dots.T, ".", color=look("SGD")[0], ms=2.5, alpha=0.6)
    ax.add_patch(Ellipse(mean, *4 * np.sqrt(variance), fill=False, ec="black", lw=1.3))
    measured = 0.5 * np.mean(np.sum(curvature * dots**2, axis=1))
    predicted = 0.5 * np.sum(curvature * (mean**2 + variance))
    number = ".4f" if predicted < 1e6 else ".3e"
    return picture(
        fig,
        f"{RUNS} runs of {optimizer!r} on the {on.name} with batches of {batch} of {examples} "
        f"examples, after {STEPS[-1]} steps, and the predicted ellipse: "
        f"mean f = {measured:{number}}, predicted {predicted:{number}}.",
    )
