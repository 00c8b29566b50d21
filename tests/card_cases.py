"""Scorecards of several tests: a common one in code, and one with odd names and every kind of rule."""
from custval import Indicator, Scorecard
from custval.scorecard.rules import Grades, Linear, Log, Piecewise, Steps, Table


def in_code():
    return Scorecard("B2B value 2026", [
        Indicator("profitability", weight=.40, measures={
            "sales_1y": Steps([(0, 0), (1_000_000, 10), (5_000_000, 30), (10_000_000, 100 / 3)]),
            "planned_2y": Piecewise([(0, 0), (8_000_000, 100 / 3)])}),
        Indicator("cooperation", weight=.60, measures={
            "grade": Grades({"high": 10, "ordinary": 2, "none": 0}, times="suggestions", cap=50)})],
        tiers=[("高价值客户", 80)])


ODD = Scorecard('一 "quoted" \\ \n\t\x7f 🎈', [
    Indicator("甲", weight="1/3", cap=99.5, measures={
        "a b.c": Steps([(None, -1), (0.1, "1/7"), (1e7, 5)], cap=3, missing="zero"),
        'q"uote': Table({"yes no": 1, "否": -0.5, "a.b": 1e-9}, missing="lowest")}),
    Indicator("b", weight="2/3", measures={
        "x": Linear(per="12345.678", floor=-5, window="18M"),
        "l": Log(per=.5, points="10/3", base=2, decay=.25),
        "s": Steps([(None, 1), (0.1, 2)], auto=True, half_life="90D", floor=-1),
        "y": Piecewise([(-1, 0), (0.5, 1), (1e3, 2)], missing="renormalise"),
        "g": Grades({"high": 10, "low": 2}, counts=True, cap=7)}, floor="-7/3")],
    digits=3, round_at="indicator", cap=88, floor=-88, missing="renormalise", tiers=[("甲级", 80.5), ("rest", None)])
