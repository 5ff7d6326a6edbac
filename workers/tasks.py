"""One task per lane; its only argument is the tenant whose turn it is."""

from service.flows import (
    activate,
    affiliates,
    alarm,
    book,
    points,
    pull,
    refresh_orders,
    refresh_products,
    refresh_shipping,
    refresh_statuses,
    sweep,
    track,
    writeback,
)
from service.lanes import Lane
from workers.app import lane_task

FLOWS = {
    Lane.ACTIVATE: activate.run,
    Lane.PULL: pull.run,
    Lane.REFRESH_ORDERS: refresh_orders.run,
    Lane.REFRESH_PRODUCTS: refresh_products.run,
    Lane.REFRESH_STATUSES: refresh_statuses.run,
    Lane.REFRESH_SHIPPING: refresh_shipping.run,
    Lane.WRITEBACK: writeback.run,
    Lane.SWEEP: sweep.run,
    Lane.ALARM: alarm.run,
    Lane.BOOK: book.run,
    Lane.TRACK: track.run,
    Lane.POINTS: points.run,
    Lane.AFFILIATES: affiliates.run,
}

TASKS = {lane: lane_task(lane, flow) for lane, flow in FLOWS.items()}
