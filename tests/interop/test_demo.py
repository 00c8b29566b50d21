"""``custval demo``: true numbers, aligned columns, two languages."""
import re

import numpy as np
import pytest

import custval as cv
from custval import demo as demo_
from custval._formatting import width

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def text():
    return {lang: demo_.demo(lang) for lang in LANGUAGES}


def cells_of(line):
    """Return the characters of a line by terminal cell; a wide one fills two."""
    return "".join(c * 2 if width(c) == 2 else c for c in line)


def tables(text):
    """Yield (rule, lines) for every table: the line of dashes and all lines of its block."""
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if len(lines) > 2 and re.fullmatch(r" *-+(  -+)+", lines[1]):
            yield lines[1], lines


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_fits_80_columns(text, lang):
    assert max(map(width, text[lang].splitlines())) <= 80


def misaligned(rule, lines):
    """Return the lines with text between the columns, or beyond the last."""
    gaps = [k for k, c in enumerate(rule) if c == " "]
    return [line for line in lines if len(cells_of(line)) > len(rule)
            or any(cells_of(line)[k:k + 1].strip() for k in gaps)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cells_stand_in_their_columns(text, lang):
    found = list(tables(text[lang]))
    assert len(found) == 11
    assert not [line for table in found for line in misaligned(*table)]


def test_a_wide_character_counted_as_one_cell_is_detected():
    rule, lines = next(tables("   tier  n\n   ----  -\n   lead  1\n   黄金铁  2"))
    assert misaligned(rule, lines) == ["   黄金铁  2"]


def test_both_languages_show_the_same_numbers(text):
    numbers = {lang: sorted(re.findall(r"-?\d[\d,]*\.\d+|[A-E]-\d{3}|\d{4}Q\d", text[lang])) for lang in LANGUAGES}
    assert numbers["en"] == numbers["zh"] and len(numbers["en"]) > 200


def test_rows_are_accounted_for_and_margin_is_absent_without_cost(text):
    """6,919 lines, 6,696 customer-days, 244,091.94 dollars: facts of the 1/10 sample."""
    english = text["en"]
    assert "6,919 = 6,696 used + 223 merged" in english and "244,091.94" in english
    assert "unknown: the data have no product cost" in english and "缺：" in text["zh"]
    for tier, name in [("platinum", "铂金"), ("gold", "黄金"), ("iron", "铁"), ("lead", "铅")]:
        assert english.count(f"\n  {tier}") == 2 == text["zh"].count(f"\n  {name}")


def test_models_stand_with_estimate_error_and_status(text):
    for data in (cv.datasets.cdnow(), cv.datasets.crm().base()):
        model = cv.BGNBD(unit="W").fit(data)
        assert re.search(rf"BG/NBD +{model.loglik_:,.2f} +converged +r +{model.params_['r']:.4g} ", text["en"])
    assert re.search(r"alpha +5\.447 +0\.398\n", text["en"])


@pytest.mark.parametrize("name", ["cdnow", "crm"])
def test_the_ten_best_have_the_largest_future_value(text, name):
    """The future value is that of the next three years, at 10 % a year."""
    case = demo_.case_of(name)
    it = demo_.study(case)
    purchases, _, spend = it.models.values()
    value = cv.CLV(purchases=purchases, spend=spend).predict(case.base, periods=36, unit="M", discount=.1)
    to_come = dict(zip(value["customer"].tolist(), value["clv"].tolist(), strict=True))
    np.testing.assert_allclose(it.clv, value["clv"], rtol=1e-12)
    best = sorted(to_come, key=to_come.get, reverse=True)[:10]
    shown = [row for row in map(str.split, text["en"].splitlines()) if len(row) == 8 and row[1].endswith("%")]
    printed = [row for row in shown if row[0] in map(str, best)]
    assert [row[0] for row in printed] == [str(c) for c in best]
    assert [row[-2] for row in printed] == [f"{to_come[c]:,.0f}" for c in best]


def test_the_explained_points_add_up(text):
    blocks = re.findall(r"  measure.*?\n  score +[\d.]+", text["en"], re.S)
    assert blocks
    for block in blocks:
        total = float(block.split()[-1])
        assert sum(float(part) for part in re.findall(r"x 0\.\d+ = ([\d.]+)", block)) == pytest.approx(total, abs=0.011)
        points = [float(line.split()[-1]) for line in block.splitlines() if line.startswith("    ")]
        assert sum(points) == pytest.approx(sum(float(p) for p in re.findall(r"([\d.]+) +x 0\.", block)), abs=0.03)


def test_customers_who_cost_money_are_counted(text):
    margin = cv.datasets.crm().base().attributes()["margin"]
    negative = margin[margin < 0]
    assert f"{len(negative)} customers have a negative margin to date, {negative.sum():,.0f}" in text["en"]
    assert "The margin is unknown here" in text["en"]


def test_the_output_for_one_data_set_is_a_part_of_that_for_both(text):
    for name in ("cdnow", "crm"):
        alone = demo_.demo("en", name)
        assert alone.split("\n", 2)[2].rstrip() in text["en"]
