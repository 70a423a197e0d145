"""Slips of the pen: what the usual mistakes do to the text of a rule, and the steps that come out.

    steps(written(Adam), Adam(lr=0.1), gradients)          # the rule's own steps, by hand
    named = slips(Adam)                                    # {what the slip is: the changed text}

A slip is a change in the text of the rule's `step` (or `shrink`) in optimizers.py, so one entry
serves every rule in which these words occur. Whoever makes it takes the same steps, in whichever
way the mistake is written, and by its steps it is found.
"""

import inspect
import re
import textwrap
from functools import cache

import numpy as np

import optimizers
from optimizers import Optimizer

# (what to look for, what it becomes, the slip in words; {0}, {1}: what the brackets matched). Where
# the words occur more than once, each place is tried, and all places together.
TEXTS = [
    (r"return -", "return ", "a sign is turned: the step goes uphill"),
    (r"delta = -", "delta = ", "a sign is turned: the step goes uphill"),
    (r"v (-=|-) self\.lr", lambda m: m[0].replace("-", "+"), "a sign is turned before lr · g"),
    (r"self\.lr \* (?!self\.weight)", "", "the learning rate lr is left out"),
    (r"return -self\.lr \* g$", "return -self.lr * g * min(1, 1 / np.linalg.norm(g))",
     "a gradient longer than 1 is cut to that length: the rule takes it as it is"),
    (r"return -self\.lr \* g$", "return -self.lr * np.clip(g, -1, 1)",
     "each entry of g is cut to between −1 and 1: the rule takes it as it is"),
    (r"return -self\.lr \* g$", "return -self.lr * g / np.linalg.norm(g)",
     "g is divided by its length: the rule takes it as it is"),
    (r"return -self\.lr \* g$", "return -self.lr * np.sign(g)",
     "the sign of g stands there, and its size is lost"),
    (r"self\.lr (?=\* [gmd])", "self.lr * self.lr ", "lr is multiplied twice"),
    (r"return v$", "return self.lr * v", "lr is multiplied twice: v holds it already"),
    (r"return v$", "return v - self.lr * g", "−ηg is added twice: v holds it already"),
    (r"return v$", "return self.momentum * v", "v is multiplied by momentum once too often"),
    (r"v \*= self\.momentum", "v *= 1 + self.momentum",
     "the old v stays there whole, beside βv: `v += βv − ηg` is not v ← βv − ηg"),
    (r"v \*= self\.momentum", "v *= 1 - self.momentum",
     "v keeps the share 1 − β of itself, where it has to keep β"),
    (r"( +(\w) \*= (self\.\w+)\n)( +\2 [+-]= .*\n)", r"\4\1",
     "{1} is multiplied by {2} after what is new has entered it, instead of before"),
    (r"h \*= self\.rho\n +h \+= \(1 - self\.rho\) \* ", "h += ",
     "h adds the squares up and never forgets: this is AdaGrad's memory"),
    (r"\n +(\w) \*= (self\.\w+)", "", "{0} is not multiplied by {1}: it never forgets"),
    (r"(\w) \*= self\.(\w+)\n( +)\1 \+= \(1 - self\.\2\)", r"\1 *= 1 - self.\2\n\3\1 += self.\2",
     "{1} and 1 − {1} are exchanged in {0}"),
    (r"self\.(\w+) \* (m) \+ \(1 - self\.\1\) \* g", r"(1 - self.\1) * m + self.\1 * g",
     "{0} and 1 − {0} are exchanged in the step"),
    (r"(\w) \+= \(1 - (self\.\w+)\) \* ", r"\1 += ",
     "what is new enters {0} without the factor 1 − {1}"),
    (r"-= self\.lr \* g", "-= (1 - self.momentum) * self.lr * g",
     "this is the form of a mean, (1 − β)g, at an unchanged lr: ten times less for β = 0.9"),
    (r"(\w) \+= (.*)g \* g", r"\1 += \2g", "the gradient in {0} is not squared"),
    (r"(\w) \+= (.*)g \* g", r"\1 += \2abs(g)", "the gradient in {0} is not squared"),
    (r"(\w) \+= (.*)g \* g", r"\1 += \2np.sum(g * g)",
     "one sum of squares for all entries stands in {0}: it wants the square of each by itself"),
    (r"v \+= (.*)g \* g", r"v += \1m * m", "v is to be a mean of g², not of m²"),
    (r"\(1 - self\.(\w+)\) \* g \* g", r"((1 - self.\1) * g) ** 2",
     "1 − {0} is squared with g: it stands outside of the square"),
    (r"(h \+= g \* g\n.*np\.sqrt\()h\)", r"\1h / self.t)",
     "h is divided by t: it is the sum of the squares, not their mean"),
    (r"(h \+= \(1 - self\.rho\) \* g \* g\n +return .*np\.sqrt\()h\)",
     r"\1h / (1 - self.rho**self.t))",
     "h is corrected as in Adam: the rule takes it as it is"),
    (r"(\w) \*= self\.beta2\n( +)\1 \+= \(1 - self\.beta2\)",
     r"\1 *= self.beta1\n\2\1 += (1 - self.beta1)", "{0} has beta1 where it needs beta2"),
    (r"(\w) \*= self\.beta1\n( +)\1 \+= \(1 - self\.beta1\)",
     r"\1 *= self.beta2\n\2\1 += (1 - self.beta2)", "{0} has beta2 where it needs beta1"),
    (r"delta \* delta", "delta", "the step in d is not squared"),
    (r"delta \* delta", "abs(delta)", "the step in d is not squared"),
    (r"delta \* delta", "g * g", "d is a mean of squared steps, not of squared gradients"),
    (r"delta \* delta", "(self.lr * delta) * (self.lr * delta)",
     "d takes the step after it was multiplied by lr, instead of before"),
    (r"np\.sqrt\((\w+)\)", r"\1", "the square root of {0} is left out"),
    (r"np\.sqrt\((\w) \+ self\.eps\)", r"(\1 + self.eps)", "the square root of {0} is left out"),
    (r"np\.sqrt\((\w+)\) \+ self\.eps", r"np.sqrt(\1 + self.eps)",
     "ε stands inside the root: √({0} + ε) instead of √{0} + ε"),
    (r"np\.sqrt\((\w) \+ self\.eps\)", r"(np.sqrt(\1) + self.eps)",
     "ε stands outside the root: √{0} + ε instead of √({0} + ε)"),
    (r"/ \(np\.sqrt\((\w+)\) \+ self\.eps\)", r"/ np.sqrt(\1) + self.eps",
     "parentheses are missing: ε is added to the step, not to the root of {0}"),
    (r"(?<![.\w])(\w+) / \(np\.sqrt\((\w+)\) \+ self\.eps\)", r"(\1 / np.sqrt(\2) + self.eps)",
     "ε is added to {0}/√{1}, not to √{1} alone"),
    (r"np\.sqrt\((\w+)\) \+ self\.eps", r"np.sqrt(\1) - self.eps", "ε is subtracted"),
    (r"np\.sqrt\((\w+)\) \+ self\.eps", r"np.sqrt(\1)", "ε is left out"),
    (r"np\.sqrt\((\w+)\) \+ self\.eps", r"np.maximum(np.sqrt(\1), self.eps)",
     "ε is a lower limit of √{0} here: it is to be added"),
    (r"np\.sqrt\((\w) \+ self\.eps\)", r"np.sqrt(\1)", "ε is left out beside {0}"),
    (r"/ (\(np\.sqrt\((\w+)\))", r"* \1", "the step is multiplied by the root where it is divided"),
    (r"np\.sqrt\(d( \+ self\.eps)\) / np\.sqrt\(h", r"np.sqrt(h\1) / np.sqrt(d",
     "d and h are exchanged: the root of h divides"),
    (r"np\.sqrt\(d \+ self\.eps\) / ", "1 / ", "the root of d is missing in the numerator"),
    (r"(\w) / \(1 - (self\.\w+)\*\*self\.t\)", r"\1",
     "{0} is not corrected: it is to be divided by 1 − {1}ᵗ"),
    (r"(\w) / \(1 - self\.(\w+)\*\*self\.t\)", r"\1 / (1 - self.\2)",
     "the correction of {0} lacks the power t: 1 − {1}ᵗ, not 1 − {1}"),
    (r"(\w) / \(1 - self\.(\w+)\*\*self\.t\)", r"\1 / (1 - self.\2 * self.t)",
     "the correction of {0} has {1} · t where it needs the power {1}ᵗ"),
    (r"(\w) / \(1 - self\.(\w+)\*\*self\.t\)", r"\1 / (1 - self.\2) ** self.t",
     "the power t is that of {1} alone: 1 − {1}ᵗ, not (1 − {1})ᵗ"),
    (r"(\w) / \(1 - (self\.\w+\*\*self\.t)\)", r"\1 / 1 - \2",
     "parentheses are missing: without them {0} is divided by 1 alone"),
    (r"(\w)_hat = \1 / (\(1 - self\.\w+\*\*self\.t\))", r"\1 /= \2\n    \1_hat = \1.copy()",
     "the correction changes {0} itself, and the next step goes on with that: `{0}̂ = {0} / …` "
     "leaves it"),
    (r"(v / \(1 - self\.)beta2", r"\1beta1", "v is corrected with beta1 instead of beta2"),
    (r"(m / \(1 - self\.)beta1", r"\1beta2", "m is corrected with beta2 instead of beta1"),
    (r"(\w) / (\(1 - self\.\w+\*\*self\.t\))", r"\1 * \2",
     "the correction of {0} is multiplied where it has to be divided"),
    (r" +np\.maximum\(w, v, out=w\)\n( +return -self\.lr \* )m / \(np\.sqrt\(w\)",
     r"\1m / (1 - self.beta1**self.t) / (np.sqrt(v / (1 - self.beta2**self.t))",
     "this is Adam's own step: nothing is corrected here, and √w divides"),
    (r"m / \(np\.sqrt\(w\)", "g / (np.sqrt(w)", "g stands in the numerator instead of m"),
    (r"np\.maximum\(w, v, out=w\)\n( +return -self\.lr \* )m / \(np\.sqrt\(w\)",
     r"np.maximum(w, v / (1 - self.beta2**self.t), out=w)\n"
     r"\1m / (1 - self.beta1**self.t) / (np.sqrt(w)",
     "m and v are corrected as in Adam: AMSGrad takes both as they are"),
    (r"m / \(np\.sqrt\(w\)",
     "m / (1 - self.beta1**self.t) / (np.sqrt(w / (1 - self.beta2**self.t))",
     "m and w are corrected as in Adam: AMSGrad takes both as they are"),
    (r"m / \(np\.sqrt\(w\)", "m / (1 - self.beta1**self.t) / (np.sqrt(w)",
     "m is corrected as in Adam: AMSGrad takes it as it is"),
    (r"np\.maximum\(w, v, out=w\)", "w = v",
     "v divides instead of the largest v so far: keep that in w with `np.maximum(w, v, out=w)` (a "
     "`w = …` is forgotten) and divide by √w"),
    (r"np\.maximum\(w, v", "np.minimum(w, v",
     "w stays 0 for ever: np.minimum keeps the smaller, and np.maximum without `out=w` makes "
     "another array"),
    (r"np\.maximum\(w, v, out=w\)", "w += v", "w adds the v up, where it keeps the largest"),
    (r"np\.maximum\(w, v", "np.maximum(w, g * g",
     "w keeps the largest g², not the largest v"),
    (r"self\.t\b", "(self.t + 1)", "t starts at 2: it was raised once too often before its use"),
    (r"self\.t\b", "(2 * self.t)",
     "t is counted twice: update has raised self.t before step begins"),
    (r"self\.t\b", "(self.t - 1)", "t starts at 0: it has to be 1 at the first step"),
    (r"(?<=-self\.lr \* )g /", "1 /", "the gradient is missing in the numerator"),
    (r" \* g\n(?= +d )", "\n", "the gradient is missing in the step"),
    (r"-self\.lr \* m_hat", "-self.lr", "m̂ is missing in the numerator"),
    (r"-self\.lr \* m_hat",
     "-self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t) * m_hat",
     "both are corrected twice: in m̂ and v̂, and once more in the rate"),
    (r"-self\.lr \* m_hat", "-self.lr * g", "g stands in the numerator instead of m̂"),
    (r"return self\.momentum \* v - self\.lr \* g", "return self.momentum**2 * v - "
     "(1 + self.momentum) * self.lr * g",
     "v is updated before it is used: β²v − (1 + β)ηg wants the old v"),
    (r"return self\.momentum \* v - self\.lr \* g", "return self.momentum * v",
     "−ηg is missing: the step is βv − ηg with the new v"),
    (r"return self\.momentum \* v - self\.lr \* g", "return v - self.lr * g",
     "v is not multiplied by β: the step is βv − ηg with the new v"),
    (r"return self\.momentum \* v - self\.lr \* g", "return v + self.momentum * v - self.lr * g",
     "v is added once more: the step is βv − ηg with the new v"),
    (r"return self\.momentum \* v - self\.lr \* g", "return self.momentum * (v - self.lr * g)",
     "β multiplies ηg as well: the step is βv − ηg, without parentheses"),
    (r"return self\.momentum \* v - self\.lr \* g",
     "v *= self.momentum\n    v -= self.lr * g\n    return v",
     "the step is made in v itself, and the next one begins with it: βv − ηg is a new array"),
    (r"return self\.momentum \* v - self\.lr \* g", "return v",
     "this is Momentum: the step has to look ahead, to βv − ηg with the new v"),
    (r"return self\.momentum \* v - self\.lr \* g", "return (1 + self.momentum) * v",
     "the step is v + βv: it has to be βv − ηg with the new v"),
    (r"np\.sign\((.*)\)\n", r"(\1)\n", "the sign is left out"),
    (r"np\.sign\(self\.beta1 .*\)\n", "np.sign(g)\n",
     "the sign is that of g alone: m is left out, or `m = …` has made another array, which nobody "
     "keeps"),
    (r"np\.sign\(self\.beta1 .*\)\n", "np.sign(self.beta2 * m + (1 - self.beta2) * g)\n",
     "beta1 mixes g with the old m in the step; yours has beta2 there, or the new m"),
    (r"np\.sign\(self\.beta1 .*\)\n", "np.sign(m)\n",
     "the sign is that of m, not of the mixture with g"),
    (r"( +delta = .*\n)((?: +m .*\n)+)", r"\2\1",
     "m is updated before it is used: the step mixes g with the old m"),
    (r"v \+= g$", "v += (1 - self.momentum) * g",
     "this is the form of a mean, (1 − β)g: beside g, v is then too small"),
    (r"v \+= g$", "v -= g", "a sign is turned: v adds up the gradients themselves"),
    (r"v \+= g$", "v -= self.lr * g", "−η enters v: v adds up the gradients themselves"),
    (r"g \+ self\.momentum \* v", "v",
     "it does not look ahead: O is to be of g + βv with the new v, not of v alone, nor with the v "
     "before the update"),
    (r"g \+ self\.momentum \* v", "g + v", "v is not multiplied by momentum: O is of g + βv"),
    (r"g \+ self\.momentum \* v", "self.momentum * g + v", "β stands beside g: O is of g + βv"),
    (r"g \+ self\.momentum \* v", "g",
     "v is left out, or made anew and then forgotten: `v = …` makes another array; change it in "
     "place, and take O of g + βv"),
    (r"g \+ self\.momentum \* v", "(1 - self.momentum) * g + self.momentum * v",
     "g is to stand there whole: O is of g + βv"),
    (r"orthogonal\((\w+)\)", r"\1", "O is left out: the step is to be made orthogonal"),
    (r"orthogonal\((\w+)\)", r"(lambda U, S, Vt: U @ Vt)(*np.linalg.svd(\1, full_matrices=False))",
     "this is UVᵀ itself, exactly: the rule takes what five rounds make, orthogonal(…)"),
    (r"\* scale ", "", "the factor √max(1, rows/columns) is left out"),
    (r"\) \*\* 0\.5", ")", "the factor is the root of max(1, rows/columns)"),
    (r"max\(1, ahead\.shape\[0\] / ahead\.shape\[1\]\)", "max(1, ahead.shape[1] / ahead.shape[0])",
     "rows and columns are exchanged: rows is shape[0]"),
    (r"max\(1, ahead\.shape\[0\] / ahead\.shape\[1\]\)", "(ahead.shape[0] / ahead.shape[1])",
     "max(1, …) is left out: a wide matrix has the factor 1"),
    (r"x \*= 1 - self\.lr \* self\.weight_decay", "x *= 1", "the weight decay is left out"),
    (r"x \*= 1 - self\.lr \*", "x *= 1 -", "the decay is not multiplied by lr"),
    (r"x \*= 1 - ", "x *= 1 + ", "the decay has the wrong sign: it lets x grow"),
    (r"self\.(momentum|rho|beta1)\b", "0.9",
     "0.9, the default, is typed where self.{0} is to stand"),
    (r"self\.(beta2)\b", "0.999", "0.999, the default, is typed where self.{0} is to stand"),
]  # fmt: skip
# Right as well: the same formula as others write it.
VARIANTS = {
    "in the paper's second form, with ε̂ beside √v": (
        "np.sqrt(v_hat) + self.eps",
        "np.sqrt(v_hat) + self.eps / np.sqrt(1 - self.beta2**self.t)",
    ),
}


@cache
def written(rule):
    """Return the text of a rule's own formulas: of its `step` and, if it has one, its `shrink`."""
    return "".join(
        _inlined(rule, name)
        for name in ("step", "shrink")
        if getattr(rule, name) is not getattr(Optimizer, name)
    )


def steps(text, optimizer, gradients, start=0.0, coupled=False):
    """Return the steps of a rule that is given as text, each from x = start, shape (T, *shape).

    optimizer: one of the rule, for its knobs; it stays as it was. gradients: shape (T, *shape).
    coupled: whether the weight decay is added to the gradient, λx, and x is not shrunk.
    """
    opt, rule = type(optimizer)(**optimizer.knobs), _compiled(text)
    memory = [np.zeros(gradients.shape[1:]) for _ in opt.memory]
    found = np.empty(gradients.shape)
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients, start=1):
            opt.t, x = t, np.full(g.shape, float(start))
            delta = rule["step"](opt, g + opt.weight_decay * x if coupled else g.copy(), *memory)
            if "shrink" in rule and not coupled:
                rule["shrink"](opt, x)
            found[t - 1] = x + delta - start
    return found


@cache
def slips(text, memory=()):
    """Return [(slip in words, changed text)]: all single slips that can be made in a text."""
    found = []
    for pattern, new, words in TEXTS:
        places = list(re.finditer(pattern, text, re.MULTILINE))
        said = [words.format(*map(_bare, place.groups())) for place in places]
        for place, slip in zip(places, said):
            new_part = new(place) if callable(new) else place.expand(new)
            found.append((slip, text[: place.start()] + new_part + text[place.end() :]))
        if len(places) > 1:
            different = list(dict.fromkeys(said))
            slip = ", and ".join(different)
            if len(different) == 1 and "{" in words:
                slip += " in all places"
            found.append((slip, re.sub(pattern, new, text, flags=re.MULTILINE)))
    if "beta2" in text:
        swapped = re.sub("beta([12])", lambda m: f"beta{3 - int(m[1])}", text)
        found.append(("beta1 and beta2 are exchanged", swapped))
    return [*found, *_never(text, memory), *_forgotten(text, memory), *_used_early(text, memory)]


def pairs(text, memory):
    """Yield (two slips in words, changed text), for all slips that follow one another."""
    seen = set()
    for one, changed in slips(text, memory):
        for other, twice in slips(changed, memory):
            if twice not in seen:
                seen.add(twice)
                yield f"{one}; and {other}", twice


def _never(text, memory):
    """What is remembered is never brought up to date, or only after it was used, in a copy."""
    for name in memory:
        kept = re.sub(rf"^ +(?:{name} [*+-]=|.*out={name}\b).*\n", "", text, flags=re.MULTILINE)
        slip = (
            f"{name} stays 0: it is not brought up to date, or only multiplied, or set by "
            f"`{name} = …`, which makes another array; change it in place, `{name} *= …` and "
            f"`{name} += …`"
        )
        yield slip, kept


def _forgotten(text, memory):
    """What is remembered is made anew by `m = …`, and nobody keeps it: each, and all together."""
    head, body = text.split("\n", 1)
    for names in dict.fromkeys([*((name,) for name in memory), tuple(memory)]):
        if names:
            copies = "".join(f"    {name} = {name}.copy()\n" for name in names)
            slip = (
                f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not kept from step to "
                f"step: `{names[0]} = …` makes another array, which is forgotten; change it in "
                f"place, `{names[0]} *= …` and `{names[0]} += …`"
            )
            yield slip, f"{head}\n{copies}{body}"


def _used_early(text, memory):
    """What is remembered is brought up to date only after the step was computed with it."""
    head, body = text.split("\n", 1)
    for name in memory:
        lines = [
            line if re.match(rf" +{name} [*+-]=", line) else re.sub(rf"\b{name}\b", "before", line)
            for line in body.splitlines(keepends=True)
        ]
        slip = f"{name} is updated after it is used: each step has the {name} of the step before"
        yield slip, f"{head}\n    before = {name}.copy()\n{''.join(lines)}"


@cache
def _compiled(text):
    """Return the functions that a text defines, by name."""
    space = dict(vars(optimizers))
    exec(text, space)
    return {name: space[name] for name in ("step", "shrink") if f"def {name}(" in text}


def _inlined(rule, name):
    """Return the text of a method, with that of its `super()` written out in it."""
    owner = next(cls for cls in rule.__mro__ if name in vars(cls))
    text = textwrap.dedent(inspect.getsource(vars(owner)[name]))
    call = re.search(r" +(\w+) = super\(\)\.\w+\(.*\)\n", text)
    if call:
        above = _inlined(owner.__mro__[1], name).splitlines(keepends=True)
        result = above[-1].replace("return", f"{call[1]} =")
        text = text.replace(call[0], "".join([*above[1:-1], result]))
    return text


def _bare(part):
    """A group of a match as a reader reads it."""
    return (part or "").replace("self.", "").replace("_hat", "̂")
