"""Errors in one form for every door but the webhooks': RFC 9457."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse, Response


def answer(
    status: int, title: str, detail: str | None = None, *, headers: Mapping[str, str] | None = None, **extra: object
) -> Response:
    """Return a problem document; `extra` says more about it, such as the `field` at fault, and never a secret."""
    content: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail is not None:
        content["detail"] = detail
    return JSONResponse({**content, **extra}, status, headers=headers, media_type="application/problem+json")


def standard(status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem with the title HTTP gives to the status."""
    return answer(status, phrase(status), detail, headers=headers)


def phrase(status: int) -> str:
    """Return what HTTP calls the status."""
    return HTTPStatus(status).phrase
