"""Run the API; it prints its URL: `python -m tests.refresh.moving_api --version 2 --port 8000`."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import suppress

from .server import MovingApi, Options, changes_of


def main() -> None:
    parser = ArgumentParser(description="Run the moving API.")
    parser.add_argument("--version", type=int, choices=(1, 2), default=1)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--seed", type=int, help="seed of all choices; ids are new in any case")
    parser.add_argument("--first-id", type=int, help="the first numeric id")
    parser.add_argument("--compress", action="store_true", help="send JSON in gzip")
    parser.add_argument("--dies-after", type=int, help="number of requests to serve")
    parser.add_argument(
        "--only", type=int, nargs="*", default=(), help="rows of the changes to apply"
    )
    given = parser.parse_args()
    changes = changes_of(given.version, given.only)
    options = Options(changes, given.seed, given.first_id, given.compress, given.dies_after)
    with MovingApi(options, given.port) as api, suppress(KeyboardInterrupt):
        print(api.url, flush=True)
        api.serve_forever()


if __name__ == "__main__":
    main()
