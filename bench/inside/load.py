"""Load one cassette with the code of a peer: arguments PEER PATH SMALL COUNT."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def reprise() -> Callable[[Path], int]:
    from pytest_reprise.cassette.file import load

    def opened(path: Path) -> int:
        cassette = load(path)
        assert cassette is not None
        return len(cassette.interactions)

    return opened


def vcrpy() -> Callable[[Path], int]:
    from vcr.persisters.filesystem import FilesystemPersister
    from vcr.serializers import yamlserializer

    def opened(path: Path) -> int:
        requests, responses = FilesystemPersister.load_cassette(path, yamlserializer)
        assert len(requests) == len(responses)
        return len(requests)

    return opened


def cassetter() -> Callable[[Path], int]:
    peer: Any = importlib.import_module("cassetter")

    def opened(path: Path) -> int:
        cassette = peer.Cassette(path, record_mode=peer.RecordMode.NONE)
        cassette.load()
        return len(cassette)

    return opened


LOADERS = {"reprise": reprise, "pytest-recording": vcrpy, "cassetter": cassetter}

if __name__ == "__main__":
    peer, path, small, count = sys.argv[1:]
    opened = LOADERS[peer]()
    assert opened(Path(small)) == 1, "this first call also does the late imports"
    start = time.process_time()
    found = opened(Path(path))
    print(time.process_time() - start)
    assert found == int(count), found
