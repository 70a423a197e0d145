"""Lesson 00: the verbs run as its table has them, and what its folded answers say is so."""

import re

import lab
import matplotlib
import nbformat
import numpy as np
import pytest
from course_files import NOTEBOOKS
from lab import bowl, descend

import optimizers
from optimizers import SGD, AdaGrad, Adam

matplotlib.use("agg")
TEXT = "\n".join(
    cell.source
    for cell in nbformat.read(NOTEBOOKS[0], as_version=4).cells
    if cell.cell_type == "markdown"
)
ROWS = re.findall(r"^\| (`.*`) \| .* \|$", TEXT.partition("| verb |")[2].partition("\n\n")[0], re.M)
PROMISED = "descend stage trail animate chart feed iterate claim guess build check".split()


def test_each_verb_runs_as_it_stands():
    names = {"np": np} | {name: getattr(lab, name) for name in lab.__all__}
    names |= {name: getattr(optimizers, name) for name in optimizers.__all__}
    for row in ROWS:
        for source in re.findall(r"`(.*?)`", row):
            exec(source, names)
    every = " ".join(ROWS)
    for verb in PROMISED:
        assert f"{verb}(" in every
    for part in "path f end final gap diverged".split():
        assert f"`run.{part}`" in every


SLIDER = np.arange(1, 101) / 50  # the positions of lr, without 0


def test_sgd_is_worse_than_adam_in_two_ways():
    worse = descend(SGD(lr=SLIDER), bowl, 30).final > descend(Adam(lr=0.3), bowl, 30).final
    assert (worse == ((SLIDER <= 0.5) | (SLIDER >= 0.98))).all()


def test_adagrad_at_2():
    assert descend(AdaGrad(lr=1.5), bowl, 30).final > 100 * descend(AdaGrad(lr=2), bowl, 30).final


def test_adam_wins_at_one_position_only():
    best = descend(AdaGrad(lr=1.5), bowl, 30).final
    assert SLIDER[descend(Adam(lr=SLIDER), bowl, 30).final < best].tolist() == [0.74]
    f = descend(Adam(lr=0.74), bowl, 31).f
    assert f[31] / f[30] == pytest.approx(34, abs=0.5) and "34 times higher" in TEXT
