"""Visit credentials as the Authorization header has them: a scheme, and what follows it."""

from __future__ import annotations

import base64
import re

from ...patterns import lazy_regex
from ..rules.checks import is_generated, is_opaque
from .candidates import Walk

_PARAMETERS = lazy_regex(r'([\w-]+)(\s*=\s*"?)([^",;&\s]+)')
_SIGNATURES = lazy_regex(r"(?:(?<==)|(?<==:)|(?<=\bv1,)|(?<=\bv1a,))[^=,;:\s]{16,}=*")
"""The signatures in headers such as `t=1700000000,v1=5257a8…`, `sig1=:a2Vp…:` (RFC 9421), and
`v1,K5oZ…` (Standard Webhooks)."""
_SECRET_PARAMETERS = frozenset(
    "signature credential response rspauth mac token sig passworddigest client_token t "
    "ticket".split()
)
_PAIR_NAMES = frozenset(("auth", "_auth", "basic_auth", "npm_config__auth"))
"""Names of base64 of `user:password`, in configurations of Docker and npm."""
_NO_PASSWORDS = frozenset(("X", "x", "api_token", "x-oauth-basic"))
"""What is sent as the password beside an API key: to Freshdesk, Toggl and GitHub."""
_MIN_KEY = 16
"""Characters of the shortest API key that is sent as a user's name."""
_PUBLIC_OAUTH_PARAMETERS = frozenset("oauth_version oauth_timestamp oauth_signature_method".split())


def is_credentials_name(name: str) -> bool:
    """Whether a header or field of this name holds credentials of RFC 9110, section 11.4."""
    return name.lower() in ("authorization", "proxy-authorization")


def visit_credentials(name: str, value: str, walk: Walk) -> str:
    """Visit the credentials behind a scheme (RFC 9110, section 11.4). The scheme stays."""
    scheme, space, credentials = value.partition(" ")
    if not space:
        return walk.replace_named(name, "token", value, "authorization")
    if scheme.lower() == "basic" and (pair := _basic_pair(credentials)):
        visited = _visit_basic_pair(name, *pair, walk)
        if visited == ":".join(pair):
            return value
        return f"{scheme} {base64.b64encode(visited.encode()).decode()}"
    if re.match(r"[\w-]+\s*=\s*[^=\s]", credentials):
        return f"{scheme} {visit_parameters(credentials, walk, scheme.lower())}"
    return f"{scheme} {walk.replace_named(name, 'token', credentials, 'authorization')}"


def visit_parameters(text: str, walk: Walk, scheme: str = "") -> str:
    """Visit the parameters of a scheme such as Digest, OAuth (RFC 5849) or a signature of AWS."""
    return _PARAMETERS.sub(lambda found: _visit_parameter(found, walk, scheme), text)


def visit_signatures(name: str, value: str, walk: Walk, rule: str) -> str:
    """Visit the signatures in a value such as `t=1700000000,v1=5257a8…`; what is around them stays.

    A value without such parts is a signature as a whole.
    """
    if not _SIGNATURES.search(value):
        return walk.replace_named(name, "signature", value, rule)
    return _SIGNATURES.sub(
        lambda found: walk.replace_named(name, "signature", found[0], rule), value
    )


def visit_user_info(name: str, value: str, walk: Walk) -> str:
    """Visit `user:password`, as in the settings of a client of Kafka's schema registry."""
    user, colon, password = value.partition(":")
    return f"{user}{colon}{walk.replace_named(name, 'password', password, 'field')}"


def is_user_info_name(name: str) -> bool:
    return name.lower().endswith("basic.auth.user.info")


def is_pair_name(name: str) -> bool:
    """Whether a field of this name holds base64 of `user:password`."""
    return name.lower() in _PAIR_NAMES


def visit_encoded_pair(name: str, value: str, walk: Walk) -> str | None:
    """Visit base64 of `user:password`; return None if the value is something else."""
    pair = _basic_pair(value)
    if pair is None or not all(map(str.isprintable, pair)):
        return None
    visited = _visit_basic_pair(name, *pair, walk)
    if visited == ":".join(pair):
        return value
    return base64.b64encode(visited.encode()).decode()


def _visit_parameter(found: re.Match[str], walk: Walk, scheme: str) -> str:
    name, sign, value = found.groups()
    lowered = name.lower()
    is_oauth_secret = lowered.startswith("oauth_") and lowered not in _PUBLIC_OAUTH_PARAMETERS
    is_named = lowered in _SECRET_PARAMETERS or walk.rules.parameter_kind(name) is not None
    is_item = value[:1] == ":" and is_opaque(value.strip(":"), 16)  # RFC 8941, byte sequence
    # In Digest the nonce comes from the server's challenge, which stays.
    is_own_nonce = lowered == "nonce" and scheme != "digest" and is_opaque(value, 16)
    if not (is_named or is_oauth_secret or is_item or is_own_nonce):
        return found[0]
    return f"{name}{sign}{walk.replace_named(name, 'signature', value, 'authorization')}"


def _visit_basic_pair(name: str, user: str, password: str, walk: Walk) -> str:
    if password and not (password in _NO_PASSWORDS and is_generated(user, _MIN_KEY)):
        return f"{user}:{walk.replace_named(name, 'password', password, 'authorization')}"
    # Some services take an API key as the user name.
    return f"{walk.replace_named(name, 'key', user, 'authorization')}:{password}"


def _basic_pair(credentials: str) -> tuple[str, str] | None:
    """Return user and password of Basic credentials (RFC 7617), or None if they are invalid."""
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:  # neither base64 nor ASCII, or no UTF-8 in it
        return None
    return (user, password) if colon else None
