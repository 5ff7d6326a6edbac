"""The page on which labels that were booked together are waited for, and printed as one file.

It looks again by itself for a minute and only while it shows no form: what somebody has chosen is not lost by that.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from service import bookings, tenants
from service.lanes import TenantId
from service.tickets import Session
from service.web import batch_view, pack_form, words
from service.web.acts import Fields, Refusal
from service.web.batch_view import Batch
from service.web.frame import Frame
from service.web.pack_form import KEY, named
from service.web.shipping_form import YES

PATH = "/panel/pack/batch"
WAITED_FOR_MOST = 20  # labels; more take longer than anybody waits for a page


class BatchPage:
    """The doors of the page."""

    def __init__(self, shared: Frame, refused: Callable[[Session, Refusal], Response]) -> None:
        self._frame = shared
        self._rig = shared.rig
        self._refused = refused

    def show(self, request: Request, session: Session) -> Response:
        """Return how far a batch is, a moment later where it is about to be done.

        With `stay` it shows what there is to print and looks again when it is asked to.
        """
        key, query = request.path_params["key"], request.query_params
        name, seen = self._look(session, key)
        if seen and seen.again_s and seen.waiting <= WAITED_FOR_MOST:
            ids = seen.shipment_ids
            self._frame.patience.until(lambda: self._is_settled(session.tenant_id, ids))
            name, seen = self._look(session, key)
        if not seen:
            return self._refused(session, Refusal("page", "batch_unknown", 404))
        return self._frame.html(
            "batch.html",
            words.language(session.language),
            shop_name=name,
            seen=replace(seen, again_s=None) if query.get("stay") == YES else seen,
            key=key,
            sheet=pack_form.sheet(query),
            form_token=session.form_token,
        )

    def refresh(self, session: Session, fields: Fields) -> Response:
        """Lead to the page as it stands now, with what was chosen on it."""
        form = dict(fields)
        key, sheet = form.get("key", ""), pack_form.sheet(form)
        if sheet is None or not KEY.fullmatch(key):
            return self._refused(session, Refusal("page", "form_odd"))
        page = "a4" if sheet.on_a4 else "a6"
        return self._frame.sent_on(f"{PATH}/{key}?stay=yes&page={page}&start={sheet.start}")

    def _look(self, session: Session, key: str) -> tuple[str | None, Batch | None]:
        language, tenant_id = words.language(session.language), session.tenant_id
        with self._rig.db.tx(tenant_id) as conn:
            shop = tenants.of(conn, tenant_id)
            if shop is None:
                return None, None
            account_id = shop.account_id or ""
            return shop.shop_name, batch_view.look(
                conn, self._rig, tenant_id, account_id, named(key), language, words.IN[language]
            )

    def _is_settled(self, tenant_id: TenantId, shipment_ids: Sequence[str]) -> bool:
        with self._rig.db.tx(tenant_id) as conn:
            return not bookings.unsettled(conn, tenant_id, shipment_ids)
