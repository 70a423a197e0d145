"""The bench equipment of the course: what the chapters use to run optimizers and to see them.

Each name is fetched from its module when it is first asked for, so that a descent needs nothing but
NumPy: Matplotlib, Pillow and the widgets are loaded by the verbs that draw.
"""

import sys
from importlib import import_module
from pathlib import Path

if sys.platform == "emscripten":  # in a browser what Python lacks there lies beside us
    sys.path.append(str(Path(__file__).with_name("browser.zip")))

_HOMES = {
    "landscapes": (
        "LANDSCAPES Landscape beale booth bowl gentle_bowl gorge himmelblau landscape long_valley "
        "matyas moved plateau quadratic rastrigin rosenbrock rotated_bowl saddle scaled "
        "smallest_network turned two_wells"
    ),
    "own_landscape": "landscape_of",
    "associations": "learn",
    "values": "bfloat16",
    "descent": "Run descend feed iterate newton remember",
    "theory": "best_heavy_ball best_nesterov heavy_ball_rate nesterov_rate",
    "claims": "at_least at_most claim same_steps",
    "exercises.check": "check",
    "exercises.build": "build",
    "exercises.guess": "compare guess guesses",
    "pictures": (
        "Picture arrows band bars chart charts contour dots heat_map level_line line lines "
        "loss_curve note phase_portrait picture trail"
    ),
    "animation": "animate film grow",
    "projection": "projector",
    "live.cloud": "cloud",
    "live.plane": "plane",
    "live.playground": "playground",
    "live.roots": "roots",
    "live.stage": "stage",
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names.split()}
__all__ = sorted(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"the lab has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return [*globals(), *__all__]
