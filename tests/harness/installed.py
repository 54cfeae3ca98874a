"""Installed releases of other packages, for the few tests that depend on them."""

from importlib.metadata import version

from packaging.version import Version


def at_least(package: str, release: str) -> bool:
    """Return whether this release of the package, or a newer one, is installed."""
    return Version(version(package)) >= Version(release)
