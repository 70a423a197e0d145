"""Worst cases over all functions with curvatures from 0.1 to 2, by semidefinite programs.

    python tests/worst_cases.py        # writes notebooks/lab/data/worst_cases.json anew

Needs PEPit (`pip install PEPit`), which no reader does. What it writes is checked with NumPy alone,
on the deeper page 04 and in test_worst_cases.py: points and slopes of a function for which a method
ends far out, and multipliers that prove that no function takes it further.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks")]

from lab.theory import best_heavy_ball  # noqa: E402
from lab.worst import gap_form, through, two_term_path  # noqa: E402

MU, L = 0.1, 2.0
DATA = ROOT / "notebooks" / "lab" / "data" / "worst_cases.json"
# Proofs are found for a slightly wider class, by the first of these shares that will do: so neither
# the solver's errors nor rounding can spoil them.
MARGINS = (1e-5, 1e-4, 3e-4, 1e-3)


def settings():
    """Return {method: (learning rate, momentum, whether it looks ahead)}."""
    lr, momentum, _ = best_heavy_ball(MU, L)
    root = np.sqrt(L / MU)
    return {
        "heavy ball": (lr, momentum, False),
        "Nesterov": (1 / L, (root - 1) / (root + 1), True),
    }


def solve(steps, lr, momentum, ahead, mu=MU, L=L):
    """Return (largest distance after some steps from distance 1, x0, slopes, heights, multipliers).

    PEPit's exact worst case. multipliers: one for each pair (i, j), the minimum being the last.
    """
    from PEPit import PEP
    from PEPit.functions import SmoothStronglyConvexFunction

    problem = PEP()
    f = problem.declare_function(SmoothStronglyConvexFunction, mu=mu, L=L)
    star, old = f.stationary_point(), problem.set_initial_point()
    problem.set_initial_condition((old - star) ** 2 <= 1)
    x, first, asked = old, old, []
    for _ in range(steps):
        point = x + momentum * (x - old) if ahead else x
        slope, height = f.oracle(point)
        asked.append((slope, height))
        old, x = x, x + momentum * (x - old) - lr * slope
    problem.set_performance_metric((x - star) ** 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a solver that says it may be inaccurate: all is checked
        value = problem.solve(verbose=0, solver="CLARABEL")
    slopes = np.array([slope.eval() for slope, _ in asked])
    heights = np.array([height.eval() - f(star).eval() for _, height in asked])
    (table,) = f.get_class_constraints_duals().values()
    table = np.asarray(table, dtype=float)
    order = [*range(1, steps + 1), 0]  # PEPit has the minimum first
    multipliers = np.maximum(table[np.ix_(order, order)], 0)
    return np.sqrt(value), (first - star).eval(), slopes, heights, multipliers


def example(steps, lr, momentum, ahead, least=1e-3):
    """Return {x0, slopes, heights}, rounded, in as few dimensions as will do, of a bad function.

    It takes the method as far as any can, but for the share `least`.
    """
    value, x0, slopes, heights, _ = solve(steps, lr, momentum, ahead)
    _, _, axes = np.linalg.svd(np.vstack([x0, slopes]), full_matrices=False)
    for size in range(1, len(axes) + 1):
        found, heights = (np.vstack([x0, slopes]) @ axes[:size].T).round(6), heights.round(6)
        points, _ = two_term_path(found[0], found[1:], lr, momentum, ahead)
        _, slope = through(points, found[1:], heights, MU, L)
        far = np.linalg.norm(run(slope, found[0], steps, lr, momentum, ahead))
        if far / np.linalg.norm(found[0]) > (1 - least) * value:
            return {
                "x0": found[0].tolist(),
                "slopes": found[1:].tolist(),
                "heights": heights.tolist(),
            }
    raise ValueError("the data are of no function in the class")


def run(slope, x, steps, lr, momentum, ahead):
    """Return where a method ends that asks a function for its slopes."""
    old = x
    for _ in range(steps):
        jump = momentum * (x - old)
        old, x = x, x + jump - lr * slope(x + jump if ahead else x)
    return x


def certificate(steps, lr, momentum, ahead):
    """Return {bound, multipliers}: rounded, balanced, and with a bound that they prove."""
    for margin in MARGINS:
        room = (MU * (1 - margin), L * (1 + margin))
        value, *_, multipliers = solve(steps, lr, momentum, ahead, *room)
        multipliers = np.where(multipliers < 1e-5, 0, multipliers).round(7)
        excess = (multipliers.sum(axis=1) - multipliers.sum(axis=0))[:-1]
        multipliers[-1, :-1] += np.maximum(excess, 0)  # what is left over goes by the minimum
        multipliers[:-1, -1] += np.maximum(-excess, 0)
        multipliers = multipliers.round(7)
        for bound in value + np.geomspace(1e-6, 3e-3, 100):
            form = gap_form(multipliers, bound, lr, momentum, ahead, MU, L)
            if np.linalg.eigvalsh(form).min() > 1e-9:
                return {"bound": round(float(bound) + 5e-7, 6), "multipliers": multipliers.tolist()}
    raise ValueError("the multipliers prove no bound near the solver's value")


def last_height(rates):
    """Return the largest height of the last point over all convex functions with slopes up to 1.

    rates: those of all steps of a subgradient method that starts at the distance 1 from a minimum.
    """
    from PEPit import PEP
    from PEPit.functions import ConvexLipschitzFunction

    problem = PEP()
    f = problem.declare_function(ConvexLipschitzFunction, M=1)
    star, x = f.stationary_point(), problem.set_initial_point()
    problem.set_initial_condition((x - star) ** 2 <= 1)
    for rate in rates:
        x = x - rate * f.subgradient(x)
    problem.set_performance_metric(f(x) - f(star))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return problem.solve(verbose=0, solver="CLARABEL")


def made():
    return {
        f"{name}, {steps} steps": {
            "lr": lr,
            "momentum": momentum,
            "ahead": ahead,
            **example(steps, lr, momentum, ahead),
            **certificate(steps, lr, momentum, ahead),
        }
        for name, (lr, momentum, ahead) in settings().items()
        for steps in (5, 10, 15)
    }


if __name__ == "__main__":
    cases = made()
    lines = [f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items()]
    DATA.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    for name, case in cases.items():
        print(f"{name}: {len(case['x0'])} dimensions, proved {case['bound']:.4f}")
