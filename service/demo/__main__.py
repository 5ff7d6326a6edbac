"""`python -m service.demo`: the whole demo; `--keep` goes on serving until Ctrl-C."""

import argparse
import os
import sys

from service.demo import story
from service.demo.processes import ROOT

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m service.demo", description="Start everything, tell the story, judge."
    )
    parser.add_argument("--keep", action="store_true", help="go on serving after the story, until Ctrl-C")
    parser.add_argument("--house", action="store_true", help="only start everything, stop it, and judge that")
    asked = parser.parse_args()
    os.chdir(ROOT)
    sys.stdout.reconfigure(line_buffering=True)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # a story in a pipe is read while it is told
    sys.exit(story.tell(story.HOUSE if asked.house else story.WHOLE, keep=asked.keep))
