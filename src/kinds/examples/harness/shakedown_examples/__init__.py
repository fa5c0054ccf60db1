"""Runs the examples in docstrings of a package, by itself and in threads. Standard library alone."""
