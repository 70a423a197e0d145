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
from ..values import short, whole
from .scene import Slider, looks
from .stage import call_code, knobs_of
from .widget import Live, script

LRS = np.arange(1, 201) / 100
MOMENTA = np.arange(100) / 100
REACH = 1.6  # of the complex plane that is shown


def roots_of(lr, momentum, curvature):
    """Return the two roots of z² − (1 + β − ηλ) z + β, as complex numbers, the larger first."""
    half = (1 + momentum - lr * curvature) / 2
    root = np.sqrt(complex(half * half - momentum))
    return sorted((half + root, half - root), key=abs, reverse=True)


def told(lr, momentum, curvature):
    """Return in words what the roots of a mode are, and what it does."""
    first, second = roots_of(lr, momentum, curvature)
    if abs(first.imag) > 1e-9:
        tempo = np.pi / abs(np.angle(first))
        return (
            f"a pair of roots {first.real:.3f} ± {abs(first.imag):.3f}i, at the distance "
            f"{abs(first):.4f} from 0: {'swings' if abs(first) < 1 else 'grows'}, "
            f"changes sides every {tempo:.1f} steps"
        )
    does = "grows" if abs(first) > 1 else "stays" if abs(first) == 1 else "creeps"
    if does == "creeps" and first.real < 0:
        does = "changes sides at each step"
    return f"two real roots {first.real:.4f} and {second.real:.4f}: {does}"


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
        call = f"roots({rule_of(optimizer)}(lr=LR, momentum=MOMENTUM)"
        call += f", on={call_code({}, [on])['on'][0]}, steps={steps})"
        scene = {
            "rules": looks([optimizer, optimizer]),
            "names": list("xy"),
            "curvatures": curvatures,
            "steps": steps,
            "reach": REACH,
            "sliders": [slider.describe() for slider in sliders],
            "code": call,
        }
        super().__init__(scene, self._first)

    @style()
    def still(self):
        fig, (left, right) = subplots(1, 2, figsize=(6.4, 2.9), width_ratios=[1.1, 1])
        turn = np.linspace(0, 2 * np.pi, 200)
        left.plot(np.cos(turn), np.sin(turn), color="black", lw=0.8)
        left.axhline(0, color="#8593a0", lw=0.6)
        left.axvline(0, color="#8593a0", lw=0.6)
        left.set(xlabel="real part", ylabel="imaginary part", aspect="equal")
        left.set(xlim=(-REACH, REACH), ylim=(-1.2, 1.2))
        lr, momentum = self._first["lr"], self._first["momentum"]
        for name, curvature, seen in zip("xy", self._curvatures, self.scene["rules"]):
            z = np.array(roots_of(lr, momentum, curvature))
            dashes = seen["dashes"] or (None, None)
            kept = {"color": seen["colour"], "marker": seen["marker"], "mfc": seen["face"]}
            left.plot(z.real, z.imag, ls="none", **kept)
            before, x, path = 1.0, 1.0, [1.0]
            for _ in range(self._steps):
                before, x = x, (1 + momentum - lr * curvature) * x - momentum * before
                path.append(x)
            label = f"{name}, curvature {curvature:g}"
            right.plot(path, color=seen["colour"], dashes=dashes, label=label)
        right.set(xlabel="step t", ylabel="share of the start", ylim=(-1.3, 1.3))
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
        raise ValueError(f"roots takes a rule with lr and momentum, got {short(optimizer)}")
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
            raise ValueError(f"{rule_of(optimizer)} does not take the steps of the heavy ball")
    return Roots(optimizer, on, curvatures, steps)
