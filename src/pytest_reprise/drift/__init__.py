"""Drift: what the API answers now, compared with a cassette."""
