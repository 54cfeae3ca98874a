"""Bodies as text: compression, character sets, and the texts of an interaction."""
