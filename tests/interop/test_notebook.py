"""Results in a notebook: every result has HTML, with captions in lines, text to the left and numbers to the right."""
import inspect
import json
import re

import numpy as np
import pytest

import custval as cv

MODEL = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W")
SPEND = cv.GammaGamma(p=6, q=4, gamma=16)
STEPS = cv.rules.Steps([(None, 0), (20, 5)])
CARD = cv.Scorecard("价值 <b>", [cv.Indicator("钱", weight=1, measures={"amount": STEPS})])
CHINESE = {"高价值客户": .2, "普通": .8}
EVENTS = {"id": ["1"] * 2, "customer": [1] * 2, "measure": ["tact"] * 2, "author": ["ann"] * 2,
          "time": ["2024-02-01"] * 2, "value": [7.0] * 2, "status": ["draft", "submitted"], "reviewer": [None] * 2}


@pytest.fixture(scope="module")
def results():
    """Return a result of every public class that holds one."""
    base = cv.datasets.cdnow()
    calibration, holdout = base.split("1997-09-30")
    tact = cv.Scorecard("m", [cv.Indicator("i", weight=1, measures={"tact": cv.rules.Manual(cap=9)})])
    pyramid = cv.pyramid([5, 4, 3, 2, 1.0], tiers=CHINESE)
    return {
        "CustomerBase": base, "Rows": base.rows, "Stages": cv.stages(base, purchases=MODEL), "CLV": cv.CLV(),
        "Pyramid": pyramid, "Segmentation": pyramid, "Grid": cv.grid([1, 2, 3.0], [3, 1, 2.0]),
        "RFM": cv.rfm(calibration), "Segments": cv.rfm(calibration).segments, "Lorenz": cv.lorenz([1, 2, 3.0]),
        "Crosstab": cv.crosstab(["a", "b"], ["a", "b"]), "Migration": cv.migration(["a", "b"], ["a", "a"]),
        "Findings": base.check(), "Cohorts": cv.cohorts(base, unit="Q"),
        "Forecaster": cv.Forecaster(), "Scorecard": CARD,
        "Forecast": cv.Forecaster(purchases=MODEL, value="purchases").fit(base).total(base, draws=9),
        "Decomposition": cv.decompose(base, unit="Q"), "Coefficients": MODEL.summary(),
        "Scorecards": cv.Scorecards("all", [(CARD, {"type": "A"})], default=cv.Scorecard.builtin("consumer")),
        "Explanation": CARD.explain({"customer": [1], "amount": [25]}, customer=1),
        "Difference": CARD.diff(cv.Scorecard("价值 <b>", CARD.indicators, digits=1)),
        "Review": tact.review({"customer": [1]}, EVENTS, as_of="2024-03-01"),
        "Comparison": cv.compare(base, [MODEL], origins=1), "Evaluation": MODEL.evaluate(holdout),
        "Survival": cv.ShiftedBetaGeometric(alpha=.7, beta=3.8).evaluate([100, 60, 45], periods=1),
        "Accuracy": MODEL.evaluate(holdout).model, "Dependence": cv.GammaGamma().dependence(calibration),
        "Interval": (interval := MODEL.purchase_interval(5, calibration, draws=20)), "Total": interval.total,
        "Bootstrap": cv.MBGNBD(unit="W").fit(calibration).bootstrap(calibration, replicates=3),
        "Weights": cv.weights.pairwise({("a", "b"): 2}), "BGNBD": MODEL}


def test_every_result_has_html_that_is_escaped(results):
    for name, result in results.items():
        page = result._repr_html_()
        assert page.startswith(("<table>", "<div", "<code>")) and "\\n" not in page and "<b>" not in page.replace(
            "<div style='color:currentColor'><b>", ""), name


def test_every_public_class_is_a_result_here_or_has_none(results):
    models = {name for name in cv.__all__ if hasattr(getattr(cv, name), "to_json")}
    kept = {"Store", "Indicator"}
    for name in cv.__all__:
        thing = getattr(cv, name)
        if inspect.isclass(thing) and not issubclass(thing, Exception) and name not in models | kept:
            assert hasattr(thing, "_repr_html_"), name
            assert name in results or not thing.__doc__.count("made by"), name


def columns(page):
    """Return the sides of the cells of each row of a page."""
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    return [re.findall(r"<t[dh] style='text-align:(left|right)'>", row) for row in rows]


def test_text_stands_to_the_left_and_numbers_to_the_right(results):
    for name in ("Stages", "Pyramid", "Comparison", "Scorecard", "Scorecards", "Difference", "Coefficients", "RFM"):
        sides = columns(results[name]._repr_html_())
        assert len(set(map(tuple, sides))) == 1 and sides[0][0] == "left", name
    assert columns(results["Pyramid"]._repr_html_())[0] == ["left"] + ["right"] * 8
    assert columns(results["Scorecard"]._repr_html_())[0] == ["left", "right", "left", "left"]
    clv = cv.CLV(purchases=MODEL, spend=SPEND).summary()._repr_html_()
    assert columns(clv)[0][:3] == ["left", "left", "right"]


def test_captions_have_lines():
    base = cv.datasets.cdnow()
    for result, lines in ((cv.stages(base, purchases=MODEL), 3), (cv.CLV(purchases=MODEL, spend=SPEND).summary(), 2)):
        caption = re.search(r"<caption[^>]*>(.*?)</caption>", result._repr_html_())[1]
        assert len(caption.split("<br>")) == lines


def test_chinese_names_are_cells_of_their_own():
    page = cv.pyramid(np.arange(10.0), tiers=CHINESE)._repr_html_()
    assert ">高价值客户</td>" in page and page.count("<tr>") == 3


ONE = {"customer": 7, "x": 2, "t_x": 30.0, "T": 38.0, "m_x": 30.0, "amount": 90.0}
REQUESTS = {
    "p_alive": lambda: MODEL.p_alive(2, 30, 38), "of a dict": lambda: MODEL.p_alive(ONE),
    "purchases": lambda: MODEL.expected_purchases(39, 2, 30, 38), "predict": lambda: MODEL.predict(ONE, periods=2),
    "interval": lambda: MODEL.purchase_interval(39, 2, 30, 38, draws=9).table(),
    "bounds": lambda: MODEL.purchase_interval(39, ONE, draws=9).high,
    "spend": lambda: SPEND.expected_spend(2, 30.0), "clv": lambda: cv.CLV(purchases=MODEL, spend=SPEND).predict(ONE),
    "score": lambda: CARD.score(ONE), "explain": lambda: CARD.explain(ONE, customer=7).to_dict(),
    "contract": lambda: cv.ShiftedBetaGeometric(alpha=.7, beta=3.8).survival(3, 1)}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_for_one_customer_takes_plain_values_and_gives_json(name):
    answer = json.loads(json.dumps(REQUESTS[name]()))
    assert isinstance(answer, dict | float)
    lists = [key for key in answer if isinstance(answer[key], list)] if isinstance(answer, dict) else []
    assert lists in ([], ["rows"])


def test_one_customer_gets_the_numbers_of_a_column():
    many = {name: [value] for name, value in ONE.items()}
    want = MODEL.predict(many, periods=2)
    assert MODEL.predict(ONE, periods=2) == {name: column[0] for name, column in want.items()}
    assert CARD.score(ONE) == ONE | {"amount_points": 5, "钱": 5, "score": 5, "rank": 1}
    explained = CARD.explain(ONE, customer=7)
    assert explained.to_dict()["rows"][0] == {"indicator": "钱", "measure": "amount", "value": 90.0, "rule": ">= 20",
                                              "points": 5.0, "weight": 1.0, "weighted": 5.0}


def test_a_row_of_a_pandas_frame_is_told_to_be_a_dict():
    with pytest.raises(cv.DataError, match=r"got Series; pass .to_dict\(\) of it"):
        CARD.score(pytest.importorskip("pandas").Series(ONE))
