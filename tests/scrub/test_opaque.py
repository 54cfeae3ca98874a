"""Random texts of letters are told from identifiers, whichever letters are drawn."""

from __future__ import annotations

import string

import pytest

from pytest_reprise.scrub.rules.checks import is_generated

from ..harness import chance

IDENTIFIERS = (
    "authorizationCodeFlow NotificationSettings getServerTimeZoneOffset accountConfirmationPending "
    "SnapshotQuotaExceededFault XMLHttpRequestEventTarget orderFulfillmentCreated "
    "paymentMethodOptionsRequired OrganizationMembershipInvitation useRedirectUriFromState "
    "AWSServiceRoleForSupport KundenNummerNichtGefunden returnUrlAfterLogin"
).split()


@pytest.mark.parametrize("size", [18, 22, 32, 43])
def test_random_letters_are_opaque(size: int) -> None:
    texts = ["".join(chance.choice(string.ascii_letters) for _ in range(size)) for _ in range(1000)]
    assert [text for text in texts if not is_generated(text, 16)][5:] == []


def test_identifiers_are_not_opaque() -> None:
    assert [name for name in IDENTIFIERS if is_generated(name, 16)] == []
