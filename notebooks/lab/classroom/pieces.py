"""Pieces of a slide: lists, tables, and the pictures that a notebook has stored."""

import re
from base64 import b64encode
from html import escape

from .formulas import inline


def pair(image, text):
    """A picture with its text beside it; the text alone if there is no picture."""
    return f'<div class="pair">{image}<div>{text}</div></div>' if image else text


def table(text):
    """A table of Markdown as one of HTML."""
    rows = [re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in text.splitlines()]
    head = "".join(f"<th>{inline(part.strip())}</th>" for part in rows[0])
    body = ["".join(f"<td>{inline(part.strip())}</td>" for part in row) for row in rows[2:]]
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in body)}</table>"


def listed(text):
    """A list of Markdown as one of HTML."""
    kind = "ol" if text[0].isdigit() else "ul"
    points = re.split(r"^(?:\d+\.|-) ", text, flags=re.MULTILINE)[1:]
    return f"<{kind}>{''.join(f'<li>{inline(p.strip())}</li>' for p in points)}</{kind}>"


def shown(cell):
    """The stored picture of a cell, "" if it has none."""
    for output in cell["outputs"]:
        data = output.get("data", {})
        if "image/png" in data:
            about = " ".join("".join(data.get("text/plain", "")).split())
            return picture("".join(data["image/png"]).replace("\n", ""), about)
    return ""


def picture(png, about):
    """An image that is part of the page. png: bytes, or their base64."""
    if isinstance(png, bytes):
        png = b64encode(png).decode()
    return f'<img alt="{escape(about, quote=True)}" src="data:image/png;base64,{png}">'


def printed(cell):
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])
