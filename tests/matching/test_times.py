"""Times in a request: found in all common forms, if they are close to now."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.matching.times import (
    MAX_DIFFERENCE,
    MAX_DISTANCE_FROM_NOW,
    TIME_MARK,
    are_close,
    extract_times,
    shifted,
    time_form,
)

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC).timestamp()


def taken(text: str) -> tuple[str, list[float]]:
    found: list[tuple[str, float]] = []
    rest = extract_times(text, NOW, found)
    return rest, [seconds - NOW for _, seconds in found]


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("2026-01-31T12:00:05Z", 5),
        ("2026-01-31T12:00:00.250Z", 0.25),
        ("2026-01-31T13:00:00+01:00", 0),
        ("2026-01-31 12:00:00", 0),
        ("2026-01-31T12%3A00%3A00%2B00%3A00", 0),
        ("20260131T120000Z", 0),
        ("Sat, 31 Jan 2026 12:00:00 GMT", 0),
        ("Sat, 31 Jan 2026 12:00:00 -0000", 0),
        ("Sat, 31 Jan 2026 14:00:05 +0200", 5),
        (str(int(NOW) + 3600), 3600),
        (f"{int(NOW)}.5", 0.5),
        (f"{int(NOW)}250", 0.25),
        (f"{int(NOW)}000001", 1e-6),
    ],
)
def test_time_is_found_in_any_form(written: str, offset: float) -> None:
    rest, offsets = taken(f'{{"at": "{written}"}}')

    assert rest == f'{{"at": "{TIME_MARK}"}}'
    assert offsets == [pytest.approx(offset, abs=1e-3)]


@pytest.mark.parametrize(
    ("written", "later"),
    [
        ("2026-01-31T23:59:58Z", "2026-02-01T00:00:03Z"),
        ("2026-01-31T12:00:00.250Z", "2026-01-31T12:00:05.250Z"),
        ("2026-01-31T12:00:00.123456789+02:00", "2026-01-31T12:00:05.123456000+02:00"),
        ("2026-01-31 12:00", "2026-01-31 12:00"),
        ("2026-01-31T12%3A00%3A00%2B00%3A00", "2026-01-31T12%3A00%3A05%2B00%3A00"),
        ("20260131T120000Z", "20260131T120005Z"),
        ("Sat, 31 Jan 2026 23:59:58 GMT", "Sun, 01 Feb 2026 00:00:03 GMT"),
        ("Sat, 31 Jan 2026 23:59:58 +0530", "Sun, 01 Feb 2026 00:00:03 +0530"),
        (
            "Sat%2C%2031%20Jan%202026%2012%3A00%3A00%20GMT",
            "Sat%2C%2031%20Jan%202026%2012%3A00%3A05%20GMT",
        ),
        (str(int(NOW)), str(int(NOW) + 5)),
        (f"{int(NOW)}.5", f"{int(NOW) + 5}.5"),
        (f"{int(NOW)}250", f"{int(NOW) + 5}250"),
        ("no time", "no time"),
    ],
)
def test_shifted_time_keeps_its_form(written: str, later: str) -> None:
    assert shifted(written, 5) == later
    assert time_form(later).count("#") == time_form(written).count("#")


@given(st.datetimes(datetime(2002, 1, 10), datetime(2030, 1, 1)), st.integers(-(10**7), 10**7))
def test_shifted_forth_and_back_is_the_same_time(moment: datetime, seconds: int) -> None:
    """From 2002 on, since a shift to before 9 September 2001 makes a number of 9 digits."""
    forms = (
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        moment.isoformat(sep=" ", timespec="milliseconds") + "-03:30",
        f"{moment:%Y%m%dT%H%M%SZ}",
        f"{moment:%a, %d %b %Y %H:%M:%S GMT}",
        f"{moment:%a, %d %b %Y %H:%M:%S -0330}",
        str(int(moment.timestamp())),
        f"{int(moment.timestamp())}123",
    )
    for written in forms:
        assert shifted(shifted(written, seconds), -seconds) == written


@pytest.mark.parametrize(
    "text",
    [
        "1990-01-01T00:00:00Z",
        "2026-13-41T00:00:00Z",
        "12345678901",
        "2345678901",
        "x1769860800",
        "1769860800-x",
        "0.1769860800",
        "plain words",
        "",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert taken(text) == (text, [])


def test_number_far_from_now_is_not_a_time() -> None:
    far = str(int(NOW + MAX_DISTANCE_FROM_NOW + 60))
    assert taken(far) == (far, [])


def test_json_is_still_valid_after_its_times_are_extracted() -> None:
    assert taken(f'{{"exp":{int(NOW)},"id":7}}') == ('{"exp":0,"id":7}', [0])


def test_times_within_ten_seconds_are_close() -> None:
    assert are_close(0, MAX_DIFFERENCE)
    assert not are_close(0, MAX_DIFFERENCE + 0.001)


@given(st.text())
def test_any_text_is_accepted(text: str) -> None:
    rest, _ = taken(text)
    assert taken(rest)[0] == rest
