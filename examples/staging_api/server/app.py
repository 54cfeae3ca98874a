"""The application: all routers, and one format for errors."""

from fastapi import FastAPI

from examples.staging_api.server import (
    auth,
    catalogues,
    clocks,
    content,
    declared,
    deliveries,
    files,
    jobs,
    jwt,
    notes,
    orders,
    organisations,
    problems,
    redirects,
    reports,
    seals,
    sessions,
    streams,
    traffic,
    users,
)
from examples.staging_api.server.accounts import ADMIN_EMAIL, NewUser, insert_user
from examples.staging_api.server.database import transaction
from examples.staging_api.server.keys import shared_secret

PARTS = (
    auth,
    jwt,
    users,
    organisations,
    orders,
    catalogues,
    notes,
    reports,
    files,
    deliveries,
    jobs,
    sessions,
    seals,
    clocks,
    traffic,
    redirects,
    content,
    streams,
)


def create_app() -> FastAPI:
    app = FastAPI(title="Staging API", responses=declared.ERRORS)
    problems.install(app)
    for part in PARTS:
        app.include_router(part.router)
    _seed_admin(shared_secret("STAGING_ADMIN_PASSWORD"))
    return app


def _seed_admin(password: str) -> None:
    admin = NewUser(email=ADMIN_EMAIL, name="Admin", role="admin", password=password)
    with transaction() as sql:
        insert_user(sql, admin)
