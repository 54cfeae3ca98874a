"""What a whole JSON document tells about one of its scalars.

That is the name beside it and above it, and which document it is: a Kubernetes Secret, a JWK, a
request for a token, the state of Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...patterns import lazy_regex
from ..rules.names import has_weak_head, is_header_name, min_opaque_length
from ..rules.ruleset import Rules
from ..rules.words import is_made_of_words
from .candidates import is_opaque_secret
from .json_scalars import STRING, Scalar, scalars, unquoted

_NAME_IN_PAIR = lazy_regex(
    r'"(?=[nkfphvt])(?:name|key|field|path|header|parameter|param|property|variable|type|keyname'
    rf'|parameterkey|fieldname)"'
    rf"\s*+:\s*+({STRING})",
    re.IGNORECASE | re.DOTALL,
)
"""A key that gives a name to the value beside it, as in {"name": "password", "value": "…"}."""
_NAME_KEYS = frozenset(
    "name key field path header parameter param property variable type keyname parameterkey "
    "fieldname".split()
)
_VALUE_KEYS = frozenset("value val parametervalue itemvalue".split())
_WRAPPER_KEYS = frozenset("s string stringvalue string_value bytes base64 $value $binary".split())
"""Keys of typed values, as DynamoDB, Firestore, Avro, protobuf and MongoDB write them in JSON."""
_TOKEN_TEXTS = frozenset(("token", "tokens"))
_SCHEMA = lazy_regex(r'"(?:\$schema|openapi|swagger)"|"type"\s*:\s*"object"')
_IN_SCHEMA = frozenset("properties definitions $defs dependentRequired dependencies".split())
"""Keys of JSON Schema under which names of secrets are described, without their values."""
_KUBERNETES_SECRET = lazy_regex(r'"kind"\s*:\s*"Secret"')
_KUBERNETES_DATA = frozenset(("data", "stringData"))
_DOCUMENTED_KEYS = (
    ('"kty"', "d p q dp dq qi k", 16),  # RFC 7517: a private or symmetric key
    ('"grant_type"', "code", 16),  # RFC 6749: a request for a token
    ('"client_secret"', "code", 16),  # GitHub: the same, without a grant type
    ('"keys_base64"', "keys keys_base64", 40),  # Vault: the answer of sys/init
    ('"secret_id"', "role_id", 24),  # Vault: AppRole
    ('"passphrase"', "key", 24),  # Coinbase, OKX: an API key with its passphrase
    ('"clientkey"', "username", 32),  # Philips Hue
    ('"random_password"', "result", 8),  # Terraform: the random provider
    ('"computed"', "raw computed", 12),  # Doppler: secrets
    ('"ACCESS_TOKEN"', "credentialsId", 16),  # ThingsBoard: credentials of devices
    ('"ingestionInfo"', "streamName", 16),  # YouTube: live streams
    ('"g_ck"', "g_ck", 40),  # ServiceNow: the user's token
    ('"accessGrant"', "accessGrant", 60),  # Storj
    ('"token_last_eight"', "sha1", 40),  # Gitea: access tokens
    ('"deleteUrl"', "deleteKey", 24),  # Grafana: snapshots
    ('"application_keys"', "key", 32),  # Datadog: application keys
    ('"api_keys"', "key", 32),  # Datadog: API keys
    ('"app_id"', "user_hash", 64),  # Intercom: identity verification
)
"""Keys that name a secret only in a certain kind of document: what all of these documents contain,
the keys, and the length from which an opaque value is a secret."""
_DOCUMENTED_NAMES = (
    ('"stateToken"', "answer", "password"),  # Okta: the answer to a question
    ('"recovery_question"', "answer", "password"),  # Okta: users
    ('"sessionInfo"', "code", "code"),  # Firebase: sign-in by phone
    ('"pmi"', "host_key", "code"),  # Zoom: users
    ('"1b47061264138c4ac30d75fd1eb44270"', "plaintext", "secret"),  # Pulumi: state
)
"""The same for keys whose value is a secret whatever it is, with its kind."""
_PARENTS = tuple(
    f'"{name}"'
    for name in (
        *("functionKeys", "systemKeys"),  # Azure Functions: host keys
        *("http-basic", "bearer", "github-oauth", "gitlab-token"),  # Composer: auth.json
    )
)
"""Objects whose opaque values are secrets under any key."""
_MIN_UNDER_PARENT = 16
_PUBLIC_NAMES = (('"secretValue"', "secretKey"),)
"""Keys that name no secret in a document of this kind. Infisical: the name of a secret."""
_SECRET_TYPES = lazy_regex(r'"(?:SecureString|CONCEALED)"')
"""Types that mark the value beside them: of AWS Systems Manager, and of 1Password."""
_LISTED = lazy_regex(r'"([A-Za-z][\w-]{2,60})"\s*,')
"""A string in a list that may be the name of the next one, as in ["x-api-key", "…"]."""
_MIN_LISTED = 12
_SEVERAL_VALUES = (("values", "[]"), ("value",), ("values",))
"""Where the values of one marked object may be, as in Netlify's variables."""
_SENSITIVE = lazy_regex(r'"(?:is_?)?(?:sensitive|secret|masked)"\s*:\s*true', re.IGNORECASE)
"""What marks the value beside it as a secret, as in Terraform, Azure DevOps and GitLab."""
_SENSITIVE_KEYS = frozenset("sensitive issensitive secret issecret masked".split())
_LABEL_KEYS = frozenset("id label title".split())
_LABEL = lazy_regex(
    r'"(?:id|label|title)"\s*:\s*"[^"\\]{0,30}?(?:pass|pwd|secret|token|key|pin)[^"\\]{0,12}"',
    re.IGNORECASE,
)
"""A label that gives a name to the value beside it, as in forms and in cards of chats."""
_CHANGE_KEYS = frozenset("old new before after oldvalue newvalue previous current".split())
"""Keys of a change, which a secret's name stands beside in audit logs."""
_IN_SECRETS = lazy_regex(r"/secrets/[\w-]+")
"""The address of a secret in Azure Key Vault and in Secret Manager of Google Cloud."""
_PAYLOAD = ("payload", "data")
"""The path of a secret in an answer of Secret Manager."""
_OPTION = lazy_regex(r'"--?([A-Za-z][\w-]{2,40})"')


_KEYS_OF_VALUES = _VALUE_KEYS | _CHANGE_KEYS | {key.replace("_", "") for key in _WRAPPER_KEYS}


class Secret(NamedTuple):
    """Why a scalar is a candidate: the name that makes it one, its kind, and the rule.

    `is_named` is false if the name alone is not enough, and the form of the value decides.
    """

    name: str
    kind: str
    rule: str
    is_named: bool = True


class JsonDocument:
    """Facts about the whole JSON document that are needed to judge one of its scalars."""

    def __init__(self, text: str, rules: Rules) -> None:
        self._rules = rules
        self._is_schema = _SCHEMA.search(text) is not None
        self._is_kubernetes = is_kubernetes_secret(text)
        self._has_token_texts = '"logprob' in text
        """Whether a `token` is a piece of text, as in the log probabilities of language models."""
        self._documented_keys = documented_keys(text)
        self._documented_names = documented_names(text)
        self._public_names = {name for mark, name in _PUBLIC_NAMES if mark in text}
        self._containers: dict[tuple[str, ...], set[int]] = {}
        """The numbers of the objects and lists at each path, in documents with marks."""
        self._has_payload = "/secrets/" in text and '"payload"' in text
        self._names_by_container: dict[int, str] = {}
        self._has_listed_names = has_listed_names(text, rules)
        self._option: tuple[int, str, str] | None = None
        """The last string of a list, if it is an option such as `--token`, with its list."""
        if has_secret_name(text, rules) or marks_values(text):
            for scalar in scalars(text):
                self._note_name(scalar)

    def _note_name(self, scalar: Scalar) -> None:
        """Note a secret's name, as in {"name": "password", "value": "…"}."""
        key = scalar.key.lower()
        self._containers.setdefault(scalar.path[:-1], set()).add(scalar.container)
        is_mark = key.replace("_", "") in _SENSITIVE_KEYS and scalar.written == "true"
        is_mark = is_mark or (key == "type" and _SECRET_TYPES.fullmatch(scalar.written) is not None)
        is_id = key == "id" and scalar.is_string and _IN_SECRETS.search(scalar.text)
        if is_mark or is_id:
            self._names_by_container.setdefault(scalar.container, "secret")
        is_label = key in _LABEL_KEYS and scalar.is_string and is_made_of_words(scalar.text)
        name = last_step(scalar.text) if key in _NAME_KEYS or is_label else ""
        if scalar.is_string and (self._rules.field_kind(name) or self._rules.opaque_length(name)):
            self._names_by_container[scalar.container] = name

    def secret_at(self, scalar: Scalar) -> Secret | None:
        """Return why the scalar is a candidate, or None if it is not one."""
        rules, key = self._rules, scalar.key
        option = self._option_before(scalar)
        if self._is_schema and not _IN_SCHEMA.isdisjoint(scalar.path):
            return None
        if key in self._public_names:
            return None
        if any(pattern.fullmatch(scalar.name) for pattern in rules.json_paths):
            return Secret(key, _configured_kind(scalar), "json-path")
        if rules.is_configured_name(key) and rules.field_kind(key):
            return Secret(key, _configured_kind(scalar), "field")
        if key in _TOKEN_TEXTS and self._has_token_texts:
            return None
        if kind := rules.field_kind(key):
            return Secret(key, kind, "person" if kind == "person" else "field")
        if self._is_kubernetes and _KUBERNETES_DATA.intersection(scalar.path[-2:-1]):
            return Secret(key, "secret", "kubernetes-secret")
        if self._has_payload and scalar.path[-2:] == _PAYLOAD:
            return Secret(key, "secret", "pair")
        if key.lower() in _VALUE_KEYS:
            return self._secret_of_pair(scalar)
        if key.lower().replace("_", "") in _CHANGE_KEYS:
            name = self._names_by_container.get(scalar.container, "")
            return Secret(name, rules.field_kind(name) or "secret", "pair") if name else None
        if kind := self._documented_names.get(key) or (
            rules.header_kind(key) if is_header_name(key) else None
        ):
            return Secret(key, kind, "field")
        if "@" in key and len(scalar.path) > 1 and (kind := rules.field_kind(scalar.path[-2])):
            return Secret(scalar.path[-2], kind, "pair")  # passwords by the address of the user
        if key.lower() in _WRAPPER_KEYS and (found := self._wrapped(scalar)):
            return found
        if option and (kind := rules.field_kind(option[1])):
            if option[0].startswith("-"):
                return Secret(option[1], kind, "assignment")
            return _opaque(option[1], scalar, _MIN_LISTED)
        if scalar.path[-2:-1] and f'"{scalar.path[-2]}"' in _PARENTS:
            return _opaque(key, scalar, _MIN_UNDER_PARENT)
        length = self._documented_keys.get(key) or rules.opaque_length(key)
        return _opaque(key, scalar, length)

    def _secret_of_pair(self, scalar: Scalar) -> Secret | None:
        """Judge a value by the name beside it, or by the name above it."""
        above = (step for step in reversed(scalar.path[:-1]) if step != "[]")
        name = (
            self._names_by_container.get(scalar.container)
            or self._name_of_list(scalar)
            or next(above, "")
        )
        if kind := self._rules.field_kind(name):
            return Secret(name, kind, "pair")
        return _opaque(name, scalar, self._rules.opaque_length(name))

    def _name_of_list(self, scalar: Scalar) -> str:
        """Return the name or mark of the object that has a list of values, this one among them."""
        for steps in _SEVERAL_VALUES:
            place = len(scalar.path) - 1 - len(steps)
            if place < 0 or scalar.path[place:-1] != steps:
                continue
            around = self._containers.get(scalar.path[:place], ())
            nearest = max((n for n in around if n <= scalar.container), default=0)
            return self._names_by_container.get(nearest, "")
        return ""

    def _wrapped(self, scalar: Scalar) -> Secret | None:
        """Judge the value of a typed value by the name above it."""
        names = [step for step in scalar.path[:-1] if step not in ("$binary", "[]")]
        name = names[-1] if names else ""
        if kind := self._rules.field_kind(name):
            return Secret(name, kind, "pair")
        is_binary = "$binary" in scalar.path[-2:]
        return _opaque(name, scalar, min_opaque_length(name) if is_binary else None)

    def _option_before(self, scalar: Scalar) -> tuple[str, str] | None:
        """Return the option that this argument belongs to, with its hyphens and without.

        ["--token", "…"]; and a name that is listed before its value, as in ["x-api-key", "…"].
        """
        option, self._option = self._option, None
        if scalar.path[-1:] != ("[]",):
            return None
        if found := _OPTION.fullmatch(scalar.written):
            self._option = scalar.container, scalar.text, found[1]
            return None
        if self._has_listed_names and names_next(scalar.text, self._rules):
            self._option = scalar.container, scalar.text, scalar.text
        return option[1:] if option and option[0] == scalar.container else None


def is_kubernetes_secret(text: str) -> bool:
    """Whether the document is a Secret of Kubernetes."""
    return '"Secret"' in text and _KUBERNETES_SECRET.search(text) is not None


def documented_keys(text: str) -> dict[str, int]:
    """Return the keys that name a secret in this kind of document, with the shortest length."""
    return {
        key: length
        for mark, keys, length in _DOCUMENTED_KEYS
        if mark in text
        for key in keys.split()
    }


def documented_names(text: str) -> dict[str, str]:
    """Return the keys whose value is a secret in this kind of document, with its kind."""
    return {key: kind for mark, key, kind in _DOCUMENTED_NAMES if mark in text}


def has_listed_names(text: str, rules: Rules) -> bool:
    """Whether a list in the document has the name of a secret before another string."""
    return any(names_next(name, rules) for name in _LISTED.findall(text))


def names_next(name: str, rules: Rules) -> bool:
    """Whether a string in a list may be the name of the next one: not `token` among other words."""
    return bool(rules.field_kind(name)) and ("-" in name or not has_weak_head(name))


def has_parents(text: str) -> bool:
    """Whether the document has an object whose opaque values are secrets under any key."""
    return any(parent in text for parent in _PARENTS)


def marks_values(text: str) -> bool:
    """Whether the document says of values that they are secrets, without a secret's name."""
    is_marked = "/secrets/" in text or _SENSITIVE.search(text) is not None
    is_marked = is_marked or _SECRET_TYPES.search(text) is not None
    return is_marked or ('"value"' in text and _LABEL.search(text) is not None)


def has_secret_name(text: str, rules: Rules) -> bool:
    """Whether a key gives a secret's name to the value beside it."""
    names = filter(rules.has_hint, {last_step(unquoted(n)) for n in _NAME_IN_PAIR.findall(text)})
    return any(rules.field_kind(name) or rules.opaque_length(name) for name in names)


def has_options(text: str) -> bool:
    """Whether lists in the document may have options of a command: ["--token", "…"]."""
    return '"-' in text and _OPTION.search(text) is not None


def relevant_keys(names: Iterable[str], text: str, rules: Rules) -> frozenset[str]:
    """Return those names of keys whose values may be candidates, whatever the values are."""
    names = frozenset(names)
    hinted = filter(rules.has_hint, names)
    found = {name for name in hinted if rules.field_kind(name) or rules.opaque_length(name)}
    wrappers = {name for name in names if name.lower().replace("_", "") in _KEYS_OF_VALUES}
    if wrappers and (found or has_secret_name(text, rules) or marks_values(text)):
        found |= wrappers
    if "/secrets/" in text:
        found |= names.intersection(_PAYLOAD)
    if found:  # passwords by the address of the user
        found |= {name for name in names if "@" in name}
    found |= {name for name in names if is_header_name(name) and rules.header_kind(name)}
    return names.intersection((*documented_keys(text), *documented_names(text))) | found


def may_be_relevant(name: str, rules: Rules) -> bool:
    """Whether `relevant_keys` may return a name that no document of its own gives a meaning."""
    if rules.has_hint(name) and (rules.field_kind(name) or rules.opaque_length(name)):
        return True
    is_wrapper = name.lower().replace("_", "") in _KEYS_OF_VALUES
    return is_wrapper or name in _PAYLOAD or "@" in name or is_header_name(name)


def last_step(name: str) -> str:
    """Return the last name of a path, as JSON Patch has it (RFC 6902)."""
    return name.rstrip("/").rpartition("/")[2]


def _opaque(name: str, scalar: Scalar, length: int | None) -> Secret | None:
    """Return the secret if the value is opaque, and has at least this length."""
    if length is None or not scalar.is_string or not is_opaque_secret(scalar.text, length):
        return None
    return Secret(name, "secret", "field", is_named=False)


def _configured_kind(scalar: Scalar) -> str:
    """Return the kind of a value that the configuration names; with "code" numbers count too."""
    return "secret" if scalar.is_string else "code"
