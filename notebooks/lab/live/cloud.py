"""A live cloud: many runs with noisy gradients, and the ellipse that the formulas predict.

    cloud(SGD(lr=0.3), on=bowl, sigma=0.5, examples=256, batch=4)

The kernel runs every learning rate of the slider once, with batches of one example, and sends where
the runs are at some steps. On a quadratic the errors of the gradients only add up: with another
batch size the same random numbers give the same cloud, wider or narrower about its middle. So the
browser can draw every setting at once, and nothing waits for the kernel or for the network.
"""

import base64
from numbers import Integral

import numpy as np
import traitlets
from matplotlib.patches import Ellipse

from ..descent import descend
from ..landscapes import landscape
from ..pictures import look, map_axes, picture
from ..theory import moments, spread
from .legacy import Live, background, script

RUNS = 300
STEPS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233)  # those that can be shown
SHARES = np.array([0.01, 0.02, *np.arange(1, 23) / 20])  # the learning rates, in units of 2/L


class Cloud(Live):
    """What `cloud` returns. scene: all that is drawn around the dots, and what they were made with.

    dots: float32 values x, y for each learning rate, step and run, with batches of one example.
    """

    _esm = script("cloud.js")
    scene = traitlets.Dict().tag(sync=True)
    dots = traitlets.Bytes().tag(sync=True)

    def __init__(self, optimizer, on, sigma, examples, batch, curvature):
        limit = 2 / max(curvature)
        rates = np.union1d(np.round(SHARES * limit, 12), optimizer.lr)
        fan = np.tile(np.array(on.start), (RUNS, 1))
        runs = descend(type(optimizer)(lr=rates[:, None]), on, STEPS[-1], fan, sigma)
        dots = np.moveaxis(runs.path[list(STEPS)], 1, 0)  # rate, step, run, coordinate
        png, frame = background(on)
        last = dots[np.searchsorted(rates, optimizer.lr), -1]
        self._still = opening(optimizer, on, last, sigma, examples, batch, curvature)
        super().__init__(
            scene={
                "map": base64.b64encode(png).decode(),
                "frame": frame,
                "view": [list(side) for side in on.view],
                "name": on.name,
                "colour": look("SGD")[0],
                "rates": rates.tolist(),
                "limit": limit,
                "steps": STEPS,
                "runs": RUNS,
                "curvature": curvature,
                "start": list(on.start),
                "sigma": sigma,
                "examples": examples,
                "lr": optimizer.lr,
                "batch": batch,
            },
            dots=np.ascontiguousarray(dots, dtype="<f4").tobytes(),
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
    descend(optimizer, on, steps=0)  # raises for what is no optimizer
    if type(optimizer).__name__ != "SGD" or not isinstance(optimizer.lr, float):
        raise TypeError(f"the predicted ellipse is that of SGD(lr=0.3), not of {optimizer!r}")
    for name, value in (("examples", examples), ("batch", batch)):
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not 1 <= batch <= examples or examples < 2:
        raise ValueError(f"batch must be from 1 to examples, got {batch} of {examples}")
    if not 0 < sigma < np.inf:
        raise ValueError(f"sigma must be positive and finite, got {sigma!r}")
    here, there = on.hessian(*on.start), on.hessian(0.3, -0.7)
    if not np.array_equal(here, there) or here[0, 1] or min(np.diag(here)) <= 0:
        raise ValueError(f"{on.name}: the ellipse is predicted for a bowl along the axes only")
    return Cloud(optimizer, on, float(sigma), examples, batch, np.diag(here).tolist())


def opening(optimizer, on, dots, sigma, examples, batch, curvature):
    """Return the picture of a cloud after the last step. dots: as drawn for a batch of one."""
    wide = float(spread(1, batch, examples))
    mean, variance = moments(curvature, on.start, optimizer.lr, sigma * wide, STEPS[-1])
    dots = mean + wide * (dots - mean)
    fig, ax = map_axes(on, width=5.2)
    ax.plot(*dots.T, ".", color=look("SGD")[0], ms=2.5, alpha=0.6)
    ax.add_patch(Ellipse(mean, *4 * np.sqrt(variance), fill=False, ec="black", lw=1.3))
    lost = np.count_nonzero(np.isnan(dots[:, 0]))
    measured = 0.5 * np.mean(np.sum(curvature * dots**2, axis=1))
    predicted = 0.5 * np.sum(curvature * (mean**2 + variance))
    return picture(
        fig,
        f"{RUNS} runs of {optimizer!r} on the {on.name} with batches of {batch} of {examples} "
        f"examples, after {STEPS[-1]} steps, and the predicted ellipse: "
        + (f"{lost} diverged." if lost else f"mean f = {measured:.4f}, predicted {predicted:.4f}."),
    )
