"""Optimizers that do not say who they are: probes tell them apart, nothing else does."""

import copy
import json

import numpy as np
import pytest
from course_files import ROOT
from lab import bowl, descend, feed
from lab.dialects import (
    FAULTS,
    MYSTERIES,
    STRANGERS,
    FaultyAdam,
    mystery,
    mystery_name,
    stranger,
    stranger_name,
)

from optimizers import Adam

PAGE = ROOT / "notebooks" / "deeper" / "14_mystery_optimizers.ipynb"
KINDS = [(mystery, mystery_name, MYSTERIES), (stranger, stranger_name, STRANGERS)]
EACH = [(make, k) for make, _, hidden in KINDS for k in range(1, len(hidden) + 1)]


@pytest.mark.parametrize("make, name_of, hidden", KINDS)
def test_each_number_is_another_one_in_no_order_that_a_page_shows(make, name_of, hidden):
    names = [name_of(k) for k in range(1, len(hidden) + 1)]
    assert sorted(names) == sorted(hidden) and names != list(hidden)
    for k, name in enumerate(names, 1):
        g = np.random.default_rng(k).normal(size=30)
        assert (feed(copy.deepcopy(make(k, lr=0.3)), g) == feed(hidden[name](lr=0.3), g)).all()


@pytest.mark.parametrize("make, k", EACH)
def test_it_can_be_run_like_any_other_and_tells_nothing(make, k):
    opt = make(k, lr=0.1)
    run = descend(opt, bowl, 30)
    assert (run.label, opt.rule) == (f"{make.__name__}({k})", make.__name__)
    assert np.isfinite(run.path).all() and run.f[-1] < run.f[0]
    assert not hasattr(opt, "__dict__")
    assert [name for name in dir(opt) if not name.startswith("_")] == ["reset", "rule", "update"]


@pytest.mark.parametrize("call", [mystery, mystery_name, stranger, stranger_name])
@pytest.mark.parametrize("k", [0, 10, 1.5, True, "1", None])
def test_other_numbers_are_refused(call, k):
    with pytest.raises((TypeError, ValueError), match=r"'s number must be (a whole|from 1 to)"):
        call(k)


PROBES = ([1.0, 1.0], [1e-4], [1.0, 0.0])  # two equal steps, a small gradient, a push and nothing


def answers(opt):
    """What an optimizer does under each probe, in units of lr, to three digits."""
    found = []
    for gradients in PROBES:
        opt.reset()
        found += np.round(feed(opt, gradients) / 0.001, 3).tolist()
    return tuple(found)


def test_exactly_one_mystery_is_adam_and_probes_tell_all_six_apart():
    told = {mystery_name(k): answers(mystery(k)) for k in range(1, 7)}
    assert len(set(told.values())) == 6
    right = [name for name, answer in told.items() if answer == answers(Adam())]
    assert right == ["all right"]
    assert told["momentum off"] == answers(Adam(beta1=0.0))
    assert told["eps inside the root"] == answers(FaultyAdam(eps_place="inside"))


def test_probes_tell_all_strangers_apart():
    probes = [5, 1, 0], [3e-6], [1] * 10
    seen = []
    for k in range(1, 10):
        steps = [feed(stranger(k), np.array(g, dtype=float)) for g in probes]
        seen.append(np.concatenate(steps))
    for i, a in enumerate(seen):
        for b in seen[:i]:
            assert max(abs(a - b) / (abs(a) + abs(b) + 1e-300)) > 0.05


def test_every_published_mistake_is_on_the_page():
    """By name, or as a stranger: none in the lab's list is left out."""
    source = "\n".join(
        "".join(cell["source"])
        for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    )
    assert [name for name in FAULTS if f'"{name}"' not in source] == []
