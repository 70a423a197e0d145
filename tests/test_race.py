"""The fair race of chapter 12: equal budgets, other starts for the report, and nothing left out."""

import numpy as np
import pytest
from lab import beale, bowl, descend, plateau, saddle
from lab.dialects.probes import plug
from lab.live.progress import progress
from lab.races import FLOOR, RATES, heads, lower_median, needed, quantile, race, wins
from lab.schedules import constant, scheduled

from optimizers import SGD, AdaGrad, Adam, Momentum, Muon

FEW = [0.01, 0.1, 0.5, 2.0]


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_race_is_a_loop_over_rates_and_starts(noise):
    result = race([SGD(), Adam()], bowl, 12, rates=FEW, tune=5, report=7, noise=noise, seed=3)
    for entry in result:
        rule = type(entry.tuned)
        assert entry.trials.shape == (4, 5) and entry.f.shape == (13, 7)
        if not noise:
            for i, lr in enumerate(FEW):
                for j, start in enumerate(result.tune):
                    gap = descend(rule(lr=lr), bowl, 12, start).final
                    assert entry.trials[i, j] == max(gap, FLOOR)
        scores = [sorted(row)[2] for row in entry.trials]
        assert entry.tuned.lr == FEW[int(np.argmin(scores))]
        again = descend(entry.tuned, bowl, 12, result.report, noise, [3, 2])
        np.testing.assert_array_equal(entry.ends, np.maximum(again.f[-1], FLOOR))
        assert entry.median == sorted(entry.ends)[3]


def test_the_upper_quartile_forgives_fewer_crashes():
    box = (0.5, 2.0), (0.5, 2.0)
    mild, strict = (race([SGD()], beale, 60, tune=12, box=box, by=by)[0] for by in (0.5, 0.75))
    assert mild.tuned.lr > strict.tuned.lr
    for entry, place in ((mild, 5), (strict, 8)):
        assert entry.best == int(np.argmin([sorted(row)[place] for row in entry.trials]))


def test_wins_are_counted_and_coins_have_their_chances():
    result = race([SGD(), Adam()], bowl, 10, tune=3, report=20)
    won = [result["SGD"].ends[i] < result["Adam"].ends[i] for i in range(20)]
    assert wins(result, "SGD", "Adam") == sum(won)
    assert heads(5, 5) == 1 / 32 and heads(0, 7) == 1 and heads(8, 7) == 0
    assert heads(2, 3, p=0.25) == pytest.approx(3 * 0.75 / 16 + 1 / 64)
    assert [needed(n) for n in (5, 20, 21)] == [5, 15, 15] and needed(10, risk=1 / 1000) == 10
    for n in range(1, 40):
        assert heads(needed(n), n) <= 0.05 < heads(needed(n) - 1, n)


def test_all_get_the_same_budget_starts_and_noise():
    betas = np.array([0.3, 0.9])
    rules = SGD(), Momentum(momentum=betas), Momentum(momentum=0.0)
    result = race(rules, bowl, 10, rates=FEW, tune=3, report=5, noise=0.5)
    assert result.budget == 4 * 3 * 10
    assert all(entry.trials.shape == (4, 3) for entry in result)
    twins = [entry for entry in result if getattr(entry.tuned, "momentum", 0.0) == 0]
    np.testing.assert_array_equal(twins[0].trials, twins[1].trials)
    np.testing.assert_array_equal(twins[0].f, twins[1].f)


def test_more_knobs_thin_the_rates():
    rules = [Adam(beta1=np.array([0.5, 0.9]), beta2=np.array([0.9, 0.99, 0.999]))]
    entry = race(rules, bowl, 5, tune=2, report=2)[0]
    assert len(entry.trials) == RATES.size and len(np.unique(entry.lr)) == RATES.size // 6
    assert np.ndim(entry.tuned.beta1) == np.ndim(entry.tuned.beta2) == np.ndim(entry.tuned.lr) == 0


def test_nobody_is_tuned_on_what_is_reported():
    result = race([SGD()], bowl, 5, tune=20, report=30)
    assert len(result.tune) == 20 and len(result.report) == 30
    assert not set(map(tuple, result.tune)) & set(map(tuple, result.report))
    inside = race([SGD()], bowl, 5, tune=9, report=9, box=((1, 2), (-1, 0)))
    points = np.concatenate([inside.tune, inside.report])
    assert (points >= [1, -1]).all() and (points <= [2, 0]).all()


def test_the_table_says_if_the_report_is_not_new():
    start = [bowl.start]
    assert "Reported: 1 start, 1 of them used in tuning." in repr(
        race([SGD()], bowl, 3, rates=FEW, tune=start, report=start)
    )


def test_divergence_is_counted_and_never_left_out():
    box = ((0.5, 2.0), (0.5, 2.0))
    result = race([SGD(), Adam()], beale, 60, rates=[0.05], tune=5, report=101, box=box)
    entry = result["SGD"]
    lost = descend(SGD(lr=0.05), beale, 60, result.report).diverged >= 0
    assert entry.diverged == np.count_nonzero(lost) > 20
    assert np.isinf(entry.ends[lost]).all() and np.isfinite(entry.ends[~lost]).all()
    assert f"{entry.diverged}" in repr(result)
    hopeless = race([SGD()], bowl, 60, rates=[50.0], tune=2, report=2)[0]
    assert np.isinf(hopeless.median) and hopeless.area == -np.inf and hopeless.robust_share == 0


def test_a_rule_that_works_on_whole_arrays_runs_alone():
    entry = race([Muon()], bowl, 6, rates=[0.1, 1.0], tune=2, report=3)[0]
    assert entry.trials.shape == (2, 2) and entry.f.shape == (7, 3)
    result = race([Muon(), SGD()], bowl, 6, rates=[0.1, 1.0], tune=2, report=3)
    wanted = [descend(result["Muon"].tuned, bowl, 6, start).final for start in result.report]
    np.testing.assert_array_equal(result["Muon"].ends, wanted)


def test_the_order_the_table_and_the_edge():
    result = race([Adam(), SGD(), AdaGrad()], bowl, 30)
    medians = [entry.median for entry in result]
    assert medians == sorted(medians) and result[0].rule == "AdaGrad"
    table = repr(result)
    assert "36 trials x 11 starts = 11,880 gradients each" in table
    assert "Reported: 101 starts, none of them used in tuning" in table
    assert "(edge)" not in table
    assert "(edge)" in repr(race([SGD()], bowl, 30, rates=[0.01, 0.02, 0.03]))
    assert result["SGD"].robust_share == pytest.approx(2 / 36)
    assert result["AdaGrad"].area > result["SGD"].area > 0
    assert repr(race([Adam(), SGD(), AdaGrad()], bowl, 30)) == table, "the same each time"


def test_a_loop_with_a_bar_sees_every_item_once(capsys):
    assert list(progress(iter("abc"), "letters")) == ["a", "b", "c"]
    assert capsys.readouterr().out == "A progress bar: letters, 3 in all.\n"


def test_the_optimizers_stay_as_they_were():
    rule = Momentum(lr=0.3, momentum=np.array([0.1, 0.2]))
    race([rule], bowl, 3, rates=FEW, tune=1, report=1)
    assert rule.lr == 0.3 and rule.momentum.tolist() == [0.1, 0.2] and rule.t == 0


def test_heights_are_above_the_least_known_value():
    run = descend(SGD(lr=0.1), saddle, 200)
    assert run.gap[-1] < 1e-12 and run.gap[0] > 5
    assert descend(SGD(lr=0.1), plateau, 3).gap[0] == plateau(*plateau.start)


def test_parts_are_members_of_the_list():
    values = np.array([[4.0, np.inf, 1.0, 3.0, 2.0]])
    assert (
        lower_median(values) == [3.0]
        and quantile(values, 0.25) == [2.0]
        and quantile(values, 1.0) == [np.inf]
    )
    assert lower_median([1.0, 2.0]) == 1.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: race([], bowl), "no rule to race"),
        (lambda: race([SGD], bowl), "SGD is a class"),
        (lambda: race([3], bowl), "an optimizer such as"),
        (lambda: race([SGD()], "nowhere"), "no landscape 'nowhere'"),
        (lambda: race([SGD()], bowl, rates=[]), "rates must be a row"),
        (lambda: race([SGD()], bowl, rates=0.1), "rates must be a row"),
        (lambda: race([SGD()], bowl, by=75), "by is a quantile"),
        (lambda: race([SGD()], bowl, by="median"), "by must be a number"),
        (lambda: race([SGD()], bowl, rates=["0.1"]), "rates must be a number"),
        (lambda: race([SGD()], bowl, rates=[0.1, -1]), "rates must be at least 0"),
        (lambda: race([SGD()], bowl, rates=[0.1, np.nan]), "rates must be at least 0 and finite"),
        (lambda: race(SGD(), bowl), "race takes a list of rules"),
        (lambda: race([scheduled(SGD(), constant(1))], bowl), "no lr that can be tuned"),
        (lambda: race([plug(SGD())], bowl), "no lr that can be tuned"),
        (lambda: race([SGD()], bowl, tune=0), "tune must be at least 1"),
        (lambda: race([SGD()], bowl, tune=2.5), "tune must be a whole number"),
        (lambda: race([SGD()], bowl, report=True), "report must be a whole number"),
        (lambda: race([SGD()], bowl, box=((0, 0), (1, 1))), "box must be"),
        (lambda: race([SGD()], bowl, box=((1, -1), (0, 1))), "box must be"),
        (lambda: race([SGD()], bowl, box=(0, 1)), "box must be"),
        (lambda: race([SGD()], bowl, report=[1.0, 2.0]), "report must be a number of starts"),
        (lambda: race([Momentum(momentum=np.full(5, 0.5))], bowl), "36 trials cannot be shared"),
    ],
)
def test_what_cannot_be_raced_gets_one_clear_line(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_an_unknown_rule_is_named():
    with pytest.raises(KeyError, match="no 'Lion' in this race: SGD"):
        race([SGD()], bowl, 2, rates=FEW)["Lion"]
