"""Types of the values that fixtures return."""

from collections.abc import Callable
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Headers: TypeAlias = dict[str, str]

MakeEmail: TypeAlias = Callable[[], str]
MakeUser: TypeAlias = Callable[..., Json]
MakeOrder: TypeAlias = Callable[..., Json]
LogIn: TypeAlias = Callable[[Json], Headers]
Discard: TypeAlias = Callable[[str], None]
Join: TypeAlias = Callable[..., Json]
Recorded: TypeAlias = Callable[[str, Callable[[], Any]], Any]
