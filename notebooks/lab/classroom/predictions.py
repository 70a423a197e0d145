"""Questions of an exam: numbers to predict, each by a formula and by the course's own rules."""

import numpy as np

from optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, RMSProp

from ..descent import descend, feed, iterate
from ..landscapes import quadratic
from .questions import Question, pick, told


def alternating_pairs(rng):
    lr, beta = pick(rng, 0.1, 0.2, 0.5), pick(rng, 0.5, 0.8, 0.9)
    longest = lr * (1 + beta) / (1 + beta**2)
    return Question(
        "predict",
        f"Momentum(lr={lr}, momentum={beta}) is fed the gradients 1, 1, −1, −1, 1, 1, −1, −1, … "
        f"for a long time. How long is the longest of its steps in the long run?",
        [
            (2, "after two steps the velocity is β²v − (1 + β)η, and it is −v: the pattern turns"),
            (2, f"|v| = η(1 + β)/(1 + β²) = {told(longest)}"),
        ],
        predicted=longest,
        measured=abs(feed(Momentum(lr=lr, momentum=beta), [1, 1, -1, -1] * 100)[-4:]).max(),
    )


def after_silence(rng):
    n = int(pick(rng, 4, 9, 19))
    t = n + 1
    step = (0.1 / (1 - 0.9**t)) / np.sqrt(0.001 / (1 - 0.999**t))
    found = abs(feed(Adam(lr=1.0), np.append(np.zeros(n), 5.0))[-1])
    return Question(
        "predict",
        f"A weight's gradient is 0 for its first {n} steps and 5 at step {t}. How long is that "
        f"step of Adam (default decay rates 0.9 and 0.999), in units of η?",
        [
            (1, "m = 0.1·5 and v = 0.001·25: the 5 cancels"),
            (1, f"the corrections divide by 1 − 0.9^{t} and 1 − 0.999^{t}"),
            (2, f"the step is {told(step)} η, not one η"),
        ],
        predicted=step,
        measured=found,
    )


def digits_in_a_valley(rng):
    mu, L, k = pick(rng, 0.05, 0.1, 0.2), pick(rng, 1.0, 3.0, 5.0), int(rng.integers(3, 7))
    rho = (L - mu) / (L + mu)
    steps = int(np.ceil(k * np.log(10) / -np.log(rho)))
    run = descend(SGD(lr=2 / (mu + L)), quadratic(mu, L, start=(1.0, 1.0)), steps=steps + 1)
    far = np.linalg.norm(run.path, axis=1)
    return Question(
        "predict",
        f"A quadratic has curvatures {mu} and {L:g}, and gradient descent its best learning rate. "
        f"How many steps does it take until the distance is below 10^−{k} of what it was?",
        [
            (1, f"the best rate is 2/(μ + L) = {told(2 / (mu + L))}"),
            (1, f"both factors are then ρ = (L − μ)/(L + μ) = {told(rho)} in size"),
            (2, f"{steps}: the first whole number above {k} ln 10 / −ln ρ"),
        ],
        predicted=steps,
        measured=int(np.argmax(far < far[0] * 10.0**-k)),
        within=0,
    )


def decayed(rng):
    lr, decay, steps = (
        pick(rng, 0.001, 0.01),
        pick(rng, 0.1, 0.2, 0.5),
        int(pick(rng, 200, 500, 1000)),
    )
    left = (1 - lr * decay) ** steps
    return Question(
        "predict",
        f"A weight of 1 has no gradient. What is it after {steps} steps of "
        f"AdamW(lr={lr}, weight_decay={decay})? And roughly, if the same decay was coupled into "
        f"Adam's gradient?",
        [
            (2, f"(1 − ηλ)^{steps} = {told(left)}"),
            (
                2,
                f"coupled, Adam divides it by its size: about 1 − ηt, down to zero: "
                f"{told(max(0, 1 - lr * steps))}, whatever λ",
            ),
        ],
        predicted=left,
        measured=iterate(AdamW(lr=lr, weight_decay=decay), lambda x: 0 * x, 1.0, steps)[-1],
    )


def noise_floor(rng):
    lr, curvature = pick(rng, 0.2, 0.4, 0.5), pick(rng, 1.0, 2.0)
    deviation, batch = pick(rng, 1.0, 2.0), int(pick(rng, 4, 16))
    s2 = deviation**2 / batch
    floor = lr * s2 / (2 * (2 - lr * curvature))
    on = quadratic(curvature, curvature, start=(0.0, 0.0))
    runs = descend(SGD(lr=lr), on, steps=200, noise=float(np.sqrt(s2)), runs=4000, seed=1)
    return Question(
        "predict",
        f"SGD with lr = {lr} on f(x) = ½·{curvature:g}·x². One example's gradient has an error of "
        f"standard deviation {deviation:g}, and a batch is {batch} examples of very many. Where "
        f"does the mean of f settle? What becomes of it with half the rate and half the batch?",
        [
            (1, f"the batch's variance is s² = {told(s2)}"),
            (2, f"ηs²/(2(2 − ηλ)) = {told(floor)}"),
            (1, "nearly nothing changes: it depends on η/b, as long as ηλ is small"),
        ],
        predicted=floor,
        measured=runs.f[150:].mean() / 2,  # the landscape has two such coordinates
        within=0.03,
    )


def first_of_two(rng):
    rho, c = pick(rng, 0.8, 0.9, 0.99), int(pick(rng, 2, 3, 10))
    second = c / np.sqrt((1 - rho) * (rho + c * c))
    return Question(
        "predict",
        f"RMSProp(lr=η, rho={rho}) meets the gradient 1 and then the gradient {c}. How long are "
        f"its first two steps, in units of η?",
        [
            (2, f"the first: 1/√(1 − ρ) = {told(1 / np.sqrt(1 - rho))}"),
            (2, f"the second: {c}/√((1 − ρ)(ρ + {c}²)) = {told(second)}"),
        ],
        predicted=second,
        measured=abs(feed(RMSProp(lr=1.0, rho=rho), [1.0, float(c)])[1]),
    )


def wall_and_plain(rng):
    wall = int(pick(rng, 20, 50, 80))
    steps = int(np.ceil((wall + 0.5) ** 2 - wall**2))
    far = -np.cumsum(feed(AdaGrad(lr=1.0), np.append(float(wall), np.ones(3 * wall)))[1:])
    return Question(
        "predict",
        f"AdaGrad meets the gradient {wall} once, and from then on the gradient 1. After how many "
        f"steps on the plain has it moved by one learning rate?",
        [
            (2, f"step k on the plain is η/√({wall}² + k) long"),
            (2, f"they add up to about 2(√({wall}² + k) − {wall})η, which is η at k = {steps}"),
        ],
        predicted=steps,
        measured=int(np.argmax(far >= 1)) + 1,
        within=2 / steps,
    )


PREDICT = (
    alternating_pairs,
    after_silence,
    digits_in_a_valley,
    decayed,
    noise_floor,
    first_of_two,
    wall_and_plain,
)
