"""What to do about an error that stops a reader's step: what trial.py says fits any answer."""

import re

SAID = {  # what Python or the base class says, and the remedy
    r"got NoneType": "step returned nothing: its last line has to begin with `return`",
    r"got (?:int|float)\d* ": "step is to return one number for each of g: is g in it?",
    r"(?:name|variable|has no) '(?:x|w|params|theta)'": "step is not told where the point is: "
    "return the change Δx alone, which is then added",
    r"has no '([gvhmdw])'": "what step is handed, such as g, stands there without self.",
}


def remedy(said):
    """Return the remedy for an error that was told in these words, None if it is not known."""
    for pattern, words in SAID.items():
        found = re.search(pattern, said)
        if found:
            return words.format(*found.groups())
    return None
