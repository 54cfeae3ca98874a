"""A small API on which everything moves: `python -m tests.refresh.moving_api --version 1`.

Ids never repeat, other clients write, sets and samples have a random order, polls differ in length.
Version 2 has the changes that are listed in `changes`.
"""
