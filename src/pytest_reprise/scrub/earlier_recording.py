"""Whose place a newly recorded call takes: it keeps the placeholders that stood there."""

from __future__ import annotations

from collections.abc import Iterable

from ..exchange import Interaction, Request
from .content.texts import texts
from .replace.placeholders import PLACEHOLDER, align_placeholders
from .replace.vault import Vault
from .rules.ruleset import Rules
from .walk.candidates import Walk
from .walk.interaction import visit_request


class EarlierRecording:
    """The calls of an earlier recording, opened, each given out once.

    Where one `stays` that is not made again, a new call has to say the same to take its place: else
    two secrets in one cassette would have one placeholder.
    """

    def __init__(
        self, old: Iterable[Interaction], rules: Rules, vault: Vault, stays: bool = False
    ) -> None:
        self._rules = rules
        self._vault = vault
        self._stays = stays
        self._left: dict[str, list[Interaction]] = {}
        for interaction in old:
            self._left.setdefault(self._way(interaction.request), []).append(interaction)

    def take(self, interaction: Interaction) -> Interaction | None:
        """The call whose place this one takes, opened too, if there is one."""
        if not self._left:
            return None
        left = self._left.get(self._way(interaction.request), [])
        found = next((i for i in left if not self._stays or _is_said_again(i, interaction)), None)
        if found:
            left.remove(found)
        return found

    def _way(self, request: Request) -> str:
        """Method and path of a call, whatever secrets stand in the path."""
        bare = Request(request.method, request.url.partition("?")[0])
        path = visit_request(bare, Walk(self._rules, lambda _: "*")).url
        path = self._vault.replace_secrets(path, lambda _kind, _value: "*")
        return f"{request.method} {PLACEHOLDER.sub('*', path)}"


def _is_said_again(old: Interaction, new: Interaction) -> bool:
    """Whether URL and body are the same, but for what placeholders stand for."""
    pairs = zip(_said(old), _said(new), strict=True)
    return all(was == now or any(align_placeholders(was, now)) for was, now in pairs)


def _said(interaction: Interaction) -> list[str]:
    places = ("request url", "request body")
    return [text for where, text in texts(interaction) if where in places]
