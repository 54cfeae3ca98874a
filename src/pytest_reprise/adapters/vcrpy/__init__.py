"""vcrpy: its options, and its patches for other clients. Only this package imports vcr."""
