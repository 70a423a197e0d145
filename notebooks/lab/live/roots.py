"""A live picture of momentum's roots: drag lr and momentum, see them move in the complex plane.

    roots(Momentum(lr=0.1), on=bowl)

In a mode of curvature λ the rule is x ← (1 + β − ηλ) x − β x₋, and its roots are those of
z² − (1 + β − ηλ) z + β. The browser computes them, and the path, from the settings alone: nothing
has to be asked of a kernel.
"""

import numpy as np

from ..descent import check_single, iterate, rule_of
from ..landscapes import landscape
from ..pictures import picture, style, subplots
from ..values import decimals, short, whole
from .scene import Slider, looks
from .stage import call_code, code_of, knobs_of
from .widget import Live, script

LRS = np.arange(1, 201) / 100
MOMENTA = np.arange(100) / 100
REACH = 1.6  # of the complex plane that is shown
HEIGHTS = (1.3, 4.0)  # of the curves; the second where a path goes beyond the first
USUAL = "Momentum(lr=0.1, momentum=0.9)"  # what to write instead of what is refused
TINY = 1e-9  # below it a distance is a rounding error


def roots_of(lr, momentum, curvature):
    """Return the roots of z² − (1 + β − ηλ) z + β as complex numbers: the larger, or upper, first.

    Their product is β: so the smaller one has all its digits.
    """
    half = (1 + momentum - lr * curvature) / 2
    inside = half * half - momentum
    if abs(inside) < 1e-12:
        return complex(half), complex(half)
    root = np.sqrt(complex(inside))
    if inside < 0:
        return complex(half + root), complex(half - root)
    first = half + np.copysign(root.real, half)
    return complex(first), complex(momentum / first + 0.0)  # + 0: no −0


def shares(lr, momentum, curvature, steps):
    """Return x_t / x_0 at t = 0, 1, … of a mode that starts at rest."""
    before, path = 1.0, [1.0]
    for _ in range(steps):
        before, x = path[-1], (1 + momentum - lr * curvature) * path[-1] - momentum * before
        path.append(x)
    return path


def told(lr, momentum, curvature):
    """Return in words what the roots of a mode are, and what it does. roots.js says the same."""
    first, second = roots_of(lr, momentum, curvature)
    size = abs(first)
    if first.imag:
        tempo = np.pi / np.angle(first)
        return (
            f"a pair of roots {first.real:.3f} ± {first.imag:.3f}i, at the distance "
            f"{size:.4f} from 0: swings, changes sides every {tempo:.1f} steps"
        )
    one, other = decimals(first.real, 4), decimals(second.real, 4)
    what = f"a double root {one}" if first == second else f"two real roots {one} and {other}"
    if size > REACH:
        return f"{what}, one far outside the unit circle, beyond what is shown: grows"
    if size > 1 + TINY:
        return f"{what}, one outside the unit circle: grows"
    if size > 1 - TINY:
        return f"{what}, one on the unit circle: neither grows nor dies out"
    if size < TINY:
        return f"{what}: arrives in one step"
    return f"{what}: {'changes sides at each step' if first.real < 0 else 'creeps'}"


class Roots(Live):
    """What `roots` returns. settings: {"0.lr", "0.momentum"}."""

    _esm = script("roots")

    def __init__(self, optimizer, on, curvatures, steps):
        self._on, self._curvatures, self._steps = on, curvatures, steps
        knobs = knobs_of(optimizer)
        self._first = {name: float(knobs[name]) for name in ("lr", "momentum")}
        sliders = [
            Slider(name, name, values, None).including(self._first[name])
            for name, values in (("lr", LRS), ("momentum", MOMENTA))
        ]
        flat, steep = looks([optimizer, optimizer])
        call = f"roots({code_of(optimizer)['name']}(lr=LR, momentum=MOMENTUM)"
        call += f", on={call_code({}, [on])['on'][0]}, steps={steps})"
        scene = {
            "rules": [flat, {**steep, "marker": "o"}],
            "names": list("xy"),
            "curvatures": curvatures,
            "steps": steps,
            "reach": REACH,
            "heights": HEIGHTS,
            "sliders": [slider.describe() for slider in sliders],
            "code": call,
        }
        super().__init__(scene, self._first)

    @style()
    def still(self):
        fig, (left, right) = subplots(1, 2, figsize=(6.4, 2.9), width_ratios=[1.1, 1])
        turn = np.linspace(0, 2 * np.pi, 200)
        left.plot(np.cos(turn), np.sin(turn), color="black", lw=0.8)
        left.text(-0.74, -0.94, "unit circle", ha="right", fontsize=7)
        left.axhline(0, color="#8593a0", lw=0.6)
        left.axvline(0, color="#8593a0", lw=0.6)
        left.set(xlabel="real part", ylabel="imaginary part", aspect="equal")
        left.set(xlim=(-REACH, REACH), ylim=(-1.2, 1.2))
        paths = [shares(**self._first, curvature=c, steps=self._steps) for c in self._curvatures]
        high = HEIGHTS[int(abs(np.array(paths)).max() > HEIGHTS[0])]
        for k, (curvature, seen) in enumerate(zip(self._curvatures, self.scene["rules"])):
            z = np.array(roots_of(**self._first, curvature=curvature))
            kept = {"color": seen["colour"], "marker": seen["marker"], "mfc": seen["face"]}
            left.plot(z.real, z.imag, ls="none", **kept)
            off = np.flatnonzero(abs(np.array(paths[k])) <= high)[-1] + 1  # from there on unseen
            dashes = seen["dashes"] or (None, None)
            label = f"{'xy'[k]}, curvature {curvature:g}"
            right.plot(paths[k][: off + 1], color=seen["colour"], dashes=dashes, label=label)
        right.set(
            xlim=(0, self._steps), xlabel="step t", ylabel="share of the start", ylim=(-high, high)
        )
        right.legend(fontsize=7)
        return picture(fig, repr(self))

    def __repr__(self):
        modes = "; ".join(
            f"{name}, curvature {curvature:g}: {told(**self._first, curvature=curvature)}"
            for name, curvature in zip("xy", self._curvatures)
        )
        lr, momentum = self._first["lr"], self._first["momentum"]
        return f"Live roots of momentum with lr {lr:g} and momentum {momentum:g}. {modes}."


def roots(optimizer, on, steps=60):
    """Return the live picture of momentum's two roots in each mode, and of x and y against t.

    optimizer: a rule with the knobs lr and momentum that takes the steps of the heavy ball. on: a
    quadratic whose axes are the coordinates. Raises TypeError or ValueError that says what to write
    instead.
    """
    on, steps = landscape(on), whole("steps", steps, 1, 400)
    check_single(optimizer)
    knobs = knobs_of(optimizer)
    if not {"lr", "momentum"} <= set(knobs):
        raise ValueError(
            f"roots takes {USUAL}, or momentum=0 for gradient descent, got {short(optimizer)}"
        )
    tables = [np.array(on.hessian(*point)) for point in ((0.0, 0.0), (1.3, -0.7))]
    if not np.allclose(*tables, rtol=1e-12, atol=0) or tables[0][0, 1]:
        raise ValueError(f"roots takes a quadratic along the axes, such as bowl, not {on.name}")
    curvatures = [float(c) for c in np.diag(tables[0])]
    lr, momentum = knobs["lr"], knobs["momentum"]
    for curvature in curvatures:
        x = iterate(optimizer, lambda x, c=curvature: c * x, 1.0, steps=3)
        last = np.concatenate([[x[0]], x[:-1]])[:3]
        ball = (1 + momentum - lr * curvature) * x[:3] - momentum * last
        if not np.allclose(x[1:], ball, rtol=1e-9):
            raise ValueError(
                f"{rule_of(optimizer)} does not take the steps of the heavy ball: write {USUAL}"
            )
    return Roots(optimizer, on, curvatures, steps)
