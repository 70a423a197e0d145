"""Other people's optimizers: the interfaces, the spellings against the libraries, the examiner."""

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from helpers import RULES
from lab import bowl, descend, feed
from lab import dialects as d
from lab.claims import row
from lab.dialects import FAULTS, LIBRARIES, PRINTED, RIGHT, as_array, as_function, examine, plug
from lab.pictures import styles

from optimizers import (
    SGD,
    AdaBelief,
    AdaGrad,
    Adam,
    AdamW,
    Lion,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    RMSProp,
)

pytestmark = pytest.mark.filterwarnings("error")

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)

# ---------------------------------------------------------------- three interfaces


def by_dictionary(opt, gradients):
    params = {"w": np.array([1.0, -2.0, 0.5])}
    for g in gradients:
        opt.update(params, {"w": g})
    return params["w"]


GRADIENTS = np.random.default_rng(5).normal(size=(25, 3))


@each_rule
def test_three_interfaces_make_the_same_steps_bit_for_bit(rule):
    wanted = by_dictionary(rule(lr=0.03), GRADIENTS)
    opt, function, config = as_array(rule(lr=0.03)), as_function(rule), {"learning_rate": 0.03}
    w = z = np.array([1.0, -2.0, 0.5])
    for g in GRADIENTS:
        w, config = function(w, g, config)
        z = opt.update(z, g)
    assert (w == wanted).all() and (z == wanted).all()
    assert config["t"] == 25 and set(config) >= {"learning_rate", "t"}


@each_rule
def test_the_function_is_pure_and_its_config_survives_a_pickle(rule):
    function, w, g, config = as_function(rule), np.ones(3), np.array([1.0, -2.0, 0.0]), None
    for _ in range(4):
        before = w.copy(), g.copy(), pickle.dumps(config)
        new, following = function(w, g, config)
        again, _ = function(w, g, pickle.loads(before[2]))
        assert (w == before[0]).all() and (g == before[1]).all()
        assert pickle.dumps(config) == before[2]
        assert (new == again).all() and not np.shares_memory(new, w)
        for value in following.values():
            assert not isinstance(value, np.ndarray) or not np.shares_memory(value, g)
        w, config = new, following


def test_the_function_has_the_usual_names_and_defaults():
    _, config = as_function(Momentum)(np.ones(2), np.ones(2))
    assert config.keys() == {"learning_rate", "momentum", "velocity", "t"}
    assert (config["learning_rate"], config["momentum"], config["t"]) == (0.01, 0.9, 1)
    _, config = as_function(RMSProp, rho=0.99)(np.ones(2), np.ones(2), {"epsilon": 1e-3})
    assert (config["decay_rate"], config["epsilon"]) == (0.99, 1e-3)
    assert np.allclose(config["cache"], 0.01)
    w, config = as_function(Adam)(3.0, 1.0)  # a plain number
    assert abs(w - 2.999) < 1e-9 and isinstance(w, float)


def test_wrong_configs_are_refused():
    with pytest.raises(KeyError, match="learning_rte"):
        as_function(SGD)(np.ones(2), np.ones(2), {"learning_rte": 0.1})
    with pytest.raises(TypeError, match="float"):
        as_function(SGD)(np.array([1, 2]), np.ones(2))
    with pytest.raises(ValueError, match="at least 0"):
        as_function(Momentum)(np.ones(2), np.ones(2), {"momentum": 1.5})


def test_the_array_class_leaves_its_optimizer_and_the_arrays_alone():
    inner = Momentum(lr=0.1)
    opt, w = as_array(inner), np.ones(2)
    new = opt.update(w, np.ones(2))
    assert (w == 1).all() and not np.shares_memory(new, w) and inner.t == 0
    assert repr(opt) == "as_array(Momentum(lr=0.1))"
    opt.reset()
    assert (opt.update(w, np.ones(2)) == new).all()


# ---------------------------------------------------------------- the spellings

# What PyTorch 2.13.0, Keras 3.15.1 and optax 0.2.8 themselves did, in float64.
DATA = json.loads(Path(__file__).with_name("data").joinpath("libraries.json").read_text("utf-8"))
SPELLINGS = {
    ("PyTorch", "Momentum"): d.TorchMomentum(lr=0.05),
    ("PyTorch", "Dampened"): d.TorchMomentum(lr=0.05, dampening=0.9),
    ("PyTorch", "Nesterov"): d.TorchNesterov(lr=0.05),
    ("PyTorch", "AdaGrad"): d.TorchAdaGrad(),
    ("PyTorch", "AdaGradDecay"): d.TorchAdaGrad(lr_decay=0.1),
    ("PyTorch", "RMSProp"): d.TorchRMSProp(),
    ("PyTorch", "RMSPropMomentum"): d.TorchRMSProp(momentum=0.9),
    ("PyTorch", "Adadelta"): d.TorchAdadelta(),
    ("PyTorch", "Adam"): Adam(),
    ("PyTorch", "AMSGrad"): d.TorchAMSGrad(),
    ("PyTorch", "Adamax"): d.TorchAdamax(),
    ("PyTorch", "NAdam"): d.TorchNAdam(),
    ("PyTorch", "AdamW"): AdamW(),
    ("PyTorch", "AdamL2"): d.TorchAdamL2(),
    ("Keras", "Momentum"): Momentum(lr=0.05),
    ("Keras", "Nesterov"): Nesterov(lr=0.05),
    ("Keras", "AdaGrad"): d.KerasAdaGrad(),
    ("Keras", "RMSProp"): d.KerasRMSProp(),
    ("Keras", "RMSPropMomentum"): d.KerasRMSProp(momentum=0.9),
    ("Keras", "Adadelta"): d.KerasAdadelta(),
    ("Keras", "Adam"): d.KerasAdam(),
    ("Keras", "AMSGrad"): d.KerasAMSGrad(),
    ("Keras", "Adamax"): d.KerasAdamax(),
    ("Keras", "NAdam"): d.KerasNAdam(),
    ("Keras", "AdamW"): d.KerasAdamW(),
    ("Keras", "Lion"): d.KerasLion(),
    ("Keras", "LionDecay"): d.KerasLion(weight_decay=0.1),
    ("optax", "Momentum"): d.TorchMomentum(lr=0.05),
    ("optax", "Nesterov"): d.TorchNesterov(lr=0.05),
    ("optax", "AdaGrad"): d.OptaxAdaGrad(lr=0.01),
    ("optax", "AdaGrad0"): d.OptaxAdaGrad(lr=0.01, start=0.0),
    ("optax", "RMSProp"): d.OptaxRMSProp(lr=0.01),
    ("optax", "RMSPropOut"): RMSProp(lr=0.01),
    ("optax", "RMSPropMomentum"): d.OptaxRMSProp(lr=0.01, momentum=0.9),
    ("optax", "Adadelta"): d.TorchAdadelta(),
    ("optax", "Adam"): d.OptaxAdam(lr=0.001),
    ("optax", "AdamRoot"): d.OptaxAdam(lr=0.001, eps_root=1e-6),
    ("optax", "AMSGrad"): d.OptaxAMSGrad(lr=0.001),
    ("optax", "Adamax"): d.TorchAdamax(lr=0.002),
    ("optax", "NAdam"): NAdam(lr=0.002),
    ("optax", "AdamW"): d.OptaxAdamW(lr=0.001),
    ("optax", "Lion"): d.OptaxLion(lr=0.0001),
    ("optax", "RAdam"): d.OptaxRAdam(lr=0.001),
    ("optax", "AdaBelief"): AdaBelief(lr=0.001),
}


@pytest.mark.parametrize("library, name", SPELLINGS)
def test_a_spelling_against_the_library_itself(library, name):
    gradients = np.random.default_rng(7).normal(size=(40, 4)) * np.array([1, 1e-2, 1e-4, 1e2])
    gradients[[5, 17]] = 0
    opt = copy.deepcopy(SPELLINGS[library, name])
    params = {"x": np.array([1.0, -2.0, 0.5, 3.0])}
    for t, g in enumerate(gradients, 1):
        opt.update(params, {"x": g})
        if str(t) in DATA[library][name]:
            wanted = np.array(DATA[library][name][str(t)])
            # PyTorch keeps NAdam's product in float32
            assert np.allclose(
                params["x"], wanted, rtol=0, atol=1e-10 if name == "NAdam" else 1e-13
            )


def test_every_recorded_run_is_compared():
    assert {(lib, name) for lib, runs in DATA.items() for name in runs} == set(SPELLINGS)
    tested = {type(opt) for opt in SPELLINGS.values()}
    theirs = {cls for row in LIBRARIES.values() for name, cls in row.items() if name != "ours"}
    assert theirs <= tested


def test_the_famous_figure():
    """To the last bit; Adam's points are those of its second form."""
    figure = d.published()["famous figure"]
    for rule in (SGD(lr=0.95), Momentum(lr=0.1), AdaGrad(lr=1.5)):
        points = figure[type(rule).__name__]
        assert points.shape == (31, 2)
        assert (descend(rule, bowl, steps=30).path == points).all()
    adam = descend(d.KerasAdam(lr=0.3), bowl, steps=30).path
    assert abs(adam - figure["Adam"]).max() < 1e-12


def test_the_second_form_is_adam_with_an_eps_for_each_step():
    """The figure divides by √v + ε̂. That is Adam with ε = ε̂ / √(1 − β₂ᵗ)."""
    opt, params = Adam(lr=0.3), dict(zip("xy", bowl.start))
    for t, point in enumerate(d.published()["famous figure"]["Adam"], start=1):
        assert list(params.values()) == pytest.approx(point, rel=0, abs=1e-13)
        opt.eps = 1e-7 / (1 - 0.999**t) ** 0.5
        opt.update(params, dict(zip("xy", bowl.gradient(*params.values()))))


@pytest.mark.parametrize(
    "name, rule",
    [
        ("sgd_momentum", as_function(Momentum)),
        ("rmsprop", as_function(RMSProp, rho=0.99)),
        ("adam", as_function(Adam)),
    ],
)
def test_a_worked_example_is_what_the_rule_does_memory_included(name, rule):
    w, dw, config, expected = d.worked_example(name)
    next_w, following = rule(w, dw, config)
    assert abs(next_w - expected).max() < 5.001e-9  # eight digits were printed
    printed = d.published()["checks"][name]["expected"]
    assert printed.keys() - {"next_w"} == {k for k in following if np.ndim(following[k])}
    for memory in printed.keys() - {"next_w"}:
        assert abs(following[memory] - printed[memory]).max() < 5.001e-9, memory
    assert following["t"] == config.get("t", 0) + 1


def test_a_mean_does_not_move_without_a_gradient():
    assert not feed(d.EMAMomentum(), [0.0]).any()


def test_ema_is_classical_momentum_at_another_rate():
    g = np.random.default_rng(2).normal(size=300)
    assert np.allclose(feed(d.EMAMomentum(lr=0.5), g), feed(Momentum(lr=0.05), g), rtol=1e-12)


def test_late_nesterov_against_its_transcription():
    x, v, opt, params = 2.0, 0.0, d.LateNesterov(lr=0.1), {"x": 2.0}
    for _ in range(20):
        g = 2 * x
        v = 0.9 * v - 0.1 * g
        x += 0.81 * v - 1.9 * 0.1 * g
        opt.update(params, {"x": 2 * params["x"]})
        assert np.isclose(params["x"], x, rtol=1e-12)


def test_clipping_takes_all_parameters_together_and_the_box_each_number():
    params = {"a": np.zeros(1), "b": np.zeros(1)}
    d.ClippedSGD(lr=1, limit=2).update(params, {"a": np.array([3.0]), "b": np.array([-4.0])})
    assert np.allclose([*params["a"], *params["b"]], [-1.2, 1.6])
    held = params["a"]
    d.ClampedSGD(lr=1, box=1).update(params, {"a": np.array([9.0]), "b": np.array([0.1])})
    assert held[0] == -1 and params["b"][0] == 1


# ---------------------------------------------------------------- printed pieces and probes


@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_piece_is_the_rule_that_it_is_said_to_be(name):
    piece, ours, it_is = PRINTED[name]
    assert d.distance(piece, it_is) < 1e-12
    assert (d.distance(piece, ours) < 1e-12) == (repr(ours) == repr(it_is))
    assert d.distance(piece, piece) == 0  # none remembers the run before


def test_probes():
    assert d.first_step(Adam, g=-3.0, lr=0.5) == pytest.approx(-0.5)
    assert d.first_step(SGD, g=2.0, lr=None) == pytest.approx(0.02)
    assert d.first_step(AdamW, g=0.0, x=2.0, weight_decay=0.1) == pytest.approx(0.2)
    assert d.last_step(Momentum, [1.0, 1.0, 1.0]) == pytest.approx(2.71)
    assert d.halved(Momentum) == pytest.approx(0.95) and d.halved(SGD) == 0.5
    assert d.distance(SGD(lr=0.2), SGD(lr=0.1)) == pytest.approx(1)


def test_a_row_is_red_where_a_number_was_not_predicted(capsys):
    makers = {"ours": SGD, "theirs": Momentum, "none": SGD}
    found = row("g = 3", makers, d.first_step, [3, 3, None], g=3.0)
    assert found == {"ours": 3, "theirs": 3}
    assert capsys.readouterr().out.split() == "g = 3 ours 3.0000 theirs 3.0000".split()
    for wrong in ([3.01, 3, None], [3, np.nan, None], [3, 3, 0]):
        with pytest.raises(AssertionError, match="g = 3"):
            row("g = 3", makers, d.first_step, wrong, g=3.0)
    with pytest.raises(ValueError, match="g = 3: predict a number, or None, for each of ours"):
        row("g = 3", makers, d.first_step, [3, 3], g=3.0)


@pytest.mark.parametrize("expected", [200.0, -0.02])  # far from 1, where ÷ and × are not alike
def test_a_row_allows_a_share_of_what_was_predicted(expected):
    makers = {"near": expected * 1.009, "far": expected * 1.011}
    row("near", makers, lambda found: found, [expected, None], within=0.01)
    with pytest.raises(AssertionError, match="far"):
        row("far", makers, lambda found: found, [None, expected], within=0.01)
    with pytest.raises(AssertionError):
        row("absolute at 0", {"it": 0.02}, lambda found: found, [0.0], within=0.01)


def test_what_libraries_make_of_a_rule_is_compared_by_name(capsys):
    decay = [0.5, 0, 0.004, 1e-4]
    knobs = {"ours": {"weight_decay": 0.5}, "PyTorch": {"weight_decay": 0.0}}
    name, found = d.side_by_side("AdamW", "decay", d.first_step, decay, g=0.0, x=1.0, knobs=knobs)
    assert name == "AdamW" and found["ours"] == 0.5
    assert capsys.readouterr().out.startswith("AdamW, decay  ")
    name, found = d.side_by_side("EMA momentum", "first", d.first_step, [1, 0.1])
    assert name == "EMA momentum" and found["faulty"] == pytest.approx(0.1)
    with pytest.raises(ValueError, match="'Adamm' is no rule in LIBRARIES and no fault in FAULTS"):
        d.side_by_side("Adamm", "first", d.first_step, [1, 0.1])


def test_spellings_that_no_row_tells_from_ours():
    own = {f"{rule}, {k}" for rule, r in LIBRARIES.items() for k in r if r[k] is not r["ours"]}
    assert set(d.unseen([])) == own
    rows = [("Momentum", {"ours": 1.0, "PyTorch": 0.5, "optax": 1.0})]
    assert set(d.unseen(rows)) == own - {"Momentum, PyTorch"}


class NoReset:
    """A dictionary class as many are: it cannot begin anew."""

    def __init__(self):
        self.h = {}

    def update(self, params, grads):
        for key, g in grads.items():
            self.h[key] = self.h.get(key, 0) + g * g
            params[key] = params[key] - 0.1 * g / np.sqrt(self.h[key])


def test_anything_can_be_plugged_into_a_descent():
    runs = [descend(plug(opt), bowl, 5) for opt in (Momentum(), as_array(Momentum()), NoReset())]
    assert (runs[0].path == descend(Momentum(), bowl, 5).path).all()
    assert (runs[1].path == runs[0].path).all()
    opt = plug(NoReset())
    assert repr(opt) == "NoReset"
    again = [descend(opt, bowl, 5).path for _ in range(2)]
    assert (again[0] == again[1]).all()


def test_two_rules_without_a_look_of_their_own_are_told_apart():
    runs = [descend(rule(lr=0.1), bowl, 5) for rule in (d.TorchRMSProp, d.KerasRMSProp, Adam)]
    looks = [(style["color"], str(style["dashes"])) for style in styles(runs)]
    assert len(set(looks)) == 3


# ---------------------------------------------------------------- the examiner


@each_rule
def test_no_complaints_about_the_course(rule):
    report = examine(rule())
    assert report.complaints == [] and "no complaints" in repr(report)
    assert report.kind == "dictionary" and report.facts["in_place"]


@pytest.mark.parametrize(
    "make",
    # each once, in the same order for every worker
    dict.fromkeys(cls for spellings in LIBRARIES.values() for cls in spellings.values()),
)
def test_no_complaints_about_libraries(make):
    assert examine(make()).complaints == []


def test_the_three_interfaces_get_the_same_report():
    reports = [examine(opt) for opt in (Adam(), as_array(Adam()), as_function(Adam))]
    assert [report.kind for report in reports] == ["dictionary", "array", "function"]
    for report in reports[1:]:
        assert {**report.facts, "in_place": True} == reports[0].facts
        assert report.complaints == []
    assert examine(as_function(SGD), {"learning_rate": 0.5}).facts["first"] == 1


FACTS = {  # what the formulas say
    SGD: {"first": 1, "last": 1, "scale": "proportional to the gradient", "goes_on": 0},
    Momentum: {"first": 1, "last": 10, "goes_on": 0.9},
    Nesterov: {"first": 1.9, "last": 10, "goes_on": 0.81 / 1.9},
    d.EMAMomentum: {"first": 0.1, "last": 1, "goes_on": 0.9},
    d.LateNesterov: {"first": 2.71, "last": 10},
    AdaGrad: {"first": 1, "last": 2000**-0.5, "eps_place": "outside", "eps": 1e-7},
    RMSProp: {"first": 0.1**-0.5, "eps_place": "outside", "eps": 1e-8 / 0.1**0.5, "eps_late": 1e-8},
    d.KerasRMSProp: {"eps_place": "inside", "eps": 1e-6, "eps_late": 1e-7},
    Adam: {"first": 1, "last": 1, "eps_place": "outside", "eps": 1e-8, "eps_late": 1e-8},
    d.KerasAdam: {
        "eps_place": "outside",
        "eps": 1e-7 / 0.001**0.5,
        "eps_late": 1e-7 / (1 - 0.999**2000) ** 0.5,
    },
    d.KerasAdaGrad: {"first": 1.1**-0.5, "eps_place": "inside", "eps": 0.1},
    d.ClippedSGD: {"eps_place": "clipped", "eps": 1},
    Lion: {"eps_place": None},
    AdamW: {"pull": -0.001 * 0.01},
    d.TorchAdamL2: {"pull": -0.001},
}


@pytest.mark.parametrize("make", FACTS, ids=lambda make: make.__name__)
def test_facts(make):
    facts = examine(make()).facts
    for name, wanted in FACTS[make].items():
        if isinstance(wanted, (int, float)):
            assert np.isclose(facts[name], wanted, rtol=1e-2 if "eps" in name else 1e-5), name
        else:
            assert facts[name] == wanted


def test_decay_is_coupled_or_not():
    assert "in proportion to x" in examine(AdamW()).lines["at rest"]
    assert "at any x alike" in examine(d.TorchAdamL2()).lines["at rest"]


COMPLAINTS = {  # of the published faults; the others can only be seen in the facts
    "Adam, eps added to x": ["differ in length", "where the gradient is 0"],
    "SGD, clipped": ["which others there are"],
    "RMSProp, no gradient": ["uphill", "where the gradient is 0"],
    "params[k] = params[k] - step": ["never learns"],
    "w -= step; return w": ["changes the caller's array"],
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name):
    report = examine(FAULTS[name](lr=0.1))
    wanted = COMPLAINTS.get(name, [])
    assert len(report.complaints) == len(wanted), report
    for words, complaint in zip(wanted, report.complaints):
        assert words in complaint
    right = examine(RIGHT[name](lr=0.1))
    assert right.complaints == []
    assert report.facts != right.facts or report.kind != right.kind or wanted


class Plain:
    """A dictionary class in a few lines, to be spoiled below."""

    def __init__(self):
        self.lr, self.m = 0.1, {}

    def update(self, params, grads):
        for key, g in grads.items():
            self.m[key] = self.remember(self.m.get(key), g)
            params[key] -= self.lr * self.m[key]

    def remember(self, m, g):
        return 0.1 * g if m is None else 0.9 * m + 0.1 * g


class Writes(Plain):
    def remember(self, m, g):
        g *= 0.5
        return g.copy()


class Keeps(Plain):
    """The memory of the first step is the caller's gradient itself."""

    def remember(self, m, g):
        return g if m is None else 0.9 * m + 0.1 * g


class KeepsAndWrites(Plain):
    def remember(self, m, g):
        if m is None:
            return g
        m *= 0.9
        m += 0.1 * g
        return m


class Shared(Plain):
    everybodys = {}

    def __init__(self):
        super().__init__()
        self.m = self.everybodys

    def __deepcopy__(self, memo):
        return type(self)()


class ByPlace(Plain):
    """Keeps its memory in a list, in the order in which the keys happen to come."""

    def update(self, params, grads):
        for place, (key, g) in enumerate(grads.items()):
            self.m[place] = self.remember(self.m.get(place), g)
            params[key] -= self.lr * self.m[place]


class CountsParameters(Plain):
    t = 0

    def update(self, params, grads):
        for key, g in grads.items():
            self.t += 1
            params[key] -= self.lr / self.t * g


class Integers(Plain):
    def update(self, params, grads):
        for key, g in grads.items():
            params[key] += (-self.lr * g).astype(params[key].dtype)


class Half(Plain):
    """Its copies forget."""

    def __deepcopy__(self, memo):
        return type(self)()


@pytest.mark.parametrize(
    "make, words",
    [
        (Plain, None),
        (Writes, "writes into"),
        (Keeps, "reads it later"),
        (KeepsAndWrites, "writes into"),
        (Shared, "memory of the first"),
        (ByPlace, "order of the keys"),
        (CountsParameters, "which others there are"),
        (Integers, "integer parameters"),
        (Half, "half-way"),
    ],
)
def test_faults_of_programs(make, words):
    complaints = examine(make()).complaints
    assert any(words in complaint for complaint in complaints) if words else complaints == []


def test_the_examined_optimizer_stays_as_it_was():
    opt = Adam(lr=0.1)
    opt.update({"x": 1.0}, {"x": 2.0})
    before = pickle.dumps(opt)
    examine(opt)
    assert pickle.dumps(opt) == before


class Typo:
    def update(self, params, grads):
        for key in params.key():
            params[key] -= grads[key]


class Uncopyable:
    """Holds what cannot be copied."""

    def __init__(self):
        self.steps = (n for n in range(9))

    def update(self, params, grads):
        next(self.steps)


NO_OPTIMIZER = [  # what is passed, what the sentence says
    (3, r"has an update\(params, grads\) or an update\(w, grad\), or is a function .*, got 3"),
    ("Adam", "got 'Adam'"),
    (object(), "got <object"),
    (set(), r"got set\(\)"),  # its update swallows all
    ({}, r"got \{\}"),
    (Adam, r"Adam is a class: pass an optimizer made from it, Adam\(lr=0.1\)"),
    (np.sin, "sin is no function that takes .w, dw, config. and returns the next w and a config"),
    (np.add, "add is no function that takes"),
    (np.frexp, "frexp is no function that takes .*no config came back"),
    (lambda w, dw: (w - dw, {}), "lambda> is no function that takes"),
    (lambda w, dw, config: (w - config["lr"] * dw, config), r"gets it by plug\(f, config\)"),
    (Typo(), "the update of Typo takes neither dictionaries .*'key'.* nor arrays"),
    (Uncopyable(), "the update of Uncopyable takes neither .*generator"),
]


@pytest.mark.parametrize("ask", [plug, examine, d.interface, lambda it: d.distance(it, SGD())])
@pytest.mark.parametrize("thing, words", NO_OPTIMIZER)
def test_what_is_no_optimizer_is_refused_in_a_sentence(ask, thing, words):
    with pytest.raises(TypeError, match=words):
        ask(thing)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: d.first_step(Adam()), TypeError, r"give it a class such as Adam, .*got Adam\(lr"),
        (lambda: d.halved(3), TypeError, "give it a class such as Adam, .*got 3"),
        (lambda: d.last_step(lambda lr: 3, [1]), TypeError, "give it a class such as Adam"),
        (lambda: as_function(Adam()), TypeError, r"the class of a rule.*got Adam\(lr=0.001\)"),
        (lambda: as_function(Adam, lrr=1), TypeError, "lrr"),
        (lambda: as_array(3), TypeError, "an optimizer .*got 3"),
        (lambda: as_array(Adam), TypeError, "Adam is a class"),
        (lambda: d.Rebinding(Adam), TypeError, "Adam is a class"),
        (lambda: plug(Adam(), {"lr": 1}), TypeError, "only a function gets a config"),
        (lambda: d.worked_example("Adam"), ValueError, "sgd_momentum, rmsprop, adam, got 'Adam'"),
    ],
)
def test_senseless_input_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_trying_an_interface_changes_nothing_not_even_what_a_class_holds():
    class Careless:
        m, t = {}, 0

        def update(self, params, grads):
            self.t += 1
            for key, g in grads.items():
                self.m[key] = g
                params[key] -= g

    opt = Careless()
    assert d.interface(opt) == "dictionary" and plug(opt).kind == "dictionary"
    assert Careless.m == {} and vars(opt) == {}
    held = plug(Momentum())
    assert held.optimizer.t == 0 and held.original.v == {}


def test_what_pictures_ask_of_an_adapter():
    """A legend, the name that a look is found by, copies, and a start from nothing."""
    for opt, rule, legend in (
        (plug(Momentum()), "Momentum", "Momentum(lr=0.01)"),
        (plug(as_function(Adam)), "adam", "adam"),
        (plug(as_array(Adam())), "Adam", "as_array(Adam(lr=0.001))"),
        (plug(NoReset()), "NoReset", "NoReset"),
        (d.Rebinding(SGD()), "SGD", "Rebinding(SGD(lr=0.01))"),
        (d.stranger(4), "stranger", "stranger(4)"),
        (d.mystery(2), "mystery", "mystery(2)"),
    ):
        assert (opt.rule, repr(opt)) == (rule, legend)
        first, again = (feed(copy.deepcopy(opt), [1.0, 2.0]) for _ in range(2))
        assert (first == again).all()


def test_nan_is_a_complaint():
    def unguarded(w, dw, config=None):
        h = (config or {}).get("h", 0) + dw * dw
        return w - 0.1 * dw / np.sqrt(h), {"h": h}

    report = examine(unguarded)
    assert report.kind == "function" and "NaN" in repr(report)
    assert np.isnan(report.facts["at_rest"]) and report.facts["eps_place"] is None
    assert report.lines["at rest"] == "a gradient of 0 makes NaN"
    assert report.complaints == ["a gradient of 0 makes NaN: nothing guards 0/0"]


def test_one_step_of_muon_is_one_array():
    assert np.isclose(abs(feed(Muon(lr=1), [1.0])[0]), 0.696, atol=1e-3)


def test_the_examiner_tells_where_the_learning_rate_is():
    """Inside the memory, as ours, a new rate changes only what is new; outside, all of the step."""
    ratios = {
        Momentum(lr=0.1): 0.95,
        d.TorchMomentum(lr=0.1): 0.5,
        as_array(Momentum(lr=0.1)): 0.95,
        as_function(Momentum): 0.95,
        SGD(lr=0.1): 0.5,
    }
    for opt, ratio in ratios.items():
        report = examine(opt)
        assert abs(report.facts["halved"] - ratio) < 1e-6
        assert report.lines["lr halved"] == f"the next step is {ratio:.3f} of the last"
    assert "halved" not in examine(d.stranger(1)).facts  # it shows no learning rate
