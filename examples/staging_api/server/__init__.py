"""A real HTTP API of users and orders: something true for tests to talk to.

Run it with ``python -m examples.staging_api.server``, or from a test with ``server.running()``.
"""
