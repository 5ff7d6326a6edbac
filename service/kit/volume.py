"""On what kind of file system a path lies, and whether what is written there outlives a container or a restart."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")  # Linux; nothing is known elsewhere
MEMORY = frozenset({"tmpfs", "ramfs"})
LAYERS = frozenset({"rootfs", "devtmpfs", "overlay", "aufs", "squashfs"})  # they end with a container
ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Volume:
    """Where a path lives."""

    place: Path
    kind: str
    read_only: bool


def mounts() -> str:
    """Return the kernel's table of this process's mounts, empty where there is none."""
    try:
        return MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return ""


def under(path: Path, mounts: str) -> Volume | None:
    """Return the volume of a path; of mounts over each other the last one counts (proc(5), mountinfo)."""
    found: Volume | None = None
    for line in mounts.splitlines():
        mount, dash, file_system = line.partition(" - ")
        words = mount.split(" ")
        if not dash or len(words) < 6:
            continue
        place = Path(ESCAPED.sub(lambda code: chr(int(code[1], 8)), words[4]))
        if path.resolve().is_relative_to(place) and (found is None or len(place.parts) >= len(found.place.parts)):
            found = Volume(place, file_system.split(" ")[0], "ro" in words[5].split(","))
    return found


def faults(folder: Path, mounts: str) -> list[str]:
    """Return why nothing that must last may be written into a folder; nothing when it may."""
    if not folder.is_dir():
        return [f"{folder} is no folder: mount a volume there"]
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return [f"{folder} cannot be written by user {os.geteuid()}: chown it"]
    if kind := passing(folder, mounts):
        return [f"{folder} lies on {kind}, which ends with the machine or the container: mount a volume there"]
    return []


def passing(folder: Path, mounts: str) -> str | None:
    """Return the kind of the folder's file system when it does not last, else None."""
    volume = under(folder, mounts)
    return volume.kind if volume and volume.kind in MEMORY | LAYERS else None
