"""The walk through an interaction: it visits each value that a rule takes for a secret."""
