"""Printed text and tables: wide characters, numbers, line breaks, hostile ids."""
import re

import pandas as pd
import pytest

import custval as cv
from custval._formatting import LANGUAGES, labels, number, pad, plain, table, width, wrap

HOSTILE = "A\nB\x1b[2J\u202e\u200bC"          # newline, escape sequence, right-to-left override, zero-width space
SHOWN = "A\\nB\\x1b[2J\\u202e\\u200bC"


def texts(said):
    """Return a text that prints an id or a name of the user."""
    orders = {"id": [HOSTILE, HOSTILE, "b", "c"], "day": ["2025-01-01", "2025-01-15", "2025-01-08", "2025-02-01"],
              "paid": [5.0, 6.0, 7.0, 8.0]}
    base = cv.CustomerBase(orders, customer="id", time="day", amount="paid")
    profile = base.with_profile({"customer": [HOSTILE], HOSTILE: ["x"]})
    rule = cv.rules.Table({HOSTILE: 1, "b": 2, "c": 3})
    card = cv.Scorecard(HOSTILE, [cv.Indicator("i", weight=1, measures={"customer": rule})])
    who = {"customer": [HOSTILE, "b", "c"]}
    moved = cv.BGNBD(rate_covariates=[HOSTILE])
    moved.params_ = dict.fromkeys(moved.names, 1.0)
    explained = card.explain(who, customer=HOSTILE)
    pyramid = cv.pyramid([3.0, 2.0, 1.0], tiers={HOSTILE: .5, "rest": .5})
    def refused(call, error):
        with pytest.raises(error) as caught:
            call()
        return str(caught.value)
    return {
        "explain": repr(explained), "explain html": explained._repr_html_(), "card of points": str(card),
        "pyramid": repr(pyramid), "pyramid html": pyramid._repr_html_(), "card of the base": profile.card(),
        "html of the base": profile._repr_html_(),
        "coefficients": repr(moved), "coefficients html": moved.summary()._repr_html_(),
        "level": refused(lambda: card.score({"customer": ["d"]}), cv.DataError),
        "row of the card": refused(lambda: cv.Scorecard("c", [cv.Indicator("i", weight=1, measures={
            "n": cv.rules.Linear(per=1)})], missing="raise").score(who | {"n": [float("nan"), 1, 2]}), cv.DataError),
        "columns of the card": refused(lambda: card.score({HOSTILE: [1]}), cv.ConfigError),
        "columns of the base": refused(lambda: cv.CustomerBase({HOSTILE: [1]}, customer="id", time="t"), cv.DataError),
        "which columns": refused(lambda: cv.CustomerBase({HOSTILE: [1]}), Exception),
        "row of the fit": refused(lambda: cv.BGNBD().fit(who | {"x": [1, 1, 1], "t_x": [-1.0, 1, 1], "T": [2, 2, 2]}),
                                  cv.DataError),
        "row of the base": refused(lambda: cv.CustomerBase(orders | {"paid": [float("inf"), 1, 2, 3]}, customer="id",
                                                           time="day", amount="paid"), cv.DataError),
        "tiers": refused(lambda: cv.pyramid([1.0], tiers={HOSTILE: .5}), cv.ConfigError),
    }[said]


@pytest.mark.parametrize("said", [
    "explain", "explain html", "card of points", "pyramid", "pyramid html", "card of the base", "html of the base",
    "coefficients", "coefficients html", "level", "row of the card",
    "columns of the card", "columns of the base", "which columns", "row of the fit",
    "row of the base", "tiers"])
def test_control_characters_of_an_id_are_printed_as_escapes(said):
    text = texts(said)
    assert SHOWN in text
    assert not re.search("[\x00-\x09\x0b-\x1f\u200b\u202e]", text) and "A\nB" not in text


def test_ids_in_tables_are_unchanged():
    scored = cv.Scorecard.builtin("consumer").score(pd.DataFrame({
        "customer": [HOSTILE], "recency": [1], "purchases": [1], "amount": [1.0]}))
    assert scored["customer"].tolist() == [HOSTILE]


@pytest.mark.parametrize("text", [
    "A-017 钱塘能源", "钱塘\u3000能源", "👨\u200d👩\u200d👧", "می\u200cخواهم", "e\u0301", "DOMAIN\\user"])
def test_names_of_any_script_are_printed_unchanged(text):
    assert plain(text) == text


@pytest.mark.parametrize("text, cells", [
    ("", 0), ("abc", 3), ("华东", 4), ("A-017 钱塘能源", 14), ("é", 1), ("e\u0301", 1), ("ﾊﾝｶｸ", 4), ("Ａ", 2)])
def test_width_of_a_terminal(text, cells):
    """Unicode Standard Annex 11: W and F take two cells, halfwidth forms one, combining marks none."""
    assert width(text) == cells


def test_columns_are_aligned_with_their_heads():
    lines = table(["客户", "n"], [["A-017", "5"], ["长江水务", "1,234"]], "<>")
    assert lines == ["客户          n", "--------  -----", "A-017         5", "长江水务  1,234"]
    assert {width(line) for line in lines} == {15}


def test_pad_both_sides():
    assert (pad("铁", 4), pad("铁", 4, ">")) == ("铁  ", "  铁")


@pytest.mark.parametrize("value, digits, percent, text", [
    (1234.5, 0, False, "1,234"), (1234.56, 1, False, "1,234.6"), (float("nan"), 0, False, "-"),
    (-0.2, 0, False, "0"), (-0.001, 0, True, "0%"), (-1.0, 0, False, "-1"), (0.1234, 1, True, "12.3%")])
def test_numbers(value, digits, percent, text):
    assert number(value, digits, percent) == text


def test_wrap_keeps_every_word_and_the_width():
    text = "a fifth of the customers, 一共六十位客户带来了大部分的毛利 and so on"
    lines = wrap(text, 20, "  ")
    assert max(map(width, lines)) <= 20 and all(line.startswith("  ") for line in lines)
    assert not any(line.strip().startswith(tuple("，。")) for line in wrap("一二三四五。六七八九十，一二", 10))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_both_languages_have_the_same_keys_and_fields():
    from string import Formatter
    words = {lang: labels(lang) for lang in LANGUAGES}
    assert words["en"].keys() == words["zh"].keys()
    for key in words["en"]:
        fields = [sorted(str(f[1]) for f in Formatter().parse(words[lang][key]) if f[1]) for lang in LANGUAGES]
        assert fields[0] == fields[1], key
