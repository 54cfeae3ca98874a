"""The report of a run: its numbers, and its summary in the terminal."""
