"""A refresh of one test, which sends texts that are made of the values of its fixtures."""

from __future__ import annotations

import pytest

from ..harness.moving_api import CONFTEST, MovingApi
from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("faker", "timemachine", "base_url", "xdist", "asyncio", "anyio")
FORKS = True

SUITE = """
    import pytest

    pytestmark = pytest.mark.vcr

    def add(api, auth, org, name, **more):
        path = f"/orgs/{org['id']}/members"
        made = api.post(path, json={"name": name, "n": 1, **more}, headers=auth).json()
        assert made["name"] == name
        assert made["parent"] == org

    def test_number(api, auth, org):
        add(api, auth, org, f"name-{org['id']}", label=f"x{org['id']}y")

    def test_key(api, auth, org):
        add(api, auth, org, f"key-{org['key']} of {org['id']}")

    def test_name(api, auth, org):
        add(api, auth, org, org["name"], note=f"{org['name']} and {org['ref']}")

    def test_computed(api, auth, org):
        add(api, auth, org, org["name"].lower(), twice=2 * org["id"])
"""
COUNT = 4


@pytest.mark.parametrize("name", ["number", "key", "name", "computed"])
def test_one_refreshed_test_leaves_its_fixtures_alone_and_all_replay(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, name: str
) -> None:
    MovingApi(server)
    suite(SUITE, CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=COUNT)
    before = cassettes()
    run("--record-mode=rewrite", "-k", name).assert_outcomes(passed=1, deselected=COUNT - 1)
    assert cassettes() == before
    if name == "computed":
        return  # of an edited test, what a value was computed from is not known
    suite(SUITE.replace('"n": 1', '"n": 2, "more": f"of-{org[\'id\']}"'), CONFTEST)
    run("--record-mode=rewrite", "-k", name).assert_outcomes(passed=1, deselected=COUNT - 1)
    changed = [path for path, text in cassettes().items() if text != before[path]]
    assert changed == [f"test_suite/test_{name}"]
    server.stop()
    run("-k", name).assert_outcomes(passed=1, deselected=COUNT - 1)
    suite(SUITE, CONFTEST)
    run("-k", f"not {name}").assert_outcomes(passed=COUNT - 1, deselected=1)
