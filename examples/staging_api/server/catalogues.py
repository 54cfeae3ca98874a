"""Catalogues of products. Names need not be unique, so each client can create its own catalogue."""

import sqlite3
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from pydantic import BaseModel, Field

from examples.staging_api.server.auth import current_user
from examples.staging_api.server.database import transaction
from examples.staging_api.server.paging import Page, PageQuery, Pager, Selection

router = APIRouter(prefix="/catalogues", tags=["catalogues"], dependencies=[Depends(current_user)])


class NewCatalogue(BaseModel):
    name: str = Field(min_length=1)


class Catalogue(NewCatalogue):
    id: int


class NewProduct(BaseModel):
    sku: str = Field(min_length=1)
    name: str = Field(min_length=1)
    # In cents.
    price: int = Field(ge=0)


class Product(NewProduct):
    id: int


class ProductQuery(PageQuery):
    min_price: int | None = None
    max_price: int | None = None
    name_contains: str | None = None
    sort: Literal["sku", "-sku", "name", "-name", "price", "-price"] = "sku"


@router.post("", status_code=201)
def create(new: NewCatalogue, response: Response) -> Catalogue:
    with transaction() as sql:
        row = sql.execute(
            "INSERT INTO catalogues (name) VALUES (?) RETURNING *", (new.name,)
        ).fetchone()
    response.headers["Location"] = f"/catalogues/{row['id']}"
    return Catalogue.model_validate(dict(row))


@router.get("/{catalogue_id}")
def read(catalogue_id: int) -> Catalogue:
    with transaction() as sql:
        return _find(sql, catalogue_id)


@router.delete("/{catalogue_id}", status_code=204)
def delete(catalogue_id: int) -> None:
    with transaction() as sql:
        _find(sql, catalogue_id)
        sql.execute("DELETE FROM catalogues WHERE id = ?", (catalogue_id,))


@router.post("/{catalogue_id}/products", status_code=201)
def add_product(catalogue_id: int, new: NewProduct) -> Product:
    with transaction() as sql:
        _find(sql, catalogue_id)
        return _insert_product(sql, catalogue_id, new)


@router.get("/{catalogue_id}/products")
def list_products(
    catalogue_id: int, query: Annotated[ProductQuery, Query()], pager: Annotated[Pager, Depends()]
) -> Page[Product]:
    conditions = {
        "catalogue_id = ?": catalogue_id,
        "price >= ?": query.min_price,
        "price <= ?": query.max_price,
        "instr(lower(name), lower(?))": query.name_contains,
    }
    with transaction() as sql:
        _find(sql, catalogue_id)
        return pager.page(
            sql, Selection("products", conditions, query.sort), query, Product.model_validate
        )


def _find(sql: sqlite3.Connection, catalogue_id: int) -> Catalogue:
    row = sql.execute("SELECT * FROM catalogues WHERE id = ?", (catalogue_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no catalogue {catalogue_id}.")
    return Catalogue.model_validate(dict(row))


def _insert_product(sql: sqlite3.Connection, catalogue_id: int, new: NewProduct) -> Product:
    try:
        row = sql.execute(
            "INSERT INTO products (catalogue_id, sku, name, price) VALUES (?, ?, ?, ?) RETURNING *",
            (catalogue_id, new.sku, new.name, new.price),
        ).fetchone()
    except sqlite3.IntegrityError as error:
        raise HTTPException(409, f"{new.sku} is already in the catalogue.") from error
    return Product.model_validate(dict(row))
