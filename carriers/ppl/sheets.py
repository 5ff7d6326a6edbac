"""Labels of PPL as single pages that can be laid in any order (docs/carriers.md 2.3)."""

from collections.abc import Sequence
from io import BytesIO
from typing import TypeAlias

from pypdf import PageObject, PdfReader, PdfWriter

from carriers.base import Format, Label
from carriers.labels import Unprintable, pages_of, readable
from carriers.wire import Answer

Page: TypeAlias = PageObject | bytes


def read_pages(answer: Answer, kind: Format) -> Sequence[Page] | None:
    """Return the pages of a label file; None where it is of another format, raise where it is no label at all."""
    content = answer.expect_ok().body
    is_pdf, is_zpl = content.lstrip()[:5] == b"%PDF-", b"^XA" in content
    if not is_pdf and not is_zpl:
        raise answer.unreadable(f"the answer is no label ({len(content)} bytes)")
    if is_pdf is not (kind is Format.PDF):
        return None
    try:
        with readable():
            pages_of(Label(kind, content))
            return list(PdfReader(BytesIO(content)).pages) if is_pdf else _forms(content)
    except Unprintable as broken:
        raise answer.unreadable(str(broken)) from None


def laid(pages: Sequence[tuple[str, Page]], kind: Format) -> Label:
    """Return one file of numbered pages in this order; raise Unprintable where one of them breaks."""
    covers = tuple(number for number, _ in pages)
    if kind is Format.ZPL:
        return Label(kind, b"\n".join(form for _, form in pages if isinstance(form, bytes)) + b"\n", covers)
    writer, out = PdfWriter(), BytesIO()
    with readable():
        for _, page in pages:
            if isinstance(page, PageObject):
                writer.add_page(page)
        writer.write(out)
    return Label(kind, out.getvalue(), covers)


def _forms(content: bytes) -> Sequence[bytes]:
    """Return the forms of a ZPL file, each with the graphics that stand before it."""
    return [form.strip() + b"^XZ" for form in content.split(b"^XZ")[:-1]]
