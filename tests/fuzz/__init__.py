"""Fuzz targets: short in an ordinary test run, as long as wanted by `make fuzz MINUTES=…`.

`make fuzz` runs all of them again and again, each time with another seed and more examples, until
the minutes are over or one fails. `make cases` does the same with the sets of secrets and the
properties of other folders. Both print a command that repeats a failed round.
"""
