"""Bodies and headers in different formats."""

import gzip

from fastapi import APIRouter, Request, Response

from examples.staging_api.server.declared import raw

router = APIRouter(tags=["content"])

GREETINGS = '{"greetings": ["Hello", "Grüße", "你好", "👋"]}'.encode()


@router.get("/echo")
@router.post("/echo")
@router.put("/echo")
@router.patch("/echo")
@router.delete("/echo")
async def echo(request: Request) -> dict[str, object]:
    """The request as the server has parsed it."""
    body = await request.body()
    return {
        "method": request.method,
        "query": request.query_params.multi_items(),
        "content_type": request.headers.get("Content-Type"),
        "accept": request.headers.getlist("Accept"),
        "body": body.decode(errors="replace"),
    }


@router.get("/content/json")
def plain_json() -> Response:
    return Response(GREETINGS, media_type="application/json")


@router.get("/content/gzip")
def gzipped_json() -> Response:
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(gzip.compress(GREETINGS, mtime=0), 200, headers, "application/json")


@router.get("/content/xml", response_class=Response, responses=raw("application/xml"))
def xml() -> Response:
    return Response("<note><to>Ada</to><body>Hello</body></note>", media_type="application/xml")


@router.get("/content/latin-1", response_class=Response, responses=raw("text/plain"))
def latin_1() -> Response:
    return Response("Grüße".encode("latin-1"), media_type="text/plain; charset=latin-1")


@router.get("/content/bytes", response_class=Response, responses=raw("application/octet-stream"))
def every_byte() -> Response:
    return Response(bytes(range(256)), media_type="application/octet-stream")


@router.get("/content/empty", status_code=204)
def nothing() -> None:
    """No content."""


@router.get("/headers/repeated")
def repeated_headers(response: Response) -> dict[str, str]:
    response.headers.append("Vary", "Accept")
    response.headers.append("Vary", "Accept-Language")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "en")
    return {"status": "ok"}
