"""Who is told of problems, and what he is still to be told: an alarm owed is a row that is due.

A problem is a fact, an alarm is what one channel hears of all problems of one cause at one shop. What is told when, and
what a flapping problem may cost, are pure rules (`decide`).
"""

from service.alarms.channels import Channel, Kind
from service.alarms.decide import Alarm, Owes, Pace, Standing, Terms, forgotten, moved, put_off, settled, told
from service.alarms.merchants import Wishes
from service.alarms.owed import Owed
from service.alarms.silence import Silence

OWNS = ("channels", "alarms", "silences", "merchant_mails")

__all__ = [
    "OWNS",
    "Alarm",
    "Channel",
    "Kind",
    "Owed",
    "Owes",
    "Pace",
    "Silence",
    "Standing",
    "Terms",
    "Wishes",
    "forgotten",
    "moved",
    "put_off",
    "settled",
    "told",
]
