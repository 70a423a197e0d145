"""A deck for each lesson, made from the lesson itself: one HTML file that needs no network.

    slides(OUT, ["01", "04"])

What becomes a slide: the title with its film, every live picture with its questions, every boxed
rule, every guess (its answer is on the same slide, and comes at the next key), the class to build,
and the bullets of *Take away*. A section with none of these gets its first sentences.
"""

import re
from html import escape
from pathlib import Path

from .course import FILM, NOTEBOOKS, pages, read, tags
from .deck import page
from .formulas import block, inline
from .pieces import listed, pair, picture, printed, shown, table

MOST = 15  # slides of a deck
PASSED_OVER = ("Set up", "Your guesses", "Map of the course")
ROWS = 7  # of a table that is legible from the last row
LIVE = re.compile(
    r"^\w*(?:stage|plane|cloud|injector|schedule_stage|roots|playground)\(", re.MULTILINE
)
FOLD = re.compile(r"<details>.*?</details>\s*", re.DOTALL)


def slides(out, numbers=()):
    """Write NN_name.html for each lesson to a folder. Returns {name: number of slides}."""
    out, made = Path(out), {}
    out.mkdir(parents=True, exist_ok=True)
    for path in pages(numbers):
        if path.parent.name == "deeper":
            continue
        title, found = deck(path)
        (out / f"{path.stem}.html").write_text(page(title, found), encoding="utf-8")
        made[path.stem] = len(found)
    return made


def deck(path):
    """Return (title, [HTML of each slide]) of a lesson."""
    cells = read(path)["cells"]
    title, first = title_slide(cells[0]["source"])
    found, spare = [first], []
    cut = list(sections(cells[1:]))
    for k, (heading, inside) in enumerate(cut):
        if heading in PASSED_OVER or not heading:
            continue
        later = [part for _, more in cut[k + 1 :] for part in more]
        own = section_slides(heading, inside, later)
        if not own:
            spare.append(len(found))
            own = [plain_slide(heading, inside)]
        found += [slide for slide in own if slide]
    for place in reversed(spare):
        if len(found) > MOST:
            del found[place]
    return title, found


def title_slide(text):
    """Return (title, the slide of a lesson's first cell)."""
    title = re.match(r"# (.*)", text)[1]
    parts = [part for part in text.split("\n\n")[1:] if not part.startswith(("<img", "[", "**You"))]
    film = FILM.search(text)
    image = picture((NOTEBOOKS / film[1]).read_bytes(), film[2]) if film else ""
    return title, f"<h1>{inline(title)}</h1>{pair(image, f'<p>{inline(parts[0])}</p>')}"


def sections(cells):
    """Yield (heading, [(kind, text or cell)]): the lesson cut at its headings.

    kind is "text" for a paragraph and "code" for a cell.
    """
    heading, inside = "", []
    for cell in cells:
        if cell["cell_type"] == "code":
            inside.append(("code", cell))
            continue
        for part in FOLD.sub("", cell["source"]).split("\n\n"):
            if part.startswith("## "):
                yield heading, inside
                heading, inside = re.sub(r" \(\d+ min\)$", "", part[3:].strip()), []
            elif part.strip():
                inside.append(("text", part.strip()))
    yield heading, inside


def section_slides(heading, inside, later):
    """Return the slides of a section: its rule, its guesses, its live picture, its class.

    later: what follows the section; an answer may stand there.
    """
    head, found, formula = f"<h2>{inline(heading)}</h2>", [], ""
    if heading == "Take away":
        bullets = [text for kind, text in inside if kind == "text" and text.startswith("- ")]
        return [head + listed(text) for text in bullets[:1]]
    if heading == "Exercises":
        first = next((t for n, t in inside if n == "text" and t.startswith("**")), "")
        return [f"{head}<p>{inline(first)}</p>"] if first else []
    for k, (kind, what) in enumerate(inside):
        if kind == "text" and what.startswith("$$"):
            formula = block(what.strip("$"))
            if r"\boxed" in what:
                texts = [t for n, t in inside[k + 1 : k + 3] if n == "text"]
                if texts and texts[0].startswith("$$"):
                    formula += block(texts.pop(0).strip("$"))
                found.append(f"{head}{formula}<p>{inline(texts[0] if texts else '')}</p>")
                formula = ""
        elif kind == "text" and "*Guess*:" in what:
            found.append(head + formula + guess_slide(what, inside[k + 1 :] + later))
            formula = ""
        elif kind == "code" and LIVE.search(what["source"]):
            asked = [t for n, t in inside[:k] if n == "text" and t.startswith("1. ")]
            found.append(head + pair(shown(what), "".join(map(listed, asked[-1:]))))
        elif kind == "text" and what.startswith("|") and not what.startswith("| symbol"):
            found += [head + table(what)] if what.count("\n") - 1 <= ROWS else []
        elif kind == "code" and "build" in tags(what):
            found.append(f"{head}<pre>{escape(what['source'])}</pre>")
    return found


def guess_slide(question, after):
    """A question, and what comes at the next key: the picture, what was measured, why."""
    answer, image, told = "", "", []
    for k, (kind, what) in enumerate(after):
        if kind == "text" and "*Guess*:" in what:
            break
        if kind == "code" and "guess(" not in what["source"]:
            image = shown(what) or image
            line = re.search(r"^Guess .*?: .*?, ((?:the formula|measured).*)$", printed(what), re.M)
            if line:
                answer = line[1]
                told = comparing([t if n == "text" else "" for n, t in after[k + 1 :]])
                break
    said = f'<p class="measured">{escape(answer)}</p>'
    later = f'<div class="later">{pair(image, said + "".join(told))}</div>'
    return f'<p class="guess">{inline(question)}</p>{choices(after)}{later}'


def comparing(texts):
    """What follows a measured guess: the first paragraph, and a formula that it leads to."""
    found = []
    for text in texts[:2]:
        if text.startswith("$$") and r"\boxed" not in text:
            found.append(block(text.strip("$")))
        elif text and not found and text[0] not in "$|<":
            found.append(f"<p>{inline(text)}</p>")
        else:
            break
    return found


def choices(after):
    """The words among which a guess chooses, as a list; "" if it asks for numbers."""
    cell = next((what for kind, what in after if kind == "code"), {"source": ""})
    found = re.search(r"choices=\((.*?)\)\)", cell["source"], re.DOTALL)
    words = re.findall(r"\"(.*?)\"", found[1]) if found else []
    return f"<p>{', or '.join(map(inline, words))}?</p>" if words else ""


def plain_slide(heading, inside):
    """The first sentences of a section, with its first formula, picture or short code."""
    texts = [text for kind, text in inside if kind == "text" and text[0] not in "$|<1-"]
    formulas = [block(text.strip("$")) for kind, text in inside if text_is_formula(kind, text)]
    cells = [cell for kind, cell in inside if kind == "code"]
    images = [shown(cell) for cell in cells if shown(cell)]
    codes = [c["source"] for c in cells if 2 <= c["source"].count("\n") <= 11]
    things = formulas[:1] + images[:1] or [f"<pre>{escape(code)}</pre>" for code in codes[:1]]
    words = first_sentences(texts[0]) if texts else ""
    if not things and len(words) < 80:
        return ""
    head, text = f"<h2>{inline(heading)}</h2>", f"<p>{inline(words)}</p>{''.join(formulas[:1])}"
    if images:
        return head + pair(images[0], text)
    return head + text + "".join(things if not formulas else [])


def text_is_formula(kind, text):
    return kind == "text" and text.startswith("$$")


def first_sentences(text, most=260):
    """As many whole sentences as fit, at least one."""
    found = ""
    for sentence in re.split(r"(?<=[.?])\s+(?=[A-Z$*`(])", text):
        if found and len(found) + len(sentence) > most:
            break
        found = f"{found} {sentence}".strip()
    return found
