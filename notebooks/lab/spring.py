"""Masses on damped springs, moved by an optimizer's own iterates: for chapter 04.

springs(Momentum(lr=0.04, momentum=0.9), Momentum(lr=0.04, momentum=0.2))
"""

import numpy as np

from .animation import film
from .descent import descend
from .landscapes import quadratic
from .pictures import DASHES, GREY, look, plt

WIDTH = 0.16  # of a spring, where two springs hang 1 apart


def springs(*optimizers, curvature=1.0, steps=60, seconds=7.0):
    """Return a moving Picture: a mass on a spring for each optimizer, beside its x against t.

    Each mass hangs at the height x_t of its optimizer's descent on ½ · curvature · x² from x = 1.
    """
    on = quadratic(curvature, curvature, start=(1.0, 0.0))
    paths = [descend(optimizer, on, steps).path[:, 0] for optimizer in optimizers]
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(5.4, 3.1), sharey=True, width_ratios=[0.35 + 0.3 * len(paths), 2.6]
    )
    low = min(path.min() for path in paths)
    ceiling = 1.6
    left.axhline(ceiling, color="black", lw=2.5)
    for ax in (left, right):
        ax.axhline(0, color=GREY, lw=0.8)
    parts = []
    for i, (optimizer, path) in enumerate(zip(optimizers, paths)):
        colour, marker = look(type(optimizer).__name__)
        face = "white" if i % 2 else colour
        hung = left.plot([], [], color="#444444", lw=1, animated=True)[0]
        mass = left.plot([], [], marker, color=colour, mfc=face, ms=13, mew=2, animated=True)[0]
        label = f"β = {optimizer.momentum:g}"
        dash = DASHES[i % len(DASHES)] or (None, None)
        curve = right.plot([], [], color=colour, dashes=dash, label=label, animated=True)[0]
        head = right.plot([], [], marker, color=colour, mfc=face, ms=7, mew=1.5, animated=True)[0]
        left.text(i, low - 0.2, label, ha="center", va="top", fontsize=7.5)
        parts.append((i, path, hung, mass, curve, head))
    left.set(xlim=(-0.6, len(paths) - 0.4), ylim=(low - 0.5, ceiling + 0.1), ylabel="x", xticks=[])
    left.spines["bottom"].set_visible(False)
    right.set(xlim=(-1, steps + 1), xlabel="step t")
    right.legend(handles=[curve for *_, curve, _ in parts], loc="upper right", handlelength=3)
    sideways = np.array([0, 0, *([WIDTH, -WIDTH] * 6), 0, 0])

    def draw(t):
        for i, path, hung, mass, curve, head in parts:
            ends = ceiling, ceiling - 0.08, path[t] + 0.2, path[t]
            hung.set_data(
                i + sideways, [ends[0], *np.linspace(ends[1], ends[2], sideways.size - 2), ends[3]]
            )
            mass.set_data([i], [path[t]])
            curve.set_data(np.arange(t + 1), path[: t + 1])
            head.set_data([t], [path[t]])

    sides = "; ".join(
        f"{optimizer!r} changes sides {np.count_nonzero(path[1:] * path[:-1] < 0)} times"
        for optimizer, path in zip(optimizers, paths)
    )
    text = f"Moving picture. Masses on springs beside their x against t, {steps} steps. {sides}."
    return film(fig, draw, steps + 1, text, seconds)
