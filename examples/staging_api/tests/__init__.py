"""The tests of the staging API."""
