"""Aztec codes of digits: the compact symbol of two layers, 19 squares wide, for at most 15 digits (ISO/IEC 24778)."""

import struct
import zlib

LAYERS, WIDTH, WORD = 2, 19, 6
WORDS = (88 + 16 * LAYERS) * LAYERS // WORD
CENTRE = WIDTH // 2
LONGEST = 15  # then two words of three are there for repair

Squares = list[list[bool]]


def png(digits: str, *, module: int = 6) -> bytes:
    """Return a picture in grey with four squares of white around it."""
    empty = [[False] * (WIDTH + 8)] * 4
    rows = [*empty, *([False] * 4 + row + [False] * 4 for row in squares(digits)), *empty]
    lines = [
        b"\0" + b"".join((b"\0" if dark else b"\xff") * module for dark in row) for row in rows for _ in range(module)
    ]
    side = len(rows) * module
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", head),
            _chunk(b"IDAT", zlib.compress(b"".join(lines))),
            _chunk(b"IEND", b""),
        )
    )


def squares(digits: str) -> Squares:
    """Return the squares of a symbol row by row, True is dark."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST):
        raise ValueError(f"{digits!r} is not at most {LONGEST} digits")
    words = _stuffed("11110" + "".join(f"{int(one) + 2:04b}" for one in digits))  # latch to digits
    grid = [[False] * WIDTH for _ in range(WIDTH)]
    _lay_bits(grid, _bits(words + _repair(words, WORDS - len(words), 0x43, 64), WORD))
    mode = f"{LAYERS - 1:02b}{len(words) - 1:06b}"
    quarters = [int(mode[:4], 2), int(mode[4:], 2)]
    _lay_mode(grid, _bits(quarters + _repair(quarters, 5, 0x13, 16), 4))
    _lay_eye(grid)
    return grid


def _stuffed(bits: str) -> list[int]:
    """Return words of which none is all of one kind, the last one filled up with ones."""
    words, at = [], 0
    while at < len(bits):
        head = bits[at : at + WORD].ljust(WORD, "1")
        if len(set(head[:-1])) == 1:
            head = head[:-1] + ("0" if head[0] == "1" else "1")
            at -= 1
        words.append(int(head, 2))
        at += WORD
    return words


def _repair(words: list[int], count: int, poly: int, size: int) -> list[int]:
    """Return Reed-Solomon words over a field of `size` elements."""
    power = [1]
    for _ in range(size - 2):
        doubled = power[-1] << 1
        power.append(doubled ^ poly if doubled & size else doubled)
    log = {value: n for n, value in enumerate(power)}

    def times(a: int, b: int) -> int:
        return power[(log[a] + log[b]) % (size - 1)] if a and b else 0

    generator = [1]
    for n in range(1, count + 1):
        shifted = [*generator, 0]
        generator = [a ^ times(b, power[n % (size - 1)]) for a, b in zip(shifted, [0, *generator], strict=True)]
    rest = [*words, *[0] * count]
    for n in range(len(words)):
        factor = rest[n]
        for k, one in enumerate(generator):
            rest[n + k] ^= times(one, factor)
    return rest[len(words) :]


def _bits(words: list[int], width: int) -> list[bool]:
    return [bit == "1" for word in words for bit in f"{word:0{width}b}"]


def _lay_bits(grid: Squares, bits: list[bool]) -> None:
    """Lay the bits in rings from outside, four sides of dominoes each."""
    at, last = 0, WIDTH - 1
    for ring in range(0, LAYERS * 2, 2):
        length = (LAYERS - ring // 2) * 4 + 9
        for j in range(length):
            for k in (0, 1):
                sides = [bits[at + length * 2 * side + j * 2 + k] for side in range(4)]
                grid[ring + j][ring + k] = sides[0]
                grid[last - ring - k][ring + j] = sides[1]
                grid[last - ring - j][last - ring - k] = sides[2]
                grid[ring + k][last - ring - j] = sides[3]
        at += length * 8


def _lay_mode(grid: Squares, bits: list[bool]) -> None:
    for n in range(7):
        at = CENTRE - 3 + n
        grid[CENTRE - 5][at] = bits[n]
        grid[at][CENTRE + 5] = bits[n + 7]
        grid[CENTRE + 5][at] = bits[20 - n]
        grid[at][CENTRE - 5] = bits[27 - n]


def _lay_eye(grid: Squares) -> None:
    """Draw the rings in the middle and the marks that tell which way is up."""
    for y in range(-4, 5):
        for x in range(-4, 5):
            grid[CENTRE + y][CENTRE + x] = max(abs(x), abs(y)) % 2 == 0
    for x, y in ((-5, -5), (-4, -5), (-5, -4), (5, -5), (5, -4), (5, 4)):
        grid[CENTRE + y][CENTRE + x] = True


def _chunk(kind: bytes, inside: bytes) -> bytes:
    return struct.pack(">I", len(inside)) + kind + inside + struct.pack(">I", zlib.crc32(kind + inside))
