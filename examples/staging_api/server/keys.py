"""The secrets that this API shares with its clients, and their defaults."""

import os

from examples.staging_api.server.accounts import DEFAULT_ADMIN_PASSWORD

# For local use, when a variable is not set.
DEFAULTS = {
    "STAGING_ADMIN_PASSWORD": DEFAULT_ADMIN_PASSWORD,
    "STAGING_API_KEY": "report-reader-4mD7pWq2ZtX8",
    "STAGING_HOOK_TOKEN": "hook-wN3kVf82LmPq6RsT9yBd",
    "STAGING_SIGNING_KEY": "sealing-wax-Hq7cXe51UoJz",
    "STAGING_UPLOAD_TOKEN": "freight-Kx29bLs7QvEw5Ny3",
}


def shared_secret(name: str) -> str:
    return os.environ.get(name) or DEFAULTS[name]
