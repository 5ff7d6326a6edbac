"""The story, a chapter after the other; each leaves in the notes what the verdict asks for."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType

from service.demo import activation, carriers, live, shipping, verdict
from service.demo.mirror import NotInTime
from service.demo.processes import basic_environment
from service.demo.stage import ChapterFailed, Stage
from service.embedded import EmbeddedError

Chapter = Callable[[Stage], None]

OUTSIDER = Path(__file__).with_name("outsider.py")
OUTSIDER_WITHIN_S = 60
INTERRUPTED = 130
REVIVE_EVERY_S = 1.0


def start_everything(stage: Stage) -> None:
    """Start the servers, the world and the Procfile's lines."""
    stage.start()
    names = ", ".join(stage.processes.children)
    print(f"everything is up after {stage.notes['up_s']:.1f} s: postgres, redis, {names}")


def let_an_outsider_read(stage: Stage) -> None:
    """Let a script that knows the contract alone read every order of the shops."""
    shops = [{name: shop[name] for name in ("api_url", "login", "key")} for shop in stage.world["shops"]]
    answer = subprocess.run(
        [sys.executable, "-I", str(OUTSIDER)],  # -I: it cannot import us even if it tried
        input=json.dumps(shops),
        env=basic_environment(stage.folder),
        timeout=OUTSIDER_WITHIN_S,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode not in (0, 1):  # 1: it read, and found faults
        raise ChapterFailed(f"the outsider ended with {answer.returncode}: {answer.stderr[-1000:]}")
    seen = json.loads(answer.stdout)
    seen["expected"] = sum(shop["orders"] for shop in stage.world["shops"])
    stage.notes["outsider"] = seen
    print(f"an outsider read {seen['orders']:,} orders in {seen['calls']} calls, {seen['seconds']:.1f} s")


@dataclass(frozen=True)
class Story:
    """Chapters in their order, and the claims they bear out."""

    chapters: Sequence[Chapter]
    claims: Sequence[verdict.Claim]


HOUSE = Story((start_everything,), verdict.CLAIMS[:1])
WHOLE = Story(
    (
        start_everything,
        let_an_outsider_read,
        activation.install,
        activation.pull_and_kill,
        shipping.go_live,
        live.trade,
        live.probe,
        shipping.settle_writing,
        live.fall_quiet,
        carriers.carry,
    ),
    verdict.CLAIMS,
)


def tell(story: Story, *, keep: bool) -> int:
    """Tell a story and judge it; return the exit code: 0 when every claim stands."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    stage = Stage.make()
    told = False
    try:
        for chapter in story.chapters:
            chapter(stage)
        stage.notes["story_s"] = round(monotonic() - stage.notes["up_at"], 1)
        if keep:
            serve_on(stage)
        told = True
    except KeyboardInterrupt:
        print("\ninterrupted; stopping everything")
        return INTERRUPTED
    except (ChapterFailed, NotInTime, EmbeddedError, subprocess.TimeoutExpired) as failure:
        print(failure, file=sys.stderr)
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it standing
        logs = stage.close()
    if verdict.give(stage.notes, story.claims) and told:
        shutil.rmtree(logs)
        return 0
    print(f"the logs are in {logs}", file=sys.stderr)
    return 1


def serve_on(stage: Stage) -> None:
    """Print where everything is and go on until Ctrl-C, which here is the regular end."""
    print(f"\nservice    {stage.web_url}")
    print(f"flower     {stage.flower_url}   login {stage.env['FLOWER_BASIC_AUTH']}")
    for shop in stage.world["shops"]:
        print(f"shop       {shop['page_url']}   API {shop['api_url']}   login {shop['login']}   key {shop['key']}")
    if stage.warehouse:
        print(f"warehouse  {stage.warehouse.control_url}   account {stage.warehouse.account_id}")
        print(f"WMS door   {stage.web_url}/wms/v1   token {stage.warehouse.token}")
    print(f"logs       {stage.folder}\n\nCtrl-C stops everything.")
    try:
        while not Event().wait(REVIVE_EVERY_S):
            for name in stage.processes.revive():
                print(f"{name} ended and was started again")
    except KeyboardInterrupt:
        print("\nstopping everything")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
