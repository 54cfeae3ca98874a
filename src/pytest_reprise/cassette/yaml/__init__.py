"""Readers and writers of YAML, from the fastest to the most general."""
