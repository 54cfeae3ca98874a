"""A third set of assertions on secrets, as tests of clients and services make them."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import Message
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

from .checks import Api, Check, check, claims, field, jose_header, undecided, unpadded

_TEXT, _JSON, _XML = "text/plain", "application/json", "application/xml"

_FORMS: Mapping[str, tuple[str, str, str, Callable[[str], object]]] = {
    "lwa": ("Login with Amazon", "access_token", "/Atza|IwEBI[A-Za-z0-9_-]{160}/", lambda t: t.startswith("Atza|") and len(t.split("|")[1]) == 165),
    "ebay": ("eBay", "access_token", "/v^1.1#i^1#p^3#r^0#I^3#f^0#t^H4sI[A-Za-z0-9+/]{180}==/", lambda t: t.startswith("v^1.1#i^1#") and t.count("#") == 6),
    "etsy": ("Etsy", "access_token", "/[1-9][0-9]{7}.[A-Za-z0-9_-]{86}/", lambda t: int(t.split(".")[0]) > 0),
    "salesforce": ("Salesforce", "access_token", "/00D[A-Za-z0-9]{12}![A-Za-z0-9._]{96}/", lambda t: len(t.split("!")[0]) == 15 and t.startswith("00D")),
    "facebook-app": ("Facebook", "access_token", "/[1-9][0-9]{15}|[A-Za-z0-9_-]{27}/", lambda t: t.split("|")[0].isdigit() and len(t.split("|")) == 2),
    "etherkey": ("Ethereum tooling", "private_key", "/0x[a-f0-9]{64}/", lambda t: t.startswith("0x") and len(t) == 66 and int(t, 16) > 0),
    "base58": ("Bitcoin tooling", "private_key", "/[5KL][1-9A-HJ-NP-Za-km-z]{51}/", lambda t: not set(t) & set("0OIl")),
    "uuid7": ("UUID version 7", "session_id", "/0195[a-f0-9]{4}-[a-f0-9]{4}-7[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}/", lambda t: uuid.UUID(t).version == 7),
    "upper-uuid": ("Windows APIs", "api_key", "/[A-F0-9]{8}-[A-F0-9]{4}-4[A-F0-9]{3}-[89AB][A-F0-9]{3}-[A-F0-9]{12}/", lambda t: str(uuid.UUID(t)).upper() == t),
    "nanoid": ("Nano ID", "invite_token", "/[A-Za-z0-9][A-Za-z0-9_-]{19}[0-9]/", lambda t: re.fullmatch(r"[\w-]{21}", t, re.ASCII)),
    "svix": ("Standard Webhooks", "secret", "/whsec_[A-Za-z0-9+/]{32}/", lambda t: len(base64.b64decode(t.split("_")[1], validate=True)) == 24),
    "fernet-token": ("cryptography's Fernet", "access_token", "/gAAAAAB[A-Za-z0-9_-]{113}/", lambda t: t.startswith("gAAAAA") and len(base64.urlsafe_b64decode(t)) == 90),
    "xapp": ("Slack", "token", "/xapp-1-A[A-Z0-9]{10}-[1-9][0-9]{12}-[a-f0-9]{64}/", lambda t: [len(p) for p in t.split("-")] == [4, 1, 11, 13, 64]),
    "slack-digits": ("Slack", "token", "/xoxb-[1-9][0-9]{11}-[1-9][0-9]{12}-[A-Za-z0-9]{24}/", lambda t: all(p.isdigit() for p in t.split("-")[1:3])),
    "telegram-id": ("Telegram", "token", "/[1-8][0-9]{9}:AA[A-Za-z0-9_-]{33}/", lambda t: int(t.partition(":")[0]) > 0 and len(t.partition(":")[2]) == 35),
    "installation": ("GitHub Apps", "token", "/ghs_[A-Za-z0-9]{36}/", lambda t: t[:4] == "ghs_" and t[4:].isalnum()),
    "syt": ("Matrix", "access_token", "/syt_[A-Za-z0-9]{12}_[A-Za-z]{20}_[A-Za-z0-9]{6}/", lambda t: len(t.split("_")) == 4 and t.startswith("syt_")),
    "dop": ("DigitalOcean", "token", "/dop_v1_[a-f0-9]{64}/", lambda t: bytes.fromhex(t.rpartition("_")[2])),
    "sid-upper": ("Tomcat", "session_id", "/[A-F0-9]{32}/", lambda t: t.isupper() and len(bytes.fromhex(t)) == 16),
    "keyed": ("Anthropic API keys", "api_key", "/sk-ant-api03-[A-Za-z0-9_-]{93}AA/", lambda t: len(t) == 108 and t.startswith("sk-ant-api03-")),
    "app-password": ("Google application passwords", "app_password", "/[a-z]{4} [a-z]{4} [a-z]{4} [a-z]{4}/", lambda t: len(t.replace(" ", "")) == 16),
    "groups": ("licence keys", "license_key", "/[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}/", lambda t: re.fullmatch(r"([A-Z0-9]{5}-){4}[A-Z0-9]{5}", t)),
    "numeric": ("numeric tokens", "access_token", "/[1-8][0-9]{17}/", lambda t: t.isdecimal() and len(t) == 18),
    "tilde": ("Microsoft Entra", "client_secret", "entra", lambda t: len(t) == 40 and "~" in t),
    "policy": ("generated passwords", "password", "plain", lambda t: any(c.isupper() for c in t) and any(c.islower() for c in t) and any(c.isdigit() for c in t)),
    "symbol": ("generated passwords", "password", "/[A-Z][a-z]{6}[0-9]{3}[!@#$][A-Za-z0-9]{6}/", lambda t: re.search(r"[!@#$]", t)),
    "jwe": ("RFC 7516", "id_token", "/eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.[A-Za-z0-9_-]{342}.[A-Za-z0-9_-]{16}.[A-Za-z0-9_-]{84}.[A-Za-z0-9_-]{22}/", lambda t: t.count(".") == 4 and json.loads(unpadded(t.split(".")[0]))["enc"] == "A256GCM"),
    "paseto": ("PASETO", "access_token", "/v4.public.[A-Za-z0-9_-]{140}/", lambda t: t.split(".")[:2] == ["v4", "public"]),
    "hash-cost": ("bcrypt", "password_hash", "/$2b$12$[A-Za-z0-9./]{53}/", lambda t: int(t.split("$")[2]) >= 12),
    "argon2": ("argon2-cffi", "password_hash", "/$argon2id$v=19$m=65536,t=3,p=4$[A-Za-z0-9+/]{22}$[A-Za-z0-9+/]{43}/", lambda t: dict(parse_qsl(t.split("$")[3].replace(",", "&")))["m"] == "65536"),
    "pbkdf2": ("Django", "password_hash", "/pbkdf2_sha256$870000$[A-Za-z0-9]{22}$[A-Za-z0-9+/]{43}=/", lambda t: t.split("$")[0] == "pbkdf2_sha256" and t.split("$")[1].isdigit()),
    "one-code-of-8": ("recovery codes", "recovery_code", "pin8", lambda t: t.isdigit() and len(t) == 8),
}


def _of(name: str, test: Callable[[str], object]) -> Callable[[Api], object]:
    return lambda api: test(api[name])


def _pair_in_auth(api: Api) -> bool:
    entry = api["auths"]["r.example"]
    return bool(base64.b64decode(entry["auth"]).decode() == f"{entry['username']}:{entry['password']}")


def _encoded(api: Api) -> bool:
    answer = api.json()
    return bool(base64.b64decode(answer["encoded"]).decode() == f"{answer['id']}:{answer['api_key']}")


def _saml(api: Api) -> bool:
    [text] = re.findall('name="SAMLResponse" value="([^"]+)"', api.text())
    root = ElementTree.fromstring(base64.b64decode(text))
    return root.findtext("NameID") == "ada@shop.example"


def _challenge(api: Api) -> bool:
    answer = api.json()
    digest = hashlib.sha256(answer["code_verifier"].encode()).digest()
    return bool(base64.urlsafe_b64encode(digest).decode().rstrip("=") == answer["code_challenge"])


def _verification(api: Api) -> bool:
    answer = api.json()
    return bool(answer["verification_uri_complete"].endswith(answer["user_code"]))


def _polled(api: Api) -> bool:
    code = api["device_code"]
    return bool(api.json(1, method="POST", body={"device_code": code})["device_code"] == code)


def _nonce(api: Api) -> bool:
    token = api["id_token"]
    return bool(claims(token)["nonce"] == "n-0S6_WzA2Mj" and claims(token)["azp"] == "shop")


def _svix_header(api: Api) -> bool:
    version, signature = api.call().headers["webhook-signature"].split(",")
    return version == "v1" and len(base64.b64decode(signature, validate=True)) == 32


def _stripe_header(api: Api) -> bool:
    parts = dict(part.split("=") for part in api.call().headers["Stripe-Signature"].split(","))
    return int(parts["t"]) == 1770000000 and len(bytes.fromhex(parts["v1"])) == 32


def _next_link(api: Api) -> bool:
    link = api["next"]
    return bool(api.json(1, target="/" + link.split("/", 3)[3])["ok"])


def _magic(api: Api) -> bool:
    location = urlsplit(api.call().headers["Location"])
    return bool(api.json(1, target=f"{location.path}?{location.query}")["signed_in"])


def _csv_rows(api: Api) -> bool:
    rows = list(csv.DictReader(io.StringIO(api.text())))
    return len({row["api_key"] for row in rows}) == 3 and all(len(row["api_key"]) == 40 for row in rows)


def _disposition(api: Api) -> bool:
    message = Message()
    message["content-disposition"] = api.call().headers["Content-Disposition"]
    return message.get_filename() == "recovery-codes.txt" and len(set(api.text().split())) == 4


def _kubeconfig(api: Api) -> bool:
    [data] = re.findall("client-key-data: (.*)", api.text())
    return base64.b64decode(data, validate=True).startswith(b"-----BEGIN RSA PRIVATE KEY-----")


def _text_otp(api: Api) -> bool:
    answer = api.json()
    return bool(re.search(r"\b\d{6}\b", answer["sms"])[0] == str(answer["otp"]))  # type: ignore[index]


def _echo(api: Api) -> bool:
    token = api["access_token"]
    seen = api.json(1, headers={"Authorization": f"Bearer {token}"})
    return bool(seen["headers"]["Authorization"] == f"Bearer {token}")


def _two_users(api: Api) -> bool:
    one, two = api["access_token"], api.json(1)["access_token"]
    first = api.json(2, headers={"Authorization": f"Bearer {one}"})
    second = api.json(3, headers={"Authorization": f"Bearer {two}"})
    return one != two and (first["user"], second["user"]) == ("ada", "bob")


def _rotation(api: Api) -> bool:
    seen = [api["refresh_token"]]
    for step in (1, 2):
        seen.append(api.json(step, method="POST", body={"refresh_token": seen[-1]})["refresh_token"])
    return len(set(seen)) == 3


def _in_cookie(api: Api) -> bool:
    cookie = SimpleCookie(api.call().headers["Set-Cookie"])["session"]
    return bool(api.json(1, headers={"X-Session-Token": cookie.value})["session"] == cookie.value and cookie["samesite"] == "lax")


def _signed_cookie(api: Api) -> bool:
    value = SimpleCookie(api.call().headers["Set-Cookie"])["session"].value
    return len(value.split(".")) == 3 and json.loads(unpadded(value.split(".")[0]))["user"] == 7


def _upload(api: Api) -> bool:
    fields = api["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    return bool(policy["conditions"][0]["bucket"] == "b" and len(fields["x-amz-signature"]) == 64)


def _expires(api: Api) -> bool:
    query = parse_qs(urlsplit(api["url"]).query)
    return datetime.fromtimestamp(int(query["Expires"][0]), UTC).year == 2026 and query["Key-Pair-Id"] == ["K2JCJMDEHXQW5F"]


def _sealed(api: Api) -> bool:
    state = api.json()
    [instance] = state["resources"][0]["instances"]
    return bool(len(instance["attributes"]["result"]) == instance["attributes"]["length"])


def _dsn(api: Api) -> bool:
    url = urlsplit(api["dsn"])
    return bool(url.username and url.password and url.path == "/1" and url.hostname == "o45.ingest.example")


def _redis(api: Api) -> bool:
    url = urlsplit(api["redis_url"])
    return bool(url.password and url.port == 6379 and url.path == "/0" and url.scheme == "rediss")


def _xml_session(api: Api) -> bool:
    session = ElementTree.fromstring(api.text()).findtext("sessionId") or ""
    return len(session) == 32 and int(session, 16) > 0


def _env(api: Api) -> bool:
    values = dict(line.split("=", 1) for line in api.text().split())
    return len(values["SECRET_KEY"]) == 50 and values["DEBUG"] == "0"


def _shared_claim(api: Api) -> bool:
    answer = api.json()
    return bool(claims(answer["access_token"])["sid"] == claims(answer["id_token"])["sid"])


def _alb(api: Api) -> bool:
    head, body, _ = api.call().headers["x-amzn-oidc-data"].split(".")
    return json.loads(base64.b64decode(head))["alg"] == "ES256" and "@" in json.loads(base64.b64decode(body))["email"]


_T = "«b64url:{\"alg\":\"RS256\",\"kid\":\"k1\"}»."
_FLOWS: list[Check] = [
    check("third-docker-auth", "Docker settings", '{"auths":{"r.example":{"username":"ada","password":"«plain»","auth":"«b64:ada:«=1»»"}}}', _pair_in_auth),
    check("third-elastic-encoded", "Elasticsearch API keys", '{"id":"VuaCfGcBCdbkQm-e5aOx","api_key":"«/[A-Za-z0-9_-]{20}[A-Z][0-9]/»","encoded":"«b64:VuaCfGcBCdbkQm-e5aOx:«=1»»"}', _encoded),
    check("third-saml-name", "SAML service providers", ('<form><input type="hidden" name="SAMLResponse" value="«b64:<Response><Signature><SignatureValue>«key64»</SignatureValue></Signature><NameID>ada@shop.example</NameID></Response>»"></form>', "text/html"), _saml),
    undecided("third-pkce", "RFC 7636", '{"code_verifier":"«url43»","code_challenge":"«challenge:«=1»»"}', _challenge),
    check("third-device-uri", "RFC 8628", '{"device_code":"«url43»","user_code":"«/[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}/»","verification_uri_complete":"https://id.example/device?user_code=«=2»"}', _verification),
    check("third-device-poll", "RFC 8628", [field("device_code", "url43"), field("device_code", "=1")], _polled),
    check("third-nonce", "OpenID Connect clients", '{"nonce":"n-0S6_WzA2Mj","id_token":"«b64url:{"alg":"RS256"}».«b64url:{"nonce":"n-0S6_WzA2Mj","azp":"shop","sub":"«jti»"}».«url43»"}', _nonce),
    check("third-svix-header", "Standard Webhooks", ('{"ok":true}', _JSON, (("webhook-signature", "v1,«key32»"),)), _svix_header),
    check("third-stripe-header", "Stripe webhooks", ('{"ok":true}', _JSON, (("Stripe-Signature", "t=1770000000,v1=«hex64»,v0=«hex64»"),)), _stripe_header),
    check("third-next-link", "pages with a token", ['{"next":"https://x.example/items?page=2&access_token=«secret40»"}', '{"ok":true}'], _next_link),
    check("third-magic-link", "magic links", [('{"ok":true}', _JSON, (("Location", "https://x.example/auth/verify?token=«url43»&next=home"),)), '{"signed_in":true}'], _magic),
    check("third-csv-rows", "exports of users", ("id,api_key,name\n1,«secret40»,Ada\n2,«secret40»,Bob\n3,«secret40»,Eve\n", "text/csv"), _csv_rows),
    check("third-download", "recovery codes as a file", ("«/[a-z0-9]{5}-[a-z0-9]{5}/»\n«/[a-z0-9]{5}-[a-z0-9]{5}/»\n«/[a-z0-9]{5}-[a-z0-9]{5}/»\n«/[a-z0-9]{5}-[a-z0-9]{5}/»\n", _TEXT, (("Content-Disposition", 'attachment; filename="recovery-codes.txt"'),)), _disposition),
    check("third-kubeconfig-key", "kubectl settings", ("users:\n- name: ada\n  user:\n    client-key-data: «b64:«rsa pem»»\n", "application/yaml"), _kubeconfig),
    check("third-text-otp", "SMS gateways", '{"otp":"«pin6»","sms":"Your code is «=1». It expires in 5 minutes."}', _text_otp),
    check("third-echo", "httpbin", [field("access_token", "url43"), '{"headers":{"Accept":"*/*","Authorization":"Bearer «=1»"}}'], _echo),
    check("third-two-users", "two users sign in", [field("access_token", "url43"), field("access_token", "url43"), '{"user":"ada"}', '{"user":"bob"}'], _two_users),
    check("third-rotation", "three refresh tokens", [field("refresh_token", "url43")] * 3, _rotation),
    check("third-cookie-as-header", "sessions", [('{"ok":true}', _JSON, (("Set-Cookie", "session=«/[A-Za-z0-9]{40}/»; Path=/; SameSite=lax"),)), '{"session":"«=1»"}'], _in_cookie),
    check("third-flask-cookie", "Flask sessions", ('{"ok":true}', _JSON, (("Set-Cookie", 'session=«b64url:{"user":7,"csrf":"«hex40»"}».«/[A-Za-z0-9_-]{6}/».«/[A-Za-z0-9_-]{27}/»; HttpOnly; Path=/'),)), _signed_cookie),
    check("third-upload-policy", "S3 browser uploads", '{"fields":{"policy":"«b64:{"expiration":"2026-03-01T10:00:00Z","conditions":[{"bucket":"b"},{"x-amz-security-token":"«/IQoJb3JpZ2lu[A-Za-z0-9+/]{160}/»"}]}»","x-amz-signature":"«hex64»"}}', _upload),
    check("third-cloudfront-url", "CloudFront", '{"url":"https://cdn.example/a?Expires=1788220860&Signature=«/[A-Za-z0-9~-]{342}__/»&Key-Pair-Id=K2JCJMDEHXQW5F"}', _expires),
    check("third-state-length", "Terraform state", '{"resources":[{"type":"random_password","instances":[{"attributes":{"length":18,"result":"«plain»"},"sensitive_attributes":[[{"type":"get_attr","value":"result"}]]}]}]}', _sealed),
    check("third-sentry-dsn", "Sentry", '{"dsn":"https://cec9dfce:«hex32»@o45.ingest.example/1"}', _dsn),
    check("third-redis-url", "Redis clients", '{"redis_url":"rediss://default:«/[A-Za-z0-9]{30}[0-9]/»@r.example:6379/0"}', _redis),
    check("third-xml-session", "Quick Base", ("<qdbapi><sessionId>«hex32»</sessionId></qdbapi>", _XML), _xml_session),
    check("third-env-file", "Django", ("SECRET_KEY=«/[a-z0-9]{50}/»\nDEBUG=0\n", _TEXT), _env),
    check("third-session-claim", "OpenID Connect sessions", '{"access_token":"' + _T + '«b64url:{"sid":"«uuid»","exp":4102444800}».«url43»","id_token":"' + _T + '«b64url:{"sid":"«=1»","exp":4102444800}».«url43»"}', _shared_claim),
    check("third-alb", "AWS load balancers", ('{"ok":true}', _JSON, (("x-amzn-oidc-data", '«b64:{"typ":"JWT","kid":"7","alg":"ES256"}».«b64:{"sub":"«uuid»","email":"ada@shop.example"}».«/[A-Za-z0-9_-]{86}==/»'),)), _alb),
    check("third-kid-stays", "JWKS clients", '{"access_token":"' + _T + '«b64url:{"sub":"«uuid»","groups":["admin","staff"],"exp":4102444800}».«url43»"}', lambda api: (jose_header(api["access_token"])["kid"], claims(api["access_token"])["groups"]) == ("k1", ["admin", "staff"])),
    check("third-uuid-claim", "JWT clients", '{"access_token":"' + _T + '«b64url:{"sub":"«uuid»","exp":4102444800}».«url43»"}', lambda api: uuid.UUID(claims(api["access_token"])["sub"])),
    check("third-fields-beside", "OAuth answers", '{"access_token":"«url43»","token_type":"Bearer","expires_in":3600,"scope":"read write","id":"6dcb09b5"}', lambda api: (lambda a: (a["token_type"], a["expires_in"], a["scope"], a["id"]) == ("Bearer", 3600, "read write", "6dcb09b5"))(api.json())),
    check("third-dots-of-otpauth", "authenticator apps", '{"uri":"otpauth://totp/Shop:ada%40shop.example?secret=«base32»&issuer=Shop&algorithm=SHA1&digits=6&period=30"}', lambda api: (lambda q: (q["digits"], q["issuer"], len(base64.b32decode(q["secret"][0]))) == (["6"], ["Shop"], 20))(parse_qs(urlsplit(api["uri"]).query))),
    check("third-mongo-uri", "MongoDB", '{"uri":"mongodb+srv://app:«plain»@c.example/shop?retryWrites=true&w=majority"}', lambda api: (urlsplit(api["uri"]).username, urlsplit(api["uri"]).hostname, urlsplit(api["uri"]).query) == ("app", "c.example", "retryWrites=true&w=majority")),
    check("third-encoded-password", "database URLs", '{"url":"postgresql://app:«pct:«pw»»@db.example/shop"}', lambda api: unquote(urlsplit(api["url"]).password or "") and urlsplit(api["url"]).path == "/shop"),
    check("third-webhook-id", "Discord", '{"url":"https://discord.com/api/webhooks/223704706495545344/«/[A-Za-z0-9_-]{68}/»","id":"223704706495545344"}', lambda api: api.json()["url"].split("/")[-2] == api.json()["id"]),
    check("third-last-digit", "card forms", '{"card_number":"«card»","brand":"visa"}', lambda api: api["card_number"][0] == "4" and len(api["card_number"]) == 16),
]


def _forms() -> list[Check]:
    rows = []
    for name, (source, key, form, test) in _FORMS.items():
        rows.append(check(f"third-form-{name}", source, field(key, form), _of(key, test)))
    return rows


CHECKS: list[Check] = [*_forms(), *_FLOWS]
