"""A faithful stand-in of the UPgates platform, written from the contract alone; imports nothing of ours."""

from simulator.inprocess import transport
from simulator.state import World

__all__ = ["World", "transport"]
