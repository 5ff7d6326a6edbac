"""Have labels and protocols fetched, each page known to be whose it is (docs/carriers.md 6.3)."""

from collections.abc import Sequence

from carriers import labels as printing
from carriers.balikobot import answers, calls
from carriers.base import Carrier, Format, Label, Parcel
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.wire import Answer


def printed(at: Carrier, shipper: str, parcels: Sequence[Parcel]) -> Sequence[Label]:
    """Return a shipper's labels in this order: one file where its pages say whose they are, else one for each."""
    try:
        label = _labels(at, shipper, parcels)
    except CarrierRefused as gone:
        if gone.kind not in (Kind.UNKNOWN, Kind.TOO_LATE):
            raise
        return _kept(at, shipper, parcels, gone)
    if len(parcels) == 1:
        return [label]
    whole = printing.ordered(label, label.covers)
    return [whole] if whole else [_labels(at, shipper, [parcel]) for parcel in parcels]


def told(at: Carrier, ordered: Answer, parcels: Sequence[Parcel]) -> Label | None:
    """Return the labels an order's answer brings, in this order; None where they are to be asked for as all others."""
    try:
        label = _fetched(at, answers.read_link(ordered, "labels_url"), parcels)
    except CarrierError:
        return None
    return label if len(parcels) == 1 else printing.ordered(label, label.covers)


def document(at: Carrier, operation: str, link: str, covers: tuple[str, ...]) -> Label:
    """Return the document behind a link; refuse one that leads away from Balíkobot."""
    call = calls.document(at.account, link)
    if call is None:
        raise CarrierRefused(at.code, operation, "the link leads away from Balíkobot", kind=Kind.UNSUPPORTED)
    answer = at.send(operation, call).expect_ok()
    label = Label(Format.PDF, answer.body, covers)
    try:
        printing.pages_of(label)
    except printing.Unprintable as broken:
        raise answer.unreadable(str(broken)) from None
    return label


def merged(papers: Sequence[Label]) -> Label:
    """Return papers as one; raise Unprintable."""
    return papers[0] if len(papers) == 1 else printing.merged(papers)


def id_of(parcel: Parcel) -> str:
    """Return what Balíkobot knows a package by."""
    return parcel.handle.ids["package_id"]


def _labels(at: Carrier, shipper: str, parcels: Sequence[Parcel]) -> Label:
    answer = at.send("labels", calls.labels(at.account, shipper, [id_of(parcel) for parcel in parcels]))
    return _fetched(at, answers.read_link(answer, "labels_url"), parcels)


def _kept(at: Carrier, shipper: str, parcels: Sequence[Parcel], gone: CarrierRefused) -> Sequence[Label]:
    """Return labels one by one, of what was ordered since by what is kept of it; raise `gone` where nothing is.

    An answer for several does not say which of them it is that was ordered.
    """
    if len(parcels) > 1:
        return [label for parcel in parcels for label in printed(at, shipper, [parcel])]
    if label := _first(at, parcels):
        return [label]
    try:
        link = answers.read_stored(at.send("labels", calls.stored(at.account, shipper, id_of(parcels[0]))))
    except CarrierRefused:
        link = ""
    if not link:
        raise gone
    return [_fetched(at, link, parcels)]


def _first(at: Carrier, parcels: Sequence[Parcel]) -> Label | None:
    """Return the label behind the link its booking brought; None where there is none, or none any more."""
    if not (link := parcels[0].handle.ids.get("label")):
        return None
    try:
        return _fetched(at, link, parcels)
    except (CarrierRefused, CarrierUnreachable):
        return None


def _fetched(at: Carrier, link: str, parcels: Sequence[Parcel]) -> Label:
    """Return labels that stand one on a page; raise ACCOUNT where the client zone lays them out otherwise."""
    label = document(at, "labels", link, tuple(parcel.number for parcel in parcels))
    if (pages := printing.pages_of(label)) == len(parcels):
        return label
    why = f"{len(parcels)} labels came on {pages} pages: set one label a page in Balíkobot's client zone"
    raise CarrierRefused(at.code, "labels", why, kind=Kind.ACCOUNT)
