"""`--reprise-strict`: replay legacy cassettes as `reprise migrate` would write them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..cassette.model import Cassette
from ..errors import CassetteError, Unscrubbed

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber


def migrating(
    get_scrubber: Callable[[], Scrubber], recorded_with: str
) -> Callable[[Path, Cassette], Cassette]:
    """Return a function that migrates a loaded cassette; nothing is written.

    It raises CassetteError for a cassette that cannot be scrubbed.
    """

    def migrate(path: Path, legacy: Cassette) -> Cassette:
        from ..cassette.migrated import migrated

        try:
            scrubbed = get_scrubber().scrub(legacy.interactions)
        except Unscrubbed as error:
            repair = "`reprise migrate` would not migrate it either."
            raise CassetteError(path, 1, str(error), repair) from None
        return migrated(scrubbed, recorded_with, otherwise=time.time())

    return migrate
