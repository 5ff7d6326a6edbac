"""The mirror of each shop's products, and for fulfillment their parameters and relations.

A product is known by its id: a code is optional in the shop (docs/upgates.md 4.7, T44). Variants have no life of their
own here; they come and go with their product. An advisory lock per tenant is the mutex of the store.
"""

from service.catalog.lists import listed, mirror_list
from service.catalog.products import (
    Mirrored,
    Taken,
    counts,
    delete_told,
    doubted,
    known,
    live,
    mirror,
    missing,
    of_variants,
    one,
    witnesses,
)

OWNS = ("products", "product_lists")

__all__ = [
    "OWNS",
    "Mirrored",
    "Taken",
    "counts",
    "delete_told",
    "doubted",
    "known",
    "listed",
    "live",
    "mirror",
    "mirror_list",
    "missing",
    "of_variants",
    "one",
    "witnesses",
]
