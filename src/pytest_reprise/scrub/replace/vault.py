"""The secrets that a run knows, and the placeholder of each: one secret has one placeholder.

A value is learned from a rule or from the environment. From then on it is replaced wherever it
occurs, in any encoding, if it is long and rare enough (see `is_searchable`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence, Set
from functools import partial
from typing import TypeAlias

from ...patterns import lazy_regex
from ..rules.jwt import is_jwt
from ..rules.words import is_made_of_words
from .encodings import MIN_SEARCH_LENGTH
from .finder import Finder
from .forms import FORMS, TOKEN_FORM
from .placeholders import (
    fit_to_size,
    form_of,
    identity_of,
    is_placeholder,
    is_token_with_claims,
    is_whole_placeholder,
    ordinal_of,
    placeholders_in,
)
from .structures import CLAIM, SIGNATURE, Leaf, Structure, structure_of
from .truncated import replace_truncated

IsPublic: TypeAlias = Callable[[str], bool]
"""Whether a claim of a JWT stands elsewhere in what is recorded, where no rule takes it."""

Agree: TypeAlias = Callable[[str, Callable[[Set[str]], str]], str]
"""Returns the placeholder of a secret on which several processes agree. The function makes one, and
gets the placeholders that are taken."""

_ASCII = lazy_regex(rf"[\t\n\r -~]{{{MIN_SEARCH_LENGTH},}}")
"""ASCII in a binary body that is long enough for a secret, in any encoding."""
_NUMBER = lazy_regex(r"[\d.,+\-eE]+")
_MAX_ORDINARY_NUMBER_LENGTH = 11
"""Characters. A number of this length may be an amount, a time or an id."""
_CONFIGURED_KINDS = frozenset("value person email phone ip".split())
_WORD_BREAK = lazy_regex(r"[^A-Za-z]")
_MAX_WORDS_LENGTH = 24
"""Characters. A value of words up to this length may be a word or an identifier elsewhere."""
_EMAIL = lazy_regex(r"[\w.+-]+@[\w.-]+\.[A-Za-z]{2,24}")
"""What is no secret where it stands alone: tests compare it with the address that they know."""
_UNDECIDED_CLAIM = "Redacted-claim-0"
_MAX_CACHED_LENGTH = 200
_MAX_CACHED_TEXTS = 10_000
_COMMON_WORDS = frozenset(
    "password postgres changeme username localhost development production undefined "
    "administrator anonymous bearer".split()
)


class Vault:
    """The known secrets of a run with their placeholders; safe to use from several threads.

    `known` are secrets that are known from the start, as pairs of kind and value. Each takes an
    ordinal only when it is found, so that cassettes do not depend on the machine that records.
    `keep_values` are never replaced.
    """

    def __init__(
        self, known: Iterable[tuple[str, str]] = (), keep_values: Iterable[str] = ()
    ) -> None:
        self.agree: Agree = lambda _, make: make(frozenset())
        """Set where several processes record together: equal secrets get equal placeholders."""
        self._lock = threading.RLock()
        self._keep_values = frozenset(keep_values)
        self._kinds: dict[str, str] = {}
        self._answered: set[str] = set()
        """Passwords that a server answered first: they keep their form."""
        self._public_claims: set[str] = set()
        self._placeholders: dict[str, str] = {}
        self._used: set[str] = set()
        self._reserved: set[str] = set()
        self._counts: dict[tuple[str, str, int], int] = {}
        self._finder = Finder()
        self._clean: set[str] = set()
        """Short texts without known secrets. They save 5.6 % of a recording: most headers occur in
        most interactions."""
        for kind, value in known:
            self._learn(kind, value)

    @property
    def placeholder_count(self) -> int:
        """Number of secrets that have a placeholder."""
        return len(self._placeholders)

    @property
    def known_count(self) -> int:
        """Number of known secrets. It grows with each secret that is learned."""
        return len(self._kinds)

    @property
    def known(self) -> list[tuple[str, str]]:
        """The known secrets, as pairs of kind and value."""
        with self._lock:
            return [(kind, value) for value, kind in self._kinds.items()]

    def learn(self, kind: str, value: str) -> None:
        """Add a secret. It gets its placeholder when it is first replaced."""
        with self._lock:
            if not is_whole_placeholder(value):
                self._learn(kind, value)

    def placeholder_for(
        self, kind: str, value: str, is_answer: bool = False, is_public: IsPublic | None = None
    ) -> str:
        """Return the placeholder of a secret, and learn it; a placeholder is returned as it is.

        A password that comes from the client keeps no length; `is_answer` says that a server
        answered it. Without `is_public` no claim of a JWT is known to be public.
        """
        if value in self._placeholders:
            return self._placeholders[value]
        if value in self._keep_values or value in self._used or is_whole_placeholder(value):
            return value
        with self._lock:
            self._learn(kind, value, is_answer)
            if structure := structure_of(value):
                return self._fill(structure, value, is_answer, is_public)
            return self._whole_placeholder(value)

    def _whole_placeholder(self, value: str) -> str:
        if value not in self._placeholders:
            self._assign(value, partial(self._new_placeholder, self._kinds[value], value))
        return self._placeholders[value]

    def _fill(
        self, structure: Structure, value: str, is_answer: bool, is_public: IsPublic | None
    ) -> str:
        """Return a structured secret with placeholders in the place of its secret parts."""

        def replaced(leaf: Leaf) -> str:
            kind = leaf.kind or self._kinds[value]
            if leaf.kind == SIGNATURE:
                self._learn(kind, leaf.value)
                return self._whole_placeholder(leaf.value)
            if kind != CLAIM or leaf.value in self._kinds:
                return self.placeholder_for(kind, leaf.value, is_answer, is_public)
            return self._replace_claim(leaf.value, is_public)

        made = structure.join([replaced(leaf) for leaf in structure.leaves])
        if is_public or not is_token_with_claims(made):
            self._placeholders[value] = self.agree(value, lambda _: made)
        return self._placeholders.get(value, made)

    def _replace_claim(self, claim: str, is_public: IsPublic | None) -> str:
        """Return a claim of a JWT as it is where it also stands elsewhere, else a placeholder.

        So the subject of a token is equal to the user's id. Until all that is recorded together is
        known, as in a log, the claim is left out.
        """
        if claim in self._public_claims:
            return claim
        if is_public is None:
            return _UNDECIDED_CLAIM
        if is_public(claim):
            self._public_claims.add(claim)
            return claim
        return self.placeholder_for(CLAIM, claim, is_answer=True)

    def reuse_placeholder(self, value: str, placeholder: str) -> None:
        """Give a known secret the placeholder that an earlier recording has in its place.

        Nothing happens if the secret has a placeholder already, or another secret has this one.
        """
        with self._lock:
            is_open = value in self._kinds and value not in self._placeholders
            if not is_open or placeholder in self._used or not is_placeholder(placeholder):
                return
            new, old = structure_of(value), structure_of(placeholder)
            if new and old:
                self._reuse_parts(new.leaves, old.leaves)
            elif new is None and not is_token_with_claims(placeholder):
                self._assign(value, lambda _: placeholder)

    def _reuse_parts(self, new: Sequence[Leaf], old: Sequence[Leaf]) -> None:
        """Give the parts of a secret the placeholders that the parts of an earlier one have."""
        if [leaf.kind for leaf in new] != [leaf.kind for leaf in old]:
            new, old = new[:1], old[:1]
        for leaf, earlier in zip(new, old, strict=False):
            if leaf.value != earlier.value and is_placeholder(earlier.value):
                self._learn(leaf.kind or "secret", leaf.value)
                self.reuse_placeholder(leaf.value, earlier.value)

    def reserve_placeholders(self, text: str) -> None:
        """Never give out the placeholders in `text`: they belong to secrets of another run."""
        with self._lock:
            for found in placeholders_in(text):
                self._reserved.update((identity_of(found[0]), ordinal_of(found[0])))

    def _assign(self, value: str, make: Callable[[Set[str]], str]) -> None:
        placeholder = self.agree(value, make)
        self._placeholders[value] = placeholder
        self._used.add(placeholder)

    def _learn(self, kind: str, value: str, is_answer: bool = False) -> None:
        if value in self._kinds or value in self._keep_values:
            return
        self._kinds[value] = "jwt" if is_jwt(value) else kind
        if is_answer:
            self._answered.add(value)
        if is_spread(kind, value):
            self._finder.add(value)
            self._clean = set()

    def _new_placeholder(self, kind: str, value: str, taken: Set[str] = frozenset()) -> str:
        """Return the next placeholder that is neither used, reserved nor taken.

        A short secret has few. When they have all been tried, one is used a second time.
        """
        is_sent_password = kind == "password" and value not in self._answered
        form = FORMS[-1] if is_sent_password else form_of(value)
        if kind == SIGNATURE and TOKEN_FORM.matches(value):
            form = TOKEN_FORM
        series = kind, form.series or form.name, len(value) if form.is_counted_by_length else 0
        tried = set[str]()
        while True:
            number = self._counts[series] = self._counts.get(series, 0) + 1
            made = form.make(kind, number, value)
            is_reserved = made in self._reserved or ordinal_of(made) in self._reserved
            is_free = not (is_reserved or made in self._used or made in taken)
            if is_free or made in tried:
                return made
            tried.add(made)

    def redact_text(self, text: str) -> str:
        """Return the text with each known secret replaced by its placeholder, in any encoding."""
        return self.replace_secrets(text, self.placeholder_for)

    def redact_binary(self, text: str) -> str:
        """Do the same for a binary body, given as latin-1 text, and keep the size in bytes.

        A secret in it may be UTF-8, whose characters take more than one byte. If all secrets are
        ASCII, only the ASCII in the body can contain one, which is little of an image or archive.
        """
        if self._finder.is_ascii:
            if not self._finder.is_any_in("\0".join(_ASCII.findall(text))):
                return text
            redact = self._fitting("ascii")
            return _ASCII.sub(lambda run: self.replace_secrets(run[0], redact), text)
        if not text.isascii():
            as_utf_8 = text.encode("latin-1").decode("utf-8", "surrogateescape")
            redacted = self.replace_secrets(as_utf_8, self._fitting("utf-8"))
            text = redacted.encode("utf-8", "surrogateescape").decode("latin-1")
        return self.replace_secrets(text, self._fitting("latin-1"))

    def _fitting(self, charset: str) -> Callable[[str, str], str]:
        def replacement(kind: str, value: str) -> str:
            size = len(value.encode(charset, "surrogatepass"))
            return fit_to_size(self.placeholder_for(kind, value), size).decode()

        return replacement

    def redact_truncated(self, text: str) -> str:
        """Return the text with known secrets replaced where pytest has shortened them."""
        secrets = [value for value, kind in list(self._kinds.items()) if is_spread(kind, value)]
        return replace_truncated(text, secrets, lambda value: self.placeholder_for("", value))

    def replace_secrets(self, text: str, replacement: Callable[[str, str], str]) -> str:
        """Return the text with `replacement(kind, value)` in the place of each known secret."""
        clean = self._clean
        if not self._kinds or text in clean:
            return text
        replaced = self._finder.replace(text, lambda value: replacement(self._kinds[value], value))
        is_small = len(text) <= _MAX_CACHED_LENGTH and len(clean) < _MAX_CACHED_TEXTS
        if replaced == text and is_small:
            # If another thread has learned a secret since, `self._clean` is another set by now.
            clean.add(text)
        return replaced

    def secrets_in(self, text: str) -> set[str]:
        """Return the known secrets in `text`, in any encoding."""
        is_clean = not self._kinds or text in self._clean
        return set() if is_clean else self._finder.values_in(text)


def is_searchable(value: str) -> bool:
    """Whether a secret is long and rare enough to be replaced wherever it occurs.

    A short or common value, such as `postgres` or 3600, is replaced only where a rule finds it:
    elsewhere the same characters mean something else.
    """
    is_common = value.lower() in _COMMON_WORDS or any(placeholders_in(value))
    is_ordinary_number = len(value) <= _MAX_ORDINARY_NUMBER_LENGTH and _NUMBER.fullmatch(value)
    return len(value) >= MIN_SEARCH_LENGTH and not is_common and not is_ordinary_number


def is_spread(kind: str, value: str) -> bool:
    """Whether a secret is replaced wherever it occurs: searchable, and no word or identifier.

    A value or a kind of value that the project configures is always replaced.
    """
    if not is_searchable(value):
        return False
    if kind == CLAIM and (" " in value or is_made_of_words(value)):
        return False  # a name of a person or of a tenant
    if kind not in _CONFIGURED_KINDS and kind != "email" and _EMAIL.fullmatch(value):
        return False
    may_be_word = len(value) <= _MAX_WORDS_LENGTH and value.isascii()
    is_word = may_be_word and len(_WORD_BREAK.findall(value)) <= 1 and is_made_of_words(value)
    return kind in _CONFIGURED_KINDS or not is_word
