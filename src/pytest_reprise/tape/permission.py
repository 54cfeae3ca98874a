"""What no recording may send, in a test or in other code."""

from __future__ import annotations

from ..errors import RecordingRefused
from ..exchange import Request, map_request


def refuse_placeholders(request: Request) -> None:
    """Raise RecordingRefused for a request that would send a placeholder to the real server."""
    from ..scrub.replace.placeholders import replace_placeholders

    found: list[str] = []

    def note(placeholder: str) -> str:
        found.append(placeholder)
        return placeholder

    map_request(request, lambda text: replace_placeholders(text, note))
    if found:
        raise RecordingRefused(
            _PLACEHOLDER.format(found[0], request.method, request.url.partition("?")[0])
        )


_PLACEHOLDER = """\
This request would send the placeholder {} to the real server.

  request   {} {}

The value comes from a replayed cassette, most likely that of a wider fixture that logs in. Record \
that cassette in the same run: add --record-mode=rewrite, or delete the cassette."""
