"""The answers a merchant gives before anything leaves, as a form: what stands in it, and what was typed into it."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from service.flows import mapping
from service.kit import seal
from service.kit.clock import PRAGUE
from service.lanes import TenantId
from service.mappings import Given, Milestone, Target, Tracking
from service.rig import Rig
from service.steps import statuses

FIELDS_MOST = 1000  # a box for each status of the shop, and a few more
YEARS = range(2000, 2101)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YES = "yes"
BY = "panel"

Statuses = Mapping[int, Mapping[str, Any]]
Faults = Mapping[str, str]


class AnswersFaulty(Exception):
    """Some answers cannot stand; `faults` says of which field what is wrong, as keys of words."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(f"{', '.join(faults)} cannot stand")
        self.faults = faults


@dataclass(frozen=True)
class Typed:
    """What stands in the fields, as text: a status is its id."""

    release: frozenset[str]
    status: Mapping[Milestone, str]
    mail: frozenset[Milestone]
    sms: frozenset[Milestone]
    release_from: str
    pull_from: str
    tracking: str
    tells_paid: bool


@dataclass(frozen=True)
class Draft:
    """Answers that can stand."""

    release: frozenset[int]
    targets: Mapping[Milestone, Target]
    release_from: datetime | None
    pull_from: datetime | None
    tracking: Tracking
    tells_paid: bool
    over: int

    def save(self, rig: Rig, tenant_id: TenantId) -> None:
        """Take the answers over; raise AnswersFaulty when the shop has changed too much since they were read.

        Raise ChangedMeanwhile when somebody else was faster.
        """
        try:
            mapping.save(
                rig,
                tenant_id,
                release=self.release,
                targets=self.targets,
                release_from=self.release_from,
                pull_from=self.pull_from,
                tracking=self.tracking,
                tells_paid=self.tells_paid,
                by=BY,
                over=self.over,
            )
        except mapping.ChangedMeanwhile:
            raise
        except mapping.MappingRefused as refused:
            raise AnswersFaulty({refused.field: "fault_refused"}) from refused


def fingerprint(found: Statuses, given: Given) -> str:
    """Return what a form carries so that nobody decides about a status, or over answers, he has not been shown."""
    shown = [
        (status_id, statuses.name_of(content), content.get("type")) for status_id, content in sorted(found.items())
    ]
    return seal.digest(json.dumps([given.revision, shown]))


def standing(given: Given, found: Statuses) -> Typed:
    """Return the form as it stands: the saved answers, or what we suggest while there are none."""
    status = {milestone: str(target.status_id) for milestone, target in given.targets.items()}
    suggested = statuses.suggested(found)
    if not given.revision and suggested is not None:
        status[Milestone.SHIPPED] = str(suggested)
    by_default = {Milestone.SHIPPED} - given.targets.keys()
    return Typed(
        release=frozenset(map(str, given.release)),
        status={milestone: status.get(milestone, "") for milestone in Milestone},
        mail=frozenset(milestone for milestone, target in given.targets.items() if target.mail) | by_default,
        sms=frozenset(milestone for milestone, target in given.targets.items() if target.sms),
        release_from=day_of(given.release_from),
        pull_from=day_of(given.pull_from),
        tracking=given.tracking.value,
        tells_paid=given.paid_since is not None,
    )


def typed(fields: Sequence[tuple[str, str]]) -> Typed:
    """Return what was typed into a form that was sent."""
    form = dict(fields)
    return Typed(
        release=frozenset(value for name, value in fields if name == "release"),
        status={milestone: form.get(milestone.value, "") for milestone in Milestone},
        mail=frozenset(milestone for milestone in Milestone if form.get(f"{milestone}_mail") == YES),
        sms=frozenset(milestone for milestone in Milestone if form.get(f"{milestone}_sms") == YES),
        release_from=form.get("release_from", "").strip(),
        pull_from=form.get("pull_from", "").strip(),
        tracking=form.get("tracking", ""),
        tells_paid=form.get("tells_paid") == YES,
    )


def read(form: Typed, found: Statuses, given: Given, *, now: datetime) -> Draft:
    """Return the answers of a form; raise AnswersFaulty with every fault at once when they cannot stand."""
    known = {str(status_id): status_id for status_id in found}
    faults = {"release": release_fault(form.release, known, found)}
    faults |= {milestone.value: target_fault(form, milestone, known, found) for milestone in Milestone}
    release_from, faults["release_from"] = day(form.release_from, given.release_from)
    pull_from, faults["pull_from"] = day(form.pull_from, given.pull_from)
    if pull_from and pull_from >= now:
        faults["pull_from"] = "fault_pull_future"
    if form.tracking not in set(Tracking):
        faults["tracking"] = "fault_tracking_odd"
    if told := {field: fault for field, fault in faults.items() if fault}:
        raise AnswersFaulty(told)
    return Draft(
        release=frozenset(known[each] for each in form.release),
        targets={
            milestone: Target(known[status], mail=milestone in form.mail, sms=milestone in form.sms)
            for milestone, status in form.status.items()
            if status
        },
        release_from=release_from,
        pull_from=pull_from,
        tracking=Tracking(form.tracking),
        tells_paid=form.tells_paid,
        over=given.revision,
    )


def release_fault(chosen: Collection[str], known: Mapping[str, int], found: Statuses) -> str | None:
    """Return what is wrong with the statuses that release."""
    if not chosen:
        return "fault_release_none"
    if not known.keys() >= set(chosen):
        return "fault_status_unknown"
    return None if all(statuses.writable(found[known[each]]) for each in chosen) else "fault_status_storno"


def target_fault(form: Typed, milestone: Milestone, known: Mapping[str, int], found: Statuses) -> str | None:
    """Return what is wrong with the status written at a milestone."""
    chosen = form.status[milestone]
    if not chosen:
        return None
    if chosen not in known:
        return "fault_status_unknown"
    if not statuses.writable(found[known[chosen]]):
        return "fault_status_storno"
    return "fault_status_both" if chosen in form.release else None


def day(text: str, stood: datetime | None) -> tuple[datetime | None, str | None]:
    """Return the moment a day begins in Prague, and what is wrong with it; a date left as it stood keeps its hour."""
    if not text or text == day_of(stood):
        return (stood if text else None), None
    try:
        found = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        return None, "fault_date_odd"
    return datetime.combine(found, time(), PRAGUE), None


def day_of(moment: datetime | None) -> str:
    """Return the day of a moment in Prague as a date field holds it."""
    return f"{moment.astimezone(PRAGUE):%Y-%m-%d}" if moment else ""
