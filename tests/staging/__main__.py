"""Run the staging API by hand: ``python -m tests.staging [--host HOST] [--port PORT]``."""

from argparse import ArgumentParser

from tests.staging.server import serve


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.staging", description="Run the staging API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8000, type=int, help="0 picks a free port")
    options = parser.parse_args()
    serve(options.host, options.port)


if __name__ == "__main__":
    main()
