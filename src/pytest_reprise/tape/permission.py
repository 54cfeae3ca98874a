"""What no recording may send, in a test or in other code."""

from __future__ import annotations

from ..errors import RecordingRefused
from ..exchange import Request, map_request


def refuse_placeholders(request: Request) -> None:
    """Raise RecordingRefused for a request that would send a placeholder to the real server."""
    from ..scrub.replace.placeholders import may_hold_placeholder, replace_placeholders

    texts = "\n".join([request.url, *(value for _, value in request.headers)])
    if not (may_hold_placeholder(texts) or may_hold_placeholder(request.body.decode("latin-1"))):
        return  # one search for all of them takes a fifth of the time
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
