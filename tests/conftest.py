"""What all tests share: pytester, with which tests/plugin drives whole pytest runs."""

pytest_plugins = ["pytester"]
