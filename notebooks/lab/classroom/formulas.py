r"""Text of the lessons as HTML that needs nothing from outside: formulas become drawings.

    inline(r"at most $\eta < 2/L$")         # a line with a formula in it
    block(r"\boxed{\Delta x = -\eta g}")    # a formula on a line of its own

Matplotlib, which every reader of the course has, sets the formulas. What it cannot set (few do) is
shown as it is written, and `unset` collects it, for the test.
"""

import re
from functools import cache
from html import escape

from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath

SIZE = 100  # units of a drawing to one em
FONT = FontProperties(family="DejaVu Sans", math_fontfamily="stix")
PLAIN = {
    r"\lVert": r"\Vert ",
    r"\rVert": r"\Vert ",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\dots": r"\ldots ",
    r"\top": "T",
    r"\;": r"\ ",
    r"\!": "",
    "\n": " ",
}
DRAWN = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
POINTS = {Path.MOVETO: 1, Path.LINETO: 1, Path.CURVE3: 2, Path.CURVE4: 3, Path.CLOSEPOLY: 1}
unset = []


def for_matplotlib(formula):
    """Return a formula in the part of LaTeX that Matplotlib sets."""
    text = re.sub(
        r"\\begin\{[pb]matrix\}(.*?)\\end\{[pb]matrix\}",
        lambda m: r"\left(" + m[1].replace("&", r",\ ").replace("\\\\", r";\ \ ") + r"\right)",
        formula.strip(),
        flags=re.DOTALL,
    )
    text = re.sub(r"\\text\{([^{}]*)\}", lambda m: rf"\mathrm{{{m[1]}}}".replace(" ", r"\ "), text)
    text = re.sub(r"\\[bB]ig[lr]?(?![a-zA-Z])|\\boxed|\\(?=tfrac)t", "", text)
    for old, new in PLAIN.items():
        end = r"(?![a-zA-Z])" if old[-1].isalpha() else ""
        text = re.sub(re.escape(old) + end, new.replace("\\", r"\\"), text)
    one = r"(\\[a-zA-Z]+|[A-Za-z0-9])"
    text = re.sub(rf"\\sqrt\s*{one}", r"\\sqrt{\1}", text)
    text = re.sub(rf"\\(d?)frac\s*{one}\s*{one}", r"\\\1frac{\2}{\3}", text)
    whole = r"(\{(?:[^{}]|\{[^{}]*\})*\})"
    text = re.sub(rf"\\(d?)frac{whole}\s*{one}", r"\\\1frac\2{\3}", text)
    text = re.sub(r"\}\s*(?=\\(ln|log|max|min)\b)", r"}\\,", text)  # it sets them too near
    return re.sub(r"\\(le|ge)(?![a-zA-Z])", r"\\\1q", text)


@cache
def drawing(formula):
    """Return a formula as an SVG that sits on the line of its text."""
    try:
        path = TextPath((0, 0), f"${for_matplotlib(formula)}$", size=SIZE, prop=FONT)
    except ValueError:
        unset.append(formula)
        return f"<code>{escape(formula)}</code>"
    box = path.get_extents().padded(SIZE / 25)
    parts, k = [], 0
    while k < len(path.codes):
        code = path.codes[k]
        corners = path.vertices[k : k + POINTS[code]]
        spelt = " ".join(f"{x:.0f} {-y:.0f}" for x, y in corners)
        parts.append("Z" if code == Path.CLOSEPOLY else f"{DRAWN[code]}{spelt}")
        k += POINTS[code]
    em = f"height:{box.height / SIZE:.3f}em;vertical-align:{box.y0 / SIZE:.3f}em"
    view = f"{box.x0:.0f} {-box.y1:.0f} {box.width:.0f} {box.height:.0f}"
    return (
        f'<svg role="img" aria-label="{escape(formula, quote=True)}" viewBox="{view}" '
        f'style="{em}"><path d="{"".join(parts)}"/></svg>'
    )


def inline(text):
    """Return one paragraph of Markdown as HTML: emphasis, code, formulas; links as plain words."""
    parts = re.split(r"(`[^`]+`|\$[^$]+\$)", text)
    done = []
    for part in parts:
        if part.startswith("`"):
            done.append(f"<code>{escape(part.strip('`'))}</code>")
        elif part.startswith("$"):
            done.append(drawing(part.strip("$")))
        else:
            plain = escape(re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", part), quote=False)
            done.append(plain)
    html = "".join(done)
    html = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html)
    return re.sub(r"(?<![\w*])\*([^*]+)\*(?!\w)", r"<em>\1</em>", html)


def block(formula):
    """Return a displayed formula, framed if it is boxed, broken at its rows and wide spaces."""
    boxed = r"\boxed" in formula
    if boxed:
        before, _, rest = formula.partition(r"\boxed{")
        inside, depth = "", 1
        for k, letter in enumerate(rest):
            depth += {"{": 1, "}": -1}.get(letter, 0)
            if depth == 0:
                inside, rest = rest[:k], rest[k + 1 :]
                break
        formula = before + inside + rest
    formula = re.sub(r"\\t?frac(?![a-zA-Z])", r"\\dfrac", formula)
    rows, several = re.subn(r"\\(?:begin|end)\{(?:gathered|aligned)\}", "", formula)
    if several:  # each row is a line of its own (elsewhere two backslashes end a row of a matrix)
        formula = rows.replace("\\\\", r"\qquad").replace("&", " ")
    pieces = [piece for piece in re.split(r"\\qquad", formula) if piece.strip(" ,;\\")]
    lines = "".join(f"<span>{drawing(piece)}</span>" for piece in pieces)
    return f'<div class="formula{" boxed" if boxed else ""}">{lines}</div>'
