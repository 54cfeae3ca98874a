"""Inner pytest runs as forks of a process that has imported what most runs import.

That saves 0.3 s of the 0.7 s of a short run. The process has imported neither the package nor a
client: when they are imported is a part of what is tested. A test module asks for it by
`FORKS = True`; one that measures memory or imports must not. Where the system cannot fork, or
Python has to start with other variables, such a run gets a process of its own as well.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from _pytest.config import default_plugins

_PRELOADED = """
    pluggy pytest
    asyncio base64 binascii calendar concurrent.futures.thread contextvars csv datetime decimal
    difflib email.message email.parser fractions getpass gzip hashlib hmac html http.client
    http.cookiejar http.cookies importlib.metadata importlib.resources inspect json locale logging
    lzma mimetypes multiprocessing netrc numbers pdb pickle platform queue secrets shlex shutil
    signal socket ssl statistics stat subprocess tempfile timeit tokenize traceback typing
    unicodedata unittest unittest.mock urllib.parse urllib.request uuid warnings
    xml.etree.ElementTree zipfile zlib zoneinfo
"""
_OPTIONAL = """
    anyio._backends._asyncio anyio.from_thread attr brotli certifi click dateutil.parser execnet h11
    httpcore idna iniconfig packaging.requirements packaging.version pygments.formatters.terminal
    pygments.lexers.diff pygments.lexers.python trio typing_extensions xdist.plugin zstandard
"""
"""What pytest, plugins and clients import; some environments lack a part of it."""
_NOT_REWRITTEN = ("anyio", "xdist")
"""Packages with a plugin, of which pytest says that it cannot rewrite their assertions any more."""
_AT_START = "PYTHON"
"""How variables are named that Python reads when it starts."""
_ANSWERED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
"""Those of them that a fork can apply later."""


class ForkServer:
    """Starts forks of one process, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._environment: dict[str, str] = {}

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether a fork can have this environment."""
        if not hasattr(os, "fork"):
            return False
        started = self._environment if self._process else os.environ
        return _of_start(environment) == _of_start(started)

    def run(self, args: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> int:
        """Run pytest in the current directory. Return its exit code, as subprocess does."""
        task = [list(args), dict(environment), str(Path.cwd()), str(out), str(err)]
        with self._lock:
            process = self._process or self._start()
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(task) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            assert answer, "the process that makes forks has ended: see its error above"
            return int(answer)

    def _start(self) -> subprocess.Popen[str]:
        self._environment = dict(os.environ)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.fork_server"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self._process

    def stop(self) -> None:
        """End the process, if it was started."""
        if self._process:
            self._process.communicate()
            self._process = None


def _of_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_AT_START) and name not in _ANSWERED
    }


# --- in the process ---------------------------------------------------------------------------


def _serve() -> int:
    """Fork for each line of the input. Returns only in a fork, with the exit code of its run."""
    plugins = (f"_pytest.{name}" for name in default_plugins)
    for name in (*plugins, *_PRELOADED.split()):
        importlib.import_module(name)
    for name in _OPTIONAL.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in _NOT_REWRITTEN:
        if name in sys.modules:
            sys.modules[name].__doc__ = "PYTEST_DONT_REWRITE"
    path = [entry for entry in sys.path if Path(entry).resolve() != Path.cwd()]
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return _run(path, *json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return 0


def _run(
    path: list[str],
    args: list[str],
    environment: dict[str, str],
    directory: str,
    *files: str,
) -> int:
    """Do in this process what `python -m pytest` does in a new one."""
    for number, file in enumerate([os.devnull, *files]):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        opened = os.open(file, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    added = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = [directory, *added, *path]
    pytest = sys.modules["pytest"]
    sys.argv = [str(Path(str(pytest.__file__)).with_name("__main__.py")), *args]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    main = ModuleType("__main__")
    main.__spec__ = importlib.util.find_spec("pytest.__main__")
    sys.modules["__main__"] = main
    random.seed()
    return int(pytest.console_main())


if __name__ == "__main__":
    sys.exit(_serve())
