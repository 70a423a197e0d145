"""A live picture of a matrix that learns: what it knows of each association, and how it is moved.

    playground(SGD(lr=1), Adam(lr=0.02), Muon(lr=0.02))

Every position is run when the picture is made, and travels with it: rules, both turns, all learning
rates, all steps. So nothing has to be asked of a kernel.
"""

import base64

import numpy as np

from ..associations import FREQUENCIES, MANY, learn
from ..descent import check_optimizer, fresh, rule_of
from ..pictures import picture, style, subplots
from ..values import decimals, real, short, whole
from .scene import Slider, looks
from .stage import spelled
from .widget import Live, script

FACTORS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)  # of each rule's own lr, on its slider
SHOWN = (-0.2, 1.6)  # of the shares
STRETCH = (1e-4, 3.0)  # of the singular values
MOST = 4  # rules


def told(half, steps):
    """Return in words after how many steps each association was half learnt; playground.js too."""
    when = [str(int(t)) if t <= steps else "–" for t in half]
    if "–" not in when:
        return f"Half learnt after {', '.join(when)} steps"
    return f"Half learnt after {', '.join(when)} steps (–: not in {steps})"


class Playground(Live):
    """What `playground` returns.

    settings: {"rule": the number of the one that is shown; "turned": whether keys and values are;
    "0.lr", …: the learning rate of each rule}.
    """

    _esm = script("playground")

    def __init__(self, optimizers, turned, at, steps):
        self._optimizers, self._turned, self._at, self._steps = optimizers, turned, at, steps
        rates = [[float(f"{f * opt.lr:.3g}") for f in FACTORS] for opt in optimizers]
        for values, opt in zip(rates, optimizers):
            values[FACTORS.index(1.0)] = float(opt.lr)
        names = [type(opt).__name__ for opt in optimizers]
        if len(set(names)) < len(names):  # two of one class are told apart by what they set
            names = [repr(opt) for opt in optimizers]
        sliders = [Slider("rule", "rule", names)]
        sliders += [
            Slider(f"{r}.lr", f"{rule_of(opt)} lr", values, r)
            for r, (opt, values) in enumerate(zip(optimizers, rates))
        ]
        settings = {"rule": 0, "turned": turned}
        settings |= {f"{r}.lr": float(opt.lr) for r, opt in enumerate(optimizers)}
        runs = [
            sent(learn(at_rate(opt, lr), turn, steps))
            for opt, values in zip(optimizers, rates)
            for turn in (0, 1)
            for lr in values
        ]
        scene = {
            "rules": looks(optimizers),
            "sliders": [slider.describe() for slider in sliders],
            "frequencies": FREQUENCIES.tolist(),
            "steps": steps,
            "at": at,
            "shown": SHOWN,
            "stretch": STRETCH,
            "runs": base64.b64encode(b"".join(runs)).decode(),
            "calls": [call_of(opt, r) for r, opt in enumerate(optimizers)],
            "tail": "" if steps == 80 else f", steps={steps}",
        }
        super().__init__(scene, settings)
        self._opening = learn(optimizers[0], int(turned), steps)

    @style()
    def still(self):
        fig, (left, right) = subplots(1, 2, figsize=(6.4, 2.9), width_ratios=[1.2, 1])
        seen, places = self.scene["rules"][0], np.arange(1, MANY + 1)
        left.bar(places, self._opening.share[self._at], 0.8, color=seen["colour"])
        for height in (0.5, 1.0):
            left.axhline(height, color="#8593a0", lw=0.8, ls=":")
        left.set(xlabel="association, the most frequent first", ylabel="share learnt", ylim=SHOWN)
        if self._at:
            stretch = np.maximum(self._opening.stretch[self._at - 1], STRETCH[0])
            right.bar(places, stretch - STRETCH[0], 0.8, STRETCH[0], color=seen["colour"])
        right.set(xlabel="the largest first", ylabel="singular values of the step")
        right.set(yscale="log", ylim=STRETCH)
        for ax in (left, right):
            ax.set_xticks(places)
        fig.suptitle(f"{self._optimizers[0]!r}, step {self._at}", fontsize=9)
        return picture(fig, repr(self))

    def __repr__(self):
        turned = "keys and values turned" if self._turned else "keys and values along the axes"
        shares = ", ".join(decimals(share, 3) for share in self._opening.share[self._at])
        return (
            f"Live matrix that learns eight associations with {self._optimizers[0]!r}, "
            f"{turned}. Learnt at step {self._at}: {shares}. "
            f"{told(self._opening.half, self._steps)}."
        )


def playground(*optimizers, turned=False, at=None, steps=80):
    """Return the live picture of a matrix that learns eight associations; see lab.associations.

    optimizers: up to four, each with an lr that is a number; the first is shown first. turned:
    whether keys and values open turned. at: the step that it opens with, 30 if not given. Raises
    TypeError or ValueError that says what to write instead.
    """
    if not 1 <= len(optimizers) <= MOST:
        raise ValueError(
            f"playground takes one to {MOST} optimizers, such as playground(Muon(lr=0.02)), "
            f"got {len(optimizers)}"
        )
    for optimizer in optimizers:
        check_optimizer(optimizer)
        if not hasattr(optimizer, "lr"):
            raise TypeError(f"{rule_of(optimizer)} has no lr to turn")
        real("lr", optimizer.lr, above=0)
    if not isinstance(turned, bool):
        raise TypeError(f"turned must be True or False, got {short(turned)}")
    steps = whole("steps", steps, 1, 200)
    at = min(30, steps) if at is None else whole("at", at, 0, steps)
    return Playground([fresh(opt) for opt in optimizers], turned, at, steps)


def at_rate(optimizer, lr):
    """Return a copy of an optimizer that begins anew, with this learning rate."""
    optimizer = fresh(optimizer)
    optimizer.lr = lr
    return optimizer


def sent(learning):
    """Return float32 bytes: for each step the eight shares, then its eight singular values."""
    stretch = np.vstack([np.full(MANY, np.nan), learning.stretch])  # no step leads to step 0
    with np.errstate(over="ignore"):
        return np.hstack([learning.share, stretch]).astype("<f4").tobytes()


def call_of(optimizer, r):
    """Return an optimizer as code, with LR{r} in the place of its learning rate."""
    marker = 0.123456789  # no rate of anybody's
    return spelled(at_rate(optimizer, marker)).replace(f"{marker:.6g}", f"LR{r}")
