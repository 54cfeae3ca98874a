"""The suite of the staging API."""
