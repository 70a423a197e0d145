"""A small multi-layer perceptron with back-propagation, two data sets and a training loop.

    net = Network(64, 32, 10)                         # tanh layers, softmax, cross-entropy
    loss, grads = net.gradient(x, y)                  # grads has the keys of net.params
    opt.update(net.params, grads)                     # any rule of optimizers.py
    many = Network(64, 32, 10, seed=[0, 1, 2])        # three networks, trained at once
    train_many(Adam, rates, seeds, (2, 5, 1), x, y, 200)   # one for each pair of rate and seed
    net.at(net.vector() + points).loss(x, y)          # the loss at many points of weight space
    train(net, Divided(Muon(), Adam()), x, y, 200)    # Muon for the hidden layers' matrices only

Notation: x examples, one a row · y labels · W, b weights and biases of a layer · h output of a
layer · z its input to the activation, the last z being the logits · d derivative of the loss by z.
Several networks have one more axis in front, in their parameters and in all that comes of them; x
and y may have it too, and then each network has examples of its own.
"""

from functools import cache
from pathlib import Path

import numpy as np

from optimizers import orthogonal

from .descent import check_optimizer
from .schedules import scheduled
from .values import is_a, numbers, real, short, whole

# Each activation, and its derivative as a function of its own output h. Both take complex numbers.
ACTIVATIONS = {
    "tanh": (np.tanh, lambda h: 1 - h * h),
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h.real > 0) * 1.0),
}
GAIN = {"relu": 2.0}  # how much larger the variance of the first weights is, to make up for φ


class Network:
    """A multi-layer perceptron: layers h ← φ(hW + b), the last one without φ, then softmax.

    sizes: numbers of inputs, of hidden units layer by layer, and of outputs. With one output the
    classes 0 and 1 have the logits 0 and z. seed: for the first weights, normal with variance
    gain / inputs; a list of seeds makes as many networks, whose parameters have an axis in front.
    params: {"W1": (inputs, outputs), "b1": (1, outputs), "W2": …}; updated in place by a rule.
    Its methods take x, an example in each row, and y, their classes 0, 1, … as whole numbers; of k
    networks also x of shape (k, examples, inputs) and y of shape (k, examples), one for each.
    Raises TypeError or ValueError that says what cannot be.
    """

    def __init__(self, *sizes, activation="tanh", seed=0, dtype=float):
        if len(sizes) < 2:
            raise ValueError(f"sizes must be two whole numbers or more, got {sizes}")
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}: {activation!r}?")
        if np.dtype(dtype).kind != "f":
            raise ValueError(f"dtype must be one of floats, such as np.float32, got {short(dtype)}")
        self.sizes = tuple(whole("sizes", size, 1) for size in sizes)
        self.activation, self.dtype = activation, np.dtype(dtype)
        nets = [self._first(whole("seed", each)) for each in np.ravel(seed)]
        self.params = nets[0] if np.ndim(seed) == 0 else _stack(nets)

    def _first(self, seed):
        rng, params = np.random.default_rng(seed), {}
        gain = GAIN.get(self.activation, 1.0)
        for k, (inputs, outputs) in enumerate(zip(self.sizes, self.sizes[1:]), 1):
            weights = rng.normal(0, np.sqrt(gain / inputs), (inputs, outputs))
            params[f"W{k}"] = weights.astype(self.dtype)
            params[f"b{k}"] = np.zeros((1, outputs), self.dtype)
        return params

    @property
    def depth(self):
        """The number of layers of weights."""
        return len(self.sizes) - 1

    def layers(self, x):
        """Return what every layer puts out, [x, h of layer 1, …, logits], each (…, n, units)."""
        activate, _ = ACTIVATIONS[self.activation]
        h = [x]
        for k in range(1, self.depth + 1):
            z = h[-1] @ self.params[f"W{k}"] + self.params[f"b{k}"]
            h.append(activate(z) if k < self.depth else z)
        return h

    def loss(self, x, y):
        """Return the cross-entropy: the mean of −log p of the right class; shape (…)."""
        y = self._labels(x, y)
        log_p = log_softmax(self.layers(x)[-1])
        return -log_p[_places(y)].mean(axis=-1)

    def gradient(self, x, y):
        """Return (loss, grads): back-propagation. grads has the keys and shapes of params."""
        _, slope = ACTIVATIONS[self.activation]
        y, h = self._labels(x, y), self.layers(x)
        log_p, right, n = log_softmax(h[-1]), _places(y), y.shape[-1]
        d = np.exp(log_p)
        d[right] -= 1
        d = d[..., -self.sizes[-1] :] / n  # one output: drop the logit that is always 0
        grads, ones = {}, np.ones((1, n), d.dtype)
        for k in range(self.depth, 0, -1):
            grads[f"W{k}"] = np.swapaxes(h[k - 1], -1, -2) @ d
            grads[f"b{k}"] = ones @ d  # the sum over the rows, five times as fast as d.sum
            if k > 1:
                d = d @ np.swapaxes(self.params[f"W{k}"], -1, -2) * slope(h[k - 1])
        return -log_p[right].mean(axis=-1), {key: grads[key] for key in self.params}

    def probabilities(self, x):
        """Return p of every class, shape (…, n, classes)."""
        return np.exp(log_softmax(self.layers(x)[-1]))

    def accuracy(self, x, y):
        """Return the share of examples whose most probable class is the right one; shape (…)."""
        y = self._labels(x, y)
        return (self.probabilities(x).argmax(axis=-1) == y).mean(axis=-1)

    def _labels(self, x, y):
        """Return the labels as an array; raise unless they are classes, one for each row of x."""
        y, inputs, classes = np.asarray(y), self.sizes[0], max(2, self.sizes[-1])
        shape, front = np.shape(x), self.params["W1"].shape[:-2]
        if len(shape) < 2 or shape[-1] != inputs or shape[:-2] not in ((), front):
            wanted = f"(examples, {inputs})"
            if front:
                wanted += f" or {(*front, 'examples', inputs)}".replace("'", "")
            raise ValueError(f"x must have shape {wanted}, got {shape}")
        if y.shape != shape[:-1]:
            many = f"a row of {shape[0]}" if len(shape) == 2 else f"{shape[:-1]}"
            raise ValueError(f"y must be {many} labels, one for each row of x, got shape {y.shape}")
        if y.dtype.kind not in "iu" or not y.size or y.min() < 0 or y.max() >= classes:
            raise ValueError(
                f"y must hold whole numbers from 0 to {classes - 1}, the classes, got {short(y)}"
            )
        return y

    def vector(self):
        """Return a copy of all parameters as one vector, shape (…, n); `flat` does it for grads."""
        return flat(self.params)

    def at(self, vectors):
        """Return a new network with these parameters; several of them, if vectors is a matrix."""
        net, start = Network(*self.sizes, activation=self.activation), 0
        vectors, size = np.asarray(vectors), sum(value.size for value in net.params.values())
        if vectors.shape[-1:] != (size,):
            raise ValueError(f"{net!r} needs vectors of {size} numbers, got {vectors.shape}")
        for key, value in net.params.items():
            part = vectors[..., start : start + value.size]
            net.params[key] = part.reshape(*vectors.shape[:-1], *value.shape).copy()
            start += value.size
        return net

    def __repr__(self):
        count = sum((a + 1) * b for a, b in zip(self.sizes, self.sizes[1:]))
        sizes = "-".join(map(str, self.sizes))
        return f"Network {sizes}, {self.activation}, {count} parameters"


def log_softmax(z):
    """Return log p for logits z, safe for large ones; a single logit stands beside a 0."""
    if z.shape[-1] == 1:  # number by number: a sum over two numbers a row is slow
        top = np.maximum(z.real, 0)
        total = top + np.log(np.exp(-top) + np.exp(z - top))
        return np.concatenate([-total, z - total], axis=-1)
    z = z - z.real.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def flat(params):
    """Return the arrays of params or grads as one vector (with the axis in front, if any)."""
    return np.concatenate([a.reshape(*a.shape[:-2], -1) for a in params.values()], axis=-1)


def _places(y):
    """Return the index of the right class of each example, for arrays (…, n, classes)."""
    if y.ndim == 1:
        return ..., np.arange(len(y)), y
    return *np.indices(y.shape, sparse=True), y


def _stack(nets):
    return {key: np.stack([params[key] for params in nets]) for key in nets[0]}


def batches(n, size, steps, seed=0):
    """Yield `steps` arrays of row numbers: all n rows in a new order, cut in pieces, and again."""
    size, steps = whole("batch", size, 1, n), whole("steps", steps)
    rng, left = np.random.default_rng(seed), np.arange(0)
    for _ in range(steps):
        if not len(left):
            left = rng.permutation(n)
        yield left[:size]
        left = left[size:]


def train(net, opt, x, y, steps, batch=None, seed=0, keep=(), schedule=None):
    """Take steps on mini-batches, all rows if batch is not given. Return (losses, kept).

    losses: of each batch before its step, shape (steps, …). kept: the parameters as vectors at
    the steps named in `keep` (0: before the first), shape (len(keep), …, n). schedule: what makes
    a schedule of (lr, steps), such as `cosine` of lab.schedules; then opt itself stays as it was.
    opt may be Divided. A rule for whole matrices, such as Muon, takes each of several networks by
    itself, and opt stays as it was then, too.
    Raises TypeError or ValueError that says what to write instead.
    """
    check_optimizer(opt)
    steps, keep = whole("steps", steps), [whole("keep", t, 0, steps) for t in keep]
    losses, kept = [], {0: net.vector()}
    opt, n = _fitted(opt, net, schedule, steps), np.shape(x)[-2]
    for t, rows in enumerate(batches(n, n if batch is None else batch, steps, seed), 1):
        part = (x, y) if batch is None else (x[..., rows, :], y[..., rows])
        loss, grads = net.gradient(*part)
        opt.update(net.params, grads)
        losses.append(loss)
        if t in keep:
            kept[t] = net.vector()
    return np.array(losses), np.array([kept[t] for t in keep])


def train_many(rule, rates, seeds, sizes, x, y, steps, **how):
    """Train one network for each pair of rate and seed, all at once. Return (networks, losses).

    rule: a class of optimizers.py. rates, seeds: as many of one as of the other, n. sizes: of all
    the networks, which are one Network with an axis of n in front. losses: shape (steps, n).
    how: batch, seed and schedule, as for `train`.
    Raises TypeError or ValueError that says what to write instead.
    """
    rates, seeds = numbers("rates", rates, 0, row=True), list(seeds)
    if len(rates) != len(seeds):
        raise ValueError(f"{len(rates)} rates and {len(seeds)} seeds: give one for each network")
    net = Network(*sizes, seed=seeds, dtype=x.dtype)
    opt = (rule if rule.elementwise else _stacked(rule))(lr=np.reshape(rates, (-1, 1, 1)))
    return net, train(net, opt, x, y, steps, **how)[0]


class Divided:
    """Two optimizers for one network: `hidden` for the matrices W in front of its hidden layers.

    rest: for all biases and for the last W. So Muon is meant to be used (see its class).
    """

    def __init__(self, hidden, rest):
        for optimizer in (hidden, rest):
            check_optimizer(optimizer)
        self.hidden, self.rest = hidden, rest

    def reset(self):
        for optimizer in (self.hidden, self.rest):
            optimizer.reset()

    def update(self, params, grads):
        """Take one step, as each of the two would; params: of a Network."""
        hidden = [f"W{k}" for k in range(1, len(params) // 2)]
        if not hidden:
            raise ValueError("this network has no hidden layer: one optimizer will do")
        for optimizer, keys in (
            (self.hidden, hidden),
            (self.rest, [key for key in params if key not in hidden]),
        ):
            optimizer.update({k: params[k] for k in keys}, {k: grads[k] for k in keys})

    def __repr__(self):
        return f"{self.hidden} for hidden matrices, {self.rest} for the rest"


def _fitted(opt, net, schedule, steps):
    """Return an optimizer for a network, or several: with its schedule, and each one by itself."""
    if is_a(opt, Divided):
        return Divided(*(_fitted(part, net, schedule, steps) for part in (opt.hidden, opt.rest)))
    if net.params["W1"].ndim > 2 and not getattr(opt, "elementwise", True):
        opt = _stacked(type(opt))(**opt.knobs)
    return scheduled(opt, schedule(opt.lr, steps)) if schedule else opt


@cache
def _stacked(muon):
    """Return Muon for many networks: each matrix behind the axis in front is moved by itself."""

    class Stacked(muon):
        elementwise = True  # in that axis, so that each network may have its own lr

        def step(self, g, v):
            v *= self.momentum
            v += g
            rows, columns = g.shape[-2:]
            ahead = orthogonal(g + self.momentum * v)
            return -self.lr * max(1, rows / columns) ** 0.5 * ahead

    return Stacked


def two_moons(n, noise=0.2, seed=0):
    """Return (x, y): n points on two half circles that hook into each other, blurred by noise.

    Class 0 at (cos a, sin a), class 1 at (1 − cos a, ½ − sin a), a evenly from 0 to π.
    """
    n, noise = whole("n", n, 2), real("noise", noise, 0)
    rng, y = np.random.default_rng(seed), np.arange(n) % 2
    a = np.linspace(0, np.pi, n)
    x = np.where(y, [1 - np.cos(a), 0.5 - np.sin(a)], [np.cos(a), np.sin(a)]).T
    return x + rng.normal(0, noise, (n, 2)), y


def digits(test=360, seed=0):
    """Return ((x, y), (x, y)): 1,797 scanned digits of 8 × 8 pixels, to train and to test.

    The test's rows are drawn with `seed`; a list of seeds makes as many splits, with an axis in
    front. None takes the last rows of the file, most likely those of other writers. Pixels run
    from −1 (paper) to 1 (ink). Source and licence: data/digits.txt.
    """
    if np.ndim(seed):
        splits = [digits(test, each) for each in seed]
        return tuple(
            tuple(np.stack([split[part][k] for split in splits]) for k in (0, 1)) for part in (0, 1)
        )
    with np.load(Path(__file__).parent / "data" / "digits.npz") as file:
        x = (file["images"].reshape(-1, 64) / 8 - 1).astype(np.float32)
        y = file["labels"].astype(int)
    test = whole("test", test, 0, len(y) - 1)
    order = np.arange(len(y))[::-1]
    if seed is not None:
        order = np.random.default_rng(seed).permutation(len(y))
    return (x[order[test:]], y[order[test:]]), (x[order[:test]], y[order[:test]])
