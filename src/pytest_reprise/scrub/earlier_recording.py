"""Pair new interactions with those of an earlier recording, to keep its placeholders.

Recorded again, a secret has another value. It keeps its placeholder if its interaction is paired
with the earlier one, so that the cassette does not change.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..exchange import Interaction, Request
from .content.texts import texts
from .replace.placeholders import align_placeholders, replace_placeholders
from .replace.vault import Vault
from .rules.ruleset import Rules
from .walk.candidates import Walk
from .walk.interaction import visit_request


class EarlierRecording:
    """The interactions of an earlier recording, decompressed, each of which is paired once.

    With `keeps_unpaired` those that are not recorded again stay in the cassette. A new interaction
    then takes the place of an old one only if URL and body are the same: else two secrets in one
    cassette could have the same placeholder.
    """

    def __init__(
        self,
        old: Iterable[Interaction],
        rules: Rules,
        vault: Vault,
        keeps_unpaired: bool = False,
    ) -> None:
        self._rules = rules
        self._vault = vault
        self._keeps_unpaired = keeps_unpaired
        self._unpaired: dict[str, list[Interaction]] = {}
        for interaction in old:
            self._unpaired.setdefault(self._endpoint(interaction.request), []).append(interaction)

    def take(self, new: Interaction) -> Interaction | None:
        """Return the earlier interaction, not paired before, whose place the new one takes.

        `new` is decompressed. Interactions are paired in order by method and path.
        """
        if not self._unpaired:
            return None
        candidates = self._unpaired.get(self._endpoint(new.request), [])
        fitting = (old for old in candidates if not self._keeps_unpaired or _is_same(old, new))
        found = next(fitting, None)
        if found:
            candidates.remove(found)
        return found

    def _endpoint(self, request: Request) -> str:
        """Return method and path, with each secret or placeholder in the path as `*`."""
        without_query = Request(request.method, request.url.partition("?")[0])
        path = visit_request(without_query, Walk(self._rules, lambda _: "*")).url
        path = self._vault.replace_secrets(path, lambda _kind, _value: "*")
        return f"{request.method} {replace_placeholders(path, lambda _: '*')}"


def _is_same(old: Interaction, new: Interaction) -> bool:
    """Whether URL and body of the requests differ in nothing but secrets."""
    pairs = zip(_request_texts(old), _request_texts(new), strict=True)
    return all(before == now or any(align_placeholders(before, now)) for before, now in pairs)


def _request_texts(interaction: Interaction) -> list[str]:
    places = ("request url", "request body")
    return [text for place, text in texts(interaction) if place in places]
