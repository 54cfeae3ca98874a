"""Record an HTTP API suite once, replay it offline, unmodified."""

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

__version__ = "0.1.0"

__all__ = [
    "CallsNotMade",
    "CassetteError",
    "ConfigurationError",
    "RecordingRefused",
    "RepriseError",
    "RepriseWarning",
    "RequestNotRecorded",
    "ServerNotReady",
    "Unscrubbed",
    "__version__",
]
