"""On what kind of file system a folder lies, and whether what is written there outlives a container or a restart."""

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
PASSING = frozenset({"tmpfs", "ramfs", "rootfs", "devtmpfs", "overlay", "aufs", "squashfs"})
ESCAPED = re.compile(r"\\([0-7]{3})")


def faults(folder: Path) -> list[str]:
    """Return why nothing that must last may be written into a folder; nothing when it may."""
    if not folder.is_dir():
        return [f"{folder} is no folder: mount a volume there"]
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return [f"{folder} cannot be written by user {os.geteuid()}: chown it"]
    if MOUNTS.exists() and (kind := passing(folder, MOUNTS.read_text())):
        return [f"{folder} lies on {kind}, which ends with the machine or the container: mount a volume there"]
    return []


def passing(folder: Path, mounts: str) -> str | None:
    """Return the kind of the folder's file system when it does not last, else None.

    `mounts` are lines of /proc/self/mountinfo, each `id parent major:minor root point options - kind source options`.
    """
    kind, longest = "", -1
    for line in mounts.splitlines():
        before, _, behind = line.partition(" - ")
        point = Path(ESCAPED.sub(lambda code: chr(int(code[1], 8)), before.split()[4]))
        length = len(point.parts)
        if folder.resolve().is_relative_to(point) and length >= longest:  # what is mounted last lies on top
            kind, longest = behind.split()[0], length
    return kind if kind in PASSING else None
