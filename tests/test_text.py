"""Plain text in columns: wide characters, numbers, lines."""
import pytest

from custval._text import LANGUAGES, labels, number, pad, table, width, wrap


@pytest.mark.parametrize("text, cells", [
    ("", 0), ("abc", 3), ("华东", 4), ("A-017 钱塘能源", 14), ("é", 1), ("e\u0301", 1), ("ﾊﾝｶｸ", 4), ("Ａ", 2)])
def test_width_of_a_terminal(text, cells):
    """Unicode Standard Annex 11: W and F take two cells, halfwidth forms one, combining marks none."""
    assert width(text) == cells


def test_columns_stand_under_their_heads():
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
