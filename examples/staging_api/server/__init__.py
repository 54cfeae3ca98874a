"""An HTTP API of users and orders, for the example tests.

Run it with ``python -m examples.staging_api.server``, or from a test with ``server.running()``.
"""
