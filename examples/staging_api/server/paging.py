"""Pages of lists, with totals in the body and RFC 8288 links in the header."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

Row: TypeAlias = Mapping[str, Any]
Item = TypeVar("Item", bound=BaseModel)


class PageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1)
    size: int = Field(default=20, ge=1, le=100)


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    page: int
    size: int
    total: int
    pages: int


@dataclass(frozen=True)
class Selection:
    """The rows of a table that meet the conditions. A leading - sorts a column in reverse order."""

    table: str
    conditions: Mapping[str, object]
    sort: str = "id"

    def count(self, sql: sqlite3.Connection) -> int:
        where, values = self._where()
        query = f"SELECT count(*) FROM {self.table} WHERE {where}"
        return int(sql.execute(query, values).fetchone()[0])

    def rows(self, sql: sqlite3.Connection, page: PageQuery) -> list[Row]:
        where, values = self._where()
        order = f"{self.sort.lstrip('-')} {'DESC' if self.sort.startswith('-') else 'ASC'}, id"
        rows = sql.execute(
            f"SELECT * FROM {self.table} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, page.size, (page.page - 1) * page.size),
        )
        return [dict(row) for row in rows]

    def _where(self) -> tuple[str, list[object]]:
        wanted = {term: value for term, value in self.conditions.items() if value is not None}
        return " AND ".join(wanted) or "TRUE", list(wanted.values())


@dataclass(frozen=True)
class Pager:
    """Answers the current request with one page; a FastAPI dependency."""

    request: Request
    response: Response

    def page(
        self,
        sql: sqlite3.Connection,
        selection: Selection,
        query: PageQuery,
        to_item: Callable[[Row], Item],
    ) -> Page[Item]:
        total = selection.count(sql)
        pages = max(1, -(-total // query.size))
        self.response.headers["Link"] = self._links(query.page, pages)
        items = [to_item(row) for row in selection.rows(sql, query)]
        return Page(items=items, page=query.page, size=query.size, total=total, pages=pages)

    def _links(self, page: int, pages: int) -> str:
        targets = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
        return ", ".join(
            f'<{self._relative_url(number)}>; rel="{relation}"'
            for relation, number in targets.items()
            if 1 <= number <= pages
        )

    def _relative_url(self, page: int) -> str:
        url = self.request.url.include_query_params(page=page)
        return f"{url.path}?{url.query}"
