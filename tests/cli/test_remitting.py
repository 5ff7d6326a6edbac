"""Money and goods that come back, on the command line."""

from pathlib import Path

from service import cli
from simulator.carriers.lives import End
from tests.flows.road import road


def test_a_list_of_payments_is_read_in_and_what_it_says_can_be_listed(run, town, tmp_path: Path) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.HOME, cod=way.at.cod())
    number, tenant, file = way.at.numbers(one)[0], way.at.tenant, tmp_path / "paid.csv"
    file.write_text(f"number,amount,currency,date\n{number},990,CZK,2026-03-05\n1,1,CZK,2026-03-05\n")

    said = run("cod-import", tenant, "gls", str(file))

    assert (said.code, said.out) == (cli.FAILED, "new 1  known 0  not taken 1\n")
    assert said.err == "line 3: Nothing is collected in this shop for this parcel, or under this variable symbol.\n"
    assert "1290.00 CZK" in run("cod", tenant, "--stands", "differs").out
    assert run("cod", tenant).out == ""
    assert run("cod-import", tenant, "gls", str(tmp_path / "none.csv")).code == cli.FAILED


def test_goods_that_came_back_are_said_to_be_there_once(run, town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.REFUSED)
    way.on(80, step_h=4)

    assert run("goods-back", way.at.tenant, one).out == f"{one}  is back\n"
    assert run("goods-back", way.at.tenant, one).code == cli.FAILED
    assert run("parcel-stopped", way.at.tenant, "O1").code == cli.FAILED  # nothing is told of it
