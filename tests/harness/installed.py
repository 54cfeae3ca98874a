"""Which releases are installed, for the few tests that only newer ones can pass.

Each caller names the first release that can, and says with it what an older one does instead.
"""

from importlib.metadata import version

from packaging.version import Version


def at_least(package: str, release: str) -> bool:
    return Version(version(package)) >= Version(release)
