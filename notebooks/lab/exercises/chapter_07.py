"""Chapter 07, RMSProp."""

import numpy as np

from .answers import close
from .guess import mistaken
from .judges import Exercise, check_function, exercise, function, made_from, returned, varied
from .verdict import Wrong


@varied(
    "07.1",
    first=(20, 0.5),
    draw=lambda rng: (int(rng.integers(4, 60)), int(rng.integers(1, 20)) / 10),
    text="you want a memory with a half-life of {} steps, and a first step that is {} long. Give "
    "the optimizer, as RMSProp(lr=…, rho=…).",
)
def from_half_life(steps, length):
    rho = 0.5 ** (1 / steps)
    lr = length * np.sqrt(1 - rho)
    return Exercise(
        lambda answer: half_life(answer, lr, rho, steps),
        hint="which power of ρ is one half, and how long is the first step, when h is (1 − ρ)g²?",
        more=f"ρ to the power {steps} is ½, and the first step is η/√(1−ρ): first find ρ, then η",
        answer=f"RMSProp with lr {lr:.4f} and rho {rho:.4f}, and a small eps",
    )


def half_life(answer, lr, rho, steps):
    made_from(answer, "RMSProp")
    if close(answer.rho, rho) and close(answer.lr, lr, 1e-2):
        if answer.eps < 1e-4:
            return
        raise Wrong(f"your eps is {answer.eps:g}", "eps only guards the division: leave it small")
    life = "0" if answer.rho == 0 else f"{np.log(0.5) / np.log(answer.rho):.2f}"
    first = answer.lr / np.sqrt(1 - answer.rho)
    found = f"yours has a half-life of {life} steps and a first step of {first:.3f}"
    hint = None
    if life == f"{steps}.00":
        hint = "the memory is right, the first step is not"
    elif close(1 / (1 - answer.rho), steps):
        hint = "1/(1 − ρ) is the mean age of what is remembered; half of the weight is younger"
    raise Wrong(found, hint)


@function(
    "07.2",
    first=[(0.3, 1e-9, 2.0), (0.2, 0.05, 2.0), (1.0, 0.02, 0.1), (0.2, 0.1, 0.1), (0.1, 1.0, 4.0)],
    draw=lambda rng: (
        round(rng.uniform(0.05, 1), 2),
        round(rng.uniform(0.001, 0.2), 3),
        round(rng.uniform(0.1, 4), 1),
    ),
    hint="in the long run x hops from one side to the other: how long is that step, in terms of x?",
    more="set the length of a step, with g = λx and h = g², equal to 2|x|",
    slips=[
        (
            lambda lr, eps, curvature: lr / 2 - eps / curvature,
            "a distance is not negative: what happens where eps is large?",
        ),
        (lambda lr, eps, curvature: lr / 2, "what does eps change?"),
        (lambda lr, eps, curvature: lr, "this is the length of the hop, from side to side"),
        (
            lambda lr, eps, curvature: max(0, lr - 2 * eps / curvature),
            "this is the length of the hop; how far from the middle does it end?",
        ),
        (
            lambda lr, eps, curvature: max(0, lr / 2 - eps),
            "eps is compared with a gradient, which is λ times the distance",
        ),
        (
            lambda lr, eps, curvature: max(0, lr / 2 - eps * curvature),
            "eps is a gradient, λ times a distance: on which side does λ come out?",
        ),
        (
            lambda lr, eps, curvature: abs(lr / 2 - eps / curvature),
            "where eps is large there is no hop: where is x then, in the long run?",
        ),
    ],
    relative=1e-3,
)
def hop(lr, eps, curvature):
    return max(0.0, lr / 2 - eps / curvature)


@exercise(
    "07.3",
    hint="the hop is as wide as the learning rate: which rates are needed early, and which late?",
    more="let the learning rate fall, but not too fast: all steps have to add up to the distance",
    answer="there are many, such as 0.5 / np.sqrt(t)",
)
def without_hop(answer):
    check_function(answer, ["t"])
    point, h, f = np.array([-7.0, 2.0]), np.zeros(2), []
    curvature = np.array([0.1, 2.0])  # of the bowl
    for t in range(1, 10_001):
        lr, g = returned(answer, {"t": t}), curvature * point
        h = 0.9 * h + 0.1 * g * g
        point = point - lr * g / (np.sqrt(h) + 1e-8)
        f.append(float(np.sum(curvature / 2 * point * point)))
    early, late = max(f[380:400]), max(f[-20:])
    if not (early < 1e-2 and late < 1e-5):
        hint, stopped = None, max(f[4980:5000]) < 1.01 * late and abs(lr) < 1e-5
        if lr < 0:
            hint = "a learning rate below 0 leads uphill"
        elif stopped and late >= 1e-5:
            hint = "it stops short of the minimum: the learning rate falls too fast"
        elif early < 1e-2:
            hint = "early enough; in the end the learning rate is still too large"
        elif late < 1e-5:
            hint = "low enough in the end; after 400 steps it is too far out, or hops too wide"
        raise Wrong(f"f is {early:.1e} after 400 steps and {late:.1e} after 10,000", hint)


def limit(rho, k):
    return -np.log(rho) / (2 * k)


@function(
    "07.4",
    first=[
        (0.005, 0.9, 12.0),
        (0.1, 0.9, 1.0),
        (0.02, 0.99, 1.0),
        (0.5, 0.5, 3.0),
        (0.01, 0.5, 1.0),
    ],
    draw=lambda rng: (
        round(rng.uniform(0.005, 0.5), 3),
        round(rng.uniform(0.5, 0.99), 2),
        round(rng.uniform(0.5, 12), 1),
    ),
    hint="at a constant speed, how large was the gradient i steps ago, and what is h then?",
    more="i steps ago g was e^(ikΔ) times as large: sum h, then set Δ = ηg/√h and solve for Δ",
    slips=[
        (lambda lr, rho, k: limit(rho, k), "this is the limit for large η"),
        (lambda lr, rho, k: lr, "this is the speed for very small η"),
        (
            lambda lr, rho, k: min(lr, limit(rho, k)),
            "these are the two ends; between them the speed is below both",
        ),
    ],
    relative=1e-3,
)
def speed(lr, rho, k):
    low, high = 0.0, limit(rho, k)
    for _ in range(60):
        middle = (low + high) / 2
        step = lr * np.sqrt((1 - rho * np.exp(2 * k * middle)) / (1 - rho))
        low, high = (middle, high) if step > middle else (low, middle)
    return low


mistaken(
    "07.2",
    ((10, 100), "That is the mean age, 1/(1 − ρ), which a few very old gradients pull up"),
)
