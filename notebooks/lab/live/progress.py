"""A progress bar for loops of more than two seconds."""

from IPython.display import display

try:
    from ipywidgets import IntProgress
except ImportError:
    IntProgress = None  # then nothing is shown


def progress(items, what):
    """Yield items, and show meanwhile how many are done: for loops of more than two seconds."""
    items = list(items)
    if IntProgress is None:
        yield from items
        return

    class Bar(IntProgress):
        """A progress bar that says in words what it counts, where widgets are not shown."""

        def __repr__(self):
            return f"A progress bar: {self.description}, {self.max} in all."

    bar = Bar(0, max=len(items), description=what)
    display(bar)
    try:
        for item in items:
            yield item
            bar.value += 1
    finally:
        bar.close()
