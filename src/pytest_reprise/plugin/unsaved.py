"""Why a cassette could not be saved: the error of its test, and a few words for the summary."""

from __future__ import annotations

import pytest

from ..cassette.model import CassetteUse
from ..errors import RecordingRefused, Unscrubbed
from ..tape.run import Run


def refusal(run: Run, use: CassetteUse, error: Exception) -> BaseException:
    """Return the error of a test whose cassette could not be written."""
    from ..tape import miss

    if isinstance(error, Unscrubbed):
        text = miss.unscrubbed(error, use)
    elif isinstance(error, OSError):
        text = miss.not_written(error, use)
    elif isinstance(error, RecordingRefused):
        text = str(error)
    else:  # code of the suite, such as a serializer: its traceback tells more
        return error
    return pytest.fail.Exception(run.get_scrubber().scrub_text(text), pytrace=False)


def why_not_written(error: Exception) -> str:
    """Return the reason for the summary, in a few words."""
    if isinstance(error, Unscrubbed):
        return "a secret in it could not be replaced"
    if isinstance(error, RecordingRefused):
        return "a fixture was edited, whose other tests were not recorded again"
    if isinstance(error, OSError):
        return f"the cassette could not be written: {error.strerror or error}"
    return f"the cassette could not be written: {type(error).__name__}"
