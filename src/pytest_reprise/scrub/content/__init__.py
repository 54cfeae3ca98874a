"""Bodies as text: compression, character sets, and all texts of an interaction."""
