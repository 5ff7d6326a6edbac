"""What never reached the post's own checks: a status of HTTP and at most ten objects that say why (carriers.md 5.2)."""

from datetime import datetime

from simulator import wire as plain
from simulator.carriers.wire import Response, as_json

MOST = 10
USUAL = {
    400: "Bad request.",
    401: "Unauthorized.",
    403: "Forbidden.",
    404: "Not found.",
    429: "Too many requests.",
    500: "Internal server error.",
    503: "Service unavailable.",
}


class Failure(Exception):
    """A refusal by status; `messages`: one for each thing that is wrong."""

    def __init__(self, status: int, *messages: str) -> None:
        """Say what is wrong; without messages the usual one of the status."""
        super().__init__(status, *messages)
        self.status = status
        self.messages = messages or (USUAL.get(status, "Error."),)


def written(failure: Failure, *, at: datetime, id_: str) -> Response:
    """Return a failure as the gateway writes it."""
    # guess: the types of `code` and `status`, and the form of `date`
    told = [
        {
            "x-request-id": id_,
            "code": str(failure.status),
            "status": failure.status,
            "message": message,
            "moreInfo": "",
            "date": plain.stamp(at),
        }
        for message in failure.messages[:MOST]
    ]
    return as_json(told, failure.status)
