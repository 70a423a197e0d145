"""Run what a reader wrote: for some seconds, quietly, and say in words how it failed.

result = trial(lambda: answer(0.1, 2.0))       # raises Unfit with a sentence, nothing else
call(answer, {"mu": 0.1, "L": 2.0})            # inside a trial: the sentence names the case
"""

import ctypes
import dis
import inspect
import io
import linecache
import sys
import threading
import traceback
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import numpy as np

import optimizers

from .answers import brief, shown
from .verdict import Unfit, Wrong

SECONDS = 10  # that one trial may take
LINES, CHARACTERS = 10, 1000  # that are kept of what is printed
LAB = str(Path(__file__).resolve().parents[1])
OURS = (LAB, optimizers.__file__, "<frozen")
MEANING = {
    AssertionError: "its own assert fails",
    IndexError: "there is no entry of that number",
    KeyError: "there is no such key",
    MemoryError: "it wants more memory than there is",
    NameError: "it uses a name that nothing defines",
    RecursionError: "it calls itself without end",
    SystemExit: "it leaves Python",
    UnboundLocalError: "it uses a variable before it has a value",
    ZeroDivisionError: "it divides by zero",
}
SAID = {  # a part of an error's message: what it means
    "truth value of an array": "max and if take one number: np.maximum, np.where take arrays",
    "converted to Python scalar": "math's functions take one number: np.sqrt takes arrays",
    "name 'sqrt'": "NumPy's functions are called np.sqrt and so on",
    "for ^: ": "^ is no power, ** is",
    "bitwise_xor": "^ is no power, ** is",
}


class TooLong(BaseException):
    """The time of a trial is over. No Exception, so that few `except` clauses stop it.

    An `except:` does. It is made in the reader's thread, and asks Python to raise it again at the
    reader's next line, which may be one behind that `except:`.
    """

    def __init__(self):
        super().__init__()
        frame = sys._getframe(1)
        while frame and _readers(frame.f_code.co_filename):
            frame.f_trace = _again
            sys.settrace(_again)
            frame = frame.f_back


def _again(frame, event, argument):
    raise TooLong


def trial(work):
    """Return work(), which calls what a reader wrote, with its prints cut to a few lines.

    Raises Wrong, if work does, and Unfit for anything else that goes wrong in it, an endless loop
    and `sys.exit` included. Only a real Ctrl-C gets through.
    """
    heard = Heard()
    try:
        with (
            deadline(SECONDS),
            redirect_stdout(heard),
            redirect_stderr(heard),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            return work()
    except Wrong:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and not _raised_by_code(error):
            raise
        raise Unfit(in_words(error)) from None
    finally:
        heard.repeat()


def call(function, case):
    """Return function(*case.values()), arrays copied. What goes wrong remembers the case."""
    try:
        return function(*[x.copy() if isinstance(x, np.ndarray) else x for x in case.values()])
    except BaseException as error:
        error.case = told(case)
        raise


def told(case):
    """Return {name: value} as text: "for mu = 0.1 and L = 2". Functions are left out."""
    parts = [
        f"{name} = {shown(value) if hasattr(value, 'update') else brief(value)}"
        for name, value in case.items()
        if not inspect.isroutine(value)
    ]
    return "for " + " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)


def in_words(error):
    """Return one clause about an error: its case, the reader's line, and what it means."""
    case = f"{error.case} " if hasattr(error, "case") else ""
    if isinstance(error, TooLong):
        return f"{case}yours has not ended after {SECONDS:g} seconds: does a loop in it never stop?"
    try:
        message = " ".join(str(error).split())
    except Exception:  # a message that cannot be made
        message = ""
    kind = type(error).__name__
    said = f"{kind}: {message}" if message else kind
    theirs = [
        (frame, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if _readers(frame.f_code.co_filename)
    ]
    frame, number = theirs[-1] if theirs else (None, 0)
    meaning = next((words for part, words in SAID.items() if part in message), None)
    meaning = meaning or MEANING.get(type(error))
    if frame and isinstance(error, NameError) and _is_of_self(error.name, frame):
        meaning = f"in a class it is self.{error.name}"
    said = f"{meaning} ({said})" if meaning else said
    if not frame:
        return f"{case}yours fails: {said}"
    source = linecache.getline(frame.f_code.co_filename, number).strip()
    line = f"line {number}" + (f", `{source}`" if source else "")
    return f"{case}yours stops in {line}: {said}"


def _is_of_self(name, frame):
    """Whether the object whose method this frame runs has an attribute of that name."""
    return bool(name) and hasattr(frame.f_locals.get("self"), name)


def blank(function):
    """Whether a function's body is still `...`, `pass` or `raise NotImplementedError`."""
    if not hasattr(function, "__code__"):
        return False
    steps = list(dis.get_instructions(function))
    done = {step.opname for step in steps} - {"RESUME", "NOP", "COPY_FREE_VARS"}
    open_words = (...,) if function.__name__ == "<lambda>" else (None, ...)  # lambda: None is one
    if done <= {"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}:
        return all(step.argval in open_words for step in steps if "CONST" in step.opname)
    unwritten = any("NotImplementedError" in step.argrepr for step in steps)
    return unwritten and "RAISE_VARARGS" in done


@contextmanager
def deadline(seconds):
    """Raise TooLong in this thread after so many seconds, and again until the block ends.

    An asynchronous exception reaches any thread on any system, unlike a signal. What runs inside
    one call of C, such as 10**10**10, is stopped when the call returns; a loop within two `except:`
    may take long to be stopped, and one of nothing but a `try` never is in Python 3.10. Where no
    thread can be started, as in a browser's Python, there is no limit.
    """
    here, woken, over = ctypes.c_ulong(threading.get_ident()), threading.Event(), False
    throw, tracing = ctypes.pythonapi.PyThreadState_SetAsyncExc, sys.gettrace()

    def watch():
        wait = seconds
        while not woken.wait(wait) and not over:
            throw(here, ctypes.py_object(TooLong))
            wait = 0.005  # again: an `except:` in the reader's loop may have caught it

    def end():
        sys.settrace(tracing)
        woken.set()
        if watcher.ident:  # else it could not be started
            watcher.join()
        throw(here, None)  # take back one that is still on its way

    watcher = threading.Thread(target=watch, daemon=True)
    try:
        with suppress(RuntimeError):
            watcher.start()
        yield
    finally:
        over = True  # an assignment cannot be interrupted, and now two more can come at most:
        try:  # one that is on its way, and one that is just being thrown
            try:
                end()
            except TooLong:
                end()
        except TooLong:
            end()


class Heard(io.TextIOBase):
    """What was printed: the first lines, and how many there were."""

    def __init__(self):
        self.text, self.lines = "", 0

    def write(self, text):
        self.lines += text.count("\n")
        self.text += text[: max(0, CHARACTERS - len(self.text))]
        return len(text)

    def repeat(self):
        """Print what was kept."""
        kept = self.text.splitlines()[:LINES]
        if any(kept):
            print(*kept, sep="\n")
        if self.lines > len(kept):
            print(f"… and {self.lines - len(kept)} lines more that yours printed")


def _readers(filename):
    """Whether this is a file or cell of the reader's, not of the course or of a package."""
    return not filename.startswith(OURS) and "site-packages" not in filename


def _raised_by_code(error):
    """Whether an exception came from a `raise`, not from outside, as Ctrl-C does."""
    entry = error.__traceback__
    while entry.tb_next:
        entry = entry.tb_next
    opcode = entry.tb_frame.f_code.co_code[entry.tb_lasti]
    return dis.opname[opcode] == "RAISE_VARARGS"
