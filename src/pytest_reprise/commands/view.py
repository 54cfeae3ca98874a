"""`reprise view`: look at cassettes in a browser."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..cassette.model import Cassette
from ..cassette.naming import is_pending
from ..errors import ConfigurationError
from ..messages import counted, display_path
from .arguments import Subparsers, add_command, add_quiet
from .cassettes import Found, is_another_file, print_error, read_cassette
from .diff import Pairs, compare, load_pairs, pairs_with_revision
from .progress import Progress

if TYPE_CHECKING:
    from ..pages.library import Library
    from ..report.drift import DriftReport
    from .view_server import Answer, Site

_DETAILS = """\
A list of all interactions, which can be searched and filtered, and a page for each cassette.
Without --out, a server on this machine answers a browser until Ctrl-C. It reads only, and only the
cassettes that it has listed. Needs Jinja2: pip install 'pytest-reprise[report]'
"""
_TEXT = "text/plain; charset=utf-8"


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "view",
        run,
        summary="look at cassettes in a browser",
        details=_DETAILS,
        example="reprise view --against HEAD~1 tests",
        exit_codes="0; 2 wrong arguments, or no cassette was found",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        metavar="PATH",
        help="a cassette, or a directory with cassettes at any depth (default: this directory)",
    )
    parser.add_argument(
        "--against", metavar="REVISION", help="beside each cassette, show that of a git revision"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write files to this directory, and end"
    )
    parser.add_argument("--port", type=_port, default=0, help="of the server (default: a free one)")
    parser.add_argument("--open", action="store_true", help="open the browser")
    add_quiet(parser)


def _port(text: str) -> int:
    if text.isdecimal() and int(text[:9]) <= 65535:
        return int(text[:9])
    raise argparse.ArgumentTypeError(f"not a port (0 to 65535): {text}")


def run(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("jinja2") is None:
        raise ConfigurationError("reprise view needs Jinja2: pip install 'pytest-reprise[report]'")
    with ExitStack() as stack:
        pairs = None
        if options.against is not None:
            directory = stack.enter_context(TemporaryDirectory(prefix="reprise-"))
            pairs = pairs_with_revision(options.against, options.paths, Path(directory))
        viewer = Viewer(_files(options.paths), pairs, options.against or "")
        viewer.read(options.quiet, keeps_text=options.out is not None)
        if not viewer.library.cassettes:
            raise ConfigurationError("no cassette was found")
        if options.out:
            viewer.write(options.out, options.quiet)
        else:
            viewer.serve(options.port, options.open)
    return 0


def _files(paths: list[Path]) -> list[Path]:
    """Return the files to list; of a directory no links that lead out of it."""
    from ..audit.files import find_files

    tops = [path.resolve() for path in paths if path.is_dir()]
    named = {file for path in paths if not path.is_dir() for file in find_files([path])}

    def is_inside(path: Path) -> bool:
        place = path.resolve()
        return any(place.is_relative_to(top) for top in tops)

    return [p for p in find_files(paths) if p in named or (not is_pending(p) and is_inside(p))]


class Viewer:
    """The cassettes, and the pages that are made of them."""

    def __init__(self, files: list[Path], pairs: Pairs | None, against: str) -> None:
        self._files = files
        self._pairs = pairs
        self._against = against
        self._drift: DriftReport | None = None
        self.library: Library
        """What the list shows; known once `read` was called."""

    def read(self, quiet: bool, keeps_text: bool) -> None:
        """Read all cassettes, and keep what the list shows of them."""
        from ..pages.library import Library

        self.library = Library(keeps_text)
        with Progress("reading cassettes", quiet) as progress:
            for path in progress.each(self._files):
                found = read_cassette(path)
                if found.error and is_another_file(path):
                    continue
                problem = str(found.error) if found.error else ""
                self.library.add(path, display_path(path), found.cassette, problem)
        if self._pairs:
            versions, _ = load_pairs(self._pairs)
            self._drift = compare(versions, self._pairs)

    # --- pages ------------------------------------------------------------------------------

    def index(self, links: list[str], on_server: bool) -> str:
        """Return the page with the list."""
        from ..pages.viewer import index_page

        return index_page(self.library, links, self._drift, on_server)

    def cassette(self, number: int, home: str, link: Callable[[int, str], str]) -> str:
        """Return the page of a cassette. Raises LookupError."""
        from ..pages.side_by_side import side_by_side
        from ..pages.viewer import broken_page, cassette_page

        listed = self.library.cassettes[number]
        found = read_cassette(listed.path)
        if found.error:
            return broken_page(listed.name, found.error, home)
        cassette = found.cassette or Cassette()
        if self._pairs is None:
            return cassette_page(listed.name, cassette, home, link)
        old = self._earlier(listed.path)
        compared = side_by_side(listed.name, old, cassette) if old else ()
        return cassette_page(listed.name, cassette, home, link, compared, self._against)

    def _earlier(self, path: Path) -> Cassette | None:
        assert self._pairs
        files = self._pairs.both.get(str(path))
        found = read_cassette(files[0]) if files else Found(path)
        if found.error:
            print_error(found.error)
        return found.cassette

    def body(self, number: int, position: int, side: str) -> Answer:
        """Return a whole body, as text if it is one. Raises LookupError."""
        from ..exchange import header
        from ..pages.viewer import whole_body
        from ..scrub.content.charsets import decode
        from ..scrub.content.compression import decompress_or_keep
        from .view_server import Answer

        cassette = read_cassette(self.library.cassettes[number].path).cassette or Cassette()
        body, headers = whole_body(cassette, position, side)
        plain = decompress_or_keep(body, headers)
        decoded = decode(plain, header(headers, "content-type") or "")
        if decoded.is_binary:
            return Answer(plain, "application/octet-stream", "body.bin")
        return Answer(decoded.text.encode("utf-8", "replace"), _TEXT)

    def search(self, words: list[str]) -> list[tuple[int, int]]:
        """Return the interactions that have all words, by their cassettes and positions."""
        from ..pages.library import search

        found = []
        for number, listed in enumerate(self.library.cassettes):
            cassette = read_cassette(listed.path).cassette or Cassette()
            found += [(number, position) for position in search(cassette, words)]
        return found

    # --- a server, or files -----------------------------------------------------------------

    def site(self) -> Site:
        """Return what a server shows."""
        from .view_server import Site

        links = [f"c/{number}" for number in range(len(self.library.cassettes))]
        index = self.index(links, on_server=True)
        return Site(
            lambda: index,
            lambda n: self.cassette(n, "/", lambda i, side: f"/b/{n}/{i}/{side}"),
            self.body,
            self.search,
        )

    def serve(self, port: int, opens: bool) -> None:
        """Answer a browser until an interrupt."""
        from .view_server import ViewServer

        with ViewServer(self.site(), port) as server:
            number = counted(len(self.library.cassettes), "cassette")
            print(f"{number} at {server.url}   (Ctrl-C ends)", flush=True)
            if opens:
                import webbrowser

                webbrowser.open(server.url)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print()

    def write(self, directory: Path, quiet: bool) -> None:
        """Write all pages, and the bodies that they do not show whole."""
        (directory / "c").mkdir(parents=True, exist_ok=True)
        names = [f"c/{number}.html" for number in range(len(self.library.cassettes))]
        _write(directory / "index.html", self.index(names, on_server=False))
        with Progress("writing pages", quiet) as progress:
            for number, name in enumerate(progress.each(names)):
                wanted: list[tuple[int, str]] = []
                page = self.cassette(number, "../index.html", _linking(number, wanted))
                _write(directory / name, page)
                for position, side in wanted:
                    answer = self.body(number, position, side)
                    place = directory / "c" / _body_name(number, position, side)
                    place.write_bytes(answer.body)
        print(f"{counted(len(names), 'cassette')} in {directory / 'index.html'}")


def _write(path: Path, page: str) -> None:
    path.write_text(page, encoding="utf-8", errors="backslashreplace")


def _linking(number: int, wanted: list[tuple[int, str]]) -> Callable[[int, str], str]:
    """Return a function that names the file of a body, and notes that it is wanted."""

    def link(position: int, side: str) -> str:
        wanted.append((position, side))
        return _body_name(number, position, side)

    return link


def _body_name(number: int, position: int, side: str) -> str:
    return f"{number}-{position}-{side}.txt"
