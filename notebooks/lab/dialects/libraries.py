"""The rules of optimizers.py as three libraries spell them, each a class like ours.

    descend(TorchMomentum(lr=0.1), bowl)           # a library's rule, in our interface
    LIBRARIES["RMSProp"]["Keras"]                  # all of them by rule and library

A spelling is a formula, its knobs with their published defaults, and a `step`. Momenta are 0.9
here, where the libraries switch them off. Each was compared, step by step, with the library itself:
PyTorch 2.13.0, Keras 3.15.1, optax 0.2.8.
"""

import numpy as np

from optimizers import (
    Adadelta,
    AdaGrad,
    Adam,
    Adamax,
    AdamW,
    AMSGrad,
    BelowOne,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
    RAdam,
    RMSProp,
)

# ---------------------------------------------------------------------------- momentum


class TorchMomentum(Momentum):
    """PyTorch: v ← βv + (1−d)g, Δx = −ηv, d the dampening; the first v is g. optax: d = 0."""

    lr: float = 0.001
    dampening: float = 0.0

    def step(self, g, v):
        v *= self.momentum
        v += g if self.t == 1 else (1 - self.dampening) * g
        return -self.lr * v


class TorchNesterov(TorchMomentum):
    """PyTorch: v ← βv + g, Δx = −η(g + βv). optax: the same."""

    def step(self, g, v):
        super().step(g, v)
        return -self.lr * (g + self.momentum * v)


# ---------------------------------------------------------------------------- AdaGrad, RMSProp


class TorchAdaGrad(AdaGrad):
    """PyTorch: h ← h + g², Δx = −η/(1+(t−1)δ) · g/(√h + ε), δ = `lr_decay`."""

    eps: float = 1e-10
    lr_decay: float = 0.0

    def step(self, g, h):
        return super().step(g, h) / (1 + (self.t - 1) * self.lr_decay)


class KerasAdaGrad(AdaGrad):
    """Keras: h begins at 0.1; h ← h + g², Δx = −ηg/√(h + ε)."""

    lr: float = 0.001
    start: float = 0.1

    def step(self, g, h):
        h += g * g if self.t > 1 else self.start + g * g
        return -self.lr * g / np.sqrt(h + self.eps)


class OptaxAdaGrad(KerasAdaGrad):
    """optax: as Keras, but no step where h = 0. Its lr has no default."""

    def step(self, g, h):
        delta = super().step(g, h)
        return np.where(h > 0, delta, 0.0)


class TorchRMSProp(RMSProp):
    """PyTorch: h ← ρh + (1−ρ)g², b ← βb + g/(√h + ε), Δx = −ηb; off: β = 0."""

    memory = ("h", "b")
    rho: float = 0.99
    momentum: BelowOne = 0.0

    def step(self, g, h, b):
        h *= self.rho
        h += (1 - self.rho) * g * g
        b *= self.momentum
        b += g / (np.sqrt(h) + self.eps)
        return -self.lr * b


class KerasRMSProp(RMSProp):
    """Keras: h ← ρh + (1−ρ)g², b ← βb + ηg/√(h + ε), Δx = −b; off: β = 0."""

    memory = ("h", "b")
    lr: float = 0.001
    eps: float = 1e-7
    momentum: BelowOne = 0.0

    def step(self, g, h, b):
        h *= self.rho
        h += (1 - self.rho) * g * g
        b *= self.momentum
        b += self.lr * g / np.sqrt(h + self.eps)
        return -b


class OptaxRMSProp(KerasRMSProp):
    """optax: as Keras with ε = 1e-8; `eps_in_sqrt=False` is our RMSProp. Its lr has no default."""

    eps: float = 1e-8


class TorchAdadelta(Adadelta):
    """PyTorch, optax: Zeiler's rule with ρ = 0.9."""

    rho: float = 0.9


class KerasAdadelta(Adadelta):
    """Keras: Zeiler's rule with lr = 0.001 and ε = 1e-7."""

    lr: float = 0.001
    eps: float = 1e-7


# ---------------------------------------------------------------------------- Adam and after


def moments(opt, g, m, v):
    """Bring Adam's two means up to date, and return m̂, v̂."""
    m *= opt.beta1
    m += (1 - opt.beta1) * g
    v *= opt.beta2
    v += (1 - opt.beta2) * g * g
    return m / (1 - opt.beta1**opt.t), v / (1 - opt.beta2**opt.t)


class KerasAdam(Adam):
    """Keras, classic books: Δx = −η_t m/(√v + ε̂) with η_t = η√(1−β₂ᵗ)/(1−β₁ᵗ), ε̂ = 1e-7."""

    eps: float = 1e-7

    def step(self, g, m, v):
        moments(self, g, m, v)
        lr_t = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        return -lr_t * m / (np.sqrt(v) + self.eps)


class OptaxAdam(Adam):
    """optax: Δx = −ηm̂/(√(v̂ + ε_root) + ε). Its lr has no default."""

    eps_root: float = 0.0

    def step(self, g, m, v):
        m_hat, v_hat = moments(self, g, m, v)
        return -self.lr * m_hat / (np.sqrt(v_hat + self.eps_root) + self.eps)


class TorchAMSGrad(AMSGrad):
    """PyTorch: w ← max(w, v), Δx = −ηm̂/(√ŵ + ε), corrected with the t of today: ŵ = w/(1−β₂ᵗ)."""

    def step(self, g, m, v, w):
        m_hat, _ = moments(self, g, m, v)
        np.maximum(w, v, out=w)
        return -self.lr * m_hat / (np.sqrt(w / (1 - self.beta2**self.t)) + self.eps)


class KerasAMSGrad(AMSGrad):
    """Keras: w ← max(w, v), Δx = −η_t m/(√w + ε̂) with KerasAdam's η_t."""

    eps: float = 1e-7

    def step(self, g, m, v, w):
        share_m, share_v = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        return super().step(g, m, v, w) * np.sqrt(share_v) / share_m


class OptaxAMSGrad(AMSGrad):
    """optax: w ← max(w, v̂), Δx = −ηm̂/(√w + ε). Its lr has no default."""

    def step(self, g, m, v, w):
        m_hat, v_hat = moments(self, g, m, v)
        np.maximum(w, v_hat, out=w)
        return -self.lr * m_hat / (np.sqrt(w) + self.eps)


class TorchAdamax(Adamax):
    """PyTorch: u ← max(β₂u, |g| + ε), Δx = −ηm̂/u. optax: the same."""

    def step(self, g, m, u):
        m *= self.beta1
        m += (1 - self.beta1) * g
        u *= self.beta2
        np.maximum(u, np.abs(g) + self.eps, out=u)
        return -self.lr * m / (1 - self.beta1**self.t) / u


class KerasAdamax(Adamax):
    """Keras: ours, Δx = −ηm̂/(u + ε), with other defaults."""

    lr: float = 0.001
    eps: float = 1e-7


class TorchNAdam(NAdam):
    """PyTorch: NAdam with μ_t = β₁(1 − ½·0.96^(t·pace)) in β₁'s place, but for m; pace 0.004."""

    memory = ("m", "v", "product")  # of μ_1 … μ_t
    pace: float = 0.004

    def step(self, g, m, v, product):
        mu, following = (
            self.beta1 * (1 - 0.5 * 0.96 ** (t * self.pace)) for t in (self.t, self.t + 1)
        )
        product *= mu
        if self.t == 1:
            product += mu
        _, v_hat = moments(self, g, m, v)
        ahead = following * m / (1 - product * following) + (1 - mu) * g / (1 - product)
        return -self.lr * ahead / (np.sqrt(v_hat) + self.eps)


class KerasNAdam(TorchNAdam):
    """Keras: the same schedule with pace 1, that is, 250 times faster."""

    lr: float = 0.001
    eps: float = 1e-7
    pace: float = 1.0


class TorchAdamL2(Adam):
    """PyTorch's Adam(weight_decay=λ): coupled, g + λx in the place of g."""

    weight_decay: float = 0.01

    def update(self, params, grads):
        super().update(
            params, {key: grads[key] + self.weight_decay * x for key, x in params.items()}
        )


class KerasAdamW(KerasAdam):
    """Keras: x ← (1 − ηλ)x, then KerasAdam's step; λ = 0.004."""

    weight_decay: float = 0.004
    shrink = AdamW.shrink


class OptaxAdamW(AdamW):
    """optax: x ← x − η(m̂/(√v̂ + ε) + λx), which is AdamW; λ = 1e-4. Its lr has no default."""

    weight_decay: float = 0.0001


class OptaxRAdam(RAdam):
    """optax: RAdam that divides where ρ ≥ 5, one step later than ours. Its lr has no default."""

    def step(self, g, m, v):
        delta = super().step(g, m, v)
        share, long = self.beta2**self.t, 2 / (1 - self.beta2) - 1
        rho = long - 2 * self.t * share / (1 - share)
        return np.where(rho >= 5, delta, -self.lr * m / (1 - self.beta1**self.t))


class KerasLion(Lion):
    """Keras: Lion with ten times the paper's learning rate; no decay."""

    lr: float = 0.001


class OptaxLion(Lion):
    """optax: Lion with the decay λ = 0.001. Its lr has no default."""

    weight_decay: float = 0.001


def _four(*spellings):
    return dict(zip(("ours", "PyTorch", "Keras", "optax"), spellings))


LIBRARIES = {  # where ours stands again, the library has our rule
    "Momentum": _four(Momentum, TorchMomentum, Momentum, TorchMomentum),
    "Nesterov": _four(Nesterov, TorchNesterov, Nesterov, TorchNesterov),
    "AdaGrad": _four(AdaGrad, TorchAdaGrad, KerasAdaGrad, OptaxAdaGrad),
    "RMSProp": _four(RMSProp, TorchRMSProp, KerasRMSProp, OptaxRMSProp),
    "Adadelta": _four(Adadelta, TorchAdadelta, KerasAdadelta, TorchAdadelta),
    "Adam": _four(Adam, Adam, KerasAdam, OptaxAdam),
    "AMSGrad": _four(AMSGrad, TorchAMSGrad, KerasAMSGrad, OptaxAMSGrad),
    "Adamax": _four(Adamax, TorchAdamax, KerasAdamax, TorchAdamax),
    "NAdam": _four(NAdam, TorchNAdam, KerasNAdam, NAdam),
    "AdamW": _four(AdamW, AdamW, KerasAdamW, OptaxAdamW),
    "RAdam": {"ours": RAdam, "optax": OptaxRAdam},
    "Lion": {"ours": Lion, "Keras": KerasLion, "optax": OptaxLion},
    "Decay in Adam": {"ours": AdamW, "PyTorch": TorchAdamL2},  # its Adam(weight_decay=λ)
}
