"""Names that differ only in characters that do not show are the same name wherever names must differ."""
import numpy as np
import pytest

import custval as cv
from custval._formatting import look, look_alike

TWIN = "gold​"                                             # with a zero-width space
BASE = cv.CustomerBase({"id": ["a", "b"], "day": ["2024-01-01"] * 2, "paid": [1.0, 2]}, customer="id", time="day",
                       amount="paid")
RULE = cv.rules.Linear(per=1)


def card(name, indicator="i", measure="m"):
    return cv.Scorecard(name, [cv.Indicator(indicator, weight=1, measures={measure: RULE})])


@pytest.mark.parametrize("call", [
    lambda: cv.pyramid([1.0, 2], tiers={"gold": .5, TWIN: .5}),
    lambda: cv.pyramid([1.0, 2], tiers={"gold": .5, "rest": .5}, within={"rest": {TWIN: .5, "b": .5}}),
    lambda: cv.abc([1.0, 2], cuts=[.5], names=["gold", TWIN]),
    lambda: cv.grid([1.0, 2], [1.0, 2], cuts=(2, 1), names=["gold", TWIN]),
    lambda: cv.crosstab(["gold", TWIN], ["x", "y"]),
    lambda: cv.migration(["gold", TWIN], ["x", "y"]),
    lambda: cv.Scorecards("s", [(card("gold"), {"x": 1}), (card(TWIN), {"x": 2})]),
    lambda: card("c", indicator="gold", measure=TWIN),
    lambda: card("c", measure="gold").score({"gold": [1.0], "score​": [2.0]}),
    lambda: cv.rules.Table({"gold": 1, TWIN: 2}),
    lambda: BASE.with_profile({"customer": ["a", "b"], "amount​": [1, 2]}).attributes(),
    lambda: BASE.attributes({"customer": ["a", "b"], " amount": [1, 2]})])
def test_twins_are_refused(call):
    with pytest.raises((cv.ConfigError, cv.DataError)):
        call()


def test_a_reviewer_who_looks_like_the_author_does_not_approve():
    log = {"id": [1] * 3, "customer": ["a"] * 3, "measure": ["amount"] * 3, "author": ["Ann"] * 3,
           "time": np.array(["2024-01-01", "2024-01-02", "2024-01-03"], "M8[D]"), "value": [1.0] * 3,
           "status": ["draft", "submitted", "approved"], "reviewer": [None, None, "ａnn​ "]}
    with pytest.raises(cv.DataError, match="reviewer"):
        card("c", measure="amount").score({"customer": ["a"], "amount": [1.0]}, reviews=log, as_of="2024-12-31")


def test_a_name_as_it_looks():
    assert look("Zoé") == look("Zoé") == look("  Zoé﻿") and look("gold") != look("Gold")
    assert look("a b") == look("a b") and look("客户") == "客户" and look(7) == "7"
    assert look_alike(["a", "b", "c"]) is None and look_alike(["a", "b", "b​"]) == "b​"
    assert look_alike(["x"], ["x "]) == "x" and look_alike([1, "1"]) == "1"
