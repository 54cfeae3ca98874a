"""Cassettes: the model, the YAML format, and the files."""
