"""What counts as a secret: names, token formats, checks, and which rules are on."""
