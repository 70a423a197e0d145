"""What to do about an error that stops a reader's rule, where Python's own words do not say it."""

import re

SAID = {  # what Python or the base class says, and the remedy
    r"got NoneType": "step returned nothing: its last line has to begin with `return`",
    r"got (?:int|float)\d* ": "step is to return one number for each of g: is g in it?",
    r"name '(lr|momentum|rho|eps|beta1|beta2|weight_decay)' is not": "what you choose belongs to "
    "the optimizer: self.{0}",
    r"(?:name|variable|has no) '(?:x|w|params|theta)'": "step is not told where the point is: "
    "return the change Δx alone, which is then added",
    r"has no '([gvhmdw])'|'(?:dict|float)' and '(?:dict|float)'": "what step is handed, such as g, "
    "stands there without self.",
    r"name 'sqrt'|converted to Python scalars": "g holds many numbers at once: "
    "np.sqrt takes them all, math.sqrt and float() take one",
    r"bitwise_xor": "a power is written **, as in g**2",
}


def remedy(said):
    """Return the remedy for an error that was told in these words, None if it is not known."""
    for pattern, words in SAID.items():
        found = re.search(pattern, said)
        if found:
            return words.format(*found.groups())
    return None
