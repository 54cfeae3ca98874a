"""The command `reprise`: one module for each subcommand, without pytest and without httpx.

Each module has `add_parser`, which adds its arguments, and `run`, which returns the exit code.
"""
