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


def times(first, last, end, lengths):
    """Return t_x and T on the clock: sums of the lengths of the days (first, last] and (first, end], day 0 first."""
    return sum(lengths[first + 1:last + 1]), sum(lengths[first + 1:end + 1])


def split(model, parameters):
    """Return k (1 without stages), r, alpha and (a, b)."""
    k = int(parameters[0]) if "c" in model else 1
    r, alpha, *dropout = parameters["c" in model:]
    return k, r, alpha, dropout


def stages(k, shape, tau):
    """Return the weights of j stages passed since the last purchase, j < k."""
    return [mpmath.rf(shape, j) / mpmath.factorial(j) * tau ** j for j in range(k)]


def terms(model, parameters, x, t_x, T):
    """Return the likelihood of a history by its two ways, still active and dropped out at t_x, but for factors of x."""
    k, r, alpha, dropout = split(model, parameters)
    K, coins = r + k * x, x + model.startswith("m")
    if not dropout:
        return (alpha + T) ** -K, mpmath.mpf(0)
    a, b = dropout
    active = mpmath.beta(a, b + coins) * sum(stages(k, K, (T - t_x) / (alpha + T))) * (alpha + T) ** -K
    inactive = mpmath.beta(a + 1, b + coins - 1) * (alpha + t_x) ** -K if coins else mpmath.mpf(0)
    return active, inactive


def loglik(model, parameters, x, t_x, T, gaps=()):
    """Return log L of a history, without the logs of the intensity at the purchases; gaps: where there are stages."""
    k, r, alpha, dropout = split(model, parameters)
    counts = mpmath.log(mpmath.rf(r, k * x)) + r * mpmath.log(alpha) - x * mpmath.loggamma(k)
    counts += (k - 1) * sum(mpmath.log(gap) for gap in gaps)
    return counts - (mpmath.log(mpmath.beta(*dropout)) if dropout else 0) \
        + mpmath.log(sum(terms(model, parameters, x, t_x, T)))


def expected(model, parameters, histories, end, lengths, day):
    """Return expected and hidden purchases of each day where m = 1; histories are (x, first, last, weight)."""
    total, hidden = [mpmath.mpf(0)] * len(lengths), [mpmath.mpf(0)] * len(lengths)
    parameters = [mpmath.mpf(p) for p in parameters]
    k, r, alpha, _ = split(model, parameters)
    for x, first, last, weight in histories:
        t_x, T = times(first, last, end, lengths)
        active, inactive = terms(model, parameters, x, t_x, T)
        share, seen, passed = weight * day / (active + inactive) / k, r + k * x, mpmath.mpf(0)
        if k > 1:
            silent = stages(k, seen, (T - t_x) / (alpha + T))
            passed = sum(j * weight for j, weight in enumerate(silent)) / sum(silent)
        for d in range(first + 1, end + 1):
            total[d] += share * active * (seen + passed) / (alpha + T)
            if d <= last:
                total[d] += share * inactive * seen / (alpha + t_x)
            elif passed:
                hidden[d] += share * active * passed / (T - t_x)
    return total, hidden
