"""The forms in which an answer may come: numbers of any kind, several of them, names.

number("1/3"), number(Fraction(1, 3)), number(np.array([1 / 3])), number("33,3 %")
numbers((0.5, "-0.5"), 2)
names("AdaBelief, RAdam", 2, KNOWN)
"""

import re
from itertools import islice
from numbers import Real

import numpy as np

from ..values import short
from .verdict import Unfit

MANY = 1000  # parts of an answer that are looked at


def number(answer):
    """Return an answer as a float. Raises Unfit for what is no number, in one sentence."""
    return readings(answer)[0]


def readings(answer):
    """Return the numbers that an answer may mean: one, or two where it is a text such as "1,024".

    Raises Unfit.
    """
    answer = _unboxed(answer)
    if isinstance(answer, str):
        return _read(answer)
    if isinstance(answer, (list, tuple, set, frozenset, np.ndarray)):
        comma = isinstance(answer, tuple) and len(answer) == 2
        why = ": Python's decimals have a point, and a comma makes a pair" if comma else ""
        raise Unfit(f"one number is wanted, and you give {len(answer)}{why}")
    if answer is None or isinstance(answer, (bool, np.bool_, dict)) or callable(answer):
        raise Unfit(f"a number is wanted, and yours is {shown(answer)}")
    try:
        if isinstance(answer, (complex, np.complexfloating)) and answer.imag == 0:
            answer = answer.real
        found = float(answer)
    except OverflowError:
        raise Unfit("yours is too large for a floating-point number") from None
    except Exception:
        raise Unfit(f"a number is wanted, and yours is {shown(answer)}") from None
    if np.isnan(found):
        raise Unfit("yours is NaN, not a number")
    return [found]


def positive(value, what):
    """Return a number that is above 0 and finite; raise Unfit that says so of `what`, if not."""
    if not 0 < value < np.inf:
        raise Unfit(f"{what} is a positive number")
    return value


def numbers(answer, n=None):
    """Return an answer of n numbers as a float array of shape (n,); any n if none is given.

    The numbers may stand in any nest of lists, tuples, arrays and dictionaries, or in a text.
    Raises Unfit.
    """
    if answer is None and n not in (None, 1):
        raise Unfit(f"{n} numbers are wanted, and yours is None")
    if isinstance(answer, str):
        text = re.sub(r"[\[\](){}\s]+", " ", answer).strip()
        answer = re.split(r"\s*;\s*|\s*,\s+|\s+|,", text) if n != 1 else [text]
    parts = _flat(answer)
    if n is not None and len(parts) != n:
        single = len(parts) == 1 and not isinstance(parts[0], (Real, np.number, str))
        given = f"yours is {shown(answer)}" if single else f"you give {len(parts)}"
        raise Unfit(f"{n} numbers are wanted, and {given}")
    return np.array([number(part) for part in parts], dtype=float)


def names(answer, n, known):
    """Return an answer of n names as they are spelt in `known`; any n if it is None.

    known: names, or {other spelling: name}. The answer is a list of them, a dictionary by number
    or letter, or one text such as "A: …, B: …"; classes, functions and optimizers stand for their
    names. Capitals, hyphens and underscores do not count. Raises Unfit, which lists what can be
    said.
    """
    spelt = dict(known) if isinstance(known, dict) else {name: name for name in known}
    spelt |= {name: name for name in spelt.values()}
    spelt = {plain(word): name for word, name in spelt.items()}
    if answer is None:
        raise Unfit("names are wanted, and yours is None")
    allowed = "; ".join(dict.fromkeys(spelt.values()))
    if answer is None:
        raise Unfit(f"names are wanted, and yours is None; they are: {allowed}")
    if isinstance(answer, str):
        answer = re.sub(r"\([^()]*=[^()]*\)", "", answer)  # "Adam(lr=1)" is Adam
        longest = sorted(spelt, key=len, reverse=True)
        found = re.findall("|".join(map(re.escape, longest)), plain(answer))
        rest = re.sub("|".join(map(re.escape, longest)), " ", plain(answer))
        unknown = re.sub(r"\b[a-z]\s*[:.)=]|\b(\d+|and)\b|[^\w]", " ", rest).split()
    else:
        found = [plain(name_of(part)) for part in _flat(answer)]
        unknown = [name for name in found if name not in spelt]
    if unknown:
        raise Unfit(f"{short(unknown[0])} is none of the names: {allowed}")
    if n is not None and len(found) != n:
        wanted = "one name is wanted" if n == 1 else f"{n} names are wanted"
        raise Unfit(f"{wanted}, and you give {len(found)}; they are: {allowed}")
    return [spelt[name] for name in found]


def shown(answer):
    """Return what an answer is, in a few words that are the same on every machine."""
    if answer is None:
        return "None"
    if isinstance(answer, type):
        return f"the class {answer.__name__}"
    if callable(answer) and hasattr(answer, "__name__"):
        return f"the function {answer.__name__}"
    try:
        if isinstance(answer, (str, bool, np.bool_, dict, set)):
            return short(answer)
        if isinstance(answer, (list, tuple, np.ndarray)) and np.shape(answer) != ():
            return brief([number(part) for part in _flat(answer)])
        return brief(number(answer))
    except Exception:
        pass
    try:
        plain = " ".join(repr(answer).split())
        return re.sub(r" at 0x[0-9a-fA-F]+", "", plain if len(plain) < 80 else short(answer))
    except Exception:  # a repr that fails, or a whole number of too many digits
        return f"a {type(answer).__name__}"


def brief(value):
    """Return a number, or any nest of them, as short text: six digits, long rows cut."""
    if np.ndim(value):
        parts = [brief(part) for part in (value if len(value) <= 12 else value[:3])]
        return f"({', '.join(parts + ['…', brief(value[-1])] * (len(value) > 12))})"
    whole = isinstance(value, (int, np.integer)) or (abs(value) < 1e9 and value == round(value))
    return str(int(value)) if whole else f"{value:.6g}"


def close(given, expected, relative=1e-3):
    """Whether numbers agree within a relative error, absolute where 0 is expected. Of any shape."""
    given, expected = np.ravel(given), np.ravel(expected)
    if given.shape != expected.shape:
        return False
    allowed = relative * np.where(expected == 0, 1, abs(expected))
    with np.errstate(all="ignore"):
        return bool(np.all((given == expected) | (abs(given - expected) <= allowed)))


def _unboxed(answer):
    """Return what a box with one thing in it holds; other answers as they are."""
    if isinstance(answer, dict) and len(answer) == 1:  # such as params
        answer = list(answer.values())
    if isinstance(answer, np.ma.MaskedArray):
        answer = np.ma.filled(answer.astype(float), np.nan)
    if isinstance(answer, np.ndarray) and answer.size == 1:
        return answer.item()
    if isinstance(answer, (list, tuple, set, frozenset)) and len(answer) == 1:
        return _unboxed(next(iter(answer)))
    return answer


def _flat(answer):
    """Return the parts of any nest of boxes as one list, at most MANY of them."""
    if isinstance(answer, (set, frozenset)) and len(answer) > 1:
        raise Unfit("a set has no order: write a list or a tuple")
    if isinstance(answer, dict):
        answer = answer.values() if len({*map(type, answer)}) > 1 else _by_key(answer)
    answer = _unboxed(answer)
    if isinstance(answer, np.ndarray):
        answer = answer.ravel().tolist()
    if isinstance(answer, (str, bytes, type)) or not hasattr(answer, "__iter__"):
        return [answer]
    found = []
    for part in islice(answer, MANY + 1):
        found += _flat(part) if part is not answer else [part]
        if len(found) > MANY:
            raise Unfit(f"yours has more than {MANY} parts")
    return found


def _by_key(answer):
    """Return the values of a dictionary whose keys are numbers, in their order; else as written."""
    try:
        return [answer[key] for key in sorted(answer, key=int)]
    except (TypeError, ValueError):
        letters = all(isinstance(key, str) and len(key) == 1 for key in answer)
        return [answer[key] for key in (sorted(answer) if letters else answer)]


def _read(text):
    """Return the numbers that a text may mean, such as "1/3", "33 %", "1e-3", "0,25", "1,024"."""
    plain = "".join(text.split()).replace("−", "-").replace("’", "").replace("·10^", "e")
    scale = 0.01 if plain.endswith("%") else 1.0
    parts = plain.rstrip("%").split("/")
    spellings = [plain_part.replace(",", ".") for plain_part in parts]
    found = [spellings]
    if any(re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", part) for part in parts):
        found.append([part.replace(",", "") for part in parts])  # thousands
    values = []
    for spelt in found:
        try:
            top, *bottom = (float(part) for part in spelt)
            values.append(scale * (top / bottom[0] if len(bottom) == 1 else top))
        except (ValueError, ZeroDivisionError):
            continue
        if len(bottom) > 1:
            values.pop()
    if not values or np.isnan(values[0]):
        raise Unfit(f"a number is wanted, and yours is the text {short(text)}")
    return values


def plain(name):
    """Return a name without capitals, hyphens and underscores; a minus before a number stays."""
    words = re.sub(r"(?<!\w)[-−‐–](?=\d)", "\0", str(name).lower())
    return " ".join(re.sub(r"[_\-−‐–]", " ", words).replace("\0", "-").split())


def name_of(part):
    """Return the name that one part of an answer stands for: of a class or optimizer, its own."""
    if isinstance(part, str):
        return part
    if isinstance(part, Real):
        return f"{float(part):g}"
    return getattr(part, "__name__", None) or type(part).__name__
