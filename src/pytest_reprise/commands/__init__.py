"""The `reprise` command: one module for each subcommand, without pytest and without httpx."""
