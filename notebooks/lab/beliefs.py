"""Pictures of what networks believe: borders on their way, and rows of scanned digits.

borders({"SGD": net.at(kept)}, steps, x, y, text="…")   # a film; kept as `train` returns it
tiles(images, labels, text="…")                         # small grey pictures with a word above
"""

import numpy as np

from .animation import film
from .pictures import GREY, picture, plt


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
