"""First-order optimizers, each written line by line as in its paper.

    params = {"x": np.array([-7.0, 2.0])}          # names → arrays (or plain floats)
    opt = Adam(lr=0.3)
    for _ in range(30):
        opt.update(params, {"x": gradient(params["x"])})     # params change in place

The base class, `Optimizer`, owns the loop: it checks the input, counts the steps t = 1, 2, …,
keeps each parameter's memory and applies x ← x + Δx. A rule owns one formula: `step` receives
the gradient g and the memory of one parameter and returns Δx.

Notation: x parameter · g gradient · lr learning rate (η) · momentum, beta1, beta2, rho decay
rates (β, β₁, β₂, ρ) · eps (ε) · v velocity or second moment · m first moment · h sum or mean of
squared gradients · t step. `self.lr` is a knob that you chose; a bare name is what the data made.
"""

from dataclasses import dataclass, fields
from itertools import combinations, product
from reprlib import repr as repr_short

import numpy as np

__all__ = ["Optimizer", "SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adadelta", "Adam"]
__all__ += ["AdamW", "AMSGrad", "Adamax", "NAdam", "RAdam", "AdaBelief", "Lion", "Muon"]

DECAY_RATES = ("momentum", "beta", "rho")  # how the names of those in [0, 1) begin
BLOCK = 2**17  # numbers worked on at a time: few enough for a core's cache, many enough for NumPy


@dataclass(eq=False, repr=False)
class Optimizer:
    """What all rules share. A rule adds its hyper-parameters, its `memory` and its `step`.

    A hyper-parameter is a class-level line such as `lr: float = 0.01`; it becomes an argument of
    the constructor and can be changed later (`opt.lr = 0.1`). It may also be an array that
    broadcasts against the parameters: then every entry is an optimizer of its own.
    A rule with a `weight_decay` λ first shrinks x by the factor 1 − ηλ, whatever its step is.
    Raises TypeError for what is not a number and ValueError for what is out of range
    (0 ≤ decay rate < 1, eps > 0, others ≥ 0), at construction and when assigned.
    """

    memory = ()  # names of what is remembered about each parameter: arrays like x, zero at t = 0
    elementwise = True  # does Δx of a number depend on that number's own gradients alone?
    _arrays = {}  # the hyper-parameters that are arrays

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        dataclass(eq=False, repr=False)(cls)  # annotated lines become fields and arguments

    def __post_init__(self):
        self.reset()

    def reset(self):
        """Forget all but the hyper-parameters: t = 0, no memory, any set of parameters next."""
        self.t = 0
        self._shapes = None
        for name in self.memory:
            setattr(self, name, {})

    def step(self, g, *memory):
        """Return Δx for gradient g, after bringing the memory arrays up to date in place."""
        raise NotImplementedError(
            f"{type(self).__name__} needs a step; use a rule such as SGD(lr=0.1)"
        )

    def update(self, params, grads):
        """Take one step: change every params[key] in place, given its gradient grads[key].

        params: dict of float arrays of any shape, or of Python floats (replaced by new floats).
        grads: dict with the same keys and shapes; never written. The keys and shapes of the
        first step hold until `reset()`.
        Raises KeyError (a gradient missing or extra), TypeError (not a dict, not floats) or
        ValueError (shape, NaN or infinity, read-only or shared memory, another set of
        parameters) before anything has changed.
        """
        checked = self._check(params, grads)
        if self._shapes is None:
            self._shapes = {key: x.shape for key, (x, _) in checked.items()}
            for name in self.memory:
                setattr(self, name, {key: np.zeros_like(x) for key, (x, _) in checked.items()})
        self.t += 1
        for key, (x, g) in checked.items():
            memory = [getattr(self, name)[key] for name in self.memory]
            cut = x.size > BLOCK and self.elementwise and not self._arrays
            for part in _blocks(x) if cut else [...]:
                block = x[part]
                if "weight_decay" in self.__dataclass_fields__:
                    block *= 1 - self.lr * self.weight_decay
                block += self.step(g[part], *[m[part] for m in memory])
            if not isinstance(params[key], np.ndarray):  # a float cannot change in place
                params[key] = type(params[key])(x)

    def _check(self, params, grads):
        """Return {key: (parameter array, gradient array)}, or raise. Changes nothing."""
        for name, value in (("params", params), ("grads", grads)):
            if not isinstance(value, dict):
                raise TypeError(f"{name} must be a dict such as {{'x': array}}, got {_kind(value)}")
        if params.keys() != grads.keys():
            key = next(k for k in [*params, *grads] if k not in params or k not in grads)
            found, lacking = (
                ("parameter", "gradient") if key in params else ("gradient", "parameter")
            )
            raise KeyError(f"{found} {key!r} has no {lacking}: params and grads need the same keys")
        checked = {key: _pair(key, params[key], grads[key]) for key in params}

        if self._arrays and not self.elementwise:
            raise ValueError(
                f"{type(self).__name__} works on whole arrays, so an array of "
                f"{', '.join(self._arrays)} has no meaning: use one optimizer for each value"
            )
        shapes = {key: x.shape for key, (x, _) in checked.items()}
        if self._shapes not in (None, shapes):
            raise ValueError(
                f"this {type(self).__name__} began with parameters {self._shapes}, now it gets "
                f"{shapes}: use a new optimizer for another set of parameters, or reset() this one"
            )
        for (name, value), (key, shape) in product(self._arrays.items(), shapes.items()):
            if not _broadcasts(value.shape, shape):
                raise ValueError(
                    f"{name} has shape {value.shape}, which does not broadcast to {shape}, "
                    f"the shape of parameter {key!r}"
                )

        arrays = [x for x, _ in checked.values()]
        for (key, x), (other, y) in combinations(zip(checked, arrays), 2):
            if np.shares_memory(x, y):
                raise ValueError(
                    f"parameters {key!r} and {other!r} share memory: give each its own array"
                )
        for key, (x, g) in checked.items():
            # f = xy has the gradient (y, x), which must not move yet.
            if any([np.may_share_memory(g, y) for y in arrays]):
                checked[key] = x, g.copy()
        return checked

    def __setattr__(self, name, value):
        known = self.__dataclass_fields__
        if name in known:
            vars(self)[name] = _hyper_parameter(type(self).__name__, name, value)
            self._arrays = {
                k: v for k, v in vars(self).items() if k in known and not isinstance(v, float)
            }
        elif name in ("t", *self.memory) or name.startswith("_"):
            vars(self)[name] = value
        else:
            raise AttributeError(
                f"{type(self).__name__} has no hyper-parameter {name!r}; it has {', '.join(known)}"
            )

    def __repr__(self):
        """The legend of every plot: the learning rate, and what is not at its default."""
        shown = [
            f"{f.name}={_short(getattr(self, f.name))}"
            for f in fields(self)
            if f.name == "lr" or not np.array_equal(getattr(self, f.name), f.default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class SGD(Optimizer):
    """Stochastic gradient descent: Δx = −η g.

    Robbins & Monro (1951), "A stochastic approximation method"; with a constant η as in
    Bottou, Curtis & Nocedal (2018), eq. (3.7). With the full gradient: Cauchy (1847).
    """

    lr: float = 0.01

    def step(self, g):
        return -self.lr * g


class Momentum(Optimizer):
    """Gradient descent with classical momentum, the heavy ball: v ← βv − ηg, Δx = v.

    Polyak (1964), eq. (9); in this form Sutskever et al. (2013), eqs. (1) and (2).
    """

    memory = ("v",)
    lr: float = 0.01
    momentum: float = 0.9

    def step(self, g, v):
        v *= self.momentum
        v -= self.lr * g
        return v


class Nesterov(Momentum):
    """Nesterov's accelerated gradient: v ← βv − ηg, Δx = βv − ηg.

    x is the look-ahead point, where g is taken: Nesterov (1983); Sutskever et al. (2013), eqs. (3)
    and (4), after the change of variables of Bengio et al. (2013), eq. (7).
    """

    def step(self, g, v):
        v = super().step(g, v)
        return self.momentum * v - self.lr * g


class AdaGrad(Optimizer):
    """Adaptive subgradient: h ← h + g², Δx = −η g / (√h + ε).

    Duchi, Hazan & Singer (2011), eq. (1) with a diagonal matrix, and ε as δ of their Figure 1.
    """

    memory = ("h",)
    lr: float = 0.01
    eps: float = 1e-7

    def step(self, g, h):
        h += g * g
        return -self.lr * g / (np.sqrt(h) + self.eps)


class RMSProp(Optimizer):
    """AdaGrad that forgets: h ← ρh + (1−ρ)g², Δx = −η g / (√h + ε).

    Tieleman & Hinton (2012), Coursera lecture 6e, slide 29, which has no ε; here it guards √h.
    """

    memory = ("h",)
    lr: float = 0.01
    rho: float = 0.9
    eps: float = 1e-8

    def step(self, g, h):
        h *= self.rho
        h += (1 - self.rho) * g * g
        return -self.lr * g / (np.sqrt(h) + self.eps)


class Adadelta(Optimizer):
    """RMSProp with a step in the units of x: Δx = −√(d+ε) / √(h+ε) · g, times lr.

    h ← ρh + (1−ρ)g² and, after the step, d ← ρd + (1−ρ)Δx². Zeiler (2012), Algorithm 1 and
    eq. (14); the paper has no lr, that is, lr = 1.
    """

    memory = ("h", "d")
    lr: float = 1.0
    rho: float = 0.95
    eps: float = 1e-6

    def step(self, g, h, d):
        h *= self.rho
        h += (1 - self.rho) * g * g
        delta = -np.sqrt(d + self.eps) / np.sqrt(h + self.eps) * g
        d *= self.rho
        d += (1 - self.rho) * delta * delta
        return self.lr * delta


class Adam(Optimizer):
    """Adaptive moments: m, v are running means of g, g²; Δx = −η m̂ / (√v̂ + ε).

    m ← β₁m + (1−β₁)g, m̂ = m / (1−β₁ᵗ) and v ← β₂v + (1−β₂)g², v̂ = v / (1−β₂ᵗ).
    Kingma & Ba (2015), Algorithm 1.
    """

    memory = ("m", "v")
    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def step(self, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        m_hat = m / (1 - self.beta1**self.t)
        v_hat = v / (1 - self.beta2**self.t)
        return -self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


class AdamW(Adam):
    """Adam with decoupled weight decay: x ← (1 − ηλ)x, then Adam's step; λ is `weight_decay`.

    The base class does the shrinking. Loshchilov & Hutter (2019), Algorithm 2, line 12, but with η
    for both parts, as in PyTorch, Keras and optax: in the paper only its schedule multiplies λ.
    """

    weight_decay: float = 0.01


class AMSGrad(Adam):
    """Adam that never forgets a large gradient: w ← max(w, v), Δx = −η m / (√w + ε).

    m, v as in Adam, but without bias correction. Reddi, Kale & Kumar (2018), Algorithm 2, which has
    no ε and where w is called v̂.
    """

    memory = ("m", "v", "w")

    def step(self, g, m, v, w):
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        np.maximum(w, v, out=w)
        return -self.lr * m / (np.sqrt(w) + self.eps)


class Adamax(Optimizer):
    """Adam in the infinity norm: u ← max(β₂u, |g|), Δx = −η m̂ / (u + ε).

    m ← β₁m + (1−β₁)g, m̂ = m / (1−β₁ᵗ). Kingma & Ba (2015), Algorithm 2, which has no ε.
    """

    memory = ("m", "u")
    lr: float = 0.002
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def step(self, g, m, u):
        m *= self.beta1
        m += (1 - self.beta1) * g
        u *= self.beta2
        np.maximum(u, np.abs(g), out=u)
        m_hat = m / (1 - self.beta1**self.t)
        return -self.lr * m_hat / (u + self.eps)


class NAdam(Adam):
    """Adam that looks ahead: Δx = −η m̄ / (√v̂ + ε), m̄ = β₁m / (1−β₁ᵗ⁺¹) + (1−β₁)g / (1−β₁ᵗ).

    m, v̂ as in Adam. Dozat (2016), "Incorporating Nesterov momentum into Adam", with a constant
    μ = β₁.
    """

    lr: float = 0.002

    def step(self, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        ahead = self.beta1 * m / (1 - self.beta1 ** (self.t + 1))
        ahead += (1 - self.beta1) * g / (1 - self.beta1**self.t)
        v_hat = v / (1 - self.beta2**self.t)
        return -self.lr * ahead / (np.sqrt(v_hat) + self.eps)


class RAdam(Adam):
    """Adam with a rectified start: Δx = −η r m̂ / (√v̂ + ε) where ρ > 4, Δx = −η m̂ before.

    ρ∞ = 2/(1−β₂) − 1, ρ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ), r² = (ρ−4)(ρ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ); m̂, v̂ as in
    Adam. Liu et al. (2020), Algorithm 2.
    """

    def step(self, g, m, v):
        adam = super().step(g, m, v)
        m_hat = m / (1 - self.beta1**self.t)
        power = self.beta2**self.t
        rho_inf = 2 / (1 - self.beta2) - 1
        rho = rho_inf - 2 * self.t * power / (1 - power)
        room = np.where(rho > 4, (rho_inf - 4) * (rho_inf - 2) * rho, np.inf)
        r = np.sqrt(np.maximum((rho - 4) * (rho - 2) * rho_inf / room, 0))
        return np.where(rho > 4, r * adam, -self.lr * m_hat)


class AdaBelief(Optimizer):
    """Adam that divides by surprise: s ← β₂s + (1−β₂)(g−m)² + ε, Δx = −η m̂ / (√ŝ + ε).

    m, m̂ as in Adam, ŝ = s / (1−β₂ᵗ). Zhuang et al. (2020), Algorithm 2.
    """

    memory = ("m", "s")
    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-16

    def step(self, g, m, s):
        m *= self.beta1
        m += (1 - self.beta1) * g
        s *= self.beta2
        s += (1 - self.beta2) * (g - m) * (g - m) + self.eps
        m_hat = m / (1 - self.beta1**self.t)
        s_hat = s / (1 - self.beta2**self.t)
        return -self.lr * m_hat / (np.sqrt(s_hat) + self.eps)


class Lion(Optimizer):
    """Evolved sign momentum: Δx = −η sign(β₁m + (1−β₁)g), then m ← β₂m + (1−β₂)g.

    Before it x ← (1 − ηλ)x, λ = `weight_decay`. Chen et al. (2023), Algorithm 2.
    """

    memory = ("m",)
    lr: float = 0.0001
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0

    def step(self, g, m):
        delta = -self.lr * np.sign(self.beta1 * m + (1 - self.beta1) * g)
        m *= self.beta2
        m += (1 - self.beta2) * g
        return delta


class Muon(Optimizer):
    """Momentum for matrices, made orthogonal: v ← βv + g, Δx = −η √max(1, rows/columns) O(g + βv).

    O(USVᵀ) is about UVᵀ: all directions of the matrix move alike. Arrays of more axes are flattened
    to matrices, those of fewer are one column. Before it x ← (1 − ηλ)x, λ = `weight_decay`.
    Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks".
    """

    memory = ("v",)
    elementwise = False
    lr: float = 0.02
    momentum: float = 0.95
    weight_decay: float = 0.0

    def step(self, g, v):
        v *= self.momentum
        v += g
        if not g.size:
            return g
        ahead = (g + self.momentum * v).reshape(len(g) if g.ndim else 1, -1)
        scale = max(1, ahead.shape[0] / ahead.shape[1]) ** 0.5
        return -self.lr * scale * orthogonal(ahead).reshape(g.shape)


def orthogonal(matrix, steps=5):
    """Return about UVᵀ for a matrix USVᵀ, by Newton–Schulz: X ← aX + (bA + cA²)X with A = XXᵀ.

    Every singular value, once divided by the Frobenius norm, runs through s ← as + bs³ + cs⁵. The
    coefficients of Jordan et al. (2024) drive it fast, if it is above 0.002, to between 0.68 and
    1.21, but not to 1.
    """
    x = matrix / (np.linalg.norm(matrix) + 1e-7)
    wide = x.shape[0] <= x.shape[1]
    x = x if wide else x.T  # the smaller product
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
    return x if wide else x.T


def _blocks(x):
    """Yield slices along the first axis that cut x into pieces of about BLOCK numbers."""
    rows = max(1, BLOCK * len(x) // x.size)
    return (slice(i, i + rows) for i in range(0, len(x), rows))


def _pair(key, value, grad):
    """Return one parameter and its gradient as arrays, or raise if the pair cannot be used."""
    if not isinstance(value, (np.ndarray, float, np.floating)):
        raise TypeError(f"parameter {key!r} must be a float or a float array, got {_kind(value)}")
    x, g = np.asarray(value), _array(grad)
    if x.dtype.kind != "f":
        raise TypeError(
            f"parameter {key!r} has dtype {x.dtype}: make it float, for example x.astype(float)"
        )
    if not x.flags.writeable:
        raise ValueError(f"parameter {key!r} is read-only: pass a copy, x.copy()")
    if g.dtype.kind not in "fiu":
        raise TypeError(f"gradient {key!r} has dtype {g.dtype}: it must hold real numbers")
    if g.shape != x.shape:
        raise ValueError(
            f"gradient {key!r} has shape {g.shape}, its parameter {x.shape}: make them equal"
        )
    if not np.isfinite(g).all():
        raise ValueError(f"gradient {key!r} holds NaN or infinity: look at the loss, or lower lr")
    return x, g


def _hyper_parameter(rule, name, value):
    """Return value as a float or as a read-only float array, or raise if it is out of range."""
    array = _array(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(
            f"{name} must be a number, got {_line(value)}: write for example {rule}({name}=0.1)"
        )
    if name.startswith(DECAY_RATES):
        allowed, good = "at least 0 and less than 1", (array >= 0) & (array < 1)
    elif name == "eps":
        allowed, good = "greater than 0", (array > 0) & (array < np.inf)
    else:
        allowed, good = "finite and not negative", (array >= 0) & (array < np.inf)
    if not good.all():
        raise ValueError(f"{rule}: {name} must be {allowed}, got {_line(value)}")
    if array.ndim == 0:
        return float(array)
    array = array.astype(float)
    array.flags.writeable = False
    return array


def _array(value):
    """Return value as an array; one of objects, which are no numbers, where it is a ragged list."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.array(None)


def _broadcasts(shape, target):
    """Whether an array of this shape can be stretched to the target shape."""
    return len(shape) <= len(target) and all(n in (1, m) for n, m in zip(shape[::-1], target[::-1]))


def _kind(value):
    """A wrong value's type and a short form of it, for an error of one line."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"{type(value).__name__} {_line(value)}"


def _line(value):
    """A short form of any value, on one line."""
    return " ".join(repr_short(value).split())


def _short(value):
    return f"<{value.size} values>" if isinstance(value, np.ndarray) else f"{value:.6g}"
