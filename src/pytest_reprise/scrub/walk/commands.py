"""Visit the candidates of command lines, SQL and settings that separate name and value by a blank.

The rule is `assignment`. A blank is weak evidence, so the value has to look generated, unless a
documented command says that it is a password.
"""

from __future__ import annotations

import re
from functools import cache

from ...patterns import lazy_regex
from ..rules.names import has_weak_head
from ..rules.words import is_made_of_words
from .anchors import Anchors, lowered, positions
from .candidates import Walk
from .cookies import visit_cookies, visit_set_cookie
from .credentials import is_credentials_name, visit_credentials

_V = r"(?P<secret>[^\s\"'`;|&<>]{4,200}+)"
_NOT_A_WORD = r"\S*[\d!@#$%^&+=?~*]\S|\S*\d"
_COMMANDS = (
    # curl(1), wget(1), HTTPie: user and password.
    (("-u", "--auth", "--user"), rf"(?<=\s)(?:-u|--user|--auth)[ =][\"']?[\w.@-]{{1,80}}:{_V}"),
    # docker login, az login, sshpass(1), hdbsql: -p PASSWORD.
    (
        ("docker login", "az login", "sshpass", "hdbsql"),
        rf"(?:docker login|az login|sshpass|hdbsql)\b[^\r\n|;]{{0,200}}?\s-p[ ]?[\"']?{_V}",
    ),
    # mysql(1), mysqldump(1): -pPASSWORD.
    (("mysql",), rf"mysql\w{{0,8}}\b[^\r\n|;]{{0,200}}?\s-p{_V}"),
    (("redis-cli",), rf"redis-cli\b[^\r\n|;]{{0,200}}?\s-a[ ]{_V}"),
    # Oracle: user/password@host.
    (
        ("sqlplus", "oracle:thin:"),
        r"(?:sqlplus |oracle:thin:)[\w.$#]{1,60}/(?P<secret>[^\s@/\"']{4,100})@",
    ),
    # SQL: CREATE USER … IDENTIFIED BY, CREATE ROLE … PASSWORD.
    (("IDENTIFIED BY", "identified by"), rf"(?i:identified by)\s[\"']?{_V}"),
    (("PASSWORD '", "password '"), r"(?i:password) '(?P<secret>[^'\r\n]{4,200})'"),
    # FTP (RFC 959), IMAP (RFC 3501), POP3 (RFC 1939).
    (("PASS ",), rf"(?m)^(?:[CS]: )?PASS {_V}"),
    ((" LOGIN ",), rf"(?m)^(?:[CS]: )?[A-Za-z]{{0,4}}\d{{1,6}} LOGIN \S{{1,80}} {_V}"),
    # netrc(5); Docker ENV and cmd.exe, where a word is rather the next word of a sentence.
    (("password ",), rf"(?<=\s)login \S{{1,80}}\s+password {_V}(?=\s|$)"),
    (("password ",), rf"(?<=\s)password (?={_NOT_A_WORD}){_V}(?=\s|$)"),
    # redis.conf.
    (("requirepass", "masterauth"), rf"(?:requirepass|masterauth) {_V}"),
    # Redis ACL rules: a password begins with >.
    (("user ",), r"\buser \S{1,60} on >(?P<secret>\S{4,200})"),
    # SMTP (RFC 4954): AUTH PLAIN, and the answer to the base64 of `Password:`.
    (("AUTH PLAIN ",), rf"AUTH PLAIN {_V}"),
    (("334 UGFzc3dvcmQ6",), rf"334 UGFzc3dvcmQ6\s+(?:C: )?{_V}"),
    # chpasswd(8), in cloud-init: user:password in lines.
    (
        ("chpasswd",),
        r"(?m)^[ \t]+(?:- )?[a-z_][\w.-]{0,31}:(?P<secret>[^\s:]{4,200})[ \t]*$",
    ),
    # .pgpass: host:port:database:user:password in lines.
    (
        (":5432:", ":*:"),
        r"(?m)^[\w.*-]{1,80}:(?:\d{2,5}|\*):[^\s:]{1,80}:[^\s:]{1,80}:"
        r"(?P<secret>[^\s:]{4,200})[ \t]*$",
    ),
    # Redis MONITOR: "AUTH" "user" "password".
    (('"AUTH" "',), r"\"AUTH\" (?:\"[^\"\r\n]{1,80}\" )?\"(?P<secret>[^\"\r\n]{4,200})\""),
    # pppd(8), chap-secrets: client, server, secret, addresses.
    (
        ("# client server secret", "# client\tserver\tsecret"),
        r"(?m)^[\w.-]{1,80}\s+[\w.*-]{1,80}\s+(?P<secret>[^\s\"#*]{4,200})\s",
    ),
    # Cisco IOS: the number is the type of the encryption.
    (
        ("password ", "secret "),
        rf"(?m)\b(?:password|secret) [0578] (?={_NOT_A_WORD}){_V}[ \t]*$",
    ),
    (("snmp-server",), r"snmp-server community (?P<secret>[^\s\"']{4,64})"),
    # ESPHome.
    (("encryption:",), r"encryption:\s{1,20}key: [\"']?(?P<secret>[A-Za-z0-9+/]{43}=)"),
    # requests, httpx: user and password.
    (
        ("auth=(",),
        r"auth=\(b?[\"'][^\"'\r\n]{1,80}[\"'], ?b?[\"'](?P<secret>[^\"'\r\n]{4,200})[\"']\)",
    ),
    # Codes for wireless networks.
    (("WIFI:",), r"WIFI:[^\r\n]{0,200}?\bP:(?P<secret>(?:\\.|[^;\\\r\n]){4,100});"),
    # PowerShell.
    (
        ("ConvertTo-SecureString",),
        r"ConvertTo-SecureString\s+(?:-String\s+)?[\"'](?P<secret>[^\"'$\r\n]{4,200})[\"']",
    ),
    # Erlang: the cookie of a node.
    (("-cookie",), r"-cookie[= ](?P<secret>[\w-]{8,100})"),
)
_COMMAND = Anchors({literal for literals, _ in _COMMANDS for literal in literals})
_NAMED = tuple(
    (literals, lazy_regex(pattern))
    for literals, pattern in (
        # PostgreSQL, MySQL, MongoDB: errors about values that exist already.
        (("Key (",), r"Key \((?P<name>[\w.]{1,60})\)=\((?P<secret>[^()\r\n]{4,400})\)"),
        (
            ("Duplicate entry ",),
            r"Duplicate entry \\?'(?P<secret>[^'\\\r\n]{4,400})\\?' "
            r"for key \\?'(?P<name>[\w.]{1,80})",
        ),
        # PHP: var_dump.
        (
            ("=>\n", "=>\r\n"),
            r"\[\"(?P<name>[\w.-]{1,60})\"\]=>\s{1,40}"
            r"string\(\d+\) \"(?P<secret>[^\"\r\n]{4,2000})\"",
        ),
        # AWS CLI: the name may follow a profile's.
        (
            ("configure set ",),
            r"configure set (?:[\w-]{1,60}\.)?(?P<name>\w{1,60})[ \t]+[\"']?"
            r"(?P<secret>[^\s\"'`;|&<>]{8,4000})",
        ),
        # Go: a map of headers.
        (("map[",), r"(?<=[\[ ])(?P<name>[A-Za-z][\w-]{1,60}):\[(?P<secret>[^\s\[\]]{8,4000})\]"),
    )
)
"""Patterns of a name with its value, for texts of which the name says whether it is a secret's."""
_PLACES = frozenset("pass passwd password pwd secret token".split())
"""What documentation writes in the place of a password, as in `-u username:password`."""
_HEADS = ("password", "passwd", "pwd", "pass", "secret", "token", "key", "auth", "credentials")
_HEAD = Anchors(_HEADS)
_BEFORE = lazy_regex(r"(?i)(?:\b(?:api|access|secret|private|client|auth)[ ])?[\w.-]{0,60}\Z")
_BEHIND = lazy_regex(
    r"[\"'`*]{0,2}(?:[ \t]{1,8}(?:(?:to|as|eq)[ ])?|[ \t]{0,8}\|[ \t]{0,8}|:[ ]\[)"
    r"(?P<quote>[\"'`]?)"
    r"(?P<secret>[^\s\"'`<>|;,()\]]{8,400}+)"
)
_GENERATED = lazy_regex(r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[^=:]+=*")
_HEADER_LINE = lazy_regex(
    r"(?i)\b(?P<name>(?:proxy-)?authorization)(?P<sign>[\"']?\s{0,3}[:=,]?\s{0,3}[\"']?)"
    r"(?P<secret>(?:basic|token|apikey|digest)[ ]+[^\s\"'`,;<>]{6,})"
)

_COOKIE_LINE = lazy_regex(
    r"(?im)^(?P<head>[<>*]?[ \t]*(?P<set>set-)?cookie: )(?P<value>[^\r\n=]{1,80}=[^\r\n]+)"
)
"""A line of a dump of headers, as curl -v writes it."""


_compiled = cache(re.compile)
"""Most of the patterns are never used."""


def visit_commands(text: str, walk: Walk) -> str:
    """Return the text with its candidates replaced."""
    for literals, source in _COMMANDS if _COMMAND.is_in(text) else ():
        if any(literal in text for literal in literals):
            text = _compiled(source).sub(lambda found: _replaced(found, "password", walk), text)
    for literals, pattern in _NAMED:
        if any(literal in text for literal in literals):
            text = pattern.sub(lambda found: _visit_named(found, walk), text)
    low = lowered(text)
    if "cookie: " in low:
        text = _COOKIE_LINE.sub(lambda found: _visit_cookie_line(found, walk), text)
        low = lowered(text)
    if "authorization" in low:
        text = _HEADER_LINE.sub(lambda found: _visit_header(found, walk), text)
        low = lowered(text)
    for head in _HEADS if _HEAD.is_in(low) else ():
        if head not in low:
            continue
        text, replaced = _visit_after(head, text, low, walk), text
        if text is not replaced:
            low = lowered(text)
    return text


def _visit_after(head: str, text: str, low: str, walk: Walk) -> str:
    """Visit the values that follow a name with this end."""
    parts: list[str] = []
    done = 0
    for at in positions(head, low):
        end = at + len(head)
        found = _BEHIND.match(text, end) if at >= done else None
        if found and (replaced := _visit_behind(found, text, at, end, walk)):
            parts += text[done : found.start("secret")], replaced
            done = found.end("secret")
    return "".join([*parts, text[done:]]) if parts else text


def _visit_behind(found: re.Match[str], text: str, start: int, end: int, walk: Walk) -> str | None:
    value = found["secret"].rstrip(".")
    if value[:1] in "-/$" or not _GENERATED.fullmatch(value) or is_made_of_words(value):
        return None
    before = _BEFORE.search(text, max(0, start - 80), start)
    name = (before[0] if before else "") + text[start:end]
    kind = walk.rules.field_kind(name)
    if kind is None or is_credentials_name(name):
        return None
    is_weak = has_weak_head(name)
    replaced = walk.replace_named(name, kind, value, "assignment", is_weak, depends_on_value=True)
    return None if replaced == value else replaced + found["secret"][len(value) :]


def _visit_header(found: re.Match[str], walk: Walk) -> str:
    visited = visit_credentials(found["name"].lower(), found["secret"], walk)
    return f"{found['name']}{found['sign']}{visited}"


def _visit_named(found: re.Match[str], walk: Walk) -> str:
    name, value = found["name"].rpartition(".")[2], found["secret"]
    kind = walk.rules.field_kind(name)
    if kind is None or is_credentials_name(name):
        return found[0]
    is_weak = has_weak_head(name)
    replacement = walk.replace_named(name, kind, value, "assignment", is_weak, True)
    start = found.start("secret") - found.start()
    return found[0][:start] + replacement + found[0][start + len(value) :]


def _visit_cookie_line(found: re.Match[str], walk: Walk) -> str:
    visit = visit_set_cookie if found["set"] else visit_cookies
    return found["head"] + visit(found["value"], walk)


def _replaced(found: re.Match[str], kind: str, walk: Walk) -> str:
    value = without_closing_brackets(found["secret"])
    if value in _PLACES:
        return found[0]
    replacement = walk.replace_named(kind, kind, value, "assignment", depends_on_value=True)
    start = found.start("secret") - found.start()
    return found[0][:start] + replacement + found[0][start + len(value) :]


_OPENED_BY = {")": "(", "]": "[", "}": "{"}


def without_closing_brackets(text: str) -> str:
    """Return the text without brackets at its end that are opened before it."""
    while text and (opening := _OPENED_BY.get(text[-1])):
        if text.count(text[-1]) <= text.count(opening):
            break
        text = text[:-1]
    return text
