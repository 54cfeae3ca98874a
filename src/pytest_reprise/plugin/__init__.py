"""The pytest plugin: hooks, options, settings, scopes. Only this package imports pytest."""
