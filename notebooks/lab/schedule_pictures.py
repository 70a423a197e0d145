"""Pictures of schedules: runs beside their rates, a panel for each shape, a map with its edge.

film_rates(run, other)               # paths on the map and, beside it, their learning rates
rate_panels([cosine(0.6, 100)])      # a small panel for each schedule
edge_map(x, y, found, predicted, edge=(lr, beta), …)   # a heat map, and where runs must diverge
"""

from dataclasses import replace

import numpy as np

from .animation import film
from .pictures import GREY, draw_heat, draw_map, look, picture, plt

TAIL = 25  # steps of a path that are seen at once


def film_rates(*runs, view=None, names=None, frames=51):
    """Return a moving Picture of up to three runs of scheduled optimizers, and of their rates.

    On the map each run has a tail of TAIL steps; beside it the learning rates grow with the step.
    view: the part of the map to show. names: what the legend calls the schedules.
    """
    on, steps = runs[0].landscape, runs[0].steps
    names = names or [repr(run.optimizer.schedules["lr"]) for run in runs]
    rates = [[run.optimizer.schedules["lr"](t) for t in range(1, steps + 1)] for run in runs]
    fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.0), width_ratios=[1.4, 1])
    draw_map(axes[0], replace(on, view=view or on.view))
    top = 1.45 * max(map(max, rates))  # room for the legend
    axes[1].set(xlabel="step t", ylabel="learning rate", xlim=(0, steps), ylim=(0, top))
    looks = ("#5c6b78", ":", "s"), ("#000000", "--", "^"), (look("SGD")[0], "-", "o")
    moving = []
    for name, (colour, dash, marker) in zip(names, looks):
        style = {"color": colour, "ls": dash, "lw": 1.6}
        head = {"color": colour, "marker": marker, "ms": 7, "mec": "white", "zorder": 5}
        axes[1].plot([], [], **style, marker=marker, label=name)
        moving.append(
            [
                axes[0].plot([], [], animated=True, **style)[0],
                axes[0].plot([], [], animated=True, **head)[0],
                axes[1].plot([], [], animated=True, **style)[0],
            ]
        )
    axes[1].legend(loc="upper right")

    def draw(frame):
        k = round(frame * steps / (frames - 1))
        for (tail, head, curve), run, lr in zip(moving, runs, rates):
            tail.set_data(*run.path[max(0, k - TAIL) : k + 1].T)
            head.set_data(*run.path[k : k + 1].T)
            curve.set_data(np.arange(1, k + 1), lr[:k])

    ends = "; ".join(f"{name}: {run.verdict()}" for name, run in zip(names, runs))
    return film(fig, draw, frames, f"Moving picture of {len(runs)} runs and their rates. {ends}.")


def rate_panels(schedules, steps=100, columns=4):
    """Return a Picture with a small panel for each schedule: the learning rate of each step."""
    rows = -(-len(schedules) // columns)
    size = (1.75 * columns, 1.35 * rows + 0.2)
    fig, axes = plt.subplots(rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False)
    t = range(1, steps + 1)
    for ax, schedule in zip(axes.flat, schedules):
        ax.step(t, [schedule(k) for k in t], where="mid", color="black")
        ax.set_title(str(schedule), fontsize=6.5)
    for ax in axes.flat[len(schedules) :]:
        ax.axis("off")
    for ax in axes[-1]:
        ax.set(xlabel="step t")
    for ax in axes[:, 0]:
        ax.set(ylabel="rate", ylim=(0, None))
    return picture(fig, f"Learning rates over {steps} steps: {'; '.join(map(str, schedules))}.")


def edge_map(x, y, found, predicted, edge, *, xlabel, ylabel, levels, text, **limits):
    """Return a heat map of the mean f that was found, with predicted lines and a predicted edge.

    found, predicted: shape (len(y), len(x)); what is not finite stays white. edge: (x, y) of the
    dashed line. limits: whatever else Matplotlib's `Axes.set` takes.
    """
    fig, ax = plt.subplots()
    fig.colorbar(draw_heat(ax, x, y, found, predicted, levels), ax=ax, label="mean f")
    ax.plot(*edge, "--", color=GREY, lw=1.4)
    ax.set(xlabel=xlabel, ylabel=ylabel, **limits)
    return picture(fig, text)
