"""What several tests say: which rules there are, and how a refusal must sound."""

import io

import pytest
from PIL import Image

import optimizers

RULES = [getattr(optimizers, name) for name in optimizers.__all__ if name != "Optimizer"]
ELEMENTWISE = [rule for rule in RULES if rule.elementwise]  # those that can make many runs at once


def complains(call, error, words):
    """The call raises this error, in one line that holds all the words (a text, or a list)."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert type(caught.value) is error, f"{type(caught.value).__name__}, not {error.__name__}"
    assert "\n" not in message and len(message) < 400, f"not one clear line: {message}"
    for word in words.split() if isinstance(words, str) else words:
        assert word in message, f"{word!r} is not in: {message}"


def opened(picture):
    """The image of a Picture."""
    return Image.open(io.BytesIO(picture.png))
