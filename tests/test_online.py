"""The game of the sensors, against a slow loop over plain numbers."""

import numpy as np
import pytest
from lab.online import contest, play, sensors

from optimizers import SGD, AdaGrad

OFTEN = np.array([0.5, 0.5, 0.1, 0.1, 0.1])


def test_a_game_is_what_it_says():
    readings, outcomes = sensors(3, OFTEN, meaning=np.arange(1.0, 6.0), rounds=20_000)
    assert set(np.unique(readings)) == {-1.0, 0.0, 1.0}
    assert np.allclose((readings != 0).mean(axis=0), OFTEN, atol=0.01)
    weights, squares, *_ = np.linalg.lstsq(readings, outcomes, rcond=None)
    assert np.allclose(abs(weights), np.arange(1, 6), atol=0.1)
    assert squares[0] / 20_000 == pytest.approx(1, abs=0.05)  # the noise


@pytest.mark.parametrize("fading", [False, True])
def test_play_is_a_plain_loop(fading):
    games = [sensors(seed, OFTEN, 1.0, rounds=60) for seed in range(3)]
    regret, far, opt = play(AdaGrad, games, [0.3, 1.0], fading)
    assert opt.t == 60
    for i, lr in enumerate([0.3, 1.0]):
        for j, (readings, outcomes) in enumerate(games):
            best = np.linalg.lstsq(readings, outcomes, rcond=None)[0]
            w, h, paid, distance = np.zeros(5), np.zeros(5), 0.0, np.zeros(5)
            for t, (a, y) in enumerate(zip(readings, outcomes), start=1):
                distance = np.maximum(distance, abs(w - best))
                error = a @ w - y
                paid += error**2 / 2 - (a @ best - y) ** 2 / 2
                h += (error * a) ** 2
                w -= lr / (np.sqrt(t) if fading else 1) * error * a / (np.sqrt(h) + 1e-7)
            assert regret[i, j] == pytest.approx(paid, rel=1e-9)
            assert np.allclose(far[i, j], distance)


def test_a_contest_tunes_on_other_games_than_it_scores():
    games = [sensors(seed, OFTEN, 1.0, rounds=200) for seed in range(6)]
    rates = np.geomspace(0.001, 1, 13)
    tuned, regret = contest(SGD, games, rates)
    scores = np.median(play(SGD, games[:3], rates)[0], axis=1)
    assert tuned == rates[scores.argmin()] and regret.shape == (3,)
    assert np.allclose(regret, play(SGD, games[3:], [tuned])[0][0])
    with pytest.raises(ValueError, match="take a wider one"):
        contest(SGD, games, rates[:3])
