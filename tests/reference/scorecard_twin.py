"""Slow twin of the scorecard: one customer at a time, in fractions, from the documentation."""
import math
from fractions import Fraction
from itertools import pairwise

import mpmath

from custval.scorecard.rules import Grades, Linear, Log, Piecewise, Steps, Table

LEVELS = ("measure", "indicator", "total")


class MissingError(Exception):
    """A value is missing where the card refuses that, or all values are."""


def round_half_away(value, digits):
    scaled = value * 10**digits
    whole = int(abs(scaled) + Fraction(1, 2))           # int() cuts
    return Fraction(whole if scaled >= 0 else -whole, 10**digits)


def rule_points(rule, column, customer):
    """Return the points of one measure, or None if a value is missing."""
    names = [f"{column}_{level}" for level in rule.points] if isinstance(rule, Grades) and rule.counts else [column]
    if isinstance(rule, Grades) and rule.times:
        names.append(rule.times)
    values = [customer[name] for name in names]
    if any(v is None or v != v for v in values):
        return None
    value = values[0]
    if isinstance(rule, Steps):
        points = rule.steps[0][1]
        for start, worth in rule.steps[1:]:
            if value >= start:
                points = worth
    elif isinstance(rule, Linear):
        points = Fraction(value) / rule.per
    elif isinstance(rule, Piecewise):
        points = line(rule.knots, value)
    elif isinstance(rule, Log):
        points = rule.points * Fraction(nearest_log(value, rule.per, rule.base))
    elif isinstance(rule, Table):
        points = rule.points[value]
    elif rule.counts:
        points = sum(worth * Fraction(count) for worth, count in zip(rule.points.values(), values, strict=True))
    else:
        points = rule.points[value] * (Fraction(values[1]) if rule.times else 1)
    return limited(points, rule)


def limited(points, part):
    if part.cap is not None and points > part.cap:
        points = part.cap
    if part.floor is not None and points < part.floor:
        points = part.floor
    return points


def nearest_log(value, per, base):
    """Return the double nearest to the logarithm."""
    with mpmath.workdps(60):
        return float(mpmath.log(mpmath.mpf(value) / per) / mpmath.log(base)) if value > per else 0.0


def line(knots, value):
    if value < knots[0][0]:
        return knots[0][1]
    for (x0, p0), (x1, p1) in pairwise(knots):
        if x0 <= value < x1:
            return p0 + (p1 - p0) / (decimal(x1) - decimal(x0)) * (Fraction(value) - Fraction(x0))
    return knots[-1][1]


def decimal(x):
    return Fraction(repr(float(x)))


def lowest_points(rule):
    if isinstance(rule, Steps):
        points = min(p for _, p in rule.steps)
    elif isinstance(rule, Piecewise):
        points = min(p for _, p in rule.knots)
    elif isinstance(rule, Linear):
        points = -math.inf
    elif isinstance(rule, Log):
        points = Fraction(0) if rule.points >= 0 else -math.inf
    elif isinstance(rule, Grades) and (rule.times or rule.counts):
        points = Fraction(0) if min(rule.points.values()) >= 0 else -math.inf
    else:
        points = min(rule.points.values())
    return limited(points, rule)


def highest_points(rule):
    """Return the most points of a rule, infinite where nothing bounds them."""
    if isinstance(rule, Steps):
        points = max(p for _, p in rule.steps)
    elif isinstance(rule, Piecewise):
        points = max(p for _, p in rule.knots)
    elif isinstance(rule, Linear):
        points = math.inf
    elif isinstance(rule, Log):
        points = math.inf if rule.points >= 0 else Fraction(0)
    elif isinstance(rule, Grades) and (rule.times or rule.counts):
        points = math.inf if max(rule.points.values()) > 0 else Fraction(0)
    else:
        points = max(rule.points.values())
    return limited(points, rule)


def score(card, customer):
    """Return {"measure": {column: points or None}, "indicator": {name: points or None}, "score": points or None}."""
    def rounds(level):
        return card.digits is not None and LEVELS.index(level) >= LEVELS.index(card.round_at)

    measures, indicators, weights, apart = {}, {}, {}, set()
    for indicator in card.indicators:
        known = []
        most = {column: highest_points(rule) for column, rule in indicator.measures.items()}
        if rounds("measure"):
            most = {c: round_half_away(p, card.digits) if math.isfinite(p) else p for c, p in most.items()}
        if not all(0 < points < math.inf for points in most.values()):
            most = dict.fromkeys(most, Fraction(1))
        common = math.lcm(*(Fraction(points).denominator for points in most.values()))
        if sum(most.values()) * common // math.gcd(*(int(p * common) for p in most.values())) >= 2**53:
            most = {c: Fraction(max(1, round(p / sum(most.values()) * 10**12))) for c, p in most.items()}
        here = Fraction(0)
        for column, rule in indicator.measures.items():
            points = rule_points(rule, column, customer)
            policy = rule.missing or card.missing
            if points is None and policy == "raise":
                raise MissingError(column)
            if points is None and policy == "apart":
                apart.add(indicator.name)
            if points is None and policy in ("zero", "lowest"):
                points = Fraction(0) if policy == "zero" else lowest_points(rule)
            if points is not None and rounds("measure"):
                points = round_half_away(points, card.digits)
            measures[column] = points
            if points is not None:
                known.append(points)
                here += most[column]
        if not known or indicator.name in apart:
            indicators[indicator.name] = None
            continue
        total = sum(known) * sum(most.values()) / here
        total = limited(total, indicator)
        if rounds("indicator"):
            total = round_half_away(total, card.digits)
        indicators[indicator.name] = total
        weights[indicator.name] = 1 if indicator.weight is None else indicator.weight
    share = 1 if card.combine == "sum" else sum(weights.values())
    if not share or not weights or apart:
        return {"measure": measures, "indicator": indicators, "score": None}
    total = sum(indicators[name] * weight for name, weight in weights.items()) / share
    total = limited(total, card)
    if rounds("total"):
        total = round_half_away(total, card.digits)
    return {"measure": measures, "indicator": indicators, "score": total}


def ranks(scores, ties):
    """Return the rank of every score, 1 for the highest."""
    places, rank, dense = sorted(scores, reverse=True), {}, {}
    for place, value in enumerate(places, 1):
        rank.setdefault(value, place)
        dense.setdefault(value, len(dense) + 1)
    if ties == "average":
        return [rank[s] + (places.count(s) - 1) / 2 for s in scores]
    return [(rank if ties == "min" else dense)[s] for s in scores]
