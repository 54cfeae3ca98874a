"""Replace secrets by placeholders: the known secrets, their encodings, and the placeholders."""
