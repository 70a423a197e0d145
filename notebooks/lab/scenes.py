"""Moving pictures and charts that one chapter each needs: films of an idea, drawn on purpose.

springs(Momentum(lr=0.04, momentum=0.9))       # masses on damped springs, for chapter 04
rolling(kinked, (-3.5, 3.5), Momentum=path)    # balls that hop along a graph
basins(descend(SGD(lr=0.01), himmelblau, start=grid), text="…")  # which minimum each start finds
panels({"plain": runs, "Adam's": others})      # moving paths, a small map for each group
shares(learn(SGD(lr=1)), learn(Muon(lr=0.02)))   # bars that grow: what a matrix has learnt
curves(fair); sensitivity(fair)                # what a race reports; what its tuning tells
film_rates(run, other)                         # paths on the map, and their learning rates
rate_panels([cosine(0.6, 100)])                # a small panel for each schedule
edge_map(x, y, found, predicted, edge=(lr, beta), …)   # a heat map, and where runs must diverge
borders({"SGD": net.at(kept)}, steps, x, y, text="…")  # what networks believe on their way
tiles(images, labels, text="…")                # small grey pictures with a word above
gallery()                                      # the maps of all landscapes of the course
"""

from collections import Counter

import numpy as np
from matplotlib.colors import ListedColormap

from .animation import FRAMES, film, film_paths, frames_of, head_of
from .descent import descend, rule_of
from .landscapes import LANDSCAPES, quadratic
from .pictures import (
    COLOURS,
    DASHES,
    FAR,
    GREY,
    charts,
    draw_map,
    draw_shapes,
    grid_of,
    heat_map,
    line,
    look,
    map_axes,
    marked,
    picture,
    same_landscape,
    shade,
    shown_part,
    style,
    styles,
    subplots,
)
from .races import WORKS, floored, lower_median, quantile

WIDTH = 0.16  # of a spring, where two springs hang 1 apart
CEILING = 1.6  # where springs hang, above the start at 1
TURNS = 6  # of a spring


@style()
def springs(*optimizers, curvature=1.0, steps=60, seconds=7.0):
    """Return a moving Picture: a mass on a spring for each optimizer, beside its x against t.

    Each mass hangs at the height x_t of its optimizer's descent on ½ · curvature · x² from x = 1.
    """
    if not optimizers:
        raise ValueError("no spring to draw: write for example springs(Momentum(momentum=0.9))")
    on = quadratic(curvature, curvature, start=(1.0, 0.0))
    runs = [descend(optimizer, on, steps) for optimizer in optimizers]
    heights = [run.path[:, 0] for run in runs]
    low = min(np.nanmin(x) for x in heights)
    widths = [0.35 + 0.45 * len(runs), 2.6]  # the names below the masses stand apart
    fig, (left, right) = subplots(1, 2, figsize=(5.4, 3.1), sharey=True, width_ratios=widths)
    left.axhline(CEILING, color="black", lw=2.5)
    for ax in (left, right):
        ax.axhline(0, color=GREY, lw=0.8)
    hung, paths = [], []
    for i, (run, x, looks) in enumerate(zip(runs, heights, styles(runs))):
        beta = getattr(run.optimizer, "momentum", None)
        label = run.label if beta is None else f"β = {beta:g}"
        left.text(i, low - 0.2, label, ha="center", va="top", fontsize=7.5)
        hung += left.plot([], [], color="#444444", lw=1, animated=True)
        face = {name: looks[name] for name in ("color", "marker", "markerfacecolor")}
        mass = left.plot(np.full(len(x), i), x, ls="none", ms=13, mew=2, **face)[0]
        curve = right.plot(x, **{**looks, "label": label, "marker": None})[0]
        head = right.plot(x, ls="none", ms=7, mew=1.5, **face)[0]
        paths += [(mass, 0), (curve, None), (head, 0)]
    left.set(xlim=(-0.6, len(runs) - 0.4), ylim=(low - 0.5, CEILING + 0.1), ylabel="x", xticks=[])
    left.spines["bottom"].set_visible(False)
    right.set(xlim=(-1, steps + 1), xlabel="step t")
    right.legend(loc="upper right", handlelength=3)

    def stretch(t):
        for i, (coil, x) in enumerate(zip(hung, heights)):
            coil.set_data(*spring(i, CEILING, x[t]))

    text = (
        f"Moving picture. Masses on springs beside their x against t, {steps} steps. "
        + "; ".join(
            f"{run.label} changes sides {np.count_nonzero(x[1:] * x[:-1] < 0)} times"
            for run, x in zip(runs, heights)
        )
    )
    return film_paths(fig, paths, range(steps + 1), f"{text}.", seconds, also=stretch)


def spring(x, top, bottom):
    """Return the corners of a spring that hangs at x: a zig-zag between two straight ends."""
    sideways = np.array([0, 0, *([WIDTH, -WIDTH] * TURNS), 0, 0])
    coil = np.linspace(top - 0.08, bottom + 0.2, sideways.size - 2)
    return x + sideways, [top, *coil, bottom]


TAIL = 3  # hops of a ball that are seen at once


@style()
def rolling(function, view, frames=31, **paths):
    """Return a Picture in which balls hop along a graph, each with a line through its last places.

    view: the ends of the graph. paths: the points of each ball, by the name of its rule.
    """
    if not paths:
        raise ValueError("no ball to draw: write for example rolling(kinked, (-3, 3), SGD=path)")
    fig, ax = subplots()
    x = np.linspace(*view, 300)
    height = np.ptp(function(x))
    ax.plot(x, function(x), color=GREY)
    ax.set(xlabel="x", ylabel="f", ylim=(function(x).min() - 0.06 * height, None))
    ax.autoscale(False)  # a ball that leaves the graph is gone
    moving = []
    for rule, path in paths.items():
        colour, marker = look(rule)
        tail = ax.plot(path, function(path), lw=1, color=colour, marker=marker, ms=0, label=rule)[0]
        moving += [(tail, TAIL), (head_of(tail, 9), 0)]
    handles = [head for head, tail in moving if tail == 0]
    ax.legend(handles, paths, loc="upper center")
    counter = ax.text(0.02, 0.03, "", transform=ax.transAxes)
    ends = ", ".join(f"{rule} is at {path[:frames][-1]:.2f}" for rule, path in paths.items())
    text = f"Moving picture. After {frames - 1} steps {ends}."
    return film_paths(fig, moving, range(frames), text, counter=counter)


BASINS = ("#222222", COLOURS["blue"], COLOURS["orange"], COLOURS["yellow"])


@style()
def basins(runs, *shapes, text):
    """Draw which minimum the runs of a grid of starts come to: a colour for each; white if to none.

    runs: a Run whose starts are a grid, shape (rows, columns, 2), as of np.meshgrid. shapes: dots
    and notes to draw over it, beside the minima (stars) and the saddles (crosses).
    """
    on = runs.landscape
    if runs.path.ndim != 4 or not on.minima:
        raise ValueError(f"basins need a grid of starts and known minima, not {runs!r}")
    fig, ax = map_axes(on)
    draw_basins(ax, runs)
    draw_shapes(ax, shapes)
    return picture(fig, text)


def draw_basins(ax, runs):
    """Draw what `basins` says on a map, and return the coloured mesh."""
    on, (x, y) = runs.landscape, np.moveaxis(runs.path[0], -1, 0)
    away = np.linalg.norm(runs.end[..., None, :] - on.minima, axis=-1)
    near = 0.02 * np.max(np.ptp(on.view, axis=1))  # a fiftieth of the map: it has come there
    lost = ~(np.min(away, axis=-1) < near)
    found = np.ma.array(np.argmin(np.nan_to_num(away), axis=-1), mask=lost)
    cmap = ListedColormap([BASINS[k % len(BASINS)] for k in range(len(on.minima))])
    limits = {"vmin": -0.5, "vmax": len(on.minima) - 0.5}
    if on.saddles:
        ax.plot(*np.transpose(on.saddles), "X", color="white", mec="black", ms=7)
    return ax.pcolormesh(x, y, found, cmap=cmap, **limits)


@style()
def gallery(columns=5, width=1.75):
    """Draw the maps of all landscapes of the course, with their names and usual starts."""
    fig, axes = grid_of(LANDSCAPES, columns, width, width)
    for ax, (name, on) in zip(axes, LANDSCAPES.items()):
        draw_map(ax, on)
        ax.plot(*on.start, "o", color="white", mec="black", ms=4, clip_on=False, zorder=7)
        ax.set(title=name, xlabel="", ylabel="", xticks=[], yticks=[])
        ax.title.set_fontsize(7.5)
    names = ", ".join(on.name for on in LANDSCAPES.values())
    return picture(fig, f"Small maps, stars at their minima, a dot at the usual start: {names}.")


# Races -------------------------------------------------------------------------------------------


def _looks(entries):
    """Return colour, marker and dashes of each entry; shade and dashes tell a rule's second one."""
    seen, found = Counter(), []
    for entry in entries:
        colour, marker = look(entry.rule)
        nth = seen[entry.rule]
        seen[entry.rule] += 1
        dashes = DASHES[nth % len(DASHES)] or (None, None)
        found.append({"color": shade(colour, nth), "marker": marker, "dashes": dashes})
    return found


def _chosen(result, rules):
    return [result[rule] for rule in rules] if rules else list(result)


@style()
def curves(result, *rules, title=""):
    """Draw the report: the median of f against the step, and a band from quartile to quartile.

    rules: the names of those to draw; all if not given. Runs that diverged count as infinite.
    """
    entries = _chosen(result, rules)
    fig, ax = subplots()
    draw_curves(ax, entries)
    ax.set_title(title)
    told = "; ".join(f"{e.tuned!r}: {e.median:.1e}" for e in entries)
    return picture(
        fig,
        f"Race on the {result.landscape.name}: medians and quartiles of {len(result.report)} runs "
        f"against the step. Median at the end: {told}.",
    )


def draw_curves(ax, entries):
    """Draw what `curves` says of entries on axes, and return the medians as lines."""
    medians = []
    for entry, looks in zip(entries, _looks(entries)):
        low, mid, high = (quantile(entry.f, q) for q in (0.25, 0.5, 0.75))
        steps = np.arange(len(mid))
        top = np.where(np.isfinite(high), high, FAR)
        ax.fill_between(steps, low, top, color=looks["color"], alpha=0.13, lw=0)
        lost = f", {entry.diverged} diverged" if entry.diverged else ""
        every = max(1, len(mid) // 10)
        medians += ax.plot(steps, mid, markevery=every, label=f"{entry.tuned!r}{lost}", **looks)
    shown = np.concatenate([quantile(entry.f, q) for entry in entries for q in (0.25, 0.5)])
    shown = shown[np.isfinite(shown)]
    ax.set(xlabel="step t", ylabel="f above its minimum", yscale="log")
    ax.set_ylim(shown.min() / 3, shown.max() * 5)  # some air, and room for the legend
    ax.legend(fontsize=7)
    return medians


@style()
def sensitivity(result, *rules, title=""):
    """Draw the median end of tuning against lr for each rule, and what counts as working.

    Where more than half of the runs diverged, the mark stands on the upper edge.
    """
    entries = _chosen(result, rules)
    fig, ax = subplots()
    draw_sensitivity(ax, entries, result)
    ax.set_title(title)
    told = ", ".join(f"{e.rule} {100 * e.robust_share:.0f} %" for e in entries)
    return picture(
        fig,
        f"Race on the {result.landscape.name}: median f at the end against the learning rate. "
        f"Share of the grid that works: {told}.",
    )


def draw_sensitivity(ax, entries, result):
    """Draw what `sensitivity` says of a race's entries on axes, and return its lines."""
    grids, drawn = [], []
    for entry in entries:
        lr = np.unique(entry.lr)  # the best of what other settings gave with each rate
        score = lower_median(entry.trials)
        grids.append((lr, np.array([score[entry.lr == value].min() for value in lr])))
    first = descend(entries[0].tuned, result.landscape, 0, result.tune)
    start = float(lower_median(floored(first))[0])
    top, bottom = 30 * start, min(np.min(score) for _, score in grids)  # far above: it diverges
    for entry, (lr, score), looks in zip(entries, grids, _looks(entries)):
        works = f"{entry.rule}, {100 * entry.robust_share:.0f} % works"
        drawn += ax.plot(lr, np.minimum(score, top), label=works, clip_on=False, **looks)
    ax.axhline(WORKS * start, color=GREY, lw=1)
    ax.text(grids[0][0][0], WORKS * start, "works below this", fontsize=7, va="bottom")
    ax.set(xlabel="learning rate", ylabel=f"median f after {result.steps} steps")
    ax.set(xscale="log", yscale="log", ylim=(min(bottom, WORKS * start) / 3, top))
    ax.legend(fontsize=7)
    return drawn


PANEL_FRAMES = 11  # of a film of several maps


@style()
def panels(groups, view=None, seconds=5.0, columns=2, width=2.6):
    """Return a moving Picture of runs on one landscape, with a small map for each group.

    groups: {title: [Run, …]}, single runs. view: the part of the landscape's map to show.
    """
    runs = [run for group in groups.values() for run in group]
    on = shown_part(same_landscape(runs), view)
    (left, right), (bottom, top) = on.view
    wide = width > 2
    height = (width - 0.35) * (top - bottom) / (right - left) + (0.85 if wide else 1.25)  # legend
    fig, axes = grid_of(groups, columns, width, height)
    moving = []
    for ax, (title, group) in zip(axes, groups.items()):
        draw_map(ax, on)
        ax.lines[0].set_animated(True)  # the stars: over the heads
        ax.set(title=title, xlabel="", ylabel="")
        for run, looks in zip(group, styles(group)):
            name = run.rule + (", diverged" if run.diverged >= 0 else "")
            looks = {**looks, "label": name, "lw": 1.0, "ms": 2.5}
            every = marked(run.path, *np.transpose(on.view))[::2]  # a small map has room for half
            path = ax.plot(*run.path.T, markevery=every, **looks)[0]
            moving += [(path, None), (head_of(path, 6.5), 0)]
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 2.3}
        small = {"fontsize": 7, "handlelength": 1.5, "columnspacing": 1.0, "labelspacing": 0.2}
        ax.legend(ncols=2 if wide else 1, **below, **small)  # under the numbers of the axis
    counter = axes[0].text(
        0.98, 0.97, "", ha="right", va="top", fontsize=7, transform=axes[0].transAxes
    )
    shown = frames_of(max(run.steps for run in runs), PANEL_FRAMES)
    told = "; ".join(f"{run.label}: {run.verdict()}" for run in runs)
    x, y = runs[0].path[0]
    text = f"Moving picture. Descent on the {on.name} from ({x:.2f}, {y:.3f}). {told}."
    return film_paths(fig, moving, shown, text, seconds, counter)


@style()
def shares(*learnings, seconds=6.0):
    """Return a moving Picture: what each Learning has learnt, as bars, in a panel of its own."""
    if not learnings:
        raise ValueError("nothing learnt to draw: write for example shares(learn(SGD(lr=1)))")
    fig, axes = subplots(1, len(learnings), figsize=(0.4 + 2.1 * len(learnings), 2.4), sharey=True)
    places, moving = np.arange(1, learnings[0].share.shape[1] + 1), []
    for ax, learning in zip(np.atleast_1d(axes), learnings):
        colour, _ = look(rule_of(learning.optimizer))
        ax.axhline(1, color=GREY, lw=0.8)
        moving.append(ax.bar(places, 0 * places, 0.8, color=colour, animated=True))
        title = f"{learning.optimizer!r}{', turned' if learning.turn else ''}"
        ax.set(title=title, xticks=places, ylim=(-0.1, 1.4))
        ax.title.set_fontsize(8)
    axes = np.atleast_1d(axes)
    axes[0].set_ylabel("share learnt")
    fig.supxlabel("association, the most frequent first", fontsize=8)
    counter = axes[0].text(
        0.03, 0.97, "", ha="left", va="top", fontsize=8, transform=axes[0].transAxes, animated=True
    )
    shown = frames_of(max(len(learning.share) for learning in learnings) - 1, FRAMES)

    def draw(frame):
        for bars, learning in zip(moving, learnings):
            at = min(shown[frame], len(learning.share) - 1)
            for bar, share in zip(bars, np.nan_to_num(learning.share[at])):
                bar.set_height(np.clip(share, -9, 9))
        counter.set_text(f"step {shown[frame]}")

    told = "; ".join(
        f"{learning.optimizer!r}: {np.count_nonzero(np.isfinite(learning.half))} of {len(places)} "
        f"half learnt"
        for learning in learnings
    )
    text = f"Moving picture. Bars of what is learnt of each association, up to step {shown[-1]}. "
    return film(fig, draw, len(shown), f"{text}{told}.", seconds)


# Schedules ---------------------------------------------------------------------------------------

RECENT = 25  # steps of a path that are seen at once, behind its head
SCHEDULE_LOOKS = (("#5c6b78", ":", "s"), ("#000000", "--", "^"), (look("SGD")[0], "-", "o"))


@style()
def film_rates(*runs, view=None, names=None, frames=51):
    """Return a moving Picture of up to three runs of scheduled optimizers, and of their rates.

    On the map each run has a tail of RECENT steps; beside it the learning rates grow with the
    step. view: the part of the map to show. names: what the legend calls the schedules.
    """
    on, most = same_landscape(runs), len(SCHEDULE_LOOKS)
    names = names or [repr(run.optimizer.schedules["lr"]) for run in runs]
    if len(runs) > most or len(names) != len(runs):
        raise ValueError(f"at most {most} runs, and a name for each: {len(runs)} and {len(names)}")
    fig, (left, right) = subplots(1, 2, figsize=(6.8, 3.0), width_ratios=[1.4, 1])
    draw_map(left, shown_part(on, view))
    moving, top = [], 0.0
    for run, name, (colour, dash, marker) in zip(runs, names, SCHEDULE_LOOKS):
        t = np.arange(1, run.steps + 1)
        rates = [run.optimizer.schedules["lr"](int(k)) for k in t]
        looks = {"color": colour, "ls": dash, "lw": 1.6, "marker": marker}
        path = left.plot(*run.path.T, ms=0, **looks)[0]
        curve = right.plot(t, rates, markevery=[-1], ms=5, clip_on=False, label=name, **looks)[0]
        moving += [(path, RECENT), (head_of(path), 0), (curve, None)]
        top = max([top, *rates])
    steps = max(run.steps for run in runs)
    right.set(xlabel="step t", ylabel="learning rate", xlim=(0, steps), ylim=(0, 1.45 * top))
    right.legend(loc="upper right")  # for which there is room above the rates
    ends = "; ".join(f"{name}: {run.verdict()}" for name, run in zip(names, runs))
    text = f"Moving picture of {len(runs)} runs and their rates. {ends}."
    return film_paths(fig, moving, frames_of(steps, frames - 1), text)


@style()
def rate_panels(schedules, steps=100, columns=4):
    """Return a Picture with a small panel for each schedule: the learning rate of each step."""
    t = np.arange(1, steps + 1)
    groups = {
        str(schedule): [
            line(t, [schedule(int(k)) for k in t], color="black", drawstyle="steps-mid")
        ]
        for schedule in schedules
    }
    text = f"Learning rates over {steps} steps: {'; '.join(groups)}."
    axes = {"x": "step t", "y": "rate", "share": True, "ylim": (0, None)}
    return charts(groups, columns, text=text, width=1.75, height=1.4, **axes)


def edge_map(x, y, found, predicted, edge, *, xlabel, ylabel, levels, text, **limits):
    """Return a heat map of the mean f that was found, with predicted lines and a predicted edge.

    found, predicted: shape (len(y), len(x)); what is not finite stays white. edge: (x, y) of the
    dashed line. limits: whatever else Matplotlib's `Axes.set` takes.
    """
    names = {"xlabel": xlabel, "ylabel": ylabel, "zlabel": "mean f", "text": text}
    dashed = [line(*edge, style="--", lw=1.4)]
    return heat_map(x, y, found, contours=predicted, levels=levels, also=dashed, **names, **limits)


# Networks ----------------------------------------------------------------------------------------


@style()
def borders(nets, steps, x, y, text):
    """Return a film of what networks with two inputs believe, and the examples they learn.

    nets: {title: network with an axis of times in front}. steps: the step of each time.
    """
    fig, axes = grid_of(nets, len(nets), 3.2, 2.6)
    pairs = list(zip(axes, nets))
    beliefs = [draw_borders(ax, nets[title], x, y, title) for ax, title in pairs]
    boxes = {"bbox": {"fc": "white", "ec": "none", "pad": 2}, "animated": True}
    counters = [ax.text(0.03, 0.05, "", transform=ax.transAxes, **boxes) for ax in axes]

    def show(k):
        for (image, belief), counter in zip(beliefs, counters):
            image.set_data(belief[k])
            counter.set_text(f"step {steps[k]}")

    return film(fig, show, len(steps), text)


ACROSS, UP = 110, 80  # places in the plane that a network is asked about
SHADES = 10  # of belief: even areas make a film a third as large


def draw_borders(ax, net, x, y, title=""):
    """Draw examples over what a network believes, and return (the image, its data at each time)."""
    low, high = x.min(axis=0) - 0.2, x.max(axis=0) + 0.2
    across, up = np.meshgrid(np.linspace(low[0], high[0], ACROSS), np.linspace(low[1], high[1], UP))
    everywhere = np.stack([across, up], -1).reshape(-1, 2)
    belief = net.probabilities(everywhere)[..., 1].reshape(-1, *up.shape)
    belief = np.round(SHADES * belief) / SHADES
    extent = (low[0], high[0], low[1], high[1])
    looks = {"animated": True, "zorder": 0, "vmin": 0, "vmax": 1, "origin": "lower"}
    image = ax.imshow(belief[-1], "cividis", extent=extent, **looks)
    for k, face in ((0, "white"), (1, "black")):
        some = x[y == k][::2].T  # every other one: all would hide the ground
        ax.plot(*some, "os"[k], mfc=face, mec=GREY, mew=0.4, ms=3, animated=True)
    ax.set(title=title, xlabel="first input", ylabel="second input", aspect="auto")
    return image, belief


@style()
def tiles(images, labels, text, columns=10):
    """Return a picture of square scans (one a row, −1 paper, 1 ink), a label above each."""
    if not len(images):
        raise ValueError("no scan to draw")
    rows = -(-len(images) // columns)
    fig, ax = subplots(figsize=(0.55 * columns, 0.55 * rows))
    draw_tiles(ax, images, labels, columns)
    return picture(fig, text)


def draw_tiles(ax, images, labels, columns):
    """Draw scans on one sheet, and return it as an image."""
    side, rows = int(np.sqrt(len(images[0]))), -(-len(images) // columns)
    wide, high = side + 5, side + 4  # with the margins; the label stands in the upper one
    sheet = np.full((rows * high, columns * wide), -1.0)
    for k, (image, label) in enumerate(zip(images, labels)):
        top, left = k // columns * high, k % columns * wide
        sheet[top + 4 : top + high, left : left + side] = np.reshape(image, (side, side))
        ax.text(left + side / 2, top + 2, label, ha="center", va="center", fontsize=7.5)
    ax.axis("off")
    return ax.imshow(sheet, cmap="gray_r", vmin=-1, vmax=1)
