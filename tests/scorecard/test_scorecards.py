"""cv.Scorecards: a card for each kind of customer, by the first condition that is met."""
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv
from custval import ConfigError, DataError, DataWarning, Indicator, Scorecard, Scorecards
from custval.scorecard.rules import Linear, Manual, Steps, Table


def card(name, column="amount", rule=None, **options):
    return Scorecard(name, [Indicator(f"of {name}", weight=1, measures={column: rule or Linear(per=10)})], **options)


FIRMS = card("firms", "capital", Steps([(None, 0), (100, 50)]), tiers=[("big", 50), ("small", None)])
PEOPLE = card("people", "level", Table({"high": 9, "low": "10/3"}))
OTHERS = card("others", digits=0)
CARDS = Scorecards("by type", [(FIRMS, {"type": ["B2B", "渠道"], "years": {"from": 1}}), (PEOPLE, {"type": "person"})],
                   default=OTHERS)
TABLE = {"customer": list("abcdef"), "type": ["person", "B2B", "渠道", "B2B", None, "person"],
         "years": [9.0, 1.0, 0.5, math.nan, 2, math.inf], "capital": [math.nan, 100, 1, 1, 1, math.nan],
         "level": ["low", "?", "?", "?", "?", "high"], "amount": [1, 2, 34, 55, 56, 7]}


def test_the_first_card_whose_condition_is_met_scores():
    """A card reads its columns for its own customers only: the levels "?" and missing capital do not matter to it."""
    scored = CARDS.score(TABLE)
    assert scored["card"].tolist() == ["people", "firms", "others", "others", "others", "people"]
    assert scored["score"].tolist() == [10 / 3, 50, 3, 6, 6, 9]
    assert scored["rank"].tolist() == [5, 1, 6, 3, 3, 2]
    assert scored["tier"].tolist() == ["", "big", "", "", "", ""]
    assert [c for c in scored if c not in TABLE] == CARDS.columns == [
        "card", "capital_points", "of firms", "level_points", "of people", "amount_points", "of others", "score",
        "rank", "tier"]
    assert np.isnan(scored["capital_points"]).tolist() == [True, False, True, True, True, True]
    few = CARDS.score(TABLE, points=False, ties=None)
    assert [c for c in few if c not in TABLE] == ["card", "score", "tier"]
    assert few["score"].tolist() == scored["score"].tolist()


def test_customers_score_as_by_their_card_alone():
    scored = CARDS.score(TABLE)
    for row, who in enumerate(TABLE["customer"]):
        alone = {"firms": FIRMS, "people": PEOPLE, "others": OTHERS}[scored["card"][row]]
        one = {name: column[row:row + 1] for name, column in TABLE.items()}
        assert alone.score(one)["score"][0] == scored["score"][row]
        text = repr(CARDS.explain(TABLE, customer=who))
        assert text.splitlines()[1:] == repr(alone.explain(TABLE, customer=who)).splitlines()[1:]
    assert text.startswith("people (type in person): customer f")
    assert repr(CARDS.explain(TABLE, customer="e")).startswith("others (by default): customer e")
    assert repr(CARDS.explain(TABLE, customer="b")).startswith("firms (type in B2B, 渠道 and years >= 1): customer b")


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_a_set_of_cards_survives_its_file(suffix, tmp_path):
    path = tmp_path / f"cards.{suffix}"
    CARDS.save(path)
    again = Scorecards.load(path)
    assert again == CARDS == cv.load(path) == pickle.loads(pickle.dumps(CARDS))
    before = path.read_bytes()
    again.save(path)
    assert path.read_bytes() == before
    assert again.score(TABLE)["score"].tolist() == CARDS.score(TABLE)["score"].tolist()
    assert str(again) == str(CARDS) and "when type in B2B, 渠道 and years >= 1:" in str(CARDS)
    assert repr(CARDS) == "<Scorecards 'by type': 'firms', 'people', 'others'>"


def test_customers_who_meet_no_condition_are_named():
    with pytest.raises(DataError) as error:
        Scorecards("by type", [(FIRMS, {"type": "B2B"}), (PEOPLE, {"type": "person"})]).score(TABLE)
    assert str(error.value) == ("2 customers of 6 meet no condition of 'by type'\n  row 2   customer c\n"
                                "  row 4   customer e\n  Add a card for them, or pass default=.")


def test_errors_give_rows_of_the_whole_table():
    with pytest.raises(DataError, match=r"column 'level': 1 of 2 values are no level of its rule\n  row 5   'hihg'"):
        CARDS.score(TABLE | {"level": ["low", *"????", "hihg"]})
    with pytest.warns(DataWarning, match=r"1 of 3 customers has no score: 'amount' is missing .*\n  row 3   customer"):
        CARDS.score(TABLE | {"amount": [1, 2, 34, math.nan, 56, 7]})
    with pytest.raises(ConfigError, match=r"firms: when: column 'type' is not in the table\n  columns: customer"):
        CARDS.score({name: column for name, column in TABLE.items() if name != "type"})
    with pytest.raises(ConfigError, match="has a column 'card' already"):
        CARDS.score(TABLE | {"card": [1] * 6})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=9), st.lists(st.sets(
    st.sampled_from(["a", "b", "c"]), min_size=1), min_size=1, max_size=4))
def test_first_match_wins_in_any_order(types, wanted):
    cards = Scorecards("drawn", [(card(str(k)), {"type": sorted(levels)}) for k, levels in enumerate(wanted)],
                       default=card("rest"))
    scored = cards.score({"type": types, "amount": [10] * len(types)})
    assert scored["card"].tolist() == [
        next((str(k) for k, levels in enumerate(wanted) if kind in levels), "rest") for kind in types]


def test_cards_learn_from_their_own_customers_and_read_a_base():
    base = cv.datasets.crm(customers=60).base()
    fifths = [20, 40, 60, 80, 100]
    cards = Scorecards("by region", [
        (card("Europe", "amount", Steps.quantiles(fifths, window="24M")), {"region": "Europe"}),
        (card("young", "amount", Steps.quantiles(fifths)), {"years": {"to": 2}})],
        default=card("rest", "amount", Linear(per=1e6)))
    with pytest.raises(ConfigError, match="its cuts are not learnt yet"):
        cards.score(base)
    scored = cards.learn(base).score(base)
    europe = scored["card"] == "Europe"
    assert sorted(set(scored["score"][europe].tolist())) == fifths
    assert (scored["region"][europe] == "Europe").all() and (scored["years"][scored["card"] == "young"] < 2).all()
    assert cards.reads == {"region": "levels", "years": "numbers", "last_24M_amount": "numbers", "amount": "numbers"}


def test_manual_scores_apply_in_sets():
    cards = Scorecards("with people", [(card("a", "drive", Manual(missing="zero")), {"type": "B2B"})], default=OTHERS)
    log = {"id": [1] * 3 + [2] * 3, "customer": ["b"] * 3 + ["c"] * 3, "measure": ["drive"] * 3 + ["amount"] * 3,
           "author": ["Li"] * 6, "time": ["2025-01-01", "2025-01-02", "2025-01-03"] * 2, "value": [7.0] * 6,
           "status": ["draft", "submitted", "approved"] * 2, "reviewer": [None, None, "Wang"] * 2}
    scored = cards.score(TABLE, reviews=log, as_of="2025-02-01")
    assert scored["score"].tolist() == [0, 7, 7, 0, 6, 1]
    assert scored["manual"].tolist() == ["", "drive", "amount", "", "", ""]


@pytest.mark.parametrize("make, message", [
    (lambda: Scorecards("x", []), "expected one or more Scorecard"),
    (lambda: Scorecards("x", [FIRMS]), r"expected pairs \(card, condition\)"),
    (lambda: Scorecards("x", [(FIRMS, {})]), r"card\[0\].when: expected a table of columns"),
    (lambda: Scorecards("x", [(FIRMS, {"a": []})]), r"card\[0\].when.a = \[\]: expected a level, a list"),
    (lambda: Scorecards("x", [(FIRMS, {"a": {"form": 1}})]), r"card\[0\].when.a: a range is \{ from = ..., to"),
    (lambda: Scorecards("x", [(FIRMS, {"a": {"from": 2, "to": 2}})]), "nothing lies from 2 to 2"),
    (lambda: Scorecards("x", [(FIRMS, {"a": {"from": "2"}})]), "when.a.from = '2' is not a number"),
    (lambda: Scorecards("x", [(FIRMS, {"a": 1})], default=FIRMS), "two cards are called 'firms'"),
])
def test_invalid_sets_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


@pytest.mark.parametrize("old, new, message", [
    ('column = "level"', 'colunm = "level"',
     r"cards.toml: card\[1\].indicator\[0\].measure\[0\]: key 'colunm' is not known\n(.*\n)*  line 30: colunm"),
    ('when = { type = "person" }', "", r"cards.toml: card\[1\] has no `when`, so no customer gets to those below it"),
    ('when = { type = "person" }', "when = { type = 1.5, years = [] }", r"cards.toml: card\[1\].when.years = \[\]"),
    ("scorecards-1", "scorecard-1", "schema = 'custval/scorecard-1', this version reads 'custval/scorecards-1'"),
    ('name = "people"', 'name = "firms"', "two cards are called 'firms'"),
    ("weight = 1", "weight = 2", r"cards.toml: card\[0\]: weights sum to 2, expected 1"),
])
def test_files_are_refused_with_the_place(old, new, message, tmp_path):
    CARDS.save(tmp_path / "cards.toml")
    content = (tmp_path / "cards.toml").read_text("utf-8")
    assert old in content
    (tmp_path / "cards.toml").write_text(content.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError, match=message):
        Scorecards.load(tmp_path / "cards.toml")


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_come_back_in_kind(kind):
    frames = pytest.importorskip(kind)
    scored = CARDS.score(frames.DataFrame(TABLE))
    assert type(scored) is frames.DataFrame
    assert list(scored["card"]) == CARDS.score(TABLE)["card"].tolist()
    assert list(scored["score"]) == CARDS.score(TABLE)["score"].tolist()


def test_sets_and_decaying_measures_in_appraise():
    base = cv.datasets.crm(customers=40).base()
    cards = Scorecards("faded", [(card("Europe", "amount", Linear(per=1, decay=.25)), {"region": "Europe"})],
                       default=card("rest", "amount", Linear(per=1, window="12M")))
    runs = cv.appraise(base, {"cards": cards, "sales": "sales_1y"}, internal="among")
    got, want = (runs["score"][runs["model"] == name] for name in ("cards", "sales"))
    rest = base.attributes()["region"] != "Europe"
    assert got[rest].tolist() == want[rest].tolist() and 0 < rest.sum() < len(rest)
    assert (got[~rest] != want[~rest]).any()
