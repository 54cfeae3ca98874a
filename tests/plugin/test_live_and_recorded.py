"""Runs in which some scopes are live and others replay: afterwards the whole suite replays."""

from __future__ import annotations

import pytest

from ..harness.moving_api import CONFTEST, MovingApi
from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("faker", "base_url", "xdist")
FORKS = True

OLD = """
    import uuid

    import pytest

    pytestmark = pytest.mark.vcr

    def test_org(api, auth, org):
        assert api.get(f"/orgs/{org['id']}", headers=auth).json() == org

    def test_member(api, auth, org):
        sent = {"name": "Ada", "ref": str(uuid.uuid4())}
        made = api.post(f"/orgs/{org['id']}/members", json=sent, headers=auth).json()
        assert made["parent"] == org
        assert api.get(f"/orgs/{org['id']}/members/{made['id']}", headers=auth).json() == made

    def test_project(api, auth, org, project):
        assert project["parent"]["key"] == org["key"]
        path = f"/orgs/{org['id']}/projects/{project['id']}"
        assert api.get(path, headers=auth).json() == project

    class TestTeams:
        def test_team(self, api, auth, org, team):
            path = f"/orgs/{org['id']}/teams/{team['id']}"
            assert api.get(path, headers=auth).json() == team

        def test_no_request(self, org):
            assert org["name"].startswith("Org ")
"""
NEW = """
    def test_new(api, auth, org, project):
        sent = {"name": f"Eve of {org['name']}", "of": org["ref"]}
        made = api.post(f"/orgs/{org['id']}/members", json=sent, headers=auth).json()
        assert made["parent"] == org
        assert made["of"] == org["ref"]
        found = api.get("/orgs", params={"ref": org["ref"]}, headers=auth).json()["items"]
        assert org in found
        path = f"/orgs/{org['id']}/projects/{project['id']}"
        assert api.get(path, headers=auth).json()["parent"] == org
"""
COUNT = 5


def _changed(now: dict[str, str], before: dict[str, str]) -> list[str]:
    return sorted(name for name in before if now[name] != before[name])


@pytest.mark.parametrize("source", [OLD + NEW, NEW + OLD], ids=["last", "first"])
def test_a_new_test_beside_recorded_ones(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, source: str
) -> None:
    MovingApi(server)
    suite(OLD, CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=COUNT)
    before = cassettes()
    head = OLD.partition("    def test_org")[0]
    suite(head + source.replace(head, ""), CONFTEST)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=COUNT + 1)
    assert DOUBT not in result.stdout.str()
    assert _changed(cassettes(), before) == []
    server.stop()
    run().assert_outcomes(passed=COUNT + 1)
    run("-k", "new").assert_outcomes(passed=1, deselected=COUNT)


FACTORY = """
    import pytest

    @pytest.fixture(scope="session")
    def make_member(api, auth, org):
        made = []

        def make(name):
            path = f"/orgs/{org['id']}/members"
            made.append(api.post(path, json={"name": name}, headers=auth).json())
            return made[-1]

        yield make
        for member in made:
            path = f"/orgs/{org['id']}/members/{member['id']}"
            assert api.delete(path, headers=auth).is_success
"""
MAKES = """
    @pytest.mark.vcr
    def test_{name}(api, auth, org, make_member):
        made = make_member("{name}")
        path = f"/orgs/{{org['id']}}/members/{{made['id']}}"
        assert api.get(path, headers=auth).json() == made

"""
ASYNC = """
    @pytest.mark.vcr
    def test_async(auth, org, async_client):
        async def main():
            found = await async_client.get(f"/orgs/{org['id']}", headers=auth)
            assert found.json() == org

        import asyncio
        asyncio.run(main())
"""


def test_what_a_new_test_makes_its_fixture_send_is_added_to_the_fixture(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """The teardown of the factory deletes what the new test made."""
    MovingApi(server)
    conftest = CONFTEST + FACTORY
    old = "\n    import pytest\n" + MAKES.format(name="one") + MAKES.format(name="two")
    suite(old, conftest)
    run("--record-mode=once").assert_outcomes(passed=2)
    before = cassettes()
    suite(old + MAKES.format(name="three") + ASYNC, conftest)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=4)
    assert DOUBT not in result.stdout.str()
    assert _changed(cassettes(), before) == ["@make_member"]
    assert cassettes()["@make_member"].startswith(before["@make_member"].removesuffix("...\n"))
    server.stop()
    for options in ([], ["--reverse"], ["-n", "2"]):
        run("-p", "xdist", *options).assert_outcomes(passed=4)
    run("-k", "three or async").assert_outcomes(passed=2, deselected=2)


def test_failures_beside_a_new_test_leave_all_others_green(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """A failing new test, an edited old test, and a live fixture whose teardown fails."""
    MovingApi(server)
    suite(OLD, CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=COUNT)
    before = cassettes()
    edited = OLD.replace('"name": "Ada"', '"name": "Eve"')
    fails = (
        "\n    def test_fails(auth, org, api):\n        assert api.get('/', headers=auth) is None\n"
    )
    logs_out = """api.delete("/session", headers={"Authorization": f"Bearer {token}"})"""
    broken = CONFTEST.replace(logs_out, "assert 0")
    suite(edited + NEW + fails, broken)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=COUNT, failed=2, errors=1)
    assert _changed(cassettes(), before) == []
    suite(OLD + NEW, CONFTEST)
    server.stop()
    run().assert_outcomes(passed=COUNT + 1)


NUMBERS = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def order(client):
        return client.get("/count").json()["n"]

    @pytest.mark.parametrize("n", range(2))
    def test_order(client, order, n):
        client.get(f"/status/200?n={n}&order={order}")
        client.post("/echo", json={"order": order, "n": n + 50, "ok": True})

    @pytest.fixture(scope="module")
    def shop(client, order):
        return client.get(f"/status/200?shop={order}").json()["status"]

    def test_shop(shop):
        pass
"""
DOUBT = "sent a value that a fixture got in this run"


def test_a_number_that_may_be_of_a_live_fixture_is_told(
    suite: Suite, run: Run, server: Server
) -> None:
    """Nothing says that `n` identifies something: the new test may send this number by itself."""
    suite(NUMBERS)
    run("--record-mode=once", "-k", "0").assert_outcomes(passed=1, deselected=2)
    result = run("--record-mode=once", "-k", "not 0")
    result.assert_outcomes(passed=2, deselected=1)
    named = "test_suite.py::test_order[[]1] and 1 more"
    result.stdout.fnmatch_lines([f"reprise: {named} {DOUBT}*(query.order)*Record again:*"])
    run().assert_outcomes(passed=1, failed=1, errors=1)

    again = run("--record-mode=rewrite")
    again.assert_outcomes(passed=3)
    assert DOUBT not in again.stdout.str()
    server.stop()
    run().assert_outcomes(passed=3)


EDITED = """
    @pytest.fixture(scope="module")
    def project(api, auth, org):
        path = f"/orgs/{org['id']}/projects"
        api.post(path, json={"title": "p"}, headers=auth)
        return api.post(path, json={"title": "p"}, headers=auth).json()
"""
USING = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.mark.parametrize("n", range(3))
    def test_project(api, auth, org, project, n):
        path = f"/orgs/{org['id']}/projects/{project['id']}"
        assert api.get(path, headers=auth).json() == project
"""


def test_a_fixture_that_does_not_fit_the_tests_that_stay_is_refused(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """It makes another object first. With which of the two is the old one to be paired?"""
    MovingApi(server)
    unused = (
        USING
        + """
    def test_only_the_fixture(project):
        assert project["title"] == "p"
    """
    )
    suite(unused, CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=4)
    before = cassettes()
    suite(unused, CONFTEST + EDITED)
    for selected in ("only", "0"):
        result = run("--record-mode=rewrite", "-k", selected)
        result.assert_outcomes(passed=1, deselected=3, errors=result.parseoutcomes()["errors"])
        result.stdout.fnmatch_lines(["*fixture of cassettes/test_suite/@project.yaml was edited.*"])
        assert cassettes() == before
    run("--record-mode=rewrite").assert_outcomes(passed=4)
    server.stop()
    run().assert_outcomes(passed=4)
