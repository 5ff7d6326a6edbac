"""Where parcels are picked up, as the carriers' lists say: found by code, post code or distance, and whether open.

Points belong to no shop. A list is taken over by difference: what it shows otherwise than the table is written, what a
whole list lacks is marked gone, and a list that broke off or shrank beyond belief marks nothing.
"""

from service.points.decide import again_at, next_at, shrunk
from service.points.difference import Difference, Key, Row
from service.points.keeping import (
    LEASE,
    End,
    Feed,
    Overtaken,
    Reading,
    begin,
    due,
    end,
    feeds,
    is_reading,
    known,
    put_off,
    want,
    write,
)
from service.points.looking import Point, Standing, by_code, by_zip, find, instead, near, open_ones, place_of, standing

OWNS = ("points", "point_feeds")

__all__ = [
    "LEASE",
    "OWNS",
    "Difference",
    "End",
    "Feed",
    "Key",
    "Overtaken",
    "Point",
    "Reading",
    "Row",
    "Standing",
    "again_at",
    "begin",
    "by_code",
    "by_zip",
    "due",
    "end",
    "feeds",
    "find",
    "instead",
    "is_reading",
    "known",
    "near",
    "next_at",
    "open_ones",
    "place_of",
    "put_off",
    "shrunk",
    "standing",
    "want",
    "write",
]
