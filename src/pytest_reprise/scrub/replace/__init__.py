"""How a secret is replaced: placeholders, encodings, and the search for known values."""
