"""Scripts that run in the environments of the peers, as `python -m bench.inside.NAME`."""
