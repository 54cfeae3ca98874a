import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from .aliases import Headers, Join, Json, MakeUser

pytestmark = pytest.mark.vcr


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4()}@example.com"


def emails(response: httpx.Response) -> list[str]:
    return [member["email"] for member in response.json()["items"]]


class TestOrganisation:
    def test_can_be_read(
        self, client: httpx.Client, auth_headers: Headers, organisation: Json
    ) -> None:
        response = client.get(f"/organisations/{organisation['id']}", headers=auth_headers)

        assert response.json() == organisation
        assert response.json()["name"].startswith("Society ")

    @pytest.mark.asyncio
    async def test_can_be_read_async(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, organisation: Json
    ) -> None:
        path = f"/organisations/{organisation['id']}"

        response = await async_client.get(path, headers=auth_headers)

        assert response.json()["name"] == organisation["name"]

    def test_name_is_taken(
        self, client: httpx.Client, auth_headers: Headers, organisation: Json
    ) -> None:
        twin = {"name": organisation["name"].upper()}

        response = client.post("/organisations", json=twin, headers=auth_headers)

        assert response.status_code == 409
        assert organisation["name"].upper() in response.json()["detail"]

    def test_other_name_is_free(
        self, client: httpx.Client, auth_headers: Headers, organisation: Json
    ) -> None:
        branch = {"name": f"{organisation['name']}, branch {uuid.uuid4().hex[:8]}"}

        response = client.post("/organisations", json=branch, headers=auth_headers)

        assert response.status_code == 201
        assert response.json()["name"] == branch["name"]
        assert response.json()["id"] != organisation["id"]

    def test_cannot_be_deleted(
        self, client: httpx.Client, auth_headers: Headers, organisation: Json
    ) -> None:
        path = f"/organisations/{organisation['id']}"

        assert client.delete(path, headers=auth_headers).status_code == 405


class TestMembers:
    def test_join_an_organisation(self, join: Join, organisation: Json, email: str) -> None:
        member = join(email, name="Grace Hopper")

        assert member["organisation_id"] == organisation["id"]
        assert (member["email"], member["name"]) == (email, "Grace Hopper")

    def test_join_once(
        self, client: httpx.Client, auth_headers: Headers, members: str, join: Join, email: str
    ) -> None:
        join(email)

        again = client.post(members, json={"email": email, "name": "Ada"}, headers=auth_headers)

        assert again.status_code == 409
        assert again.json()["detail"] == f"{email} is a member already."

    def test_newest_comes_last(
        self, client: httpx.Client, auth_headers: Headers, members: str, join: Join, email: str
    ) -> None:
        join(email)

        response = client.get(members, params={"sort": "-id", "size": 1}, headers=auth_headers)

        assert emails(response) == [email]

    def test_can_be_found_by_reference(
        self, client: httpx.Client, auth_headers: Headers, members: str, join: Join, email: str
    ) -> None:
        reference = f"ledger/{uuid.uuid1()}"
        member = join(email, reference=reference)

        response = client.get(members, params={"reference": reference}, headers=auth_headers)

        assert response.json()["items"] == [member]

    @pytest.mark.parametrize(("minutes", "is_found"), [(-1, True), (5, False)])
    def test_can_be_found_by_time(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        members: str,
        join: Join,
        email: str,
        minutes: int,
        is_found: bool,
    ) -> None:
        join(email)
        since = datetime.now(UTC) + timedelta(minutes=minutes)

        params = {"since": since.isoformat(), "sort": "-id", "size": "1"}
        response = client.get(members, params=params, headers=auth_headers)

        assert (emails(response) == [email]) is is_found

    def test_of_unknown_organisation(self, client: httpx.Client, auth_headers: Headers) -> None:
        response = client.get("/organisations/999999999/members", headers=auth_headers)

        assert response.status_code == 404


class TestTag:
    """A value that is the same in all tests of a run."""

    def test_is_new(self, suite_tag: str) -> None:
        assert suite_tag.startswith("run-")

    def test_marks_users(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser, suite_tag: str
    ) -> None:
        made = make_user(team=suite_tag)

        response = client.get("/users", params={"team": suite_tag}, headers=auth_headers)

        assert [user["id"] for user in response.json()["items"]] == [made["id"]]

    def test_marks_members(
        self, join: Join, organisation: Json, suite_tag: str, email: str
    ) -> None:
        member = join(f"{suite_tag}-{email}", reference=suite_tag)

        assert member["reference"] == suite_tag
        assert member["organisation_id"] == organisation["id"]
