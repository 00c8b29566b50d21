"""Manual scores with review: the events of a log, the score in force, its author and reviewer, and agreement."""
import random
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custval as cv

DAY = np.datetime64("2025-01-01")
COLUMNS = ["id", "customer", "measure", "author", "time", "value", "reason", "status", "reviewer", "expires"]
CARD = cv.Scorecard("客户价值", [
    cv.Indicator("loyalty", weight=.4, measures={"years": cv.rules.Steps([(0, 10), (3, "100/3")], cap=40)}),
    cv.Indicator("people", weight=.6, measures={
        "drive": cv.rules.Manual(cap=10, floor=0, missing="zero"),
        "grade": cv.rules.Table({"a": 5, "b": 1}, missing="zero")})])
FRAME = {"customer": np.array(["A", "B", "C"]), "years": np.array([1.0, 5.0, 2.0]),
         "grade": np.array(["a", None, "b"], object)}


def score(id, customer, measure, value, *events, author="李雷", reviewer="Wang", reason="", expires=None):
    """Return the rows of a score; an event is its status and day of 2025, counted from 0."""
    return [[id, customer, measure, author, str(DAY + day), value, reason, status,
             reviewer if status in ("approved", "rejected") else None, expires if status == "approved" else None]
            for status, day in events]


def approved(id, customer, measure, value, day, **more):
    return score(id, customer, measure, value, ("draft", day), ("submitted", day), ("approved", day), **more)


def log(*scores):
    return pd.DataFrame([row for rows in scores for row in rows], columns=COLUMNS)


GOOD = log(approved("1", "A", "drive", 7, 10, reason="asks for tests"),
           approved("2", "A", "years", 30.5, 12, expires="2025-02-01"),
           approved("3", "A", "years", 20, 5), approved("4", "B", "drive", 99, 3),
           score("5", "C", "drive", 4, ("draft", 1), ("submitted", 2), ("rejected", 3)),
           score("6", "C", "years", 4, ("draft", 1), ("submitted", 2)))


def scored(day, frame=FRAME, reviews=GOOD):
    return CARD.score(frame, reviews=reviews, as_of=DAY + day)


def test_the_latest_approved_score_that_has_not_expired_holds():
    day_4, day_7, day_20, day_40 = (scored(day) for day in (4, 7, 20, 40))
    assert day_4["years_points"].tolist() == [10, 100 / 3, 10] and day_4["drive_points"].tolist() == [0, 10, 0]
    assert day_7["years_points"].tolist() == [20, 100 / 3, 10]
    assert day_20["years_points"].tolist() == [30.5, 100 / 3, 10] and day_20["drive_points"].tolist() == [7, 10, 0]
    assert day_40["years_points"].tolist() == [20, 100 / 3, 10]        # the newer one has expired on day 31
    assert day_20["manual"].tolist() == ["years, drive", "drive", ""] and day_4["manual"].tolist() == ["", "drive", ""]
    assert scored(31)["years_points"][0] == 30.5 and scored(32)["years_points"][0] == 20


def test_explain_names_author_reviewer_and_reason():
    explained = CARD.explain(FRAME, customer="A", reviews=GOOD, as_of=DAY + 20)
    assert [(row.value, row.rule, row.points) for row in explained.rows] == [
        (30.5, "by 李雷, approved by Wang on 2025-01-13", Fraction(61, 2)),
        (7.0, "by 李雷, approved by Wang on 2025-01-11: asks for tests", 7), ("a", "a", 5)]
    assert explained.score == scored(20)["score"][0] == float(sum(row.weighted for row in explained.rows))
    unscored = CARD.explain(FRAME, customer="C", reviews=GOOD, as_of=DAY + 20)
    assert [row.rule for row in unscored.rows] == ["< 3", "missing: zero", "b"]


def twin(events, customer, measure, day):
    """Return the points in force by reading the log from its first row to its last, slow and obvious."""
    state = {}
    for event in events.sort_values("time", kind="stable").to_dict("records"):
        if np.datetime64(event["time"]) <= DAY + day:
            state.pop(event["id"], None)
            state[event["id"]] = event                          # the latest event last
    for e in reversed(state.values()):
        lasts = pd.isna(e["expires"]) or np.datetime64(e["expires"]) >= DAY + day
        if e["status"] == "approved" and (e["customer"], e["measure"]) == (customer, measure) and lasts:
            return e["value"]
    return None


def random_log(rng, scores=40, days=60):
    rows = []
    for k in range(scores):
        day = sorted(rng.randrange(days) for _ in range(3))
        steps = list(zip(("draft", "submitted", rng.choice(("approved", "rejected"))), day, strict=True))
        expires = None if rng.random() < .5 else str(DAY + day[2] + rng.randrange(30))
        rows.append(score(str(k), rng.choice("ABC"), rng.choice(("years", "drive", "grade")),
                          rng.randrange(-5, 60) / 4, *steps[:rng.choice((1, 2, 3, 3, 3))], expires=expires))
    return log(*rows)


@pytest.mark.parametrize("seed", range(12))
def test_any_log_at_any_day_gives_the_points_of_the_slow_twin(seed):
    rng = random.Random(seed)
    events, day = random_log(rng), rng.randrange(70)
    got = scored(day, reviews=events)
    own = {"years": (Fraction(10), Fraction(100, 3), Fraction(10)), "drive": (0, 0, 0), "grade": (5, 0, 1)}
    limits = {"years": (None, 40), "drive": (0, 10), "grade": (None, None)}
    for k, customer in enumerate("ABC"):
        points = {}
        for measure, (floor, cap) in limits.items():
            manual = twin(events, customer, measure, day)
            points[measure] = own[measure][k] if manual is None else Fraction(manual)
            if manual is not None:
                points[measure] = min(points[measure], cap) if cap is not None else points[measure]
                points[measure] = max(points[measure], floor) if floor is not None else points[measure]
            assert (measure in got["manual"][k].split(", ")) == (manual is not None)
        total = Fraction(2, 5) * points["years"] + Fraction(3, 5) * (points["drive"] + points["grade"])
        assert got["score"][k] == float(total)


@pytest.mark.parametrize("seed", range(4))
def test_later_events_and_the_order_of_rows_do_not_change_scores(seed):
    rng = random.Random(seed)
    events, day = random_log(rng), rng.randrange(10, 60)
    events["time"] = pd.to_datetime(events["time"]) + pd.to_timedelta(np.arange(len(events)), "s")  # all differ
    want = scored(day, reviews=events)
    past = events[events["time"] < pd.Timestamp(DAY + day + 1)]
    for other in (past, past.sample(frac=1, random_state=seed), events.sample(frac=1, random_state=seed)):
        got = scored(day, reviews=other)
        assert all(got[name].tobytes() == want[name].tobytes() for name in CARD.columns)
        assert got["manual"].tolist() == want["manual"].tolist()


def test_every_kind_of_frame_takes_every_kind_of_log():
    want = scored(20)
    logs = {"pandas": GOOD, "polars": pl.from_pandas(GOOD), "arrow": pl.from_pandas(GOOD).to_arrow(),
            "arrays": {name: GOOD[name].to_numpy() for name in GOOD}}
    frames = [FRAME, pd.DataFrame(FRAME), pl.DataFrame(FRAME)]
    for reviews in logs.values():
        for frame in frames:
            got = scored(20, frame, reviews)
            assert np.asarray(got["score"]).tobytes() == want["score"].tobytes()
            assert list(got["manual"]) == want["manual"].tolist()


def test_integer_ids_zoned_times_and_rows_without_repeated_values():
    rows = approved(1, 7, "drive", 3, 10)
    for row in rows[1:]:
        row[1] = row[2] = row[3] = row[5] = None
    events = log(rows)
    times = ["2025-01-11T00:30", "2025-01-11T01:00", "2025-01-11T02:00"]
    events["time"] = pd.to_datetime(times).tz_localize("Asia/Shanghai")
    card = cv.Scorecard("c", [cv.Indicator("a", weight=1, measures={"drive": cv.rules.Manual(missing="zero")})])
    for day, want in ((9, 0), (10, 3)):                                 # a day of the wall clock in Shanghai
        assert card.score({"customer": [8, 7]}, reviews=events, as_of=DAY + day)["score"].tolist() == [0, want]


def test_points_count_as_the_decimals_they_are_written_as():
    card = cv.Scorecard("c", [cv.Indicator("a", weight=1, measures={"drive": cv.rules.Manual()})], digits=2)
    events = log(approved("1", "A", "drive", 1.005, 0), approved("2", "B", "drive", 10 / 3, 0))
    got = card.score({"customer": ["A", "B"]}, reviews=events, as_of=DAY)
    assert got["score"].tolist() == [1.01, 3.33]


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_a_manual_measure_survives_the_file(tmp_path, suffix):
    CARD.save(tmp_path / f"card.{suffix}")
    assert cv.load(tmp_path / f"card.{suffix}") == CARD


# ---- errors ----

DRAFT, SUBMITTED, APPROVED, REJECTED = (("draft", 0), ("submitted", 1), ("approved", 2), ("rejected", 2))
REFUSED = [
    ([SUBMITTED], {}, r"column 'status': 1 of 1 values come before a draft\n  row 0   'submitted'   customer A-017   "
     r"id n1\n  Put a row of status draft before them."),
    ([DRAFT, APPROVED], {}, "review a score that was not submitted"),
    ([DRAFT, SUBMITTED, APPROVED, ("rejected", 3)], {},
     r"reject a score that is approved\n  row 3   'rejected'   customer A-017"),
    ([DRAFT, SUBMITTED, REJECTED, ("approved", 3)], {}, "approve a score that is rejected"),
    ([DRAFT, SUBMITTED, APPROVED, APPROVED], {}, "approve a score again"),
    ([DRAFT, SUBMITTED, ("draft", 2)], {}, "edit a score after its submission(.|\n)*another id"),
    ([DRAFT, SUBMITTED, SUBMITTED], {}, "submit a score again"),
    ([DRAFT, ("checked", 1)], {}, r"are no status\n(.|\n)*A status is one of draft, submitted, approved, rejected"),
    ([DRAFT, SUBMITTED, APPROVED], {"reviewer": "李雷"}, "column 'reviewer': 1 of 3 values are the author"),
    ([DRAFT, SUBMITTED, APPROVED], {"author": "Li Lei", "reviewer": " ＬＩ lei"}, "are the author"),
    ([DRAFT, SUBMITTED, APPROVED], {"reviewer": None}, "are missing where a score is decided"),
    ([DRAFT, SUBMITTED, APPROVED], {"expires": "2024-12-31"}, "earlier than 'time'"),
    ([DRAFT], {"author": None}, "column 'author': 1 of 1 values are missing"),
]


@pytest.mark.parametrize("events, more, words", REFUSED, ids=range(len(REFUSED)))
def test_a_log_that_contradicts_itself_names_row_customer_and_remedy(events, more, words):
    with pytest.raises(cv.DataError, match=words):
        scored(50, reviews=log(score("n1", "A-017", "drive", 4, *events, **more)))


@pytest.mark.parametrize("column, row, value, words", [
    ("value", 1, 5.0, "change a score that is no draft any more"), ("value", 0, None, "column 'value': .* are missing"),
    ("value", 0, np.inf, "are not finite numbers"), ("customer", 1, "B", "differ from the first row of their id"),
    ("measure", 2, "years", "differ from the first row"), ("author", 2, "Han", "differ from the first row"),
    ("id", 1, None, "column 'id': 1 of 3 values are missing"), ("time", 1, "soon", "column 'time': .* not dates"),
    ("expires", 2, "soon", "column 'expires': .* not dates"),
    ("reviewer", 1, "Wang", "are given where nothing is reviewed"),
])
def test_a_bad_value_is_reported_by_column_and_row(column, row, value, words):
    events = log(approved("n1", "A", "drive", 4, 0)).astype({"value": object})
    events.loc[row, column] = value
    with pytest.raises(cv.DataError, match=words) as raised:
        scored(50, reviews=events)
    assert f"  row {row}" in str(raised.value)


def test_a_missing_argument_is_named():
    with pytest.raises(cv.ConfigError, match="measure 'drive' is scored by hand: pass reviews="):
        CARD.score(FRAME)
    with pytest.raises(cv.ConfigError, match=r"reviews= needs as_of="):
        CARD.score(FRAME, reviews=GOOD)
    with pytest.raises(cv.DataError, match="as_of='soon' is not a day"):
        CARD.score(FRAME, reviews=GOOD, as_of="soon")
    with pytest.raises(cv.DataError, match="column 'status' is not in the frame"):
        CARD.score(FRAME, reviews=GOOD.drop(columns="status"), as_of=DAY)
    with pytest.raises(cv.DataError, match=r"column 'client' is not in the frame \(id='client'\)"):
        CARD.score(FRAME, reviews=GOOD, as_of=DAY, id="client")
    with pytest.raises(cv.ConfigError, match="a column 'manual' already"):
        CARD.score(FRAME | {"manual": FRAME["years"]}, reviews=GOOD, as_of=DAY)
    strict = cv.Scorecard("c", [cv.Indicator("a", weight=1, measures={"drive": cv.rules.Manual()})], missing="raise")
    with pytest.raises(cv.DataError, match=r"measure 'drive': 1 of 3 customers have no approved score\n  row 2   cust"):
        strict.score(FRAME, reviews=GOOD[GOOD["measure"] == "drive"], as_of=DAY + 20)


def test_scores_of_unknown_customers_and_measures_are_counted_and_excluded():
    apart = "1 approved score of 1 customer without a row .* is excluded. Such an id is 'D', the table has 'A'"
    with pytest.warns(cv.DataWarning, match=apart):
        scored(20, reviews=log(approved("1", "D", "drive", 1, 0)))
    with pytest.warns(cv.DataWarning, match="of 1 measure that card '客户价值' does not have is excluded, such as "
                                            "'drve'; did you mean 'drive'"):
        scored(20, reviews=log(approved("1", "A", "drve", 1, 0)))


def messages(*scores, day=9):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        CARD.review(FRAME, log(*scores), as_of=DAY + day)
    return [str(one.message) for one in caught]


def test_a_review_reports_invalid_scores_from_the_draft_on():
    for steps in ([DRAFT], [DRAFT, SUBMITTED], [DRAFT, SUBMITTED, APPROVED]):
        assert messages(score("1", "D", "drive", 1, *steps)) == [
            "reviews: 1 score of 1 customer without a row in the table is excluded. Such an id is 'D', the table has "
            "'A'"]
        assert messages(score("1", "A", "drvie", 1, *steps)) == [
            "reviews: 1 score of 1 measure that card '客户价值' does not have is excluded, such as 'drvie'; did you "
            "mean 'drive'?"]
        assert messages(score("1", "A", "years", 3000, *steps), score("2", "B", "drive", -1, *steps)) == [
            "reviews: 1 score of 'years' lies above its cap, such as 3000 by 李雷: the cap 40 holds",
            "reviews: 1 score of 'drive' lies below its floor, such as -1 by 李雷: the floor 0 holds"]
    two = messages(score("1", "A", "abc", 1, DRAFT), score("2", "A", "drvie", 1, DRAFT))
    assert len(two) == 1 and "such as 'drvie'; did you mean 'drive'?" in two[0]
    wrong = score("1", "A", "years", 3000, DRAFT, SUBMITTED, REJECTED)
    assert not messages(wrong) and len(messages(wrong, day=1)) == 1
    assert not messages(score("2", "A", "years", 40, DRAFT))


def test_times_that_are_not_iso_8601_are_refused():
    """Calls that read a log have no time_format=."""
    for name in ("time", "expires"):
        events = log(approved("n1", "A", "drive", 4, 0)).assign(**{name: "11/10/2025"})
        with pytest.raises(cv.DataError, match=r"are not dates(.|\n)*Write them as ISO 8601, such as") as refused:
            CARD.review(FRAME, events, as_of=DAY)
        assert "time_format" not in str(refused.value)


def test_an_approved_score_replaces_a_missing_value():
    card = cv.Scorecard("c", [cv.Indicator("a", weight=1, measures={"years": cv.rules.Linear(per=1)})], missing="raise")
    frame = {"customer": list("ABC"), "years": [np.nan, 2.0, np.nan]}
    both = log(approved("1", "A", "years", 1, 0), approved("2", "C", "years", 3, 0))
    assert card.score(frame, reviews=both, as_of=DAY)["score"].tolist() == [1, 2, 3]
    with pytest.raises(cv.DataError, match=r"1 of 3 values are missing\n  row 2   customer C"):
        card.score(frame, reviews=both[:3], as_of=DAY)


# ---- versions ----

def test_cards_of_one_content_have_one_fingerprint_and_no_difference():
    same = cv.Scorecard(CARD.name, list(CARD.indicators), version="2")
    assert same.fingerprint == CARD.fingerprint and not CARD.diff(same) and same != CARD
    other = cv.Scorecard(CARD.name, CARD.indicators[::-1], version="2")
    assert other.fingerprint != CARD.fingerprint
    assert CARD.diff(other).rows == [("", "", "order", "loyalty, people", "people, loyalty")]


def test_a_difference_names_new_removed_and_changed_parts():
    other = cv.Scorecard("客户价值", [
        cv.Indicator("loyalty", weight=.4, measures={"years": cv.rules.Linear(per=2)}),
        cv.Indicator("people", weight=.6, cap=12, measures={
            "drive": cv.rules.Manual(cap=9, floor=0, missing="zero"),
            "grade": cv.rules.Table({"a": 5, "c": 1}, missing="zero"),
            "employees": cv.rules.Steps([(None, 0), (50, 5)])})],
        tiers=[("高", 20)], version="2026")
    assert CARD.diff(other).words() == [
        "tier 高: 20 is new",
        "indicator 'loyalty', measure 'years': steps from 0: 10 is gone",
        "indicator 'loyalty', measure 'years': steps from 3: 100/3 is gone",
        "indicator 'loyalty', measure 'years': cap: 40 is gone",
        "indicator 'loyalty', measure 'years': linear per: 2 is new",
        "indicator 'people': cap: 12 is new",
        "indicator 'people', measure 'drive': cap: 10 -> 9",
        "indicator 'people', measure 'grade': table b: 1 is gone",
        "indicator 'people', measure 'grade': table c: 1 is new",
        "indicator 'people', measure 'employees': steps from open: 0 is new",
        "indicator 'people', measure 'employees': steps from 50: 5 is new"]
    with pytest.raises(cv.ConfigError, match="not a card and a dict"):
        CARD.diff({})


# ---- agreement of raters ----

def slow_spread(events, day, measure):
    """Return shared, range, sd of a measure from dicts and the definitions."""
    rows = CARD.review(FRAME, events, as_of=DAY + day).scores().to_dict("records")
    stand = [e for e in rows if e["measure"] == measure and e["status"] in ("submitted", "approved")
             and (pd.isna(e["expires"]) or e["expires"] >= DAY + day)]
    by = {}
    for e in sorted(stand, key=lambda e: e["time"]):
        by.setdefault(e["customer"], {})[e["author"]] = Fraction(e["value"])
    several = [list(points.values()) for points in by.values() if len(points) > 1]
    ranges = [max(points) - min(points) for points in several]
    squares = sum((p - sum(points) / len(points)) ** 2 for points in several for p in points)
    return len(several), float(sum(ranges) / len(ranges)), float(squares / sum(len(p) - 1 for p in several)) ** .5


@pytest.mark.filterwarnings("ignore:reviews")
@pytest.mark.parametrize("seed", range(6))
def test_the_spread_between_raters_is_that_of_its_definition(seed):
    rng = random.Random(seed)
    events = random_log(rng, scores=60)
    events["time"] = pd.to_datetime(events["time"]) + pd.to_timedelta(np.arange(len(events)), "s")
    events["author"] = events["id"].map(lambda id: f"author {int(id) % 4}")
    table = CARD.review(FRAME, events, as_of=DAY + 40).table().set_index("measure")
    for measure in ("years", "drive", "grade"):
        shared, mean_range, sd = slow_spread(events, 40, measure)
        row = table.loc[measure]
        assert row["shared"] == shared > 0
        np.testing.assert_allclose([row["range"], row["sd"]], [mean_range, sd], rtol=1e-13)


def test_the_gap_is_manual_less_automatic_where_both_are():
    with pytest.warns(cv.DataWarning, match="1 score of 'drive' lies above its cap"):
        review = CARD.review(FRAME, GOOD, as_of=DAY + 20)
    scores = review.scores()
    assert scores["holds"].tolist() == [True, True, False, True, False, False]
    assert scores["automatic"].iloc[[1, 2, 5]].tolist() == [10, 10, 10]
    assert scores["automatic"].iloc[[0, 3]].isna().all()
    table = review.table().set_index("measure")
    assert table.loc["years", ["scores", "waiting", "approved", "compared", "gap", "gap_abs"]].tolist() == [
        3, 1, 1, 1, 20.5, 20.5]
    assert table.loc["drive", ["scores", "customers", "approved", "compared"]].tolist() == [2, 2, 2, 0]
    assert repr(review).splitlines()[3].split() == [
        "years", "3", "1", "2", "1", "0", "-", "-", "1", "20.50", "20.50"]


def test_a_measure_of_drafts_alone_is_a_line_without_scores():
    review = CARD.review(FRAME, log(score("1", "A", "drive", 3, DRAFT)), as_of=DAY)
    assert review.scores()["status"].tolist() == ["draft"]
    assert repr(review).splitlines()[-1].split() == ["drive", *"00000", "-", "-", "0", "-", "-"]


def test_a_missing_value_has_no_automatic_points_and_no_gap():
    review = CARD.review(FRAME, log(approved("1", "B", "grade", 3, 0), approved("2", "C", "grade", 3, 0)), as_of=DAY)
    np.testing.assert_array_equal(review.scores()["automatic"], [np.nan, 1])
    assert review.table()[["approved", "compared", "gap"]].values.tolist() == [[2, 1, 2]]


def test_a_base_has_its_own_day_and_a_card_shows_its_version():
    base = cv.CustomerBase({"who": ["A", "B"], "day": ["2025-01-05", "2025-01-20"], "paid": [3.0, 4.0]}, customer="who",
                           time="day", amount="paid")
    measures = {"amount": cv.rules.Linear(per=1)}
    card = cv.Scorecard("c", [cv.Indicator("a", weight=1, measures=measures)], version="2025-1")
    events = log(approved("1", "A", "amount", 9, 19), approved("2", "B", "amount", 1, 20))
    assert card.score(base, reviews=events)["score"].tolist() == [9, 4]
    assert card.explain(base, customer="A", reviews=events).score == 9
    assert card.review(base, events).table()["approved"].tolist() == [1]
    assert repr(card) == "<Scorecard 'c' 2025-1: 1 indicator, 1 measure, weighted>"
    with pytest.raises(cv.DataError, match="no customer has a row by 2025-01-04"):
        base.as_of("2025-01-04")


def test_as_of_is_the_day_of_a_base_and_of_its_reviews():
    base = cv.CustomerBase({"who": list("ABAB"), "day": ["2025-01-05", "2025-01-10", "2025-02-01", "2025-03-01"],
                            "paid": [3.0, 4.0, 50.0, 60.0]}, customer="who", time="day", amount="paid")
    card = cv.Scorecard("c", [cv.Indicator("a", weight=1, measures={
        "amount": cv.rules.Linear(per=1), "drive": cv.rules.Manual(missing="zero")})])
    events = log(approved("1", "A", "drive", 9, 19), approved("2", "B", "drive", 1, 50))
    then = base.as_of(DAY + 30)
    for asked in (card, cv.Scorecards("s", [], default=card)):
        assert asked.score(base, reviews=events, as_of=DAY + 30)["score"].tolist() == [12, 4]
        assert asked.score(then, reviews=events)["score"].tolist() == [12, 4]
        assert asked.explain(base, customer="A", reviews=events, as_of=DAY + 30).score == 12
        assert asked.explain(then, customer="A", reviews=events).score == 12
        assert asked.score(base.attributes(), reviews=events, as_of=DAY + 30)["score"].tolist() == [62, 64]
        with pytest.raises(cv.DataError, match="2025-03-01"):
            asked.score(base, reviews=events, as_of="2025-03-02")
    assert card.coverage(base, reviews=events, as_of=DAY + 5)["known"].tolist() == [1, 0]      # B orders first on day 9
    by_rule = log(approved("1", "A", "amount", 9, 19))
    assert card.review(base, by_rule, as_of=DAY + 30).scores()["automatic"].tolist() == [3]


def test_coverage_counts_customers_with_an_approved_score():
    """A manual measure is known where an approved score is in force."""
    frame = FRAME | {"years": np.array([np.nan, 5.0, np.nan])}
    assert CARD.coverage(frame)["known"].tolist() == [1, 0, 2]
    for day, known in ((2, [1, 0, 2]), (4, [1, 1, 2]), (20, [2, 2, 2])):
        said = CARD.coverage(frame, reviews=GOOD, as_of=DAY + day)
        assert said["known"].tolist() == known and said["missing"].tolist() == [3 - k for k in known]


def test_the_expiry_of_a_draft_holds_until_a_later_row_changes_it():
    rows = approved("1", "A", "drive", 7, 0)
    rows[0][-1] = "2025-01-10"
    assert scored(9, reviews=log(rows))["manual"][0] == "drive" and scored(10, reviews=log(rows))["manual"][0] == ""
    rows[2][-1] = "2025-01-20"
    assert scored(19, reviews=log(rows))["manual"][0] == "drive" and scored(20, reviews=log(rows))["manual"][0] == ""


def test_a_review_before_the_first_event_is_empty():
    review = CARD.review(FRAME, GOOD, as_of=DAY - 1)
    assert len(review.table()) == len(review.scores()) == 0
    assert repr(review).splitlines()[0] == "Manual scores of '客户价值' as of 2024-12-31"
    empty = CARD.score(FRAME, reviews=GOOD[:0], as_of=DAY)
    assert empty["manual"].tolist() == ["", "", ""]
