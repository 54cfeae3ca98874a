"""vcrpy: its options, and its patches for other clients. Only this package imports vcr."""

# Before any module of this package. The import hook reacts to this import by importing the patches,
# which would fail while one of their modules is only half imported.
import vcr  # noqa: F401
