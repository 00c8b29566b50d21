"""``custval demo``: an analysis of the two built-in data sets as text, in 80 columns."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

import custval as cv

from ._formatting import Page, digits_of, number

TIERS = {"platinum": .01, "gold": .04, "iron": .15, "lead": .80}
YEARS, DISCOUNT = 3, .10                       # of the lifetime value


class Case(NamedTuple):
    """A data set: its base, the last day of the calibration window, the value of customers, a built-in scorecard."""

    base: cv.CustomerBase
    check: str
    value: str
    card: str


class Study(NamedTuple):
    """The models and forecasts of a case; a row per customer, in the order of the base."""

    case: Case
    known: Mapping[str, Any]                   # attributes
    models: Mapping[str, Any]                  # by name, the better of the purchase models first
    next: Mapping[str, Any]                    # forecast of three quarters
    quarters: list[str]                        # their labels
    clv: Any                                   # discounted value of the next three years
    best: Any                                  # rows, the largest lifetime value first


def case_of(name: str) -> Case:
    """Return a built-in data set by name."""
    if name == "cdnow":
        base = cv.CustomerBase(cv.datasets.cdnow(as_frame=dict), customer="customer", time="date", amount="amount",
                               quantity="units", end="1998-06-30")
        return Case(base, "1997-09-30", "amount", "consumer")
    return Case(cv.datasets.crm(as_frame=dict).base(), "2024-12-31", "margin", "b2b")


def study(case: Case) -> Study:
    """Fit the models to the whole base; forecast three quarters, and three years for the lifetime value."""
    fitted = {name: model.fit(case.base) for name, model in purchase_models().items()}
    best, second = sorted(fitted, key=lambda name: fitted[name].aic_)
    models = {best: fitted[best], second: fitted[second], "Gamma-Gamma": cv.GammaGamma().fit(case.base)}
    given = {"unit": "Q", "history": 0, "value": case.value, "purchases": models[best], "spend": models["Gamma-Gamma"]}
    ahead = cv.forecast(case.base, periods=3, **given)
    model = cv.CLV(purchases=models[best], spend=models["Gamma-Gamma"])
    clv = model.predict(case.base, periods=YEARS, unit="Y", discount=DISCOUNT, value=case.value)["clv"]
    return Study(case, case.base.attributes(), models, ahead, quarters_of(ahead), clv,
                 np.argsort(-clv, kind="stable"))


def purchase_models() -> dict[str, Any]:
    """Return new purchase models, in weeks."""
    return {"BG/NBD": cv.BGNBD(unit="W"), "MBG/NBD": cv.MBGNBD(unit="W")}


def quarters_of(forecast: Mapping[str, Any]) -> list[str]:
    """Return the columns of whole quarters, such as 2026Q1."""
    return [label for label in forecast if re.fullmatch(r"\d{4}Q\d", label)]


def base_chapter(page: Page, it: Study) -> None:
    """Describe the base: rows used, merged and dropped, refunds, money."""
    base, known, rows, checks = it.case.base, it.known, it.case.base.rows, it.case.base.check()
    refunds = checks["count"][checks["finding"] == "refund rows"].sum()
    facts = {
        "demo.customers": f"{len(known['customer']):,}",
        "demo.rows": page("demo.rows.fact", read=rows.read, used=rows.used, merged=rows.merged,
                          dropped=sum(rows.dropped.values())),
        "demo.refunds": page("demo.refunds.fact", n=refunds) if refunds else "0",
        "demo.purchases": page("demo.purchases.fact", n=known["purchases"].sum()),
        "demo.dates": page("demo.dates.fact", first=base.summary()["first"].min(), last=base.end)}
    facts |= {f"demo.{name}": number(known[name].sum(), 2) for name in ("amount", "cost", "marketing", "margin")
              if name in known}
    facts["demo.margin"] = (page("demo.margin.fact", money=facts["demo.margin"]) if "margin" in known
                            else page("demo.margin.absent"))
    if "owed" in known:
        facts["demo.logs"] = page("demo.logs.fact")
    facts["demo.top"] = page("demo.top.fact", share=number(cv.share_of_top(known["amount"], .20), 1, percent=True))
    page.chapter("demo.base")
    page.facts(facts)


def model_chapter(page: Page, it: Study) -> None:
    """Show parameters, standard errors and status, and the accuracy of the better model on a holdout."""
    rows = []
    for name, model in it.models.items():
        about = [name, number(model.loglik_, 2), page.word(model.status_)]
        for parameter, value in model.params_.items():
            digits = digits_of(value, 4)
            rows += [[*about, parameter, number(value, digits), number(model.se_[parameter], digits)]]
            about = ["", "", ""]
    page.chapter("demo.models")
    page.table(["model", "loglik", "status", "parameter", "estimate", "se"], rows, "<><<>>")
    best = next(iter(it.models))
    calibration, holdout = it.case.base.split(it.case.check)
    model = purchase_models()[best].fit(calibration)
    history, after = calibration.summary(unit="W"), holdout.summary(unit="W")
    expected = model.expected_purchases(after["t"][0], history["x"], history["t_x"], history["T"]).sum()
    actual = after["x"][~after["newcomer"]].sum()
    page.say("demo.check", model=best, day=it.case.check, last=it.case.base.end, expected=expected, came=actual,
             off=expected / actual - 1)


def best_chapter(page: Page, it: Study) -> None:
    """Show the ten customers with the highest lifetime value."""
    history = it.known[it.case.value]
    columns = [history, *(it.next[label] for label in it.quarters), it.clv, history + it.clv]
    rows = [[str(it.known["customer"][k]), number(it.next["p_alive"][k], 1, percent=True),
             *(number(column[k]) for column in columns)] for k in it.best[:10]]
    page.chapter("demo.best")
    page.table(["customer", "p_alive", "history", *it.quarters, "clv", "total"], rows, "<" + ">" * 7)
    page.say(f"demo.best.{it.case.value}", first=it.quarters[0])


def why_chapter(page: Page, it: Study) -> Any:
    """Explain the points of the best customer; return the scored table."""
    card, row = cv.Scorecard.builtin(it.case.card), it.best[0]
    scored = card.score(it.known)
    lines = card.explain(it.known, customer=it.known["customer"][row]).rows
    rows = []
    for indicator in card.indicators:
        own = [line for line in lines if line.indicator == indicator.name]
        weighted = number(float(sum(line.weighted for line in own)), 2)
        rows += [[page.word(indicator.name), "", "", number(float(sum(line.points or 0 for line in own)), 2),
                  f"x {float(own[0].weight or 0):g} = {weighted}"]]
        rows += [["  " + page.word(line.measure), quantity(page, line.value), interval(page, line.rule),
                  "" if line.points is None else number(float(line.points), 2), ""] for line in own]
    rows += [[page.word("score"), "", "", "", number(scored["score"][row], 2)]]
    page.chapter("demo.why", customer=it.known["customer"][row])
    page.table(["measure", "value", "interval", "points", "weighted"], rows, "<><>>")
    page.say("demo.why.note", card=page.word(card.name), rank=scored["rank"][row], n=len(scored["rank"]))
    return scored


def quantity(page: Page, value: Any) -> str:
    """Return a value of a measure as text."""
    if isinstance(value, bool | np.bool_ | str) or value is None:
        return "" if value is None else page.word(str(value).lower())
    return number(value, 0 if value == int(value) else digits_of(value, 3))


def interval(page: Page, rule: str) -> str:
    """Return the text of a rule with short numbers: [1,000,000, 5,000,000) is [1M, 5M)."""
    def short(match: re.Match[str]) -> str:
        value = float(match[0].replace(",", ""))
        for size in ("1e8", "1e6", "1e4", "1e3"):
            if page(size) and value >= float(size):
                return f"{value / float(size):g}{page(size)}"
        return match[0]
    return page.words.get(rule.lower(), re.sub(r"\d{1,3}(,\d{3})+", short, rule))


def pyramid_chapter(page: Page, it: Study, scored: Mapping[str, Any]) -> None:
    """Assign the customers to tiers by points, and show the value of each tier."""
    money = {name: it.known[name] for name in ("amount", "margin") if name in it.known}
    pyr = cv.pyramid(scored["score"], tiers={page(f"tier.{name}"): share for name, share in TIERS.items()},
                     composition=money)
    tiers, parts = pyr.table(), pyr.composition()
    columns = [tiers["tier"], [f"{n:,}" for n in tiers["customers"]], percents(tiers["share"]),
               [number(v, 2) for v in tiers["cutoff"]]]
    for name in money:
        sums = parts["sum"][parts["column"] == name]
        columns += [[number(v) for v in sums], percents(sums / sums.sum())]
    head = ["tier", "customers", "share", "points from", *(head for name in money for head in (name, "share"))]
    page.chapter("demo.pyramid")
    page.table(head, list(zip(*columns, strict=True)), "<" + ">" * (len(head) - 1))


def percents(values: Any) -> list[str]:
    return [number(v, 1, percent=True) for v in values]


def risk_chapter(page: Page, it: Study) -> None:
    """List the customers with the largest expected loss who can still be kept, and count the loss of the others."""
    listed = cv.at_risk(it.next)
    silent = dict(zip(it.known["customer"].tolist(), it.known["recency"], strict=True))
    rows = [[str(customer), number(silent[customer]), number(listed["p_alive"][k], 1, percent=True),
             number(listed["value_if_retained"][k]), number(listed["expected_loss"][k]),
             number(listed["cumulative_share"][k], 1, percent=True)]
            for k, customer in enumerate(listed["customer"][:8].tolist())]
    page.chapter("demo.risk")
    page.table(["customer", "silent", "p_alive", "if alive", "expected loss", "cumulative"], rows, "<>>>>>")
    lost = cv.at_risk(it.next, tiers=["all"] * len(it.next["customer"]))["lost"][0]
    page.say("demo.risk.note", n=len(listed["customer"]), lost=number(lost))


def negative_chapter(page: Page, it: Study) -> None:
    """List the customers with the lowest margin, if margin is known."""
    page.chapter("demo.negative")
    if it.case.value != "margin":
        page.say("demo.negative.absent")
        return
    amount, margin, ahead = it.known["amount"], it.known["margin"], it.next["sum_3Q"]
    page.say("demo.negative.note", n=int((margin < 0).sum()), money=number(margin[margin < 0].sum()),
             next=int((it.next["flag"] == "negative").sum()))
    rows = [[str(it.known["customer"][k]), str(it.known["name"][k]), number(amount[k]), number(margin[k]),
             number(ahead[k]), number(it.next["uplift_break_even"][k])] for k in np.argsort(margin, kind="stable")[:8]]
    page.table(["customer", "name", "amount", "margin", "next", "uplift"], rows, "<<>>>>")


def demo(lang: str = "en", data: str = "both") -> str:
    """Return the demo as text.

    Parameters
    ----------
    lang : {"en", "zh"}
        English or Chinese.
    data : {"both", "cdnow", "crm"}
        The CDNOW sample, with amounts; the simulated firm, with margins.
    """
    page = Page(lang)
    page.lines += [page("demo.title", version=cv.__version__), ""]
    for name in ("cdnow", "crm") if data == "both" else (data,):
        page.title(f"demo.{name}")
        it = study(case_of(name))
        base_chapter(page, it)
        model_chapter(page, it)
        best_chapter(page, it)
        pyramid_chapter(page, it, why_chapter(page, it))
        risk_chapter(page, it)
        negative_chapter(page, it)
    return "\n".join(page.lines)
