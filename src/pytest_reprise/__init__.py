"""Record an HTTP API suite once, replay it offline, unmodified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import (
    CallsNotMade,
    CassetteError,
    ConfigurationError,
    RecordingRefused,
    RepriseError,
    RepriseWarning,
    RequestNotRecorded,
    ServerNotReady,
    Unscrubbed,
)

if TYPE_CHECKING:
    from .blocks.cassette_in_use import CassetteInUse
    from .blocks.use_cassette import Cassettes, use_cassette

__version__ = "0.1.0"

__all__ = [
    "CallsNotMade",
    "CassetteError",
    "CassetteInUse",
    "Cassettes",
    "ConfigurationError",
    "RecordingRefused",
    "RepriseError",
    "RepriseWarning",
    "RequestNotRecorded",
    "ServerNotReady",
    "Unscrubbed",
    "__version__",
    "use_cassette",
]


def __getattr__(name: str) -> object:
    """Import what a plain replay does not need when it is used."""
    if name == "CassetteInUse":
        from .blocks.cassette_in_use import CassetteInUse

        return CassetteInUse
    if name in ("Cassettes", "use_cassette"):
        from .blocks import use_cassette as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
