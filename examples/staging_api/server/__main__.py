"""Run the staging API: ``python -m examples.staging_api.server [--port PORT]``."""

from argparse import ArgumentParser

from examples.staging_api.server.server import serve


def main() -> None:
    parser = ArgumentParser(description="Run the staging API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8000, type=int, help="0 picks a free port")
    options = parser.parse_args()
    serve(options.host, options.port)


if __name__ == "__main__":
    main()
