"""Measure the speed of Reprise and of other tools: `make bench`."""
