"""Models of users, and hashing of their passwords."""

import hashlib
import secrets
import sqlite3
from datetime import datetime
from typing import Annotated, Literal

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

ADMIN_EMAIL = "admin@example.com"
# For local use, when STAGING_ADMIN_PASSWORD is not set.
DEFAULT_ADMIN_PASSWORD = "correct-horse-battery-staple-9"
# Far too few for production, but the example tests log in very often.
HASH_ITERATIONS = 1_000

Role = Literal["admin", "member"]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Team = Annotated[str, StringConstraints(max_length=200)]
Password = Annotated[str, StringConstraints(min_length=8)]


class Profile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    name: Name
    role: Role = "member"
    team: Team = ""


class NewUser(Profile):
    password: Password


class User(Profile):
    model_config = ConfigDict(extra="ignore")

    id: int
    created_at: datetime
    version: int = Field(exclude=True)

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


class ProfileChanges(BaseModel):
    """Some fields of a profile. A default means that the field was not sent, unlike null."""

    model_config = ConfigDict(extra="forbid")

    email: Email = ""
    name: Name = ""
    role: Role = "member"
    team: Team = ""

    def applied_to(self, profile: Profile) -> Profile:
        unchanged = profile.model_dump(include=set(Profile.model_fields))
        return Profile(**unchanged | self.model_dump(exclude_unset=True))


def insert_user(sql: sqlite3.Connection, user: NewUser) -> int:
    cursor = sql.execute(
        "INSERT INTO users (email, name, role, team, password_hash) VALUES (?, ?, ?, ?, ?)",
        (user.email, user.name, user.role, user.team, hash_password(user.password)),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def find_user(sql: sqlite3.Connection, user_id: int) -> User:
    row = sql.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no user {user_id}.")
    return User.model_validate(dict(row))


def hash_password(password: str, salt: str | None = None) -> str:
    salt = salt or secrets.token_hex(8)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), HASH_ITERATIONS)
    return f"{salt}:{digest.hex()}"


def password_matches(password: str, password_hash: str) -> bool:
    salt = password_hash.partition(":")[0]
    return secrets.compare_digest(hash_password(password, salt), password_hash)
