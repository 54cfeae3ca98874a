"""The suite is run by other tests, in a copy."""

collect_ignore = ["suite"]
