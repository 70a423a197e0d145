"""How fast the course is, as ratios measured side by side in one run.

    python tests/benchmark.py             # all; the browser part needs Chromium and playwright
    python tests/benchmark.py --no-browser

Times are medians. A ratio below 1 means that the course is faster than what it is compared with.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks"), str(ROOT / "tests")]

from lab import animate, bowl, descend

from optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov


class DictionaryAdam:
    """Adam as a class over dictionaries, written out plainly: no checks, no blocks."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps, self.t, self.m = lr, beta1, beta2, eps, 0, None

    def update(self, params, grads):
        if self.m is None:
            self.m = {key: np.zeros_like(value) for key, value in params.items()}
            self.v = {key: np.zeros_like(value) for key, value in params.items()}
        self.t += 1
        for key, g in grads.items():
            self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
            self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * g * g
            m_hat = self.m[key] / (1 - self.beta1**self.t)
            v_hat = self.v[key] / (1 - self.beta2**self.t)
            params[key] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def torch_step(size, dtype):
    """Return a function that takes one step of PyTorch's default Adam on one thread, or None."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    parameter = torch.nn.Parameter(torch.ones(size, dtype=getattr(torch, dtype)))
    parameter.grad = torch.from_numpy(gradient(size, dtype))
    return torch.optim.Adam([parameter]).step


def gradient(size, dtype):
    return np.random.default_rng(0).normal(size=size).astype(dtype)


def numpy_step(rule, size, dtype):
    params, grads = {"x": np.ones(size, dtype)}, {"x": gradient(size, dtype)}
    optimizer = rule()
    return lambda: optimizer.update(params, grads)


def race(functions, repeats, number=1):
    """Return each function's median time in seconds; they take turns and so share the noise."""
    times = {name: [] for name in functions}
    for function in functions.values():
        function()  # the first call allocates
    for _ in range(repeats):
        for name, function in functions.items():
            begin = time.perf_counter()
            for _ in range(number):
                function()
            times[name].append((time.perf_counter() - begin) / number)
    return {name: statistics.median(values) for name, values in times.items()}


def report(title, medians, unit=1e-3, name="ms"):
    """Print each time, and the ratio of the first to it."""
    print(f"\n{title}")
    ours = next(iter(medians.values()))
    for what, seconds in medians.items():
        ratio = "" if seconds == ours else f"   ours / this = {ours / seconds:.2f}"
        print(f"  {what:44s}{seconds / unit:10.2f} {name}{ratio}")


def steps():
    for size, dtype, repeats, number, unit, name in (
        (2, "float64", 40, 300, 1e-6, "µs"),
        (10**6, "float64", 40, 1, 1e-3, "ms"),
        (10**6, "float32", 40, 1, 1e-3, "ms"),
    ):
        functions = {
            "Adam of the course": numpy_step(Adam, size, dtype),
            "Adam as a plain dictionary class": numpy_step(DictionaryAdam, size, dtype),
            "Adam of PyTorch, default, one thread": torch_step(size, dtype),
        }
        medians = race({k: f for k, f in functions.items() if f}, repeats, number)
        report(f"A step of {size:,} parameters, {dtype}", medians, unit, name)


def many():
    rates = np.geomspace(1e-3, 1, 100)
    betas = np.linspace(0, 0.99, 100)

    def at_once():
        descend(Adam(lr=rates[:, None], beta1=betas), bowl, steps=200)

    def loop():  # a hundredth of them, or it would take minutes
        for lr in rates[::10]:
            for beta1 in betas[::10]:
                descend(Adam(lr=float(lr), beta1=float(beta1)), bowl, steps=200)

    medians = race({"at once": at_once, "one after the other, extrapolated": loop}, 3)
    medians["one after the other, extrapolated"] *= 100
    report("10,000 runs of 200 steps of Adam", medians, 1, "s")


def animations():
    import matplotlib.pyplot as plt
    from lab.pictures import map_axes
    from matplotlib.animation import FuncAnimation

    rules = [SGD(lr=0.95), Momentum(lr=0.1), Nesterov(lr=0.1), AdaGrad(lr=1.5), Adam(lr=0.3)]
    runs = [descend(rule, bowl, steps=60) for rule in rules]
    sizes = {}

    def ours():
        sizes["ours"] = len(animate(*runs).png)

    def to_jshtml():
        fig, ax = map_axes(bowl)
        lines = [ax.plot([], [], marker="o")[0] for _ in runs]

        def draw(k):
            for line, run in zip(lines, runs):
                line.set_data(*run.path[: k + 1].T)
            return lines

        sizes["to_jshtml"] = len(FuncAnimation(fig, draw, frames=61).to_jshtml())
        plt.close(fig)

    report("Five paths of 60 steps, moving", race({"animate": ours, "to_jshtml": to_jshtml}, 3))
    print(f"  size: {sizes['ours'] / 1e3:.0f} kB against {sizes['to_jshtml'] / 1e3:.0f} kB")


def main():
    print(f"NumPy {np.__version__}, Python {sys.version.split()[0]}")
    steps()
    many()
    animations()


if __name__ == "__main__":
    main()
