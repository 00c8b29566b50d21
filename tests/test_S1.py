"""S1: a card file is data; whatever stands in it gives a card or a ConfigError that names the file."""
import random
import re

import pytest
from test_cards import ODD, in_code

from custval import ConfigError, Scorecard


def mutated(rng, raw):
    raw = bytearray(raw)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(raw))
        kind = rng.randrange(5)
        if kind == 0:
            raw[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del raw[at:at + rng.randint(1, 20)]
        elif kind == 2:
            raw[at:at] = raw[at:at + rng.randint(1, 40)]
        elif kind == 3:
            raw[at:at + 1] = rng.choice([b"nan", b"1e400", b"-", b"[", b"]]", b"{", b'"', b"\n", b"null", b"9" * 30])
        else:
            words = [m.span() for m in re.finditer(rb"\w+", raw)]
            if len(words) > 1:
                (a, b), (c, d) = rng.sample(words, 2)
                raw[a:b] = raw[c:d]
        if not raw:
            return b""
    return bytes(raw)


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_mutated_files_give_a_card_or_a_config_error(suffix, tmp_path):
    rng = random.Random(suffix)
    path = tmp_path / f"seed.{suffix}"
    refused = 0
    for card in (in_code(), ODD, Scorecard.builtin("b2b")):
        card.save(path)
        seed = path.read_bytes()
        for _ in range(200):
            path.write_bytes(mutated(rng, seed))
            try:
                assert isinstance(Scorecard.load(path), Scorecard)
            except ConfigError as error:
                assert str(error).startswith(path.name)
                refused += 1
    assert refused > 300
