"""What disks, networks and editors do to the bytes of a file."""

from __future__ import annotations

import random

from tests.loading.making_files import damaged, damaged_parts
from tests.loading.mutating.tables import timeless
from tests.loading.mutating.words import NASTY


def damage_bytes(data: bytes, chance: random.Random, *, intact: bool) -> bytes:
    """Do to the bytes of a file what a bad disk, a network or an editor does.

    Of an intact workbook it may be a part that is damaged, in an archive that is whole.
    """
    place = chance.randrange(len(data)) if data else 0
    seed, what = chance.randrange(10**9), chance.randrange(9)
    word = chance.choice(NASTY).encode("utf-8", "replace")
    if not data or what == 0:
        return data[:place]
    if what in (1, 2) and intact and data.startswith(b"PK\3\4"):
        return timeless(next(damaged_parts(data, 1, seed)))
    if what in (1, 2):
        return data[:place] + word + data[place + chance.choice([0, 0, 1, 30]) :]
    if what == 3:
        return data[:place] + data[place + chance.randrange(1, 200) :]
    if what == 4:
        return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
    if what == 5:
        end = place + chance.randrange(1, 400)
        return data[:end] + data[place:end] + data[end:]
    if what == 6:
        return data.replace(chance.choice([b",", b";", b"\n", b'"', b"0"]), word)
    if what == 7:
        return chance.choice([b"", word, b"\0" * 500, chance.randbytes(500), data * 2])
    return next(damaged(data, 1, seed))
