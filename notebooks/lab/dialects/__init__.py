"""Other people's optimizers: how they are written, what is wrong with some, how to tell.

from lab import dialects as d

d.plug(rule)                                   # any interface, for `descend` and `feed`
descend(d.TorchRMSProp(lr=0.1), bowl)          # a library's rule, in our interface
d.LIBRARIES["RMSProp"]["Keras"]                # all of them by rule and library
d.FAULTS["Nesterov, v updated first"](lr=0.1)  # published mistakes by name
d.PRINTED["book Adam"]                         # what the texts print, and which rule it is
d.side_by_side("Momentum", "lr halved", d.halved, [0.95, 0.5, 0.95, 0.5])  # a row of a table
d.examine(opt)                                 # a report in words
d.stranger(3), d.mystery(3)                    # optimizers that do not say who they are
"""

# ruff: noqa: F401
from .examiner import MANY, Report, examine
from .faults import (
    CHOICES,
    FAULTS,
    RIGHT,
    ClampedSGD,
    ClippedSGD,
    EMAMomentum,
    FaultyAdam,
    GradientlessRMSProp,
    LateNesterov,
    Overwriting,
    Rebinding,
    step_ratio,
)
from .interfaces import Runner, as_array, as_function, interface, plug
from .libraries import (
    LIBRARIES,
    KerasAdadelta,
    KerasAdaGrad,
    KerasAdam,
    KerasAdamax,
    KerasAdamW,
    KerasAMSGrad,
    KerasLion,
    KerasNAdam,
    KerasRMSProp,
    OptaxAdaGrad,
    OptaxAdam,
    OptaxAdamW,
    OptaxAMSGrad,
    OptaxLion,
    OptaxRAdam,
    OptaxRMSProp,
    TorchAdadelta,
    TorchAdaGrad,
    TorchAdamax,
    TorchAdamL2,
    TorchAMSGrad,
    TorchMomentum,
    TorchNAdam,
    TorchNesterov,
    TorchRMSProp,
)
from .mysteries import MYSTERIES, STRANGERS, mystery, mystery_name, stranger, stranger_name
from .printed import PRINTED, published, worked_example
from .probes import distance, first_step, halved, last_step, side_by_side, unseen
