"""Alarms on the command line: who is told, silence, hand-over, mails, and what does not move."""

from datetime import timedelta

import pytest

from service import accounts, cli, problems, tenants
from service.accounts import Kind, Person
from service.cli import alarming
from service.kit.clock import utc_now
from service.problems import Cause


def acts(town, tenant: str) -> list[dict]:
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT detail FROM journal WHERE kind = 'person' ORDER BY journal_id").fetchall()
    return [row["detail"] for row in found]


def test_check_and_alarms_say_when_nobody_would_be_told(run, monkeypatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")  # else the fast database of the tests is told of as well
    for command in ("check", "alarms"):
        said = run(command)
        assert said.code == cli.OK
        assert "NOBODY  is told of alarms" in said.out
        assert "SMTP_URL is not set" in said.out


def test_a_channel_is_added_shown_and_removed(run, town, activated, monkeypatch) -> None:
    _, tenant = activated
    monkeypatch.setenv("SMTP_URL", "smtp://me:hidden@mail.example.com:587")
    monkeypatch.setenv("ALARM_HOSTS", r"hooks\.example\.com")
    added = run("alarms", "add", "mail", "ops@example.com", "--by", "eva")
    hook = run("alarms", "add", "webhook", "https://hooks.example.com/T0/secret-path")
    [secret] = [line.split()[1] for line in hook.lines if line.startswith("secret")]

    shown = run("alarms")
    channel = added.lines[0]
    assert f"{channel}  mail  ops@example.com  operators  never told  owed nothing" in shown.lines
    assert "hooks.example.com" in shown.out
    assert not any(hidden in shown.all for hidden in (secret, "secret-path", "hidden", "NOBODY"))

    assert run("alarms", "pace", channel, "no_echo", "never").code == cli.OK
    assert "     no_echo  never" in run("alarms").lines
    assert run("alarms", "remove", channel).code == cli.OK
    assert run("alarms", "remove", channel).code == cli.FAILED
    assert [(each["by"], each["act"]) for each in acts(town, tenant)] == [
        ("eva", "channel added"),
        ("operator", "channel added"),
        ("operator", "pace"),
        ("operator", "channel removed"),
    ]


@pytest.mark.parametrize(
    "url", ["http://me:hidden@mail.example.com", "smtp://me:hidden@", "smtp://me:hidden@host/path", "smtp://me:hidden"]
)
def test_a_mail_server_that_is_none_is_refused_without_its_login(run, monkeypatch, url) -> None:
    monkeypatch.setenv("SMTP_URL", url)
    said = run("alarms")

    assert (said.code, "SMTP_URL" in said.err, "hidden" in said.all) == (cli.MISUSED, True, False)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["add", "mail", "nobody"], cli.FAILED),
        (["add", "webhook", "https://hooks.example.com/"], cli.FAILED),  # ALARM_HOSTS is not set
        (["add", "mail", "a@example.com", "--account", "a_none"], cli.FAILED),
        (["mute", "1h"], cli.FAILED),
        (["mute", "soon", "--cause", "no_echo"], cli.MISUSED),
        (["mute", "1h", "--cause", "no_such_cause"], cli.MISUSED),
        (["unmute", "7"], cli.FAILED),
        (["pace", "c_none", "no_echo", "never"], cli.FAILED),
    ],
)
def test_what_cannot_be_arranged_is_refused_with_its_reason(run, argv, code) -> None:
    said = run("alarms", *argv)

    assert (said.code, bool(said.err), "Traceback" in said.err) == (code, True, False)


def test_silence_hand_over_and_mails(run, town, activated) -> None:
    _, tenant = activated
    with town.rig.db.tx(tenant) as conn:
        problems.note(conn, tenant, Cause.NO_ECHO, now=utc_now())

    assert run("alarms", "mute", "2d", "--tenant", tenant).lines[0].startswith("silence 1  until ")
    assert any(line.startswith(f"silence 1  {tenant}") for line in run("alarms").lines)
    assert any(line.startswith("     silent until ") for line in run("problems", tenant).lines)
    assert run("alarms", "unmute", "1").code == cli.OK
    assert "silent" not in run("problems", tenant).out
    assert run("alarms", "take", tenant, "no_echo", "eva", "--note", "asked them").code == cli.OK
    assert "     seen to by  eva  asked them" in run("problems", tenant).lines
    assert run("alarms", "give-back", tenant, "no_echo").code == cli.OK
    assert "seen to" not in run("problems", tenant).out
    assert run("alarms", "take", tenant, "no_such_cause", "eva").code == cli.MISUSED
    assert run("alarms", "take", tenant, "overruled", "eva").code == cli.FAILED
    assert run("alarms", "mails", tenant, "--daily", "off").lines == ["daily  off  urgent  on"]
    assert run("alarms", "mails", tenant).lines == ["daily  off  urgent  on"]
    assert run("alarms", "mails", "t_none").code == cli.FAILED


def test_stuck_orders_are_listed_with_age_and_reason(run, town, activated) -> None:
    shop, tenant = activated
    kinds = {row["type"]: status_id for status_id, row in shop.statuses.items()}
    assert run("stuck").lines == []
    run("tenants", "set", tenant, "--release", str(kinds["Received"]), "--live")
    [number, *_] = shop.orders
    with town.rig.db.tx(tenant) as conn:
        depot = accounts.create(conn, Kind.WAREHOUSE, Person("Depot"), now=utc_now())
        tenants.ship_from(conn, tenant, account_id=depot)
        conn.execute(
            "INSERT INTO offers (tenant_id, order_number, position, revision, state, changed_at)"
            " VALUES (%s, %s, 99, 1, 'released', %s)"
            " ON CONFLICT (tenant_id, order_number) DO UPDATE SET state = 'released', acked_revision = NULL,"
            " changed_at = excluded.changed_at",
            [tenant, number, utc_now() - timedelta(hours=5)],
        )

    assert run("stuck", tenant).lines == [
        f"{tenant}  Released, but not acknowledged by the warehouse  1",
        f"     {number}  5 h",
    ]
    assert run("stuck").lines == run("stuck", tenant).lines


def test_a_span_is_a_number_and_a_unit() -> None:
    assert [alarming.lasts(text) for text in ("30m", "4h", "2d")] == [
        timedelta(minutes=30),
        timedelta(hours=4),
        timedelta(days=2),
    ]
    for text in ("", "h", "0h", "-1h", "400d", "2w"):
        with pytest.raises(ValueError, match=r"say 30m|invalid literal"):
            alarming.lasts(text)
