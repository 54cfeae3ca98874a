"""Fuzz targets: short in an ordinary test run, as long as wanted by `make fuzz MINUTES=…`.

`rounds` has the settings of all targets. `make fuzz` runs all of them again and again, each time
with other random inputs, until the minutes are over or one fails.
"""
