"""First-order optimizers, each written line by line as in its paper.

    params = {"x": np.array([-7.0, 2.0])}          # names → arrays (or plain floats)
    opt = Adam(lr=0.3)
    for _ in range(30):
        opt.update(params, {"x": gradient(params["x"])})     # params change in place

A rule is its hyper-parameters, the names of what it remembers about each parameter, and `step`:
the gradient g and that memory in, Δx out. The base class owns the loop, x ← x + Δx for every
parameter at t = 1, 2, … What cannot be right is refused before anything has changed: see the end
of this file.

Notation: x parameter · g gradient · lr learning rate (η) · momentum, beta1, beta2, rho decay
rates (β, β₁, β₂, ρ) · eps (ε) · v velocity or second moment · m first moment · h sum or mean of
squared gradients · t step. `self.lr` is a knob that you chose; a bare name is what the data made.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from functools import wraps
from inspect import get_annotations, signature
from itertools import combinations
from numbers import Number
from reprlib import repr as repr_short
from sys import modules
from typing import Annotated

import numpy as np

__all__ = ["Optimizer", "SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adadelta", "Adam"]
__all__ += ["AdamW", "AMSGrad", "Adamax", "NAdam", "RAdam", "AdaBelief", "Lion", "Muon"]

# What a hyper-parameter may be is said where it stands. `float`: what a parent class says of it,
# or else finite and not negative. These are floats too, with (words, least, what it is less than).
BelowOne = Annotated[float, "at least 0 and less than 1", 0.0, 1.0]
AboveZero = Annotated[float, "greater than 0", 5e-324, np.inf]


@dataclass(eq=False)
class Optimizer:
    """What all rules share. A rule adds its hyper-parameters, its `memory` and its `step`.

    A hyper-parameter is a line such as `lr: float = 0.01`: an argument of the constructor, which
    can be changed later. It may be an array that broadcasts against the parameters: then every
    entry is an optimizer of its own. What a rule multiplies x with before it adds Δx, a weight
    decay, is its `shrink`. `opt.v["x"]` is what it remembers as v about the parameter "x".
    """

    memory = ()  # names of what is remembered about each parameter: arrays like x, zero at t = 0
    elementwise = True  # does Δx of a number depend on its own gradients alone? See _blocks
    array_knobs = {}  # the hyper-parameters that are arrays, by name
    ranges = {}  # what each hyper-parameter may be: {name: (words, least, what it is less than)}
    _reach = (1.0, 1.0, 0.0)  # see the function of this name

    def __init_subclass__(cls):
        if cls.__module__ != __name__:  # the rules of this file are checked at its end
            _check_rule(cls)
        dataclass(eq=False, repr=False)(cls)  # annotated lines become fields and arguments

    def __post_init__(self):
        self.reset()

    @property
    def knobs(self):
        """The hyper-parameters, {name: value}, in the order of the constructor."""
        return {name: value for name, value in vars(self).items() if name in self.ranges}

    def reset(self):
        """Forget all but the hyper-parameters: t = 0, no memory, any set of parameters next."""
        self.t = 0
        self.begin({})

    def begin(self, params):
        """Fix the names and shapes of the parameters, and remember zeros about each of them."""
        arrays = {key: np.asarray(x) for key, x in params.items()}
        self.shapes = {key: x.shape for key, x in arrays.items()}
        for name in self.memory:
            zeros = {key: np.zeros_like(x, _precision(x)) for key, x in arrays.items()}
            setattr(self, name, zeros)
        self._bound = 0.0  # of all that is remembered, see _cannot_overflow

    def step(self, g, *memory):
        """Return Δx for gradient g, after bringing the memory arrays up to date in place."""
        raise NotImplementedError(f"{_name(self)} needs a step; use a rule such as SGD(lr=0.1)")

    def shrink(self, x):
        """Change x itself, in place, before Δx is added."""

    def update(self, params, grads):
        """Take one step: change every params[key] in place, given its gradient grads[key].

        params: dict of float arrays of any shape, or of Python floats (replaced by new floats).
        grads: dict with the same keys and shapes; never written. The keys and shapes of the
        first step hold until `reset()`. Raises KeyError, TypeError or ValueError (see `_checked`
        and `_all_or_nothing`), and then nothing has changed.
        """
        with _all_or_nothing(self, params, grads) as rows:
            self.t += 1
            for x, g, memory in rows:
                for part in _blocks(self, x):
                    block = x[part]
                    delta = self.step(g[part], *[m[part] for m in memory])
                    self.shrink(block)
                    block += delta

    def __setattr__(self, name, value):
        self.__dict__[name] = _allowed(self, name, value)
        if name in self.ranges:
            arrays = {k: v for k, v in self.knobs.items() if isinstance(v, np.ndarray)}
            vars(self).update(array_knobs=arrays, _reach=_reach(self))

    def __getattr__(self, name):
        raise _unknown(self, name)

    def __repr__(self):
        """The legend of every plot: the learning rate, and what is not at its default."""
        shown = [
            f"{f.name}={_short(getattr(self, f.name))}"
            for f in fields(self)
            if f.name == "lr" or not np.array_equal(getattr(self, f.name), f.default)
        ]
        return f"{_name(self)}({', '.join(shown)})"


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
    momentum: BelowOne = 0.9

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
    eps: AboveZero = 1e-7

    def step(self, g, h):
        h += g * g
        return -self.lr * g / (np.sqrt(h) + self.eps)


class RMSProp(Optimizer):
    """AdaGrad that forgets: h ← ρh + (1−ρ)g², Δx = −η g / (√h + ε).

    Tieleman & Hinton (2012), Coursera lecture 6e, slide 29, which has no ε; here it guards √h.
    """

    memory = ("h",)
    lr: float = 0.01
    rho: BelowOne = 0.9
    eps: AboveZero = 1e-8

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
    rho: BelowOne = 0.95
    eps: AboveZero = 1e-6

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
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    eps: AboveZero = 1e-8

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

    Loshchilov & Hutter (2019), Algorithm 2, line 12, but with η for both parts, as in PyTorch,
    Keras and optax: in the paper only its schedule multiplies λ.
    """

    weight_decay: float = 0.01

    def shrink(self, x):
        x *= 1 - self.lr * self.weight_decay


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
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    eps: AboveZero = 1e-8

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
        r = rectification(self.beta2, self.t)
        return np.where(r > 0, r * adam, -self.lr * m_hat)


class AdaBelief(Optimizer):
    """Adam that divides by surprise: s ← β₂s + (1−β₂)(g−m)² + ε, Δx = −η m̂ / (√ŝ + ε).

    m, m̂ as in Adam, ŝ = s / (1−β₂ᵗ). Zhuang et al. (2020), Algorithm 2.
    """

    memory = ("m", "s")
    lr: float = 0.001
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    eps: AboveZero = 1e-16

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
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.99
    weight_decay: float = 0.0

    def shrink(self, x):
        x *= 1 - self.lr * self.weight_decay

    def step(self, g, m):
        delta = -self.lr * np.sign(self.beta1 * m + (1 - self.beta1) * g)
        m *= self.beta2
        m += (1 - self.beta2) * g
        return delta


class Muon(Optimizer):
    """Momentum for matrices, made orthogonal: v ← βv + g, Δx = −η √max(1, rows/columns) O(g + βv).

    O(USVᵀ) is about UVᵀ. More axes are flattened to a matrix, fewer are one column. Before it
    x ← (1 − ηλ)x, λ = `weight_decay`. Jordan et al. (2024), "Muon: an optimizer for hidden layers".
    """

    memory = ("v",)
    elementwise = False
    lr: float = 0.02
    momentum: BelowOne = 0.95
    weight_decay: float = 0.0

    def shrink(self, x):
        x *= 1 - self.lr * self.weight_decay

    def step(self, g, v):
        v *= self.momentum
        v += g
        ahead = (g + self.momentum * v).reshape(len(g) if g.ndim else 1, -1)
        scale = max(1, ahead.shape[0] / ahead.shape[1]) ** 0.5
        return -self.lr * scale * orthogonal(ahead).reshape(g.shape)


def orthogonal(matrix, steps=5):
    """Return about UVᵀ for a matrix USVᵀ, by Newton–Schulz: X ← aX + (bA + cA²)X with A = XXᵀ.

    Every singular value, once divided by the Frobenius norm, runs through s ← as + bs³ + cs⁵. The
    coefficients of Jordan et al. (2024) drive it fast, if it is above 0.002, to between 0.68 and
    1.21, but not to 1. Of a stack of matrices, shape (…, rows, columns), each is taken by itself.
    """
    x = matrix / (np.linalg.norm(matrix, axis=(-2, -1), keepdims=True) + 1e-7)
    wide = x.shape[-2] <= x.shape[-1]
    x = x if wide else np.swapaxes(x, -2, -1)  # the smaller product
    for _ in range(steps):
        a = x @ np.swapaxes(x, -2, -1)
        x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
    return x if wide else np.swapaxes(x, -2, -1)


def rectification(beta2, t):
    """Return RAdam's r at step t, 0 where ρ ≤ 4: so few gradients tell no variance yet."""
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
    room = np.where(rho > 4, (rho_inf - 4) * (rho_inf - 2) * rho, np.inf)
    return np.sqrt(np.maximum((rho - 4) * (rho - 2) * rho_inf / room, 0))


# ------------------------------------------------------- large arrays, and what is refused

BLOCK = 2**17  # numbers worked on at a time: few enough for a core's cache, many enough for NumPy


def _blocks(opt, x):
    """Return what to index x with: all of it, or slices of about BLOCK numbers if it is large.

    Only the course's own rules are cut, and those that say `elementwise = True` in a class not
    above the one that has the `step`: a norm of g would be another one in each block.
    """
    if x.size <= BLOCK or not opt._cut or opt.array_knobs:
        return (...,) if x.size else ()
    rows = max(1, BLOCK * len(x) // x.size)
    return [slice(i, i + rows) for i in range(0, len(x), rows)]


def _precision(x):
    """The dtype in which a step for x is computed and its memory kept: that of x, or float32."""
    return x.dtype if x.dtype.itemsize > 2 else np.dtype(np.float32)


def _checked(opt, params, grads):
    """Return ({key: (parameter, gradient) as arrays}, the largest |gradient|). Changes nothing.

    Raises KeyError (a gradient missing or extra), TypeError (not a mapping, not floats) or
    ValueError (shape, NaN or infinity, read-only or shared memory, another set of parameters).
    """
    _check_keys(params, grads)
    pairs, shapes, largest, apart = {}, {}, 0.0, set()
    for key, x in params.items():
        x, g = _pair(key, x, grads[key])
        size = _norm(g)
        if not size < np.inf:
            _check_size(key, g, grads[key], opt.elementwise)
        pairs[key], shapes[key], largest = (x, g), x.shape, max(largest, size)
        apart |= {id(a) for a in (x, g) if a.base is None}
    _check_shapes(opt, shapes)
    if len(apart) < 2 * len(pairs):  # else each has memory of its own
        _separate(pairs)
    return pairs, largest


def _check_keys(params, grads):
    """Raise unless these are two mappings with the same keys, at least one."""
    if type(params) is type(grads) is dict and params and params.keys() == grads.keys():
        return
    for name, value in (("params", params), ("grads", grads)):
        if not isinstance(value, Mapping):
            raise TypeError(f"{name} must be a dict such as {{'x': array}}, got {_kind(value)}")
    if params.keys() != grads.keys():
        key = next(k for k in [*params, *grads] if k not in params or k not in grads)
        found, lacking = ("parameter", "gradient") if key in params else ("gradient", "parameter")
        raise KeyError(f"{found} {key!r} has no {lacking}: params and grads need the same keys")
    if not params:
        raise ValueError("params is empty: it must hold what is to be moved, such as {'x': array}")
    if not isinstance(params, MutableMapping):
        for key, value in params.items():
            if not isinstance(value, np.ndarray):
                raise TypeError(
                    f"parameter {key!r} cannot be replaced in a {type(params).__name__}: use a dict"
                )


def _pair(key, value, grad):
    """Return a parameter, and its gradient in the parameter's precision, as arrays; or raise."""
    if not isinstance(value, (np.ndarray, float, np.floating)):
        nested = ", each array under a key of its own" if isinstance(value, Mapping) else ""
        raise TypeError(
            f"parameter {key!r} must be a float or a float array{nested}, got {_kind(value)}"
        )
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
    return x, g.astype(_precision(x), copy=False)


def _check_size(key, g, given, elementwise):
    """Raise if a gradient holds NaN or infinity, or becomes infinite in its parameter's dtype.

    For a rule that takes norms, the squares must add up as well. That a square of a number can be
    too large is seen in the result: not all rules square.
    """
    if not np.isfinite(given).all():
        raise ValueError(f"gradient {key!r} holds NaN or infinity: look at the loss, or lower lr")
    if not _finite(g, elementwise):
        raise ValueError(
            f"gradient {key!r} is too large for {g.dtype}: look at the loss, or lower lr"
        )


def _check_shapes(opt, shapes):
    """Raise unless these are the parameters of the first step, and fit all hyper-parameters."""
    if opt.shapes not in (shapes, {}):
        raise ValueError(
            f"this {_name(opt)} began with parameters {opt.shapes}, now it gets "
            f"{shapes}: use a new optimizer for another set of parameters, or reset() this one"
        )
    for name, value in opt.array_knobs.items():
        if not opt.elementwise:
            raise ValueError(
                f"{_name(opt)} works on whole arrays, so an array of "
                f"{', '.join(opt.array_knobs)} has no meaning: use one optimizer for each value"
            )
        for key, shape in shapes.items():
            if not _broadcasts(value.shape, shape):
                raise ValueError(
                    f"{name} has shape {value.shape}, which does not broadcast to {shape}, "
                    f"the shape of parameter {key!r}"
                )


def _separate(pairs):
    """Raise where parameters share memory; copy a gradient that would move before it is taken."""
    arrays = [a for pair in pairs.values() for a in pair]
    keys = [key for key in pairs for _ in range(2)]  # parameters at 0, 2, …, gradients at 1, 3, …
    for i, j in _neighbours(arrays):
        if i % 2 == j % 2 == 0 and np.shares_memory(arrays[i], arrays[j]):
            raise ValueError(
                f"parameters {keys[i]!r} and {keys[j]!r} share memory: give each its own array"
            )
        if i % 2 < j % 2 and np.may_share_memory(arrays[i], arrays[j]):  # f = xy: (y, x)
            pairs[keys[j]] = arrays[j - 1], arrays[j].copy()


def _neighbours(arrays):
    """Return the numbers i < j of arrays that lie in one stretch of memory; all, where few."""
    if len(arrays) < 9:
        return combinations(range(len(arrays)), 2)
    found, before = [], []
    for low, high, i in sorted((*_bounds(a), i) for i, a in enumerate(arrays)):
        before = [(end, j) for end, j in before if end > low]
        found += [(min(i, j), max(i, j)) for _, j in before]
        before.append((high, i))
    return found


def _bounds(array):
    """The addresses between which an array's numbers lie."""
    low = high = array.__array_interface__["data"][0]
    for n, stride in zip(array.shape, array.strides):
        low, high = low + min(0, (n - 1) * stride), high + max(0, (n - 1) * stride)
    return low, high + array.itemsize


@contextmanager
def _all_or_nothing(opt, params, grads):
    """The net under an update: check its input, give it as arrays, undo what fails later.

    Gives [(parameter, gradient, [what is remembered about it])]. What may raise, or make a number
    not finite, needs copies first; a step of the course's own rules far from that needs none.
    """
    over = []  # overflow is no warning, since it is refused in words
    with np.errstate(all="ignore", over="call", call=lambda *_: over.append(True)):
        pairs, largest = _checked(opt, params, grads)
        t, bound, begun, saved = opt.t, opt._bound, opt.shapes, []
        if not begun:
            opt.begin(params)
        rows = [
            (x, g, [getattr(opt, name)[key] for name in opt.memory])
            for key, (x, g) in pairs.items()
        ]
        arrays = [a for x, _, memory in rows for a in (x, *memory)]
        try:
            if not _own(opt) or not _cannot_overflow(opt, rows, largest):
                saved = [a.copy() for a in arrays]
                rows = [(x, g.copy(), memory) for x, g, memory in rows]  # a rule may write into g
            over.clear()
            yield rows
            if saved and not _divergence_allowed.get():
                _check_result(opt, params, rows, over)
        except BaseException:
            for array, before in zip(arrays, saved):
                array[...] = before
            if not begun:
                opt.reset()
            opt.t, opt._bound = t, bound
            raise
    for key, (x, _) in pairs.items():
        if not isinstance(params[key], np.ndarray):
            params[key] = type(params[key])(x)  # a float cannot change in place


def _check_result(opt, params, rows, over):
    """Raise if a number is not finite after the step, or was not in between: v̂ = v / (1 − β₂ᵗ)."""
    for key, (x, g, memory) in zip(params, rows):
        if over and _own(opt) and not np.isfinite(4 * g * g).all():
            raise ValueError(f"{_name(opt)}: {_cause(opt, key, g)}")
        for of, array in zip(("", *[f"{m} of " for m in opt.memory]), (x, *memory)):
            if not _finite(array, array is x or opt.elementwise):
                raise ValueError(
                    f"{_name(opt)}: this step would leave {of}parameter {key!r} NaN or "
                    f"infinite in {array.dtype}: {_cause(opt, key, g)}"
                )


def _own(opt):
    """Whether all formulas of this rule are the course's own, those of this file."""
    cls = type(opt)
    return cls.step.__module__ == cls.shrink.__module__ == __name__


def _cannot_overflow(opt, rows, g):
    """Whether no number in a step of the course's own rules can come near the largest there is.

    g: the largest norm of a gradient, so no entry is larger. With K the product of η, ε and λ, or 1
    in the place of what is smaller, a step adds at most K(1 + 2g)² to the largest number B that is
    remembered: rules take means, sums or the larger of |g|, g², (g − m)² ≤ 4g², ηg and ε. (Of
    Adadelta, d ≤ h.) So B is more than g and ηg, and what is made of it is at most 2RB, where R is
    K times all 1/ε and 1/(1 − β); Muon squares a sum of two such. If that stays below the last
    digit of the largest number, x + Δx cannot overflow either, whatever x is, nor can (1 − ηλ)x if
    ηλ is at most 2.
    """
    k, reach, decay = opt._reach
    vars(opt)["_bound"] = b = opt._bound + k * (1 + 2 * g) * (1 + 2 * g)
    limit = min(LAST_DIGIT.get(x.dtype, 0.0) for x, _, _ in rows)
    return max(reach, b) * b < limit and decay <= 2


LAST_DIGIT = {  # of the largest number, with some room
    np.dtype(kind): float(np.finfo(kind).max * np.finfo(kind).eps) / 32
    for kind in (np.float32, np.float64)
}


def _reach(opt):
    """Return K, R and ηλ of `_cannot_overflow`, of the hyper-parameters as they are."""
    k = by_division = 1.0
    tops = {}
    for name, value in opt.knobs.items():
        _, least, below = opt.ranges[name]
        bottom = tops[name] = value
        if isinstance(value, np.ndarray):
            bottom, tops[name] = float(value.min(initial=1.0)), float(value.max(initial=0.0))
        if below < np.inf:
            by_division *= max(1.0, 1 / (below - tops[name]))
        else:
            k *= max(1.0, tops[name])
            by_division *= max(1.0, 1 / bottom if least else 1.0)
    return k, k * by_division, tops.get("lr", 0.0) * tops.get("weight_decay", 0.0)


def _cause(opt, key, g):
    """Return what may have made a result NaN or infinite, and what to do about it."""
    if not np.isfinite(4 * g * g).all():
        return f"the square of gradient {key!r} is too large, look at the loss, or lower lr"
    for name, value in opt.knobs.items():
        if opt.ranges[name][1] > 0 and not np.all(np.asarray(value).astype(g.dtype)):
            least = np.finfo(g.dtype).smallest_subnormal
            return f"{name} = {_short(value)} is 0 in {g.dtype}, so take at least {least}"
    return "lower lr, or look at the loss and at the rule"


_divergence_allowed = ContextVar("_divergence_allowed", default=False)


@contextmanager
def allow_divergence():
    """Inside, a step may make parameters NaN or infinite: for who runs many at once and looks."""
    token = _divergence_allowed.set(True)
    try:
        yield
    finally:
        _divergence_allowed.reset(token)


def _check_rule(cls):
    """Raise TypeError that says what a new rule lacks; note the ranges of its hyper-parameters."""
    rule, memory = cls.__name__, cls.memory
    if isinstance(memory, str) or not all(isinstance(name, str) for name in memory):
        raise TypeError(f"{rule}: memory must be a tuple of names, such as ('v',), got {memory!r}")
    ranges = {}
    for base in reversed(cls.__mro__[1:]):
        ranges |= vars(base).get("ranges", {})
    cls.ranges = ranges | _declared(cls, ranges)
    if cls.__module__ == __name__ or "elementwise" in vars(cls):
        cls._cut = cls.elementwise
    elif "step" in vars(cls):
        cls._cut = False
    names = [*cls.ranges, *memory]
    for name in names:
        if name in ("t", "shapes", *dir(Optimizer)) or names.count(name) > 1:
            raise TypeError(f"{rule}: {name!r} is taken, call it something else")
    try:
        signature(cls.step).bind(cls, "g", *memory)
    except TypeError:
        raise TypeError(
            f"{rule}: step must take {', '.join(('self', 'g', *memory))}, as memory = {memory} "
            f"says, but it takes {signature(cls.step)}"
        ) from None
    if "step" in vars(cls):
        cls.step = _explained(cls.step)


def _declared(cls, ranges):
    """Return {name: (words, least, below)} of the hyper-parameters in a class's own lines."""
    rule, kinds, found = cls.__name__, get_annotations(cls), {}
    for name, value in vars(cls).items():
        if name.startswith("_"):
            continue
        number = isinstance(value, (Number, np.ndarray)) and not isinstance(value, bool)
        if name in kinds and not number:
            raise TypeError(
                f"{rule}: a hyper-parameter is a number, {name} is {_line(value)}: "
                f"what is no number is written without annotation, {name} = {_line(value)}"
            )
        if number and name not in kinds:
            raise TypeError(
                f"{rule}: write {name}: float = {_line(value)}; without annotation it is no "
                f"hyper-parameter (the name of a constant begins with _)"
            )
    for name, kind in kinds.items():
        if isinstance(kind, str):  # from __future__ import annotations
            kind = vars(modules[cls.__module__]).get(kind, float)
        given = getattr(kind, "__metadata__", ())
        found[name] = given if len(given) == 3 else ranges.get(name, NOT_NEGATIVE)
        if name in vars(cls):
            _number(rule, name, vars(cls)[name], found[name])
    return found


NOT_NEGATIVE = ("finite and not negative", 0.0, np.inf)


def _explained(step):
    """Return a step that says what is wrong with how it is called, or with what it returns."""

    @wraps(step)
    def explained(self, *arrays):
        if not arrays:
            raise TypeError(f"{_name(self)}: step is the formula; write opt.update(params, grads)")
        delta = step(self, *arrays)
        if step.__module__ != __name__:
            shape = np.shape(arrays[0])
            if np.shape(delta) != shape or _array(delta).dtype.kind not in "fiu":
                raise TypeError(
                    f"{_name(self)}: step must return Δx, numbers in the shape {shape} of g, "
                    f"got {_kind(delta)}"
                )
        return delta

    return explained


def _allowed(opt, name, value):
    """Return what opt.name may be set to, or raise."""
    if name == "t":
        if not isinstance(value, (int, np.integer)) or value < 0:
            raise ValueError(f"t counts the steps, 0, 1, 2, …: it cannot be {_line(value)}")
        return int(value)
    if name in opt.ranges:
        return _number(_name(opt), name, value, opt.ranges[name])
    if name in opt.memory:
        vars(opt)["_bound"] = np.inf  # who knows what it holds
    elif name != "shapes" and not name.startswith("_"):
        raise _unknown(opt, name)
    return value


def _unknown(opt, name):
    """The error of who reads or sets opt.name, which is not there."""
    return AttributeError(
        f"{_name(opt)} has no {name!r}: its hyper-parameters are {', '.join(opt.ranges)}, "
        "and a step is opt.update(params, grads)"
    )


def _number(rule, name, value, allowed):
    """Return a hyper-parameter as a float or a read-only float array, or raise."""
    array = _array(value)
    if array.dtype.kind not in "fiu" or isinstance(value, tuple):
        hint = ""
        if isinstance(value, tuple):
            hint = "; many values go into a list or an array"
        elif isinstance(value, (Mapping, Iterator, list)):
            hint = "; parameters and gradients go to opt.update(params, grads)"
        raise TypeError(
            f"{name} must be a number, got {_line(value)}: write for example {rule}({name}=0.1)"
            + hint
        )
    words, least, below = allowed
    number = float(array) if array.ndim == 0 else array.astype(float)
    good = (number >= least) & (number < below)
    if not (good if array.ndim == 0 else good.all()):
        raise ValueError(f"{rule}: {name} must be {words}, got {_line(value)}")
    if array.ndim:
        number.flags.writeable = False
    return number


def _array(value):
    """Return value as an array; one of objects, which are no numbers, where it is a ragged list."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.array(None)


def _finite(array, elementwise):
    """Whether all numbers are finite; for a rule that takes norms, the norm of twice the array."""
    if elementwise:
        return np.isfinite(array).all()
    return np.isfinite(4 * np.vdot(array, array))


def _norm(array):
    """Return √Σa²: NaN or infinite if one of the numbers is."""
    flat = array.ravel("K")
    return float(flat.dot(flat)) ** 0.5


def _broadcasts(shape, target):
    """Whether an array of this shape can be stretched to the target shape."""
    return len(shape) <= len(target) and all(n in (1, m) for n, m in zip(shape[::-1], target[::-1]))


def _name(opt):
    return type(opt).__name__


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


for _name_of_rule in __all__[1:]:
    _check_rule(globals()[_name_of_rule])
