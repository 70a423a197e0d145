"""The bench equipment of the course: what the chapters use to run optimizers and to see them."""
