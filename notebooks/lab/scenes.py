"""Moving pictures and charts that one chapter each needs: films of an idea, drawn on purpose.

springs(Momentum(lr=0.04, momentum=0.9))       # masses on damped springs, for chapter 04
rolling(kinked, (-3.5, 3.5), Momentum=path)    # balls that hop along a graph
panels({"plain": runs, "Adam's": others})      # moving paths, a small map for each group
curves(fair); sensitivity(fair)                # what a race reports; what its tuning tells
film_rates(run, other)                         # paths on the map, and their learning rates
rate_panels([cosine(0.6, 100)])                # a small panel for each schedule
edge_map(x, y, found, predicted, edge=(lr, beta), …)   # a heat map, and where runs must diverge
borders({"SGD": net.at(kept)}, steps, x, y, text="…")  # what networks believe on their way
tiles(images, labels, text="…")                # small grey pictures with a word above
"""

from collections import Counter
from dataclasses import replace

import numpy as np

from .animation import film
from .descent import descend
from .landscapes import quadratic
from .pictures import DASHES, GREY, draw_heat, draw_map, look, picture, plt, styles
from .races import WORKS, floored, lower_median, quantile

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


FRAMES = 11  # of a film of several maps


def _looks(entries):
    """Return colour, marker and dashes of each entry; dashes tell a rule's second one."""
    seen, found = Counter(), []
    for entry in entries:
        colour, marker = look(entry.rule)
        dashes = DASHES[seen[entry.rule] % len(DASHES)] or (None, None)
        seen[entry.rule] += 1
        found.append({"color": colour, "marker": marker, "dashes": dashes})
    return found


def _chosen(result, rules):
    return [result[rule] for rule in rules] if rules else list(result)


def curves(result, *rules, title=""):
    """Draw the report: the median of f against the step, and a band from quartile to quartile.

    rules: the names of those to draw; all if not given. Runs that diverged count as infinite.
    """
    entries = _chosen(result, rules)
    fig, ax = plt.subplots()
    for entry, style in zip(entries, _looks(entries)):
        low, mid, high = (quantile(entry.f, q) for q in (0.25, 0.5, 0.75))
        steps = np.arange(len(mid))
        top = np.where(np.isfinite(high), high, 1e300)
        ax.fill_between(steps, low, top, color=style["color"], alpha=0.13, lw=0)
        lost = f", {entry.diverged} diverged" if entry.diverged else ""
        every = max(1, len(mid) // 10)
        ax.plot(steps, mid, markevery=every, label=f"{entry.tuned!r}{lost}", **style)
    shown = np.concatenate(
        [lower_median(e.f) for e in entries] + [quantile(e.f, 0.25) for e in entries]
    )
    shown = shown[np.isfinite(shown)]
    ax.set_yscale("log")
    ax.set(xlabel="step t", ylabel="f above its minimum", title=title)
    ax.set_ylim(shown.min() / 3, shown.max() * 5)
    ax.legend(fontsize=7)
    told = "; ".join(f"{e.tuned!r}: {e.median:.1e}" for e in entries)
    return picture(
        fig,
        f"Race on the {result.landscape.name}: medians and quartiles of {len(result.report)} runs "
        f"against the step. Median at the end: {told}.",
    )


def sensitivity(result, *rules, title=""):
    """Draw the median end of tuning against lr for each rule, and what counts as working.

    Where more than half of the runs diverged, the mark stands on the upper edge.
    """
    entries = _chosen(result, rules)
    fig, ax = plt.subplots()
    grids = []
    for entry in entries:
        lr = np.unique(entry.lr)  # the best of what other settings gave with each rate
        score = lower_median(entry.trials)
        grids.append((lr, np.array([score[entry.lr == value].min() for value in lr])))
    first = descend(entries[0].tuned, result.landscape, 0, result.tune)
    start = float(lower_median(floored(first))[0])
    top, bottom = 30 * start, min(np.min(score) for _, score in grids)
    for entry, (lr, score), style in zip(entries, grids, _looks(entries)):
        works = f"{entry.rule}, {100 * entry.robust_share:.0f} % works"
        ax.plot(lr, np.minimum(score, top), label=works, clip_on=False, **style)
    ax.axhline(WORKS * start, color=GREY, lw=1)
    ax.text(grids[0][0][0], WORKS * start, "works below this", fontsize=7, va="bottom")
    ax.set(xlabel="learning rate", ylabel=f"median f after {result.steps} steps", title=title)
    ax.set(xscale="log", yscale="log", ylim=(min(bottom, WORKS * start) / 3, top))
    ax.legend(fontsize=7)
    told = ", ".join(f"{e.rule} {100 * e.robust_share:.0f} %" for e in entries)
    return picture(
        fig,
        f"Race on the {result.landscape.name}: median f at the end against the learning rate. "
        f"Share of the grid that works: {told}.",
    )


def panels(groups, view=None, seconds=5.0, columns=2, width=2.6):
    """Return a moving Picture of runs on one landscape, with a small map for each group.

    groups: {title: [Run, …]}, single runs. view: the part of the landscape's map to show.
    """
    runs = [run for group in groups.values() for run in group]
    on, steps = runs[0].landscape, max(run.steps for run in runs)
    shown_map = replace(on, view=view or on.view)
    (left, right), (bottom, top) = shown_map.view
    rows = -(-len(groups) // columns)
    height = (width - 0.35) * (top - bottom) / (right - left) + (0.85 if width > 2 else 1.25)
    fig, axes = plt.subplots(rows, columns, figsize=(columns * width, rows * height), squeeze=False)
    for ax in axes.flat[len(groups) :]:
        ax.axis("off")
    moving = []
    for ax, (title, group) in zip(axes.flat, groups.items()):
        draw_map(ax, shown_map)
        ax.set(title=title, xlabel="", ylabel="")
        for run, style in zip(group, styles(group)):
            style["label"] = run.rule + (", diverged" if run.diverged >= 0 else "")
            line, head = ax.plot([], [], **style)[0], ax.plot([], [], **style)[0]
            line.set(animated=True, linewidth=1.0, markersize=2.5, markevery=max(1, steps // 15))
            head.set(animated=True, markersize=6.5, markeredgecolor="white", zorder=5)
            moving.append((run, line, head))
        handles = [line for run, line, _ in moving if run in group]
        ax.legend(
            handles=handles,
            loc="upper center",
            bbox_to_anchor=(0.5, 0),
            borderaxespad=2.3,  # below the numbers of the axis
            ncols=2 if width > 2 else 1,
            fontsize=7,
            handlelength=1.5,
            columnspacing=1.0,
            labelspacing=0.2,
        )
    place = dict(ha="right", va="top", fontsize=7, animated=True, transform=axes[0, 0].transAxes)
    counter = axes[0, 0].text(0.98, 0.97, "", **place)
    shown_steps = np.unique(np.linspace(0, steps, min(steps, FRAMES) + 1).astype(int))

    def draw(frame):
        k = shown_steps[frame]
        for run, line, head in moving:
            line.set_data(*run.path[: k + 1].T)
            head.set_data(*run.path[k : k + 1].T)
        counter.set_text(f"step {k}")

    told = "; ".join(f"{run.label}: {run.verdict()}" for run in runs)
    x, y = runs[0].path[0]
    text = f"Moving picture. Descent on the {on.name} from ({x:.2f}, {y:.3f}). {told}."
    return film(fig, draw, len(shown_steps), text, seconds)


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


def borders(nets, steps, x, y, text):
    """Return a film of what networks with two inputs believe, and the examples they learn.

    nets: {title: network with an axis of times in front}. steps: the step of each time.
    """
    low, high = x.min(axis=0) - 0.2, x.max(axis=0) + 0.2
    across, up = np.meshgrid(np.linspace(low[0], high[0], 110), np.linspace(low[1], high[1], 80))
    everywhere = np.stack([across, up], -1).reshape(-1, 2)
    beliefs = [
        net.probabilities(everywhere)[..., 1].reshape(-1, *up.shape) for net in nets.values()
    ]
    fig, axes = plt.subplots(1, len(nets), figsize=(3.2 * len(nets), 2.6), squeeze=False)
    images, counters = [], []
    for ax, title, belief in zip(axes.flat, nets, beliefs):
        style = dict(animated=True, zorder=0, vmin=0, vmax=1, origin="lower")
        extent = (low[0], high[0], low[1], high[1])
        images.append(ax.imshow(belief[0], "cividis", extent=extent, **style))
        for k, face in ((0, "white"), (1, "black")):
            some = x[y == k][::2].T
            ax.plot(*some, "os"[k], mfc=face, mec=GREY, mew=0.4, ms=3, animated=True)
        style = dict(transform=ax.transAxes, bbox=dict(fc="white", ec="none", pad=2))
        counters.append(ax.text(0.03, 0.05, "", animated=True, **style))
        ax.set(title=title, xlabel="first input", ylabel="second input", aspect="auto")

    def show(k):
        for image, counter, belief in zip(images, counters, beliefs):
            image.set_data(np.round(10 * belief[k]) / 10)
            counter.set_text(f"step {steps[k]}")

    return film(fig, show, len(steps), text)


def tiles(images, labels, text, columns=10):
    """Return a picture of square scans (one a row, −1 paper, 1 ink), a label above each."""
    side, rows = int(np.sqrt(len(images[0]))), -(-len(images) // columns)
    wide, high = side + 5, side + 4  # with the margins
    sheet = np.full((rows * high, columns * wide), -1.0)
    fig, ax = plt.subplots(figsize=(0.55 * columns, 0.55 * rows))
    for k, (image, label) in enumerate(zip(images, labels)):
        top, left = k // columns * high, k % columns * wide
        sheet[top + 4 : top + high, left : left + side] = np.reshape(image, (side, side))
        ax.text(left + side / 2, top + 2, label, ha="center", va="center", fontsize=7.5)
    ax.imshow(sheet, cmap="gray_r", vmin=-1, vmax=1)
    ax.axis("off")
    return picture(fig, text)
