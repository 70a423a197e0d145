"""Paths in one dimension: run an optimizer on a slope, and let balls roll on the graph.

path = roll(Momentum(lr=1 / 9), kinked_slope, 3.3)        # the points of 60 steps
rolling(kinked, (-3.5, 3.5), Momentum=path)               # the same, as a moving picture
"""

import copy

import numpy as np

from .animation import film
from .pictures import GREY, look, plt


def kinked(x):
    """A convex function on which the heavy ball can run in a circle: curvature 25, 1, then 25."""
    middle, right = x * x / 2 + 24 * x - 12, 12.5 * x * x - 24 * x + 36
    return np.where(x < 1, 12.5 * x * x, np.where(x < 2, middle, right))


def kinked_slope(x):
    """Its slope: 25x up to x = 1, x + 24 up to x = 2, then 25x − 24."""
    return np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))


def roll(optimizer, slope, start, steps=60):
    """Return the points that an optimizer visits, shape (steps + 1, *the start's shape)."""
    optimizer = copy.deepcopy(optimizer)
    optimizer.reset()
    params = {"x": np.array(start, dtype=float)}
    path = [params["x"].copy()]
    for _ in range(steps):
        optimizer.update(params, {"x": slope(params["x"])})
        path.append(params["x"].copy())
    return np.array(path)


def rolling(function, view, frames=31, **paths):
    """Return a Picture in which balls hop along a graph, each with a line through its last places.

    view: the ends of the graph. paths: the points of each ball, by the name of its rule.
    """
    fig, ax = plt.subplots()
    x = np.linspace(*view, 300)
    height = np.ptp(function(x))
    ax.plot(x, function(x), color=GREY)
    ax.set(xlabel="x", ylabel="f", ylim=(function(x).min() - 0.06 * height, None))
    balls = []
    for rule, path in paths.items():
        colour, marker = look(rule)
        style = {"color": colour, "animated": True}
        tail = ax.plot([], [], lw=1, **style)[0]
        head = ax.plot([], [], marker, ms=9, mec="white", label=rule, zorder=3, **style)[0]
        balls.append((path, tail, head))
    counter = ax.text(0.02, 0.03, "", transform=ax.transAxes, animated=True)
    ax.legend(loc="upper center")

    def draw(k):
        counter.set_text(f"step {k}")
        for path, tail, head in balls:
            recent = path[max(0, k - 3) : k + 1]
            tail.set_data(recent, function(recent))
            head.set_data(recent[-1:], function(recent[-1:]))

    ends = ", ".join(f"{rule} is at {path[frames - 1]:.2f}" for rule, path in paths.items())
    return film(fig, draw, frames, f"Moving picture. After {frames - 1} steps {ends}.")
