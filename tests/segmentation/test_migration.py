"""cv.migration in customers and in money, and the band that keeps customers near a cut in their tier."""
import numpy as np
import pandas as pd
import polars as pl
import pytest

import custval as cv

ORDER = ["A", "B", "C"]


def frames(seed=0, n=400):
    g = np.random.default_rng(seed)
    made = []
    for _ in range(2):
        who = g.choice(1000, n, replace=False)
        made.append({"customer": who, "tier": g.choice(np.array(ORDER, object), n, p=[.2, .3, .5]),
                     "margin": g.normal(50, 40, n).round(2)})
    return made


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame])
def test_every_cell_beside_a_slow_twin(kind):
    last, this = frames()
    moved = cv.migration(kind(last), kind(this), values="margin", order=ORDER)
    rows = [dict(zip(f["customer"].tolist(), zip(f["tier"], f["margin"].tolist(), strict=True), strict=True))
            for f in (last, this)]
    table = moved.table()
    assert isinstance(table, kind)
    table = pd.DataFrame({name: np.asarray(table[name]) for name in
                          ("before", "after", "move", "customers", "share", "value_before", "value_after", "change")})
    for _, cell in table.iterrows():
        mine = [c for c in rows[0].keys() | rows[1].keys()
                if rows[0].get(c, ["(new)"])[0] == cell["before"] and rows[1].get(c, ["(gone)"])[0] == cell["after"]]
        money = [sum(r.get(c, (0, 0.0))[1] for c in mine) for r in rows]
        assert cell["customers"] == len(mine)
        assert [cell["value_before"], cell["value_after"]] == pytest.approx(money, abs=1e-9)
        assert cell["change"] == pytest.approx(money[1] - money[0], abs=1e-9)
    assert len(table) == 15 and table["customers"].sum() == len(rows[0].keys() | rows[1].keys())


def test_rows_columns_shares_and_moves_add_up():
    """Every customer of either date is in one cell, and every cent too."""
    last, this = frames(1)
    moved = cv.migration(last, this, values="margin", order=ORDER)
    assert moved.customers[:-1].sum(axis=1).tolist() == [(last["tier"] == t).sum() for t in ORDER]
    assert moved.customers[:, :-1].sum(axis=0).tolist() == [(this["tier"] == t).sum() for t in ORDER]
    assert moved.value_before.sum() == pytest.approx(last["margin"].sum(), abs=1e-8)
    assert moved.value_after.sum() == pytest.approx(this["margin"].sum(), abs=1e-8)
    table, moves = moved.table(), moved.moves()
    shares = table["share"].reshape(-1)[:12].reshape(3, 4)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-15)
    assert moves["move"].tolist() == ["stays", "up", "down", "enters", "leaves"]
    assert moves["customers"].sum() == moved.customers.sum() and moves["share"].sum() == pytest.approx(1)
    assert moves["change"].sum() == pytest.approx(this["margin"].sum() - last["margin"].sum(), abs=1e-8)
    assert moves["customers"][1] == moved.customers[1, 0] + moved.customers[2, :2].sum()
    free = cv.migration(last, this)
    assert free.moves()["move"].tolist() == ["stays", "moves", "enters", "leaves"]
    assert free.customers.sum() == moved.customers.sum() and free.value_before is None


def test_pyramids_stages_and_columns():
    values = np.array([9.0, 5, 4, 1, 8])
    tiers = {"top": .4, "rest": .6}
    last, this = cv.pyramid(values, tiers=tiers), cv.pyramid(np.roll(values, 1), tiers=tiers)
    moved = cv.migration(last, this, values=(values, np.roll(values, 1)))
    assert moved.moves()["customers"].tolist() == [3, 1, 1, 0, 0]
    assert cv.migration(["a", None, "b"], ["a", "a", None]).customers.tolist() == [[1, 0], [0, 1], [1, 0]]
    base = cv.datasets.crm(customers=40, seed=3).base()
    model = cv.MBGNBD(r=2, alpha=20, a=.5, b=5, unit="W")
    early, late = cv.stages(base.as_of("2023-12-31"), purchases=model), cv.stages(base, purchases=model)
    moved = cv.migration(early, late)
    assert moved.customers.sum() == len(base.customers) and moved.customers[-1].sum() == 40 - len(early.tier)


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame])
def test_who_moved_beside_a_slow_twin(kind):
    last, this = frames(2, 300)
    moved = cv.migration(kind(last), kind(this), values="margin", order=ORDER)
    rows = [dict(zip(f["customer"].tolist(), zip(f["tier"], f["margin"].tolist(), strict=True), strict=True))
            for f in (last, this)]
    want = {}
    for c in rows[0].keys() | rows[1].keys():
        (first, a), (second, b) = rows[0].get(c, ("(new)", 0.0)), rows[1].get(c, ("(gone)", 0.0))
        step = ("enters" if first == "(new)" else "leaves" if second == "(gone)" else "stays" if first == second else
                "down" if first < second else "up")
        want[c] = (first, second, step, a, b, b - a)
    columns = ("customer", "before", "after", "move", "value_before", "value_after", "change")
    for asked, which in (({}, lambda w: True), ({"move": "down"}, lambda w: w[2] == "down"),
                         ({"before": "(new)", "after": "B"}, lambda w: w[:2] == ("(new)", "B"))):
        found = moved.who(**asked)
        assert isinstance(found, kind) and tuple(found.keys() if kind is dict else found.columns) == columns
        got = {row[0]: row[1:] for row in zip(*(np.asarray(found[name]).tolist() for name in columns), strict=True)}
        assert got == {c: w for c, w in want.items() if which(w)} and len(got) == len(found["customer"])
    with pytest.raises(cv.ConfigError, match="move: 'dwn' is not known\n  did you mean 'down'"):
        moved.who("dwn")
    with pytest.raises(cv.ConfigError, match=r"before: '\(gone\)' is not known"):
        moved.who(before="(gone)")


@pytest.mark.parametrize("kind", [pd.Series, pl.Series, np.array])
def test_pyramids_of_other_customers_are_joined_by_their_ids(kind):
    """Pyramids in the order of their tiers give what frames would give."""
    last, this = frames(3, 300)
    tiers = {"top": .3, "rest": .7}
    early, late = (cv.pyramid(kind(f["margin"]), tiers=tiers) for f in (last, this))
    ids, worth = ([kind(f[name]) for f in (last, this)] for name in ("customer", "margin"))
    found = cv.migration(early, late, customer=ids, values=worth)
    framed = [{**f, "tier": np.asarray(p.labels)} for f, p in ((last, early), (this, late))]
    want = cv.migration(*framed, values="margin", order=["top", "rest"])
    got, rows = found.who(), want.who()
    assert all(np.asarray(got[name]).tolist() == column.tolist() for name, column in rows.items())
    assert set(rows["move"].tolist()) == {"stays", "up", "down", "enters", "leaves"} and found.after == ("top", "rest")
    assert isinstance(got, {pd.Series: pd.DataFrame, pl.Series: pl.DataFrame, np.array: dict}[kind])


def test_moves_of_columns_are_listed_by_row_and_ids_survive():
    assert cv.migration(["a", None, "b"], ["b", None, "b"]).who("moves")["row"].tolist() == [0]
    both = cv.migration({"id": ["007"], "tier": ["A"]}, {"id": [7], "tier": ["B"]}, customer="id").who()
    assert both["customer"].tolist() == ["007", 7] and "change" not in both


# ---- the band ----

def keep_twin(value, cuts, former, plain, band):
    """Raise the cuts above the former tier, lower those from it on, and return the tier."""
    if former < 0 or plain == former:
        return plain
    at = [c + band * abs(c) if j < former else c - band * abs(c) for j, c in enumerate(cuts)]
    return sum(value < c for c in at)


def test_no_customer_is_kept_in_an_empty_tier():
    """Of five customers none is in the top hundredth, so its cut is infinite and has no band."""
    tiers, former = {"platinum": .01, "gold": .39, "iron": .6}, ["platinum", "iron", "gold", "iron", "platinum"]
    kept = cv.pyramid([1.0, 5, 4, 3, 2], tiers=tiers, former=former, hysteresis=.1)
    assert kept.labels.tolist() == ["iron", "gold", "gold", "iron", "iron"]


@pytest.mark.parametrize("cuts", [(50, 10, -4), (0, -3, -9)])
def test_the_band_beside_a_slow_twin(cuts):
    g = np.random.default_rng(2)
    names, values = list("wxyz"), np.concatenate([g.normal(10, 40, 300), np.repeat(cuts, 5), np.multiply(cuts, 1.1)])
    tiers = dict(zip(names, [*cuts, None], strict=True))
    plain = cv.pyramid(values, tiers=tiers, by="score")
    former = g.choice(np.array([*names, None], object), len(values))
    for band in (0, .1, .5):
        kept = cv.pyramid(values, tiers=tiers, by="score", former=former, hysteresis=band)
        want = [keep_twin(v, cuts, -1 if f is None else names.index(f), p, band)
                for v, f, p in zip(values, former, plain.tier.tolist(), strict=True)]
        assert kept.tier.tolist() == (plain.tier.tolist() if band == 0 else want)
        assert kept.table()["customers"].sum() == len(values)


def test_moves_fall_with_the_band_and_a_band_of_0_changes_nothing():
    """Twelve refreshes of customers whose value varies by 5 % of noise only."""
    g = np.random.default_rng(3)
    true, tiers = g.lognormal(3, 1, 2000), {"platinum": .01, "gold": .04, "iron": .15, "lead": .8}
    noise = g.lognormal(0, .05, (12, 2000))
    moves = []
    for band in (0, .05, .1, .2):
        last = cv.pyramid(true * noise[0], tiers=tiers)
        count = 0
        for shock in noise[1:]:
            this = cv.pyramid(true * shock, tiers=tiers, former=last, hysteresis=band)
            if band == 0:
                assert np.array_equal(this.tier, cv.pyramid(true * shock, tiers=tiers).tier)
            count += cv.migration(last, this).customers.sum() - (this.tier == last.tier).sum()
            last = this
        moves.append(int(count))
    assert moves[0] > 2 * moves[1] > 4 * moves[2] and moves[3] <= moves[2] < moves[0] / 10


@pytest.mark.parametrize("call, kind, text", [
    (lambda a, b: cv.migration(a, ["x"]), cv.ConfigError, "two frames with a column of customers, or two columns"),
    (lambda a, b: cv.migration(a, {**b, "customer": b["margin"] * 0}), cv.DataError, "more than one row"),
    (lambda a, b: cv.migration(a, b, by="teir"), cv.DataError, "did you mean 'tier'"),
    (lambda a, b: cv.migration(a, {"customer": [1], "x": ["A"]}), cv.ConfigError, "name the column with the class"),
    (lambda a, b: cv.migration(a, b, order=["A", "B"]), cv.ConfigError, "order: class 'C' is not known"),
    (lambda a, b: cv.migration(a, b, values=[1]), cv.ConfigError, "name of a column of both"),
    (lambda a, b: cv.migration(a, b, values="amount"), cv.DataError, "'amount' is not in the frame"),
    (lambda a, b: cv.migration(a, {**b, "margin": b["margin"] * np.nan}, values="margin"), cv.DataError, "NaN"),
    (lambda a, b: cv.migration(["x"], ["x", "y"]), cv.DataError, "after: 2 rows for 1 values"),
    (lambda a, b: cv.migration(["x"], ["y"], values=[1.0]), cv.ConfigError, "values= .* is a pair"),
    (lambda a, b: cv.migration(["x"], ["y"], customer=[[1]]), cv.ConfigError, "customer= .* is a pair"),
    (lambda a, b: cv.migration(["x"], ["y"], customer=([1], [1, 2])), cv.DataError, "customer: 2 rows for 1 values"),
    (lambda a, b: cv.migration(a, b, customer=("x", "y")), cv.ConfigError, "customer= for frames is the name"),
    (lambda a, b: cv.pyramid([1.0], tiers={"a": 1}, hysteresis=.1), cv.ConfigError, "needs former="),
    (lambda a, b: cv.pyramid([1.0], tiers={"a": 1}, former=["a"], hysteresis=1), cv.ConfigError, "hysteresis=1: pass"),
    (lambda a, b: cv.pyramid([1.0], tiers={"a": 1}, former=["b"]), cv.ConfigError, "former: tier 'b' is not known"),
    (lambda a, b: cv.pyramid([1.0], tiers={"a": 1}, former=["a", "a"]), cv.DataError, "former: 2 rows for 1")])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call(*frames(4, 20))


@pytest.mark.parametrize("ordered", [
    lambda names: pd.Categorical(names, ["lead", "iron", "gold"], ordered=True),
    lambda names: pl.Series(names, dtype=pl.Enum(["lead", "iron", "gold"]))])
def test_ordered_categories_and_tiers_carry_their_order(ordered):
    kind = pl.DataFrame if isinstance(ordered([]), pl.Series) else pd.DataFrame
    before = kind({"customer": [1, 2, 3], "tier": ordered(["gold", "iron", "lead"])})
    after = kind({"customer": [1, 2, 3], "tier": ordered(["iron", "gold", "lead"])})
    moved = cv.migration(before, after)
    assert moved.before == ("gold", "iron", "lead") and list(moved.who("up")["customer"]) == [2]
    assert list(moved.who("down")["customer"]) == [1]
    plain = cv.migration({"customer": [1, 2, 3], "tier": ["gold", "iron", "lead"]}, after)        # one order is enough
    assert list(plain.who("up")["customer"]) == [2]


def test_a_pyramid_orders_the_classes_of_a_frame_and_of_a_smaller_pyramid():
    base = cv.datasets.crm(customers=40, seed=3).base()
    pyr = cv.pyramid(base, tiers={"a": .2, "b": .3, "c": .5})
    frame = {"customer": list(pyr.customers()["customer"]), "tier": list(pyr.labels)}
    assert set(cv.migration(pyr, frame).table()["move"]) == {"stays", "up", "down", "enters", "leaves"}
    fewer = cv.pyramid(base, tiers={"a": .2, "c": .8})
    assert cv.migration(pyr, fewer).customers.sum() == 40 and "down" in repr(cv.migration(pyr, fewer))
    assert "for up and down pass order=" in repr(cv.migration(["x", "y"], ["y", "y"]))
