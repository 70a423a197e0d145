"""Names of headings in links."""


def slug(title):
    """Return what Jupyter makes of a heading: blanks become hyphens, letters keep their case."""
    return title.strip().replace(" ", "-")
