"""An API on which no id, key, token or time repeats, for runs that are partly live."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from typing import Any

from . import chance
from .runs import Answer, Received, Server, json_answer

CONFTEST = """
    import os
    import random
    import uuid

    import httpx
    import pytest

    @pytest.fixture(scope="session")
    def api():
        with httpx.Client(base_url=os.environ.get("API_BASE_URL", "http://nowhere.test")) as client:
            yield client

    @pytest.fixture(scope="session")
    def auth(api):
        token = api.post("/login", json={"user": "ada"}).json()["access_token"]
        yield {"Authorization": f"Bearer {token}"}
        api.delete("/session", headers={"Authorization": f"Bearer {token}"})

    @pytest.fixture(scope="session")
    def org(api, auth):
        sent = {"name": f"Org {random.choice('abcdefgh')}{random.randrange(10**6)}",
                "ref": str(uuid.uuid4())}
        made = api.post("/orgs", json=sent, headers=auth).json()
        yield made
        api.delete(f"/orgs/{made['id']}", headers=auth)

    @pytest.fixture(scope="module")
    def project(api, auth, org):
        return api.post(f"/orgs/{org['id']}/projects", json={"title": "p"}, headers=auth).json()

    @pytest.fixture(scope="class")
    def team(api, auth, org):
        return api.post(f"/orgs/{org['id']}/teams", json={"title": "t"}, headers=auth).json()
"""
"""Fixtures of session, module and class scope, which use each other."""


class MovingApi:
    """POST to a collection makes an object with a new id, which GET, PATCH and DELETE know.

    Its id is a number, and its `key` a UUID. A GET of a collection lists what was made in it.
    All but `/login` require a token that `/login` has returned.
    """

    def __init__(self, server: Server) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.extra: dict[str, Any] = {}
        """Fields that the API has added to all objects."""
        self._next_id = 1000
        self._tokens: set[str] = set()
        self._lock = threading.Lock()
        server.answer = self.answer  # type: ignore[method-assign]

    def answer(self, received: Received) -> Answer:
        with self._lock:
            self.calls.append(f"{received.method} {received.path}")
            if received.path == "/login":
                self._tokens.add(token := f"tok_{chance.uuid4().hex}")
                return json_answer({"access_token": token})
            if received.headers.get("authorization", "").removeprefix("Bearer ") in self._tokens:
                return self._answer(received.method, received.path.partition("?")[0], received)
            return json_answer({"detail": "not logged in"}, 401)

    def _answer(self, method: str, path: str, received: Received) -> Answer:
        if method == "POST":
            return self._made(path, json.loads(received.body))
        if method == "DELETE":
            is_known = self.objects.pop(path, None) is not None or path == "/session"
            return json_answer({}, 200 if is_known else 404)
        if re.fullmatch(r".*/\d+", path):
            found = self.objects.get(path)
            return json_answer(found) if found else json_answer({"detail": "unknown"}, 404)
        return json_answer({"items": [o for o in self.objects.values() if o["in"] == path]})

    def _made(self, path: str, sent: dict[str, Any]) -> Answer:
        if (above := path.rpartition("/")[0]) and above not in self.objects:
            return json_answer({"detail": f"{above} is unknown"}, 404)
        self._next_id += 7
        made = {"id": self._next_id, **sent, "key": str(chance.uuid4()), "in": path}
        made |= {"made": datetime.now(UTC).isoformat(), **self.extra}
        if above:
            made["parent"] = self.objects[above]
        self.objects[f"{path}/{self._next_id}"] = made
        return json_answer(made, 201)
