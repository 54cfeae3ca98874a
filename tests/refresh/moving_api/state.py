"""The data of the API, and the values that it makes: no two runs of it have the same ones."""

from __future__ import annotations

import string
import threading
import time
import uuid
from datetime import UTC, datetime
from random import Random
from typing import TypeAlias

from .answers import Json

Row: TypeAlias = dict[str, Json]

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_COUPON = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_FIRST_MOMENT = 1_767_225_600
"""2026-01-01, in seconds since 1970."""
_OTHERS_AT_START = 4


class State:
    """Everything that the API knows; use it under its `lock`.

    `seed` makes the choices repeatable, apart from the ids. `first_id` is the first numeric id; by
    default it comes from the clock, so that it is higher after each restart.
    """

    def __init__(self, seed: int | None = None, first_id: int | None = None) -> None:
        self.lock = threading.RLock()
        self.random = Random(seed)
        self.began = time.time()
        milliseconds = int((self.began - _FIRST_MOMENT) * 1000)
        self._last_id = milliseconds % 10**8 if first_id is None else first_id
        self.rows: dict[str, dict[str, Row]] = {}
        """The rows of each kind, such as `customers`, by their ids."""
        self.tokens: set[str] = set()
        self.requests = self.random.randint(1000, 9000)
        self.quota = self.random.randint(700, 5000)
        for _ in range(_OTHERS_AT_START):
            self.let_others_write()

    def of(self, kind: str) -> dict[str, Row]:
        return self.rows.setdefault(kind, {})

    def add(self, kind: str, row: Row) -> Row:
        """Keep a row under its id."""
        self.of(kind)[str(row["id"])] = row
        return row

    def let_others_write(self) -> None:
        """Do what other clients of the same API do."""
        name = self.random.choice(("Olga", "Pia", "Quentin", "Rosa", "Stefan", "Tess", "Ugo"))
        customer: Row = {
            "id": self.opaque("cus"),
            "name": name,
            "email": f"{name.lower()}.{self.random.randint(10, 99999)}@elsewhere.example",
            "phone": f"+49 30 {self.random.randint(10**6, 10**7)}",
            "organisation_id": str(uuid.uuid4()),
            "tags": self.shuffled(["vip", "trial", "partner"][: self.random.randint(0, 3)]),
            "created_at": self.now(),
        }
        self.add("customers", customer)
        kinds = ("customer.created", "order.paid", "order.cancelled", "login")
        event: Row = {
            "id": self.number(),
            "type": self.random.choice(kinds),
            "actor": name,
            "at": self.now(),
        }
        self.add("events", event)

    # --- values ---------------------------------------------------------------------------------

    def number(self) -> int:
        """Return a new numeric id; those in between belong to others."""
        self._last_id += self.random.randint(1, 9)
        return self._last_id

    def opaque(self, prefix: str, length: int = 14) -> str:
        # Not from `self.random`: an id never repeats, not even with the same seed.
        made = Random(uuid.uuid4().int)
        return f"{prefix}_" + "".join(made.choices(_LETTERS_AND_DIGITS, k=length))

    def coupon(self) -> str:
        """Return a short code, such as `K7QX-22MP`."""
        made = "".join(Random(uuid.uuid4().int).choices(_COUPON, k=8))
        return f"{made[:4]}-{made[4:]}"

    def shuffled(self, values: list[str]) -> list[Json]:
        return [*self.random.sample(values, len(values))]

    @staticmethod
    def now() -> str:
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
