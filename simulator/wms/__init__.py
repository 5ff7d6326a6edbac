"""A stand-in for a warehouse's own system, written from docs/wms.md alone; imports nothing of ours.

`Warehouse` is the whole of it in one process; `python -m simulator.wms` serves one that is told over HTTP what to do.
"""

from simulator.wms.ledger import Ledger
from simulator.wms.warehouse import NotHere, Warehouse, client

__all__ = ["Ledger", "NotHere", "Warehouse", "client"]
