"""Every place in an interaction where a secret may be."""
