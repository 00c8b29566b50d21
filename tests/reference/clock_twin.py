"""Slow twin of the shared clock: matrices of mpmath, 50 digits, each formula as it is written in the headers."""
import mpmath

mpmath.mp.dps = 50


def prior(place, cycle, ar, level_sd, slope_sd, slope_ar, season_sd):
    """Return the covariances of level and season over the periods."""
    n, number = len(place), mpmath.mpf
    level, season = mpmath.zeros(n), mpmath.zeros(n)
    effect = [[(p == c) - number(1) / cycle if p >= 0 else 0 for c in range(cycle)] for p in place]
    for i in range(n):
        for j in range(n):
            level[i, j] = number(level_sd) ** 2 * number(ar) ** abs(i - j)
            slopes = sum(number(slope_ar) ** abs(u - v) for u in range(i) for v in range(j))
            level[i, j] += number(slope_sd) ** 2 / (1 - number(slope_ar) ** 2) * slopes
            season[i, j] = number(season_sd) ** 2 * sum(a * b for a, b in zip(effect[i], effect[j], strict=True))
    return level, season


def structure(y, variance, place, cycle, settings):
    """Return mean, covariance, level, season, loglik as _core.clock_structure does, of Python's own numbers."""
    *structural, noise_sd = settings
    K, n = len(y), len(place)
    level, season = prior(place, cycle, *structural)
    both = level + season
    Q = both[:K, :K] + mpmath.diag([mpmath.mpf(v) + mpmath.mpf(noise_sd) ** 2 for v in variance])
    inverse = Q ** -1
    weight = inverse * mpmath.matrix([mpmath.mpf(v) for v in y])
    covariance = both - both[:, :K] * inverse * both[:K, :]
    loglik = -(sum(mpmath.mpf(a) * b for a, b in zip(y, weight, strict=True)) + mpmath.log(mpmath.det(Q))
               + K * mpmath.log(2 * mpmath.pi)) / 2
    parts = [part[:, :K] * weight for part in (both, level, season)]
    return list(parts[0]), [covariance[i, j] for i in range(n) for j in range(n)], *map(list, parts[1:]), loglik
