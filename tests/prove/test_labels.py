"""A short set of what `python -m tests.prove labels` searches for long."""

import random

import pytest

from tests.flows.counter import counter
from tests.prove import labels
from tests.prove.labels import Story


@pytest.mark.parametrize("code", labels.codes())
def test_no_label_is_paid_for_twice_whatever_becomes_of_answers_workers_and_clocks(town, database, code: str) -> None:
    ended = labels.told(town, database.url, code, seed=1, parcels=6)

    assert not ended.wrong, "\n".join(ended.wrong)
    assert ended.tally["lost"] >= 1
    assert ended.tally["raced"] >= 1


def test_the_verdict_names_a_label_that_is_paid_for_twice_and_one_that_nobody_accounts_for(town) -> None:
    at = counter(town, "packeta")
    asked = at.wants("packeta")
    at.work(10)
    town.work(for_s=20)
    story = Story(at, "packeta", random.Random(1), asked)
    assert labels.verdict(story) == []

    for reference in (at.stands(asked[0]).reference, "strange"):
        at.worlds["packeta"].make(f"99{reference}", reference=reference, account="shop")

    assert [each.split(" ", 1)[1][:19] for each in labels.verdict(story)] == [
        "was paid for twice:", "was paid for twice:", "is on the bill, and"
    ]  # fmt: skip
