"""S1: a file is data: any content gives a card, a model, segments or a ConfigError that names the file."""
import random
import re
from importlib import resources

import pytest
from card_cases import ODD, in_code

import custval as cv
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


@pytest.mark.filterwarnings("ignore:frequent buyers:custval.DataWarning")
def test_mutated_files_give_a_model_or_a_config_error(tmp_path):
    rng = random.Random("models")
    path = tmp_path / "seed.json"
    base = cv.datasets.cdnow().as_of("1997-09-30")
    refused = taken = 0
    for model in (cv.BGNBD(unit="W", a=2.0).fit(base), cv.GammaGamma().fit({"x": [0, 0], "m_x": [0.0, 0.0]}),
                  cv.CLV(purchases=cv.BGNBD(unit="W")).fit(base), cv.Forecaster().fit(base)):
        seed = model.to_json().encode()
        for _ in range(400):
            path.write_bytes(mutated(rng, seed))
            try:
                loaded = cv.load(path)
            except ConfigError as error:
                assert str(error).startswith(path.name)
                refused += 1
            else:
                assert type(loaded) is type(model) and repr(loaded)
                assert not hasattr(loaded, "status_") or loaded.status_ != "converged" or all(
                    0 < value < float("inf") for value in loaded.parameters())
                taken += 1
    assert refused > 300 and taken > 20


def test_mutated_files_give_segments_or_a_config_error(tmp_path):
    rng, path, refused = random.Random("segments"), tmp_path / "seed.toml", 0
    seed = (resources.files("custval") / "segmentation" / "rfm.toml").read_bytes()
    rows = {"recency": [1.0], "purchases": [1.0], "amount": [1.0]}
    for _ in range(120):
        path.write_bytes(mutated(rng, seed))
        try:
            assert cv.rfm(rows, segments=path).segments.table()["customers"].sum() == 1
        except ConfigError as error:
            assert str(error).startswith(path.name)
            refused += 1
    assert 40 < refused < 120


@pytest.mark.parametrize("name, content, said", [
    ("deep.toml", "x." * 20_000 + "y = 1", "line 1: a key of more than 16 parts"),
    ("deep.json", "[" * 50_000, "deep.json: "),
    ("nested.toml", "x = " + "[" * 50_000, "nested.toml: "),
    ("large.json", '{"schema": "' + "x" * 200_000 + '"}', "larger than 131,072 bytes"),
])
def test_files_made_to_exhaust_time_or_memory_are_refused(name, content, said, fresh, tmp_path):
    """The limits are a second of processor time and 64 MB above the import."""
    (tmp_path / name).write_text(content)
    answer = fresh(f"""
import resource, custval
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
before, used = resource.getrusage(resource.RUSAGE_SELF), None
try:
    custval.load({str(tmp_path / name)!r})
except custval.ConfigError as error:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(str(error)[:300].replace(chr(10), " "))
print(used.ru_utime - before.ru_utime < 1, used.ru_maxrss - before.ru_maxrss < 65_536)
""")
    assert said in answer and answer.rstrip().endswith("True True")


def test_a_card_of_1503_measures_loads(tmp_path):
    measures = "".join(f'  [[indicator.measure]]\n  column = "c{i}"\n  linear = {{ per = 1 }}\n' for i in range(1_500))
    path = tmp_path / "wide.toml"
    path.write_text(f'schema = "custval/scorecard-1"\nname = "wide"\n[[indicator]]\nname = "i"\nweight = 1\n{measures}')
    assert len(Scorecard.load(path).columns) == 1_503
