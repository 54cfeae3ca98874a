"""The HTTP clients, besides httpx, that can be recorded. This is the only list of them."""

from __future__ import annotations

from typing import NamedTuple


class SupportedClient(NamedTuple):
    """A client that vcrpy can patch."""

    group: str
    """vcrpy's name for its patches."""
    watched: str
    """The module whose import shows that a test is about to use the client."""
    patched: str
    """The module that has to be imported before the patches can be applied."""


SUPPORTED_CLIENTS = (
    SupportedClient("requests", "requests", "requests"),
    SupportedClient("boto3", "botocore", "botocore.awsrequest"),
    SupportedClient("urllib3", "urllib3", "urllib3"),
    SupportedClient("httplib2", "httplib2", "httplib2"),
    SupportedClient("tornado", "tornado.httpclient", "tornado.simple_httpclient"),
    SupportedClient("aiohttp", "aiohttp", "aiohttp"),
)
"""In vcrpy's order: a client comes before the library that it is built on."""
