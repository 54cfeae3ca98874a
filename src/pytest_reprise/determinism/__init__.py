"""Values that differ from run to run: random values, time, and the base URL."""
