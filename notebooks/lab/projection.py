"""Projector mode: one line, and every picture and live map of the notebook is large.

    from lab import projector

    projector()        # 1.8 times as large
    projector(2.5)     # for the last row
    projector(1)       # as before

It is a style for the page, shown as the cell's output: what was shown before grows, too, and it
ends when that output is cleared.
"""

from .values import real

CSS = """
.jp-OutputArea-output img, .output_png img, .output img {{
  zoom: {size}; max-width: {most} !important; height: auto }}
.downhill {{ zoom: {size}; max-width: none !important }}
"""


class Projector:
    """What `projector` returns: a style sheet that says in words what it does."""

    def __init__(self, size):
        self.size = size

    def __repr__(self):
        return f"Projector: pictures and live maps are {self.size:g} times as large."

    def _repr_mimebundle_(self, include=None, exclude=None):
        css = CSS.format(size=f"{self.size:g}", most=f"{100 / self.size:.1f}%")
        return {"text/html": f"<style>{css}</style>{self}", "text/plain": repr(self)}, {}


def projector(size=1.8):
    """Make all pictures and live maps of the notebook so many times as large, from 0.5 to 4.

    None becomes wider than the page. Raises ValueError for another size.
    """
    size = real("size", size)
    if not 0.5 <= size <= 4:
        raise ValueError(f"size must be between 0.5 and 4, got {size:g}")
    return Projector(size)
