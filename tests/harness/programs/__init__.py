"""Random servers, and random programs that talk to them, for whole runs.

`drawing` makes them, `server` plays the servers in the outer process, and `suite` is the test
module of the inner run: it carries the programs out, and writes down what they saw.
"""
