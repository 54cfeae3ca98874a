import httpx
import pytest

from .aliases import Discard, Headers, Json, LogIn, MakeEmail, MakeUser

pytestmark = pytest.mark.vcr


class TestCreating:
    @pytest.fixture
    def response(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        make_email: MakeEmail,
        discard: Discard,
    ) -> httpx.Response:
        user = {"email": make_email(), "name": "Ada Lovelace", "password": "analytical-engine"}
        response = client.post("/users", json=user, headers=auth_headers)
        discard(response.headers["Location"])
        return response

    def test_answers_with_the_user(self, response: httpx.Response) -> None:
        assert response.status_code == 201
        assert response.json()["name"] == "Ada Lovelace"
        assert response.json()["role"] == "member"

    def test_says_where_the_user_is(
        self, response: httpx.Response, client: httpx.Client, auth_headers: Headers
    ) -> None:
        found = client.get(response.headers["Location"], headers=auth_headers)

        assert found.json() == response.json()

    def test_tells_nobody_the_password(self, response: httpx.Response) -> None:
        assert response.json().keys() == {"id", "email", "name", "role", "team", "created_at"}
        assert "analytical-engine" not in response.text


class TestChanging:
    def test_put_replaces_the_whole_profile(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        user = make_user(team="engines")
        profile = {"email": user["email"], "name": "Countess of Lovelace"}

        response = client.put(f"/users/{user['id']}", json=profile, headers=auth_headers)

        assert response.json()["name"] == "Countess of Lovelace"
        assert response.json()["team"] == ""

    def test_patch_leaves_the_rest_alone(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        user = make_user(team="engines")
        path = f"/users/{user['id']}"

        response = client.patch(path, json={"name": "Ada King"}, headers=auth_headers)

        assert response.json()["name"] == "Ada King"
        assert response.json()["team"] == "engines"

    def test_change_is_there_to_stay(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        path = f"/users/{make_user()['id']}"

        changed = client.patch(path, json={"team": "compilers"}, headers=auth_headers)

        assert client.get(path, headers=auth_headers).json() == changed.json()


class TestDeleting:
    def test_deleted_user_is_gone(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        path = f"/users/{make_user()['id']}"

        assert client.delete(path, headers=auth_headers).status_code == 204
        assert client.get(path, headers=auth_headers).status_code == 404
        assert client.delete(path, headers=auth_headers).status_code == 404

    def test_deleted_user_is_logged_out(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser, log_in: LogIn
    ) -> None:
        user = make_user()
        headers = log_in(user)

        client.delete(f"/users/{user['id']}", headers=auth_headers)

        assert client.get("/me", headers=headers).status_code == 401

    def test_address_is_free_again(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        first = make_user()
        client.delete(f"/users/{first['id']}", headers=auth_headers)

        assert make_user(email=first["email"])["id"] != first["id"]


class TestAddresses:
    def test_address_can_be_taken_once(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        taken = make_user()["email"].upper()
        twin = {"email": taken, "name": "Twin", "password": "analytical-engine"}

        response = client.post("/users", json=twin, headers=auth_headers)

        assert response.status_code == 409
        assert response.json()["detail"] == "The e-mail address is taken."

    def test_nobody_can_move_to_a_taken_address(
        self, client: httpx.Client, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        ada, grace = make_user(), make_user()
        path = f"/users/{grace['id']}"

        response = client.patch(path, json={"email": ada["email"]}, headers=auth_headers)

        assert response.status_code == 409


class TestRoles:
    def test_member_may_make_members(
        self,
        client: httpx.Client,
        member_headers: Headers,
        make_email: MakeEmail,
        discard: Discard,
    ) -> None:
        friend = {"email": make_email(), "name": "Friend", "password": "analytical-engine"}

        response = client.post("/users", json=friend, headers=member_headers)
        discard(response.headers["Location"])

        assert response.status_code == 201

    def test_member_may_not_make_admins(
        self, client: httpx.Client, member_headers: Headers, make_email: MakeEmail
    ) -> None:
        boss = {"email": make_email(), "name": "Boss", "password": "secret-12", "role": "admin"}

        response = client.post("/users", json=boss, headers=member_headers)

        assert response.status_code == 403

    def test_member_may_not_become_an_admin(
        self, client: httpx.Client, make_user: MakeUser, log_in: LogIn
    ) -> None:
        user = make_user()
        path = f"/users/{user['id']}"

        response = client.patch(path, json={"role": "admin"}, headers=log_in(user))

        assert response.status_code == 403

    def test_member_may_not_delete(
        self, client: httpx.Client, make_user: MakeUser, member_headers: Headers
    ) -> None:
        response = client.delete(f"/users/{make_user()['id']}", headers=member_headers)

        assert response.status_code == 403
        assert response.json()["detail"] == "Only an admin may do this."

    @pytest.mark.parametrize("role", ["admin", "member"])
    def test_admin_may_make_anybody(self, make_user: MakeUser, role: str) -> None:
        assert make_user(role=role)["role"] == role


class TestListing:
    @pytest.fixture
    def team(self, make_user: MakeUser, slug: str) -> Json:
        for name in ("Grace", "Ada", "Margaret"):
            make_user(name=name, team=slug)
        return {"team": slug}

    def names(self, response: httpx.Response) -> list[str]:
        return [user["name"] for user in response.json()["items"]]

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            pytest.param("id", ["Grace", "Ada", "Margaret"], id="as they came"),
            pytest.param("name", ["Ada", "Grace", "Margaret"], id="name: a/z"),
            pytest.param("-name", ["Margaret", "Grace", "Ada"], id="name: z/a"),
        ],
    )
    def test_sorts(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        team: Json,
        sort: str,
        names: list[str],
    ) -> None:
        response = client.get("/users", params=team | {"sort": sort}, headers=auth_headers)

        assert self.names(response) == names

    def test_filters_by_part_of_the_name(
        self, client: httpx.Client, auth_headers: Headers, team: Json
    ) -> None:
        filters = team | {"name_contains": "AR", "role": "member"}

        response = client.get("/users", params=filters, headers=auth_headers)

        assert self.names(response) == ["Margaret"]

    def test_filters_are_combined(
        self, client: httpx.Client, auth_headers: Headers, team: Json
    ) -> None:
        response = client.get("/users", params=team | {"role": "admin"}, headers=auth_headers)

        assert response.json() == {"items": [], "page": 1, "size": 20, "total": 0, "pages": 1}

    def test_options_name_the_methods(self, client: httpx.Client) -> None:
        response = client.options("/users")

        assert response.status_code == 204
        assert response.headers["Allow"] == "GET, POST, OPTIONS"
