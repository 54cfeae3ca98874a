"""The placeholder that a secret has in the tests of other things than its form."""

from __future__ import annotations

from pytest_reprise.scrub.replace.placeholders import form_of


def placeholder(kind: str, number: int, secret: str) -> str:
    """Return the placeholder of the kind's first, second … secret."""
    return form_of(secret).make(kind, number, secret)
