"""Scrubbing: secrets become placeholders, alike before matching and before writing."""
