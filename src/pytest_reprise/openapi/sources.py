"""Read an OpenAPI document from a file, a URL, or an application (`module:app`)."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..cassette.limits import LimitError, check_json, check_values
from ..cassette.yaml import core_schema
from ..cassette.yaml.safe import InvalidYamlError
from ..drift.body_values import Json
from ..messages import url_without_secrets
from ..regular_file import read_regular_file
from .node import SpecificationError

if TYPE_CHECKING:
    import httpx

MAX_SIZE = 50_000_000
"""Bytes of a document. Those of the largest public APIs have 12 MB."""
_SECONDS = 20.0
"""How long a server may take to begin or to continue its answer."""
_APPLICATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_SUFFIXES = (".yaml", ".yml", ".json")


class Loaded(NamedTuple):
    """The values of a document, its URI, and the name by which messages call it."""

    root: Json
    uri: str
    name: str


def load(given: str, directory: Path) -> Loaded:
    """Return the document that the user has named. Raises SpecificationError.

    A path is relative to the directory, in which the module of an application is searched, too.
    """
    if given.startswith(("http://", "https://")):
        name = url_without_secrets(given)
        return Loaded(_values(name, _fetch(given, name)), name, name)
    path = directory / given
    if not path.exists() and _APPLICATION.fullmatch(given):
        return Loaded(_of_application(given, directory), f"app:{given}", given)
    return Loaded(_read(path, given), path.resolve().as_uri(), given)


def read_referenced(uri: str) -> Json:
    """Return the values of a local file that a document refers to. Raises SpecificationError.

    Only YAML and JSON are read, so that a hostile document shows nothing of other files.
    """
    path = Path(url2pathname(urlsplit(uri).path))
    if path.suffix.lower() not in _SUFFIXES:
        raise SpecificationError(f"{path.name}: a $ref to a file that is no .yaml, .yml or .json")
    return _read(path, str(path))


def _read(path: Path, name: str) -> Json:
    try:
        return _values(name, read_regular_file(path, MAX_SIZE))
    except FileNotFoundError:
        raise SpecificationError(
            f"{name}: no such file. An OpenAPI document is a file, a URL, or module:app"
        ) from None
    except OSError as error:
        raise SpecificationError(f"{name}: cannot be read: {error.strerror}") from None


# --- texts ------------------------------------------------------------------------------------


def _values(name: str, content: bytes) -> Json:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SpecificationError(f"{name}:{line}: not UTF-8") from None
    try:
        return _with_texts_as_keys(_parse(text))
    except (LimitError, InvalidYamlError) as error:
        raise SpecificationError(f"{name}:{error.line}: {error.problem}") from None
    except json.JSONDecodeError as error:
        raise SpecificationError(f"{name}:{error.lineno}: not valid JSON: {error.msg}") from None


def _parse(text: str) -> object:
    if text.lstrip()[:1] != "{":
        return core_schema.load(text)
    check_json(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        if text.lstrip()[1:].lstrip()[:1] in ('"', ""):  # JSON, and no mapping of YAML
            raise
        return core_schema.load(text)


def _with_texts_as_keys(value: object) -> Json:
    """Return the values with all keys as texts: statuses in YAML are numbers."""
    if isinstance(value, dict):
        return {_key(key): _with_texts_as_keys(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_with_texts_as_keys(child) for child in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)


def _key(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)


# --- URLs -------------------------------------------------------------------------------------


def _fetch(url: str, name: str) -> bytes:
    import httpx  # needed for URLs only

    try:
        with (
            httpx.Client(follow_redirects=True, timeout=_SECONDS) as client,
            client.stream("GET", url) as response,
        ):
            response.raise_for_status()
            return _bounded(name, response)
    except httpx.HTTPStatusError as error:
        raise SpecificationError(
            f"{name}: the server answered {error.response.status_code}"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise SpecificationError(
            f"{name}: cannot be fetched: {reason}. Offline, name a file with the document"
        ) from None


def _bounded(name: str, response: httpx.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > MAX_SIZE:
            raise SpecificationError(f"{name}: larger than {MAX_SIZE} bytes")
    return bytes(content)


# --- applications -----------------------------------------------------------------------------


def _of_application(given: str, directory: Path) -> Json:
    """Return the document of an application of FastAPI or Starlette, or of a function that makes
    one."""
    module, _, names = given.partition(":")
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    try:
        found: object = importlib.import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
        document = _document_of(found)
        check_values(document, MAX_SIZE)
    except SpecificationError:
        raise
    except Exception as error:  # the module is the user's, and may raise anything
        raise SpecificationError(f"{given}: {type(error).__name__}: {error}") from error
    if document is None:
        raise SpecificationError(
            f"{given}: no application of FastAPI or Starlette, no function that makes one, and no "
            "dict"
        )
    # Values of Python, such as enums, become what the application sends.
    return _with_texts_as_keys(json.loads(json.dumps(document)))


def _document_of(found: object) -> object:
    is_factory = callable(found) and not hasattr(found, "routes")
    made = found() if is_factory else found  # type: ignore[operator]
    if isinstance(made, dict):
        return made
    if callable(make := getattr(made, "openapi", None)):  # FastAPI
        return make()
    routes = getattr(made, "routes", None)
    if routes is None:
        return None
    from starlette.schemas import SchemaGenerator

    base = {"openapi": "3.0.0", "info": {"title": "API", "version": "0"}}
    return SchemaGenerator(base).get_schema(routes=routes)
