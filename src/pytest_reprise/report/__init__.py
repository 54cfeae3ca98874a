"""Runs and changes, told to a person."""
