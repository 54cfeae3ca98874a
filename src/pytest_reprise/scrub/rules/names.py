"""Which names belong to a secret. The head noun, which is the last word of a name, decides.

`accessToken`, `DB_PASSWORD` and `client-secret` name secrets; `token_type`, `password_policy`,
`secretName` and `next_page_token` do not.
"""

from __future__ import annotations

from functools import lru_cache

from ...patterns import lazy_regex

_WORD = lazy_regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
_BASE64 = lazy_regex(
    r"(?<![A-Za-z])[Bb](?:ase)?(?:64|32)|(?<=[a-z])B(?:ase)?(?:64|32)|B(?:ASE)?(?:64|32)"
)
_IGNORED_SUFFIXES = frozenset(
    "dev development prod production staging stage test live value val hex encoded".split()
)

_HEAD_KINDS = {
    **dict.fromkeys("password passwd pwd pw passphrase passcode psk".split(), "password"),
    **dict.fromkeys("requirepass masterauth mnemonic".split(), "password"),
    **dict.fromkeys("secret assertion".split(), "secret"),
    **dict.fromkeys("token jwt csrf xsrf csrftoken xsrftoken pat crumb".split(), "token"),
    **dict.fromkeys("authtoken accesstoken refreshtoken tempauth".split(), "token"),
    **dict.fromkeys("authorization".split(), "token"),
    **dict.fromkeys("apikey accesskey secretkey privatekey presharedkey".split(), "key"),
    **dict.fromkeys("credential cred auth pass".split(), "credential"),
    **dict.fromkeys("sid sessionid jsessionid phpsessid".split(), "session"),
    **dict.fromkeys("otp totp pin ssn cvv cvc".split(), "code"),
    "hmac": "signature",
}
_HEAD_ENDINGS = {
    "password": "password",
    "passwd": "password",
    "passphrase": "password",
    "apikey": "key",
    "token": "token",
    "secret": "secret",
}
"""Ends of words that are written together, as in PGPASSWORD and csrfmiddlewaretoken."""
_ENDINGS = tuple(_HEAD_ENDINGS)
_KEY_OWNERS = frozenset(
    "api access secret private signing encryption account master subscription session auth".split()
)
_PAIR_KINDS = {
    **{f"{owner} key": "key" for owner in _KEY_OWNERS},
    "session id": "session",
    "recovery code": "code",
    "backup code": "code",
    "verification code": "code",
    "connection string": "secret",
    "card number": "code",
    # Documented names whose last word alone says too little; each with its source.
    "key base": "key",  # Rails: SECRET_KEY_BASE
    "key data": "key",  # kubeconfig: client-key-data; Google IAM: privateKeyData
    "secret string": "secret",  # AWS Secrets Manager
    "secret binary": "secret",  # AWS Secrets Manager
    "secret text": "secret",  # Microsoft Graph, addPassword
    "code verifier": "code",  # RFC 7636
    "device code": "code",  # RFC 8628
    "seed phrase": "password",  # BIP 39
    "recovery phrase": "password",  # BIP 39
    "totp seed": "secret",  # RFC 6238
    "otp seed": "secret",  # RFC 6238
    "mfa code": "code",  # Auth0, Stytch
    "otp code": "code",  # GitHub
    "otp attempt": "code",  # Devise
    "sms code": "code",  # Firebase Auth
    "pin number": "code",  # card issuers
    "preshared key": "key",  # WireGuard
    "erlang cookie": "key",  # RabbitMQ
    "secure hash": "signature",  # VNPay
    "appsecret proof": "signature",  # Facebook Graph API
    "api sig": "signature",  # Last.fm
    "db pass": "password",  # PHP frameworks
    "pass code": "password",  # Nexus user tokens
    "totp code": "code",  # RFC 6238
    "security code": "code",  # card verification
    "confirmation code": "code",  # Amazon Cognito
    "pass word": "password",  # passWord, PassWord
    "unseal key": "key",  # Vault: unseal_keys_b64
    "recovery key": "key",  # Vault: recovery_keys_hex
    "admin pass": "password",  # OpenStack Nova
    "secret data": "secret",  # Keycloak, credentials in exports
    "authentication data": "code",  # Berlin Group PSD2: scaAuthenticationData
}
_OPAQUE_NAMES = {
    "sign": 24,  # Alipay, Taobao
    "pay sign": 24,  # WeChat Pay
    "plaintext": 24,  # AWS KMS
    "secret id": 24,  # Vault AppRole
    "js code": 24,  # WeChat
    "oob code": 24,  # Firebase Auth
    "ticket": 24,  # CAS
    "appid": 24,  # OpenWeather
    "access key id": 24,  # HTX
    "key1": 24,  # Azure AI services
    "key2": 24,  # Azure AI services
    "auth req id": 24,  # OpenID CIBA
    "sk": 24,  # Last.fm
    "saml response": 24,  # SAML 2.0, bindings
    "saml request": 24,  # SAML 2.0, bindings
    "session data": 40,  # Adyen
    "primary key": 40,  # Azure IoT Hub, Azure Maps
    "secondary key": 40,  # Azure IoT Hub, Azure Maps
    "app key": 32,  # LoRaWAN
    "nwk key": 32,  # LoRaWAN
    "application key": 24,  # Backblaze B2, Datadog
    "mobile key": 24,  # LaunchDarkly
    "client key": 24,  # Philips Hue, kubeconfig
    "clientkey": 24,  # Philips Hue
    "signaturevalue": 24,  # XML Signature
    "amz signature": 40,  # S3, fields of browser uploads
    "goog signature": 40,  # Cloud Storage, fields of browser uploads
    "listen key": 40,  # Binance user data streams
    "hmac key": 24,  # Adyen management API
    "stream key": 16,  # Twitch, Amazon IVS
    "transaction key": 16,  # Authorize.Net
    "session": 24,  # Amazon Cognito
    "session info": 24,  # Firebase, sign-in by phone
    "session code": 24,  # Keycloak
    "client state": 16,  # Microsoft Graph, change notifications
    "canary": 24,  # Microsoft sign-in pages
    "sft": 24,  # Microsoft sign-in pages
    "integration key": 24,  # PagerDuty
    "routing key": 32,  # PagerDuty; RabbitMQ's are words
    "local key": 16,  # Tuya
    "password hash": 24,  # RabbitMQ
    "secret hash": 40,  # Amazon Cognito
    "appskey": 32,  # LoRaWAN
    "nwkskey": 32,  # LoRaWAN
    "nwksenckey": 32,  # LoRaWAN
    "fnwksintkey": 32,  # LoRaWAN
    "snwksintkey": 32,  # LoRaWAN
}
"""Documented names that have other meanings too, with the length from which an opaque value is a
secret."""
_OPAQUE_PARAMETERS = {
    "code": 16,
    "state": 16,
    "key": 20,
    "ak": 24,  # Baidu maps
    "sn": 24,  # Baidu maps
}
"""Parameters of URLs with other meanings too, with the length from which an opaque value is a
secret."""
_USER_INFO = ("auth", "user", "info")
"""The end of names such as `basic.auth.user.info`, of clients of Kafka's schema registry."""
_PUBLIC_ID = "appId"
"""The public id of an application in Microsoft Graph. OpenWeather's secret is spelled `appid`."""
_PERSON_NAMES = frozenset(
    "first name,last name,full name,given name,family name,middle name,maiden name,surname,"
    "firstname,lastname,fullname,display name,nick name,nickname".split(",")
)
_HARMLESS_WORDS = frozenset(
    "page next continuation cursor sync max prompt completion total public has is label allow "
    "existing skip delta ratelimit rate checksum fingerprint eos bos eot pad unk sep cls mask "
    "special".split()
)
"""A name with one of these words before its head is no secret's: `max_tokens`, `public_key`."""
_PUBLIC_KEY_WORDS = frozenset(
    "cache sort partition primary foreign idempotency site publishable anon object lookup dedupe "
    "group shard index routing translation message".split()
)
"""Words before KEY in names of variables whose value is public: `RECAPTCHA_SITE_KEY`."""
_MIN_KEY_LENGTH = 24
"""Characters from which an opaque value is a key under a name such as `APP_KEY`."""
_WEAK_HEADS = frozenset(
    "token auth pass credential cred csrf xsrf pat hmac assertion crumb".split()
)
"""Heads that have harmless meanings too: a secret's only if the value looks like a secret."""

_NUMBERS_OF_THINGS = frozenset(
    "id ids gid uid ref reference ean gtin upc isbn imei meid iccid imsi sku barcode serial "
    "tracking timestamp time nanos micros millis cursor offset version revision sequence".split()
)
_THINGS = frozenset(
    "order tracking invoice serial reference part item customer shipment parcel article product "
    "ticket case sequence model batch lot document tax phone contract policy booking".split()
)
"""What has numbers that are no secrets, such as `order_number`."""

_SECRET_HEADERS = {
    "authorization": "token",
    "proxy-authorization": "token",
    "x-functions-key": "key",
    "x-goog-api-key": "key",
    "ocp-apim-subscription-key": "key",
    "x-auth-token": "token",
    "x-amz-security-token": "token",
    "x-vault-token": "token",
    "private-token": "token",
    "x-gitlab-token": "token",
    "x-shopify-access-token": "token",
    "stripe-signature": "signature",
    "x-hub-signature": "signature",
    "x-hub-signature-256": "signature",
    "dpop": "signature",
    "x-honeycomb-team": "key",  # Honeycomb API
    "x-bunq-client-authentication": "token",  # bunq API
    "x-registry-config": "credential",  # Docker Engine API
    "x-mfa-code": "code",  # Stytch
}
_PUBLIC_HEADERS = frozenset(
    "www-authenticate proxy-authenticate idempotency-key sec-websocket-key surrogate-key".split()
)
_SIGNING_WORDS = frozenset("sign sig signature hmac".split())
"""Words in the names of headers with signatures, such as X-Shopify-Hmac-Sha256."""


HINTS = tuple(
    "pass pwd pw sk mnemonic secret assertion token jwt csrf xsrf pat auth saml key cred sid otp "
    "pin ssn cvv cvc hmac session code card connection phrase secure sig cookie plaintext ticket "
    "appid state login crumb canary sft".split()
)
"""Each name of a secret contains one of them, in lower case. Most texts contain few or none."""
_PERSON_HINT = "name"


def hints_of(configured: frozenset[str], has_persons: bool) -> tuple[str, ...]:
    """Return HINTS, with those of configured names, and of names of persons if they count."""
    own = {max(name.split(), key=len, default="") for name in configured} - {""}
    return (*HINTS, *sorted(own), *([_PERSON_HINT] if has_persons else ()))


def split_name(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case.

    Camel, snake and kebab case are split. Digits and environments such as `prod` at the end are
    left out, and base64 as an encoding.
    """
    return _words_of(name) if len(name) <= _MAX_CACHED else _words_of.__wrapped__(name)


_MAX_CACHED = 64
"""Characters. A longer name is rarely met twice."""


@lru_cache(maxsize=2048)
def _words_of(name: str) -> tuple[str, ...]:
    words = [word.lower() for word in _WORD.findall(_BASE64.sub("", name))]
    while len(words) > 1 and (words[-1] in _IGNORED_SUFFIXES or words[-1].isdigit()):
        if words.pop().isdigit() and words[-1] == "v" and len(words) > 1:
            words.pop()  # as in ses_smtp_password_v4
    return tuple(words)


def secret_kind(name: str) -> str | None:
    """Return the kind of secret that a field or variable of this name holds, or None.

    Kinds are the words in placeholders: `Redacted-token-1` is of the kind token.
    """
    words = split_name(name)
    if not words or not _HARMLESS_WORDS.isdisjoint(words[:-1]):
        return None
    last = _singular(words[-1])
    return (
        _PAIR_KINDS.get(" ".join((*words[-2:-1], last)))
        or ("password" if words[-3:] == _USER_INFO else None)
        or _HEAD_KINDS.get(last)
        or _kind_by_ending(last)
    )


def _kind_by_ending(word: str) -> str | None:
    if not word.endswith(_ENDINGS) or word.removesuffix("token") in _HARMLESS_WORDS:
        return None
    return next((kind for end, kind in _HEAD_ENDINGS.items() if word.endswith(end)), None)


def is_pin_name(name: str) -> bool:
    """Whether the name is that of a PIN, which has digits only: other pins have words."""
    return split_name(name)[-1:] == ("pin",)


def has_plural_head(name: str) -> bool:
    """Whether the last word of the name is in the plural, as in `secrets`, which may be a scope."""
    words = split_name(name)
    return bool(words) and _singular(words[-1]) != words[-1]


@lru_cache(maxsize=8192)
def min_opaque_name_length(name: str) -> int | None:
    """Return the length from which an opaque value is a secret in a field of this name, or None.

    A name in capitals that ends in KEY is judged like a variable of the environment.
    """
    if name == _PUBLIC_ID:
        return None
    lowered = name.lower()
    if not any(map(lowered.__contains__, HINTS)):
        return None
    words = split_name(name)
    for known in (lowered, " ".join(words[-3:]), " ".join(words[-2:])):
        if found := _OPAQUE_NAMES.get(known):
            return found
    is_variable = name.isupper() and is_key_variable(name) and not _is_public_key_name(name)
    return _MIN_KEY_LENGTH if is_variable and "_" in name else None


def _is_public_key_name(name: str) -> bool:
    words = split_name(name)
    return any(word in _HARMLESS_WORDS or word in _PUBLIC_KEY_WORDS for word in words[:-1])


def _singular(word: str) -> str:
    return word if word.endswith("ss") else word.removesuffix("s")


def secret_parameter_kind(name: str) -> str | None:
    """Do the same for a URL parameter. A signature counts there: it gives access to the URL."""
    return "signature" if _is_signature(name) else secret_kind(name)


def _is_signature(name: str) -> bool:
    return split_name(name)[-1:] in (("sig",), ("signature",))


def has_weak_head(name: str) -> bool:
    """Whether a field of this name is a secret only if its value looks like one.

    True for `token`, `auth`, `pass` and others that have harmless meanings too.
    """
    words = split_name(name)
    if not words or " ".join(words[-2:]) in _PAIR_KINDS:
        return False
    last = _singular(words[-1])
    return last in _WEAK_HEADS or (last not in _HEAD_KINDS and last.endswith("token"))


def secret_header_kind(name: str) -> str | None:
    """Return the kind of secret that a header of this name holds, or None. Not for cookies."""
    lowered = name.lower()
    if lowered in _PUBLIC_HEADERS:
        return None
    return _SECRET_HEADERS.get(lowered) or secret_parameter_kind(name) or _signing_kind(name)


def _signing_kind(name: str) -> str | None:
    words = split_name(name)
    is_about = bool({"input", "algorithm", "agent", "method", "version"}.intersection(words))
    return "signature" if not is_about and not _SIGNING_WORDS.isdisjoint(words) else None


def is_header_name(name: str) -> bool:
    """Whether a field of this name is rather a header in JSON, as in logs of webhooks."""
    lowered = name.lower()
    return lowered in _SECRET_HEADERS or (lowered[:2] == "x-" and lowered not in _PUBLIC_HEADERS)


def is_key_header(name: str) -> bool:
    """Whether a header of this name holds a key, if its value is opaque: `X-RapidAPI-Key`."""
    return split_name(name)[-1:] == ("key",) and name.lower() not in _PUBLIC_HEADERS


def has_weak_header_name(name: str) -> bool:
    """Whether a header of this name is a secret only if its value looks like one."""
    return name.lower() not in _SECRET_HEADERS and has_weak_head(name)


def is_auth_like_cookie(name: str) -> bool:
    """Whether a cookie of this name identifies a session or a user: `sessionid`, `access_token`."""
    lowered = name.lower()
    return secret_kind(name) is not None or any(
        part in lowered for part in ("sess", "sid", "auth", "token", "login", "remember")
    )


def is_person_name(name: str) -> bool:
    """Whether a field of this name holds the name of a person."""
    words = split_name(name)
    return " ".join(words[-2:]) in _PERSON_NAMES or "".join(words[-1:]) in _PERSON_NAMES


@lru_cache(maxsize=8192)
def is_number_of_thing(name: str) -> bool:
    """Whether a field of this name holds the number of an order, a product or a device.

    Such a number may pass the check of a card number by chance: `gid`, `imei`, `tracking_number`.
    """
    words = split_name(name)
    if words[-1:] in (("number",), ("no",), ("nr",)):
        return not _THINGS.isdisjoint(words[:-1])
    return bool(words) and (words[-1] in _NUMBERS_OF_THINGS or words[-1] in _THINGS)


def min_opaque_length(name: str) -> int | None:
    """Return the length from which an opaque value of this URL parameter is a secret.

    None if the name never makes it one. A shorter `code` or `state` may be a country or a status.
    """
    return _OPAQUE_PARAMETERS.get(name.lower())


def is_key_variable(name: str) -> bool:
    """Whether an environment variable of this name holds a secret key, if its value is opaque."""
    is_terraform = name.startswith("TF_TOKEN_")  # Terraform CLI configuration
    return is_terraform or split_name(name)[-1:] in (("key",), ("login",), ("hmac",))
