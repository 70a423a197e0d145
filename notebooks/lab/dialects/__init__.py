"""Other people's optimizers: three interfaces, libraries, faults, and ways to examine them."""

from .interfaces import *  # noqa: F403
