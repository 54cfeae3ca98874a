"""What is a secret: by name, by token format, by check digits; and which rules are enabled."""
