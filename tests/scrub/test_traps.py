"""Clients that check what they receive: each flow is recorded, and replayed without its secrets.

They decode tokens, follow signed links, check lengths, digests and numbers, and tell users apart. A
placeholder of another format would break them.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ..harness.inner_suites import Outcome, run_suite, write_suite
from ..harness.placements import Made, Mint, Pairs
from ..harness.raw_server import Call, RawServer
from ..harness.secret_search import Disk, Interaction, fail_if_any, load

SUITE = '''
import base64
import gzip
import hashlib
import json
import os
import ssl
import time
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel, Field

from tests.harness.placements import is_iban, is_luhn, parts_of_jwt

pytestmark = pytest.mark.vcr
BASE = os.environ["API_BASE_URL"]
PASSWORD = os.environ.get("SHOP_PASSWORD", "changeme")
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
def client():
    with httpx.Client(base_url=BASE, verify=NO_TLS, trust_env=False) as client:
        yield client


def log_in(client, user="ada"):
    response = client.post("/login", json={"user": user, "password": PASSWORD})
    assert response.status_code == 200
    return response.json()["access_token"]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_token_in_path_and_body(client):
    token = log_in(client)
    assert client.get(f"/sessions/{token}/info").json() == {"user": "ada"}
    assert client.post("/check", json={"note": f"with {token}"}).json() == {"known": True}
    assert client.get("/me", headers=bearer(token)).json() == {"name": "ada"}
    client.delete(f"/sessions/{token}").raise_for_status()


def test_jwt_is_decoded(client):
    token = client.post("/jwt", json={"password": PASSWORD}).json()["token"]
    header, claims = parts_of_jwt(token)
    assert header["alg"] == "HS256"
    assert (claims["iss"], claims["aud"]) == ("https://id.example", "shop")
    assert claims["scope"] == "read write"
    assert type(claims["iat"]) is type(claims["exp"]) is int
    assert claims["iat"] - 5 <= time.time() < claims["exp"]
    assert claims["exp"] - claims["iat"] == 3600
    assert isinstance(claims["sub"], str) and claims["level"] == 7
    assert client.get("/me", headers=bearer(token)).json() == {"name": "ada"}


def test_cookie_login(client):
    form = {"user": "ada", "password": PASSWORD}
    assert client.post("/cookie-login", data=form).json() == {"user": "ada"}
    assert client.cookies["theme"] == "dark"
    assert client.get("/cookie-me").json() == {"name": "ada"}
    client.cookies.clear()
    assert client.get("/cookie-me").status_code == 401


def test_signed_url_is_followed(client):
    upload = client.post("/uploads", json={"name": "a.txt"}).json()
    query = httpx.URL(upload["url"]).params
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-Expires"] == "900"
    assert client.get(upload["url"]).text == "the object"


def test_redirect_to_signed_url(client):
    response = client.get("/redirected", follow_redirects=True)
    assert response.text == "the object"
    assert len(response.history) == 1


@pytest.mark.parametrize("path", ["/sealed", "/sealed-gzip"])
def test_digests(client, path):
    with client.stream("GET", path) as response:
        raw = b"".join(response.iter_raw())
    sha = base64.b64encode(hashlib.sha256(raw).digest()).decode()
    md5 = hashlib.md5(raw)
    assert response.headers["content-length"] == str(len(raw))
    assert response.headers["content-md5"] == base64.b64encode(md5.digest()).decode()
    assert response.headers["digest"] == f"SHA-256={sha}"
    assert response.headers["content-digest"] == f"sha-256=:{sha}:"
    assert response.headers["etag"] == '"' + md5.hexdigest() + '"'
    plain = gzip.decompress(raw) if path.endswith("gzip") else raw
    assert json.loads(plain)["user"] == "ada"


def test_etag_of_another_kind(client):
    """A value that is not a digest of the body is not replaced by one."""
    assert client.get("/versioned").headers["etag"] == '"0123456789abcdef0123456789abcdef"'


def test_sent_digest(client):
    body = json.dumps({"user": "ada", "password": PASSWORD}).encode()
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    headers = {"Content-MD5": digest, "Content-Type": "application/json"}
    assert client.post("/login-sealed", content=body, headers=headers).status_code == 200


class Refreshing(httpx.Auth):
    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer " + os.environ.get("SHOP_TOKEN", "an-old-one-1")
        response = yield request
        if response.status_code == 401:
            again = {"refresh_token": os.environ.get("SHOP_REFRESH_TOKEN", "changeme")}
            fresh = yield httpx.Request("POST", BASE + "/refresh", json=again)
            fresh.read()
            request.headers["Authorization"] = f"Bearer {fresh.json()['access_token']}"
            yield request


def test_401_then_a_fresh_token(client):
    response = client.get("/me", auth=Refreshing())
    assert response.json() == {"name": "ada"}


def test_two_users_stay_two(client):
    tokens = {user: log_in(client, user) for user in ("ada", "bob")}
    assert tokens["ada"] != tokens["bob"]
    users = list(tokens)
    if os.environ["BENCH_PHASE"] in ("replay", "bare"):
        users.reverse()
    for user in [*users, *users]:
        assert client.get("/me", headers=bearer(tokens[user])).json() == {"name": user}


class Account(BaseModel):
    api_key: UUID
    credential: Annotated[str, Field(pattern=r"^[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+$")]
    signing_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    encryption_key: Annotated[str, Field(min_length=60, max_length=60)]
    otp: Annotated[int, Field(ge=10_000_000, le=99_999_999)]
    verification_code: Annotated[str, Field(pattern=r"^\\d{8}$")]


def test_models_are_valid(client):
    account = Account.model_validate_json(client.get("/account").content)
    assert len(base64.b64decode(account.encryption_key, validate=True)) == 44


def test_card_by_luhn(client):
    found = client.get("/wallet").json()
    assert len(found["card_number"]) == 16 and is_luhn(found["card_number"])
    assert is_luhn(found["spaced"].replace(" ", "")) and found["spaced"].count(" ") == 3
    assert is_iban(found["account"])
    assert found["last4"] == "4242"


def test_short_password_does_not_spread(client):
    found = client.get("/short").json()
    assert found["mood"] == "quiet2" and found["all"] == "3600 of postgres"


def test_same_value_is_same_placeholder(client):
    found = client.get("/same").json()
    assert found["access_token"] == found["again"]["token"] != found["refresh_token"]
    assert found["link"] == "https://shop.example/in?token=" + found["access_token"]
    blob = base64.b64decode(found["blob"]).decode()
    assert blob == "user=ada;token=" + found["access_token"] + ";end"
'''

TRAPS = (
    "token_in_path_and_body",
    "jwt_is_decoded",
    "cookie_login",
    "signed_url_is_followed",
    "redirect_to_signed_url",
    "digests[/sealed]",
    "digests[/sealed-gzip]",
    "etag_of_another_kind",
    "sent_digest",
    "401_then_a_fresh_token",
    "two_users_stay_two",
    "models_are_valid",
    "card_by_luhn",
    "short_password_does_not_spread",
    "same_value_is_same_placeholder",
)


class Api(RawServer):
    """A shop that checks every request; `mint` makes the secrets that it gives out."""

    def __init__(self, environment: Mapping[str, str], mint: Mint) -> None:
        self._environment, self._mint = environment, mint
        self._users: dict[str, str] = {}
        self._signature = mint("hex")
        super().__init__()

    def _answer(self, call: Call) -> None:
        name = f"{call.method} {call.path}"
        answers = {
            "POST /login": self._log_in,
            "POST /login-sealed": self._log_in_sealed,
            "GET /me": self._me,
            "POST /check": self._check,
            "POST /jwt": self._jwt,
            "POST /cookie-login": self._cookie_login,
            "GET /cookie-me": self._cookie_me,
            "POST /uploads": lambda call: call.json({"url": self._signed(call)}),
            "GET /redirected": self._redirected,
            "GET /objects/7": self._object,
            "POST /refresh": self._refresh,
            "GET /sealed": lambda call: self._sealed(call, ()),
            "GET /sealed-gzip": lambda call: self._sealed(call, (("Content-Encoding", "gzip"),)),
            "GET /versioned": self._versioned,
            "GET /account": self._account,
            "GET /wallet": self._wallet,
            "GET /short": self._short,
            "GET /same": self._same,
        }
        if call.path.startswith("/sessions/"):
            self._session(call)
        else:
            answers[name](call)

    def _token(self, user: str, form: str = "token") -> str:
        token = self._mint(form)
        self._users[token] = user
        return token

    def _log_in(self, call: Call) -> None:
        sent = json.loads(call.body)
        assert sent["password"] == self._environment["SHOP_PASSWORD"]
        call.json({"access_token": self._token(sent["user"]), "token_type": "Bearer"})

    def _log_in_sealed(self, call: Call) -> None:
        digest = base64.b64encode(hashlib.md5(call.body).digest()).decode()
        call.json({"done": True}, "200 OK" if call.headers["content-md5"] == digest else "400 Bad")

    def _user(self, call: Call) -> str | None:
        return self._users.get(call.headers.get("authorization", "").removeprefix("Bearer "))

    def _me(self, call: Call) -> None:
        if user := self._user(call):
            call.json({"name": user})
        else:
            call.json({"detail": "who?"}, "401 Unauthorized", 'WWW-Authenticate: Bearer realm="a"')

    def _session(self, call: Call) -> None:
        user = self._users[call.path.split("/")[2]]
        call.json({"user": user})

    def _check(self, call: Call) -> None:
        call.json({"known": json.loads(call.body)["note"].removeprefix("with ") in self._users})

    def _jwt(self, call: Call) -> None:
        token = self._mint("leveled jwt")
        self._users[token] = "ada"
        call.json({"token": token})

    def _cookie_login(self, call: Call) -> None:
        rest = "Path=/; HttpOnly; SameSite=Lax"
        cookie = f"Set-Cookie: sid={self._token('ada')}; {rest}"
        call.json({"user": "ada"}, "200 OK", cookie, "Set-Cookie: theme=dark; Path=/")

    def _cookie_me(self, call: Call) -> None:
        pairs = [part.partition("=") for part in call.headers.get("cookie", "").split("; ")]
        user = self._users.get({name: value for name, _, value in pairs}.get("sid", ""))
        call.json({"name": user}, "200 OK" if user else "401 Unauthorized")

    def _signed(self, call: Call) -> str:
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self._mint('aws')}%2F20240131%2Feu-west-1%2Fs3%2Faws4_request",
            "X-Amz-Date": "20240131T120000Z",
            "X-Amz-Expires": "900",
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Security-Token": self._mint(),
            "X-Amz-Signature": self._signature,
        }
        pairs = "&".join(f"{name}={value}" for name, value in query.items())
        return f"http://{call.headers['host']}/objects/7?{pairs}"

    def _redirected(self, call: Call) -> None:
        call.answer("302 Found", f"Location: {self._signed(call)}", "Content-Length: 0")

    def _object(self, call: Call) -> None:
        assert call.target.endswith(f"X-Amz-Signature={self._signature}")
        call.answer("200 OK", "Content-Type: text/plain", "Content-Length: 10", body=b"the object")

    def _refresh(self, call: Call) -> None:
        assert json.loads(call.body)["refresh_token"] == self._environment["SHOP_REFRESH_TOKEN"]
        call.json({"access_token": self._token("ada")})

    def _sealed(self, call: Call, coding: Pairs) -> None:
        plain = json.dumps({"user": "ada", "secret": self._mint("tricky password")}).encode()
        body = gzip.compress(plain, mtime=0) if coding else plain
        md5, sha = hashlib.md5(body), base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers = (
            *coding,
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Content-MD5", base64.b64encode(md5.digest()).decode()),
            ("Digest", f"SHA-256={sha}"),
            ("Content-Digest", f"sha-256=:{sha}:"),
            ("ETag", f'"{md5.hexdigest()}"'),
        )
        call.answer("200 OK", *(f"{name}: {value}" for name, value in headers), body=body)

    def _versioned(self, call: Call) -> None:
        etag = 'ETag: "0123456789abcdef0123456789abcdef"'
        call.json({"secret": self._mint()}, "200 OK", etag)

    def _account(self, call: Call) -> None:
        call.json(
            {
                "api_key": self._mint("uuid"),
                "credential": self._mint("e-mail"),
                "signing_key": self._mint("hex"),
                "encryption_key": self._mint("base64 key"),
                "otp": int(self._mint("code")),
                "verification_code": self._mint("code"),
            }
        )

    def _wallet(self, call: Call) -> None:
        call.json(
            {
                "card_number": self._mint("visa"),
                "spaced": self._mint("spaced card"),
                "account": self._mint("iban"),
                "last4": "4242",
            }
        )

    def _short(self, call: Call) -> None:
        call.json(
            {
                "password": "quiet2",
                "mood": "quiet2",
                "client_secret": "postgres",
                "passcode": "3600",
                "all": "3600 of postgres",
            }
        )

    def _same(self, call: Call) -> None:
        token = self._mint()
        blob = base64.b64encode(f"user=ada;token={token};end".encode()).decode()
        call.json(
            {
                "access_token": token,
                "again": {"token": token},
                "refresh_token": self._mint(),
                "link": f"https://shop.example/in?token={token}",
                "blob": blob,
            }
        )


class Traps:
    """A recording, two replays (with other secrets, and with none), and a second recording."""

    def __init__(self, inside: Path) -> None:
        write_suite(inside, SUITE)
        self._inside = inside
        self.made: list[Made] = []
        url, self.recorded = self._record("record", "once")
        before = self._cassettes()
        self.replayed = self._run("replay", url, _environment(Mint()), "none")
        self.bare = self._run("bare", url, {}, "none")
        output = [outcome.output for outcome in (self.recorded, self.replayed, self.bare)]
        _, again = self._record("again", "rewrite")
        self.again = again
        self.disk = Disk(inside, [*output, again.output])
        after = self._cassettes()
        self.changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}

    def _record(self, phase: str, mode: str) -> tuple[str, Outcome]:
        mint = Mint()
        environment = _environment(mint)
        with closing(Api(environment, mint)) as server:
            outcome = self._run(phase, server.url, environment, mode)
        self.made += mint.made
        return server.url, outcome

    def _run(self, phase: str, url: str, environment: Mapping[str, str], mode: str) -> Outcome:
        bench = {"API_BASE_URL": url, "BENCH_PHASE": phase}
        return run_suite(self._inside, phase, {**environment, **bench}, f"--record-mode={mode}")

    def _cassettes(self) -> dict[str, list[Interaction]]:
        """Return the interactions of each cassette, without their times."""
        found = sorted(self._inside.rglob("*.yaml"))
        return {path.stem: [_timeless(each) for each in load(path)] for path in found}


def _timeless(interaction: Interaction) -> dict[str, Any]:
    return {**interaction, "reprise": {**interaction.get("reprise", {}), "at": 0}}


def _environment(mint: Mint) -> dict[str, str]:
    names = ("SHOP_PASSWORD", "SHOP_REFRESH_TOKEN", "SHOP_TOKEN")
    return {name: mint() for name in names}


@pytest.fixture(scope="module", name="traps")
def fixture_traps(tmp_path_factory: pytest.TempPathFactory) -> Traps:
    return Traps(tmp_path_factory.mktemp("traps"))


def test_no_secret_is_on_disk(traps: Traps) -> None:
    """Neither of the first nor of the second recording."""
    fail_if_any(*traps.recorded.problems.values(), *traps.disk.traces(traps.made))
    assert traps.recorded.status == 0


def test_the_traps_are_all_named(traps: Traps) -> None:
    assert {f"test_{name}" for name in TRAPS} == set(traps.recorded.problems)


@pytest.mark.parametrize("name", TRAPS)
def test_replays_with_other_secrets(traps: Traps, name: str) -> None:
    fail_if_any(traps.recorded.problem(f"test_{name}"), traps.replayed.problem(f"test_{name}"))


@pytest.mark.parametrize("name", TRAPS)
def test_replays_without_secrets(traps: Traps, name: str) -> None:
    """On a machine whose environment has none of the variables."""
    fail_if_any(traps.recorded.problem(f"test_{name}"), traps.bare.problem(f"test_{name}"))


def test_recorded_again_is_the_same(traps: Traps) -> None:
    """New secrets take the placeholders of the old ones, so that cassettes do not change.

    A token with its own time of creation is an exception.
    """
    fail_if_any(*traps.again.problems.values())
    assert {name for name in traps.changed if "jwt" not in name} == set()
