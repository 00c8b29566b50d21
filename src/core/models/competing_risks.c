/* competing_risks.c -- waits whose rate is gamma distributed: alone, discounted, one against another.
 *
 * What ends at a horizon is what goes on for ever less what comes after it, where the subtraction
 * keeps its digits, else an integral over w = log(1 + u / scale), whose first panel is no wider
 * than the integrand is level and analytic. Neither a shape of 1 nor equal scales are special.
 * Discounted: largest relative error 1e-15, shapes 1e-6..1e6. Fractions and panels agree to 3e-15.
 */
#include <float.h>
#include <math.h>

#include "models/competing_risks.h"
#include "math/beta.h"
#include "math/exp_log.h"
#include "math/quadrature.h"

static cv_lomax
waited(double t, cv_lomax w)
{
    return (cv_lomax){w.shape, w.scale + t};
}

double
cv_lomax_longer(double t, cv_lomax w)
{
    return exp(-w.shape * log1p(t / w.scale));
}

double
cv_lomax_until(double t, cv_lomax w)
{
    double l = log1p(t / w.scale);
    return w.scale * l * one_minus_exp_over((w.shape - 1) * l);
}

/* K(s, z) = z + s - 1 s / (z + s + 2 - 2 (s + 1) / (z + s + 4 - ...)), z >= 1: Legendre's fraction,
 * where 1 / K = e^z z^(s - 1) times the incomplete gamma function of 1 - s and z. */
static double
legendre_fraction(double s, double z)
{
    double n = ceil(120 / sqrt(z)) + 8, f = z + s + 2 * n;
    for (double k = n; k > 0; k--) f = z + s + 2 * (k - 1) - k * (s + k - 1) / f;
    return f;
}

typedef struct {
    cv_lomax w;
    double z;
} discounting;

static double
discounted_wait(double v, const void *what)
{
    const discounting *of = what;
    return of->w.scale * exp((1 - of->w.shape) * v - of->z * expm1(v));
}

static double
discounted_to(double end, double rate, cv_lomax w)
{
    const discounting of = {w, rate * w.scale};
    return cv_integral(discounted_wait, &of, end, 1 / (1 + w.shape + of.z), 2);
}

static double
discounted_for_ever(double rate, cv_lomax w)
{
    double z = rate * w.scale;
    return z < 1 ? discounted_to(log1p(45 / z), rate, w) : w.scale / legendre_fraction(w.shape, z);
}

double
cv_lomax_discounted(double t, double rate, cv_lomax w)
{
    if (rate == 0) return cv_lomax_until(t, w);
    double ever = discounted_for_ever(rate, w);
    if (rate * t > 45) return ever;
    double after = exp(-rate * t) * cv_lomax_longer(t, w);
    double by = ever - after * discounted_for_ever(rate, waited(t, w));
    return by > ever / 2 ? by : discounted_to(log1p(t / w.scale), rate, w);
}

static cv_race
at(double t, cv_race race)
{
    return (cv_race){waited(t, race.a), waited(t, race.b)};
}

/* The rates are X / a.scale and Y / b.scale, X and Y gamma: P(a first) is the mean of the first
 * one's share, and X / (X + Y) is Beta distributed. One factor X is taken into its density. */
double
cv_ever_won(cv_lomax a, cv_lomax b)
{
    double share = a.shape / (a.shape + b.shape), gap = a.scale - b.scale;
    if (gap >= 0) return share * cv_mean_reciprocal(b.shape, a.shape + 1, gap / b.scale);
    return share * (b.scale / a.scale) * cv_mean_reciprocal(a.shape + 1, b.shape, -gap / a.scale);
}

typedef struct {
    double shape, other, ratio;
} winning;

static double
won_at(double w, const void *what)
{
    const winning *of = what;
    return of->shape * exp(-of->shape * w - of->other * log1p(of->ratio * expm1(w)));
}

double
cv_race_won(double t, cv_race race)
{
    double ever = cv_ever_won(race.a, race.b);
    if (!(t <= DBL_MAX)) return ever;
    const cv_race later = at(t, race);
    double by = ever - cv_race_open(t, race) * cv_ever_won(later.a, later.b);
    if (by > ever / 2) return by;
    const winning of = {race.a.shape, race.b.shape, race.a.scale / race.b.scale};
    double first = 1 / (of.shape + (of.other + 1) * of.ratio);
    return cv_integral(won_at, &of, log1p(t / race.a.scale), first, 2);
}

/* Either b wins at some time, or the race is open at t and a wins it later. */
double
cv_race_not_won(double t, cv_race race)
{
    const cv_race later = at(t, race);
    if (t == 0) return 1;
    return cv_ever_won(race.b, race.a) + cv_race_open(t, race) * cv_ever_won(later.a, later.b);
}

/* Newton on the log of what a wins after t, over w = log(1 + t / scale): a curve bent one way only,
 * and not much. */
static double
log_quantile(double q, double high, cv_race race)
{
    double ever = cv_ever_won(race.a, race.b), rest = ever * (1 - q), low = 0, w = 0;
    for (int i = 0; i < 100; i++) {
        double t = race.a.scale * expm1(w), won = w > 0 ? cv_race_won(t, race) : 0;
        const cv_race later = at(t, race);
        double open = cv_race_open(t, race), left = open * cv_ever_won(later.a, later.b),
               next = high;
        if (left > 0) {
            double lead = won < ever / 2 ? log1p((q * ever - won) / rest) : log(left / rest);
            next = w + lead * left / (race.a.shape * open);
            if (fabs(next - w) <= 1e-11 * w) return next;
        }
        *(next > w && left > 0 ? &low : &high) = w;
        w = next > low && next < high ? next : (low + high) / 2;
    }
    return w;
}

double
cv_race_quantile(double q, cv_race race)
{
    double longest = 1e300 * fmin(1, fmin(race.a.scale, race.b.scale));
    double ever = cv_ever_won(race.a, race.b), high = log1p(longest / race.a.scale);
    const cv_race later = at(longest, race);
    if (cv_race_open(longest, race) * cv_ever_won(later.a, later.b) > ever * (1 - q))
        return INFINITY;
    return race.a.scale * expm1(log_quantile(q, high, race));
}
