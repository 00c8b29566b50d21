"""Scorecards as files and in code: round trips, and errors that name the place in the file."""
import copy
import json
import pickle
import textwrap
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from card_cases import ODD, in_code

import custval as cv
from custval import ConfigError, Indicator, Scorecard
from custval.scorecard import card_files as cardfile
from custval.scorecard.rules import Grades, Linear, Log, Piecewise, Steps, Table

SNIPPET = '''
schema = "custval/scorecard-1"
name = "B2B value 2026"
missing = "apart"
[[indicator]]
name = "profitability"
weight = 0.40
  [[indicator.measure]]
  column = "sales_1y"
  steps = [[0, 0], [1_000_000, 10], [5_000_000, 30], [10_000_000, 33.333333333333336]]
  [[indicator.measure]]
  column = "planned_2y"
  piecewise = [[0, 0], [8_000_000, 33.333333333333336]]
[[indicator]]
name = "cooperation"
weight = 0.60
  [[indicator.measure]]
  column = "grade"
  grades = { high = 10, ordinary = 2, none = 0 }
  times = "suggestions"
  cap = 50
[[tier]]
name = "高价值客户"
from = 80
'''


def load(tmp_path, text, name="value.toml", **options):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Scorecard.load(tmp_path / name, **options)


def test_the_snippet_of_the_guide_is_the_card_in_code(tmp_path):
    card = load(tmp_path, SNIPPET)
    assert card == in_code()
    assert card.indicators[0].measures["sales_1y"].steps[-1] == (10_000_000, Fraction(100, 3))
    scored = card.score({"sales_1y": [2e7, 0], "planned_2y": [9e6, 4e6], "grade": ["high", "none"],
                         "suggestions": [7, 1]})
    assert scored["score"].tolist() == [float(Fraction(2, 5) * Fraction(200, 3) + 30), float(Fraction(20, 3))]
    assert scored["tier"].tolist() == ["", ""]


@pytest.mark.parametrize("suffix", ["toml", "json"])
@pytest.mark.parametrize("card", [in_code(), ODD, *map(Scorecard.builtin, ("value", "b2b", "consumer"))],
                         ids=lambda card: card.name[:5])
def test_a_saved_card_loads_equal_and_saves_to_the_same_bytes(card, suffix, tmp_path):
    path = tmp_path / f"card.{suffix}"
    card.save(path)
    loaded = Scorecard.load(path)
    assert loaded == card
    before = path.read_bytes()
    loaded.save(path)
    assert path.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == [path.name]
    assert pickle.loads(pickle.dumps(card)) == card


@pytest.mark.parametrize("change", [
    lambda card: setattr(card, "digits", 0), lambda card: setattr(card, "missing", "zero"),
    lambda card: setattr(card, "new", 1), lambda card: delattr(card, "name"),
    lambda card: setattr(card.indicators[0], "weight", Fraction(1)),
    lambda card: setattr(card.indicators[0].measures["a b.c"], "cap", Fraction(9)),
    lambda card: card.indicators[0].measures.pop("a b.c"),
    lambda card: card.indicators[0].measures['q"uote'].points.update({"yes no": 2})])
@pytest.mark.parametrize("made", [lambda: ODD, lambda: pickle.loads(pickle.dumps(ODD)), lambda: copy.deepcopy(ODD)],
                         ids=["made", "pickled", "copied"])
def test_cards_are_immutable(change, made):
    card = made()
    before = str(card)
    with pytest.raises(AttributeError):
        change(card)
    assert str(card) == before and card == ODD and hash(card) == hash(ODD)


def test_changing_a_card_or_rule_raises_with_a_remedy():
    with pytest.raises(AttributeError, match=r"Linear.cap: what a card is made of does not change; make a new one"):
        Linear(per=1).cap = 5


def test_equal_rules_have_one_hash():
    one, other = Table({"a": 1, "b": 2}), Table({"b": 2, "a": 1})
    assert one == other and hash(one) == hash(other)


# ---- errors ----

def edited(old, new):
    assert old in SNIPPET
    return SNIPPET.replace(old, new, 1)


REFUSED = [
    (edited("weight = 0.40", "weight = 0.45"), r"weights sum to 1.05, expected 1\n  profitability 0.45 \+ "
     "cooperation 0.6.   Pass normalise=True to rescale."),
    (edited("weight = 0.40", "wieght = 0.40"), r"indicator\[0\]: key 'wieght' is not known\n  did you mean 'weight'\?"),
    (edited("missing =", "mising ="), r"value.toml: key 'mising' is not known\n  did you mean 'missing'\?"),
    (edited('"apart"', '"rise"'), r"missing='rise': expected one of 'apart', 'raise', 'zero', 'lowest', 'renormalise'"),
    (edited("scorecard-1", "scorecard-2"), r"schema = 'custval/scorecard-2', this version reads 'custval/scorecard-1'"),
    (edited('schema = "custval/scorecard-1"', ""), "schema = None"),
    (edited('column = "planned_2y"', ""), r"indicator\[0\].measure\[1\]: the key 'column' is missing"),
    (edited('column = "planned_2y"', 'column = "sales_1y"'),
     r"indicator\[0\].measure\[1\].column = 'sales_1y' has a measure already"),
    (edited('column = "planned_2y"', "column = 3"), r"indicator\[0\].measure\[1\].column: column = 3 is not a name"),
    (edited("[5_000_000, 30]", "[500_000, 30]"),
     r"measure\[0\].steps: steps\[2\] begins at 500,000, not above steps\[1\] at 1,000,000"),
    (edited("[5_000_000, 30]", "[1_000_000, 6_000_000, 30]"),
     r"steps: steps\[2\] ends at 6,000,000 but steps\[3\] begins at 10,000,000: intervals may neither overlap nor"),
    (edited("[5_000_000, 30]", "[5_000_000, nan]"), "nan is not a number that a file can hold"),
    (edited("[5_000_000, 30]", "[5_000_000, -inf]"), "-inf is not a number that a file can hold"),
    (edited("[5_000_000, 30]", "[5_000_000, 1e999]"), "1e999 is not a number that a file can hold"),
    (edited("[5_000_000, 30]", "[5_000_000, true]"), r"steps: points = True is not a number"),
    (edited("[5_000_000, 30]", '[5_000_000, "1/0"]'), r"steps: points = '1/0' is not a number"),
    (edited("[5_000_000, 30]", '[5_000_000, "thirty"]'), r"steps: points = 'thirty' is not a number"),
    (edited("[5_000_000, 30]", "[]"), r"steps: an interval is \[from, points\]"),
    (edited("cap = 50", "auto = true"), r"measure\[0\].auto: grades takes times, counts, cap, floor, missing, "),
    (edited("cap = 50", "cap = 50\nfloor = 51"), r"measure\[0\].grades: floor = 51 lies above cap = 50"),
    (edited("cap = 50", "table = { a = 1 }"),
     "expected one rule of steps, linear, piecewise, log, grades, table, manual, found grades, table"),
    (edited("piecewise = [[0, 0], [8_000_000, 33.333333333333336]]", "linear = { from = [0, 0], to = [8e6, 9] }"),
     r"linear: expected \{ per = ... \}; a line through knots is piecewise = \[\[value, points\], ...\]"),
    (edited("piecewise = [[0, 0]", "piecewise = [[9_000_000, 0]"),
     "piecewise: the knot at 8,000,000 does not lie above the one at 9,000,000"),
    (edited("piecewise = [[0, 0]", "piecewise = [0"), r"piecewise: expected two or more knots \[value, points\]"),
    (edited("piecewise = [[0, 0], [8_000_000, 33.333333333333336]]", "log = { per = 1, point = 1 }"),
     r"measure\[1\].log: log: key 'point' is not known\n  did you mean 'points'"),
    (edited("piecewise = [[0, 0], [8_000_000, 33.333333333333336]]", "steps = { quantiles = [1] }"),
     r"measure\[1\].steps: quantiles: expected the points of two or more levels"),
    (edited("cap = 50", "window = 12"), r"measure\[0\].grades: window = 12: expected a number and a unit"),
    (edited('name = "cooperation"', 'name = "profitability"'), "a result of this card would be called 'profitability'"),
    (edited('name = "cooperation"', 'name = "rank"'), "a result of this card would be called 'rank'"),
    (edited("from = 80", "form = 80"), r"tier\[0\]: key 'form' is not known\n  did you mean 'from'"),
    (SNIPPET + '[[tier]]\nname = "b"\nfrom = 90', "tier 'b' does not lie below tier '高价值客户'"),
    (edited('name = "B2B value 2026"', 'name = "a"\nname = "b"'), "Cannot overwrite a value"),
    (edited('name = "B2B value 2026"', 'name = "a"\ndigits = 2.5'), "digits = 2.5 is not a whole number from 0 to 9"),
    (edited('name = "B2B value 2026"', 'name = "a"\ncombine = "sum"'), "combine = 'sum' adds points as they are"),
    (edited('name = "B2B value 2026"', 'name = ""'), "name = '' is not a name"),
    ("", "schema = None"), ("[[", "value.toml: "), (b"\xff\xfe", "value.toml: .*codec"), ("x" * 2**21, "larger than"),
    ("a = " + "[" * 100_000, "value.toml: "),
]


@pytest.mark.parametrize("text, message", REFUSED, ids=range(len(REFUSED)))
def test_an_invalid_file_is_refused_with_its_place(text, message, tmp_path):
    with pytest.raises(ConfigError, match="(?s)" + message) as error:
        load(tmp_path, text)
    assert str(error.value).startswith("value.toml: ")


@pytest.mark.parametrize("text, message", [
    ('{"schema": "custval/scorecard-1", "schema": 1}', "value.json: key 'schema' is given twice"),
    ('{"schema": NaN}', "NaN is not a number"), ('{"schema": -Infinity}', "Infinity is not a number"),
    ("[]", "expected a table, found list"), ("{", "value.json: Expecting"), ("[" * 100_000, "value.json: "),
    ('{"schema": ' + "9" * 5000 + "}", "value.json: "),
])
def test_json_is_read_as_strictly_as_toml(text, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, text, "value.json")


def test_the_file_in_the_documentation_of_load_is_a_card(tmp_path):
    lines = textwrap.dedent(Scorecard.load.__doc__[Scorecard.load.__doc__.index("            schema ="):])
    card = load(tmp_path, lines)
    assert [len(i.measures) for i in card.indicators] == [5, 3] and [name for name, _ in card.tiers] == ["gold", "lead"]
    card.save(tmp_path / "again.toml")
    assert Scorecard.load(tmp_path / "again.toml") == card
    keys = {key.split()[0] for key in lines.splitlines() if " = " in key}
    assert keys >= {*cardfile.CARD, *cardfile.INDICATOR, *cardfile.MEASURE} - {
        "indicator", "measure", "tier", "times", "auto", "decay"}


def test_a_card_counts_its_parts():
    one = Scorecard("c", [Indicator("a", weight=1, measures={"x": Linear(per=1)})])
    assert repr(one) == "<Scorecard 'c': 1 indicator, 1 measure, weighted>"
    assert repr(in_code()) == "<Scorecard 'B2B value 2026': 2 indicators, 3 measures, weighted>"


def test_a_printed_card_shows_weights_and_rules():
    assert str(in_code()).splitlines()[1:] == [
        "indicator      weight  measure     rule",
        "-------------  ------  ----------  " + "-" * 82,
        "profitability     0.4  sales_1y    Steps(steps=[[0.0, 0], [1000000.0, 10], [5000000.0, 30], "
        "[10000000.0, '100/3']])",
        "                       planned_2y  Piecewise(knots=[[0.0, 0], [8000000.0, '100/3']])",
        "cooperation       0.6  grade       Grades(points={'high': 10, 'ordinary': 2, 'none': 0}, "
        "times='suggestions', cap=50)"]


def test_help_of_a_rule_shows_its_arguments_only():
    for rule in (Steps, Linear, Grades, Table, Indicator):
        assert not {name for name in dir(rule) if not name.startswith("_")} - {
            "cap", "floor", "missing", "window", "half_life", "decay", "quantiles", "from_bins"}


def test_normalise_rescales_weights(tmp_path):
    card = load(tmp_path, edited("weight = 0.40", "weight = 0.45"), normalise=True)
    assert [i.weight for i in card.indicators] == [Fraction(3, 7), Fraction(4, 7)]


def test_weights_that_sum_to_1_within_a_billionth_are_accepted():
    parts = [Indicator(f"i{k}", weight=.333333333333, measures={f"x{k}": Linear(per=1)}) for k in range(3)]
    assert Scorecard("c", parts).score({"x0": [1], "x1": [1], "x2": [1]})["score"].tolist() == [1]


def test_a_file_is_toml_or_json(tmp_path):
    with pytest.raises(ConfigError, match=r"value.yaml: a card is a .toml or a .json file"):
        in_code().save(tmp_path / "value.yaml")
    with pytest.raises(FileNotFoundError):
        Scorecard.load(tmp_path / "value.toml")
    with pytest.raises(ConfigError, match=r"built-in card 'b2c' is not known\n  did you mean 'b2b'\?   known: auto"):
        Scorecard.builtin("b2c")


@pytest.mark.parametrize("make, message", [
    (lambda: Steps([]), r"steps: expected pairs"),
    (lambda: Steps([(0, 1), (None, 2)]), r"steps\[1\] begins at open"),
    (lambda: Steps([(0, 5, 1), (6, None, 2)]), r"steps\[0\] ends at 5 but steps\[1\] begins at 6"),
    (lambda: Steps([(0, 5, 1), (5, 9, 2)]), r"steps\[1\] ends at 9: the last interval is open above"),
    (lambda: Steps([(float("nan"), 1)]), "from = nan is not a number"),
    (lambda: Piecewise([(0, 0)]), "expected two or more knots"),
    (lambda: Piecewise([(1, 0), (1, 1)]), "the knot at 1 does not lie above the one at 1"),
    (lambda: Log(per=0, points=1), "per = 0 and base = 10; per must lie above 0, base above 1"),
    (lambda: Log(per=1, points=1, base=1), "base above 1"),
    (lambda: Steps.quantiles([5]), "quantiles: expected the points of two or more levels"),
    (lambda: Steps.from_bins([1, 2], [1, 2]), "2 splits make 3 bins, found points of 2"),
    (lambda: Linear(per=1, window="12"), "window = '12': expected a number and a unit of D W M Q Y"),
    (lambda: Linear(per=1, half_life="6M", decay=.5), "half_life and decay say the same thing"),
    (lambda: Linear(per=1, decay=25), "decay = 25: expected a share between 0 and 1"),
    (lambda: Linear(per=0), "per = 0"),
    (lambda: Linear(per=1, cap=1, floor=2), "floor = 2 lies above cap = 1"),
    (lambda: Grades({}), "expected a table of levels"),
    (lambda: Grades({"a": 1}, times="n", counts=True), "times, or counts=True, not both"),
    (lambda: Table({1: 1, "1": 2}), "two levels have the same text"),
    (lambda: Table({"a": 10**400}), "is not a number|digits"),
    (lambda: Table({"a\ud800": 1}), r"level = 'a\\ud800' holds half a character"),
    (lambda: Grades({"a": 1}, times="\udfff"), r"times = '\\udfff' holds half a character"),
    (lambda: Indicator("a", measures={}), "has no measures"),
    (lambda: Indicator("a", measures={"x": 3}), "rules are Steps, Linear, Piecewise, Log, Grades, Table"),
    (lambda: Indicator("a", weight=-1, measures={"x": Linear(per=1)}), "weight = -1 lies below 0"),
    (lambda: Indicator("\ud800", measures={"x": Linear(per=1)}), "half a character"),
    (lambda: Scorecard("c", []), "at least one"),
    (lambda: Scorecard("c", Indicator("a", weight=1, measures={"x": Linear(per=1)})), "expected a list of Indicator"),
    (lambda: Scorecard("c", [Indicator("a", measures={"x": Linear(per=1)})]), "has no weight"),
    (lambda: Scorecard("c", [Indicator("a", weight=1, measures={"x": Linear(per=1, missing="lowest")})]),
     "no lowest; set floor="),
    (lambda: Scorecard("c", [Indicator("a", measures={"x": Linear(per=1, missing="renormalise")})], combine="sum"),
     "combine = 'sum' has none"),
    (lambda: Scorecard("c", [Indicator("a", weight=1, measures={
        f"x{p}": Linear(per=p) for p in (10**15 + 37, 10**15 + 91, 10**15 + 159, 10**15 + 187, 10**15 + 223)})]),
     "no common denominator of less than 60 digits"),
])
def test_an_invalid_card_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


# ---- files ----

def test_a_saved_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "value.json"
    in_code().save(path)
    path.chmod(0o640)
    ODD.save(path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_toml_is_read_by_the_standard_library_as_the_json_is(tmp_path):
    ODD.save(tmp_path / "c.toml")
    ODD.save(tmp_path / "c.json")
    toml, plain = ((tmp_path / name).read_text("utf-8") for name in ("c.toml", "c.json"))
    assert tomllib.loads(toml) == json.loads(plain)


@pytest.mark.parametrize("name", ["value", "b2b", "consumer"])
def test_builtin_cards_score_the_attributes_of_a_base(name):
    """Columns are those of CustomerBase.attributes() for the simulated firm, and a forecast."""
    firm = cv.datasets.crm(customers=60, seed=1)
    table = firm.base().attributes() if callable(getattr(firm, "base", None)) else firm.base.attributes()
    table = dict(table)
    if name == "value":
        table["sum_12M"] = np.full(len(table["customer"]), 1e5)
    card = Scorecard.builtin(name)
    scored = card.score(table)
    assert np.isfinite(scored["score"]).all()
    assert len(set(scored["score"].tolist())) > 10
    assert (Path(cv.__file__).with_name("scorecard") / "cards").joinpath(f"{name}.toml").read_text("utf-8").isascii()
