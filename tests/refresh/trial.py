"""One copy of the suite in a directory of its own, and pytest runs in it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeAlias

from .moving_api.operations import PASSWORD
from .moving_api.server import MovingApi, Options

SUITE = Path(__file__).with_name("suite")
Files: TypeAlias = dict[str, bytes]
"""The content of cassettes and their body files, by path below the suite."""

_NOT_NEEDED = "randomly cacheprovider hypothesispytest respx pytest_httpx faker base_url anyio"
_INHERITED = re.compile(r"^(PYTEST_|COV_|API_BASE_URL$|MOVING_PASSWORD$|CI$|BUILD_NUMBER$)")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (?:at \w+ of )?([^\s].*?)(?: - .*)?$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) (passed|failed|errors?)")
_NEWS = re.compile(r"  (breaking|compatible|cosmetic) ")
_TIMEOUT = 300


class Ran(NamedTuple):
    """A finished run of pytest."""

    code: int
    output: str

    @property
    def failed(self) -> set[str]:
        """Node ids of tests that failed or had an error."""
        return set(_FAILED.findall(self.output))

    @property
    def red(self) -> int:
        return len(self.failed)

    @property
    def passed(self) -> int:
        return sum(int(count) for count, what in _COUNT.findall(self.output) if what == "passed")

    @property
    def news(self) -> list[str]:
        """The lines that tell a change of the API."""
        return [line for line in self.output.splitlines() if _NEWS.match(line)]


class Trial:
    """A directory with the suite, and with its cassettes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.restore_suite()
        ini = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
        (root / "pytest.ini").write_text(ini)

    @property
    def files(self) -> Files:
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("cassettes/**/*"))
            if path.is_file()
        }

    def restore(self, files: Files) -> None:
        """Let the cassettes be these files."""
        for name in self.files:
            (self.root / name).unlink()
        for name, content in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(content)

    def restore_suite(self) -> None:
        """Let the tests be as they were."""
        shutil.copytree(SUITE, self.root, dirs_exist_ok=True)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file of the suite."""
        path = self.root / name
        text = path.read_text()
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new))

    def record(self, *args: str, api: Options = Options()) -> Ran:  # noqa: B008
        """Run pytest with a server that ends afterwards."""
        with serving(api) as url:
            return self._finished(self.start(*args, url=url))

    def replay(self, *args: str) -> Ran:
        """Run pytest without a server and without the password."""
        return self._finished(self.start("--record-mode=none", *args, url=None))

    def start(self, *args: str, url: str | None) -> subprocess.Popen[str]:
        """Start pytest in another process."""
        environ = {n: v for n, v in os.environ.items() if not _INHERITED.search(n)}
        # A replay may not need the values, so it gets others.
        environ |= {"API_BASE_URL": url or "http://127.0.0.1:9", "MOVING_PASSWORD": "unknown"}
        environ |= {"MOVING_PASSWORD": PASSWORD} if url else {}
        without = [arg for name in _NOT_NEEDED.split() for arg in ("-p", f"no:{name}")]
        command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--color=no", "--tb=short"]
        return subprocess.Popen(
            [*command, *without, *args],
            cwd=self.root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell that runs this in the background ignores SIGINT.
            preexec_fn=_allow_interrupt,
        )

    @staticmethod
    def _finished(process: subprocess.Popen[str]) -> Ran:
        try:
            output, _ = process.communicate(timeout=_TIMEOUT)
        finally:
            process.kill()
        return Ran(process.returncode, output)


def _allow_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def serving(options: Options = Options()) -> Iterator[str]:  # noqa: B008
    """Serve the moving API in this process, and yield its base URL."""
    with MovingApi(options) as api:
        thread = threading.Thread(target=api.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield api.url
        finally:
            api.shutdown()


def cassette_of(test: str) -> str:
    """Return the path of a test's cassette, for its node id."""
    module, *names = test.split("::")
    path = PurePosixPath(module)
    return (path.parent / "cassettes" / path.stem / f"{'.'.join(names)}.yaml").as_posix()


def changed_files(before: Files, after: Files) -> Sequence[str]:
    """Return the files that were added, removed or changed."""
    return sorted(n for n in {*before, *after} if before.get(n) != after.get(n))
