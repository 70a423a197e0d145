"""Online learning: sixty sensors, a weight for each, and a rule that learns while it pays.

    games = [sensors(seed, often=np.full(60, 0.1), meaning=1.0) for seed in range(10)]
    tuned, regret = contest(AdaGrad, games, rates=np.geomspace(0.05, 4, 16))

A round: readings a are seen, a guess wᵀa is made, the outcome y is told, and (wᵀa − y)²/2 is paid.
The regret is what was paid, less what the best fixed weights (least squares, in hindsight) would
have paid.
"""

import numpy as np

LOST = 1e6  # a guess that is further off counts as this far


def sensors(seed, often, meaning, rounds=1000):
    """Return one game: the readings, shape (rounds, sensors), and the outcomes, shape (rounds,).

    often: the share of rounds in which each sensor fires, with +1 or −1 (0 otherwise). meaning: how
    much a firing counts in the outcome, a number or one for each sensor; its sign is drawn. The
    outcomes have Gaussian noise of standard deviation 1.
    """
    rng = np.random.default_rng(seed)
    fires = rng.uniform(size=(rounds, len(often))) < often
    readings = fires * rng.choice([-1.0, 1.0], fires.shape)
    weights = meaning * rng.choice([-1.0, 1.0], len(often))
    return readings, readings @ weights + rng.normal(0, 1, rounds)


def play(rule, games, rates, fading=False):
    """Play every game with every rate, all at once, from weights 0.

    fading: whether the rate falls as 1/√t. Returns (regrets, largest distances from the best
    weights, the optimizer): shapes (rates, games), (rates, games, sensors).
    """
    best = np.array([np.linalg.lstsq(a, y, rcond=None)[0] for a, y in games])
    readings, outcomes = (np.stack(part, axis=1) for part in zip(*games))
    opt, rates = rule(), np.reshape(rates, (-1, 1, 1))
    params, regret, far = {"w": np.zeros((len(rates), *best.shape))}, 0.0, 0.0
    for t, (a, y) in enumerate(zip(readings, outcomes), start=1):
        far = np.maximum(far, abs(params["w"] - best))
        error = np.clip((a * params["w"]).sum(axis=-1) - y, -LOST, LOST)
        regret = regret + (error**2 - ((a * best).sum(axis=-1) - y) ** 2) / 2
        opt.lr = rates / np.sqrt(t) if fading else rates
        opt.update(params, {"w": error[..., None] * a})
    return regret, far, opt


def contest(rule, games, rates, fading=False):
    """Tune a rate on the first half of the games; return (it, the regrets of the other half).

    Raises ValueError if the best rate is at an end of the grid: then the grid is too narrow.
    """
    half = len(games) // 2
    k = np.median(play(rule, games[:half], rates, fading)[0], axis=1).argmin()
    if k in (0, len(rates) - 1):
        raise ValueError(f"the best rate, {rates[k]:g}, is an end of the grid: take a wider one")
    return rates[k], play(rule, games[half:], rates[k : k + 1], fading)[0][0]
