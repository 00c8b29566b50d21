/* racecount.c -- how often a wait a is over by t, again and again at one rate, before b ends it.
 *
 * Either b is longer than t, and the count is negative binomial; or b ended at some u before t, and
 * it is that of u. The integral over v = log(u / top), where top is the likeliest u, has a log
 * integrand that is concave: 24-point panels from the top outward, no wider than its curvature
 * allows, until nothing is left.
 */
#include <math.h>

#include "math/negative_binomial.h"
#include "math/quadrature.h"
#include "models/competing_risks.h"

typedef struct {
    double n, top, at;      /* a panel begins at v = at ... */
    double early_a, late_a; /* a.scale and top as shares of their sum */
    double early_b, late_b;
    cv_race race;
    int left; /* ... and goes to the left */
} ending;

/* Log of the density of the end at u = top e^v with n before it, over its value at the top. */
static double
log_ending(double v, const ending *of)
{
    double e = expm1(v), back = expm1(-v);
    return v - of->n * log1p(of->early_a * back) - of->race.a.shape * log1p(of->late_a * e) -
           (of->race.b.shape + 1) * log1p(of->late_b * e);
}

static double
ended(double v, const void *what)
{
    const ending *of = what;
    return exp(log_ending(of->left ? -of->at - v : of->at + v, of));
}

/* Where 1 + n = (n + shape) u / (scale + u), of a, + (shape + 1) u / (scale + u), of b. */
static double
likeliest(double n, cv_race race)
{
    double both = race.a.shape + race.b.shape, c = (1 + n) * race.a.scale * race.b.scale;
    double b = (n - race.b.shape) * race.a.scale + (1 - race.a.shape) * race.b.scale;
    double root = sqrt(b * b + 4 * both * c);
    return b > 0 ? (b + root) / (2 * both) : 2 * c / (root - b);
}

/* Of the log integrand, as v goes on from of->at. */
static double
bend(const ending *of)
{
    double u = of->top * exp(of->left ? -of->at : of->at);
    double a = of->race.a.scale, b = of->race.b.scale;
    return (of->n + of->race.a.shape) * (a / (a + u)) * (u / (a + u)) +
           (of->race.b.shape + 1) * (b / (b + u)) * (u / (b + u));
}

static double
side(ending *of, int left, double length, double width)
{
    double sum = 0, panel = 1;
    of->left = left;
    for (of->at = 0; of->at < length && panel > 1e-18 * sum; of->at += width) {
        width = fmin(fmin(2 * width, 2), fmin(2 / sqrt(bend(of)), length - of->at));
        panel = cv_integral(ended, of, width, width, width);
        sum += panel;
    }
    return sum;
}

static double
ended_by(double n, double t, cv_race race)
{
    double top = fmin(t, likeliest(n, race)), a = race.a.scale, b = race.b.scale;
    ending of = {n,    top, 0, a / (a + top), top / (a + top), b / (b + top), top / (b + top),
                 race, 0};
    double slope = 1 + n - (n + race.a.shape) * of.late_a - (race.b.shape + 1) * of.late_b;
    double width = 2 / (1 + fabs(slope));
    double density = cv_nb_pmf(n, race.a.shape, top / a) * race.b.shape * of.late_b *
                     cv_lomax_longer(top, race.b);
    return density * (side(&of, 1, INFINITY, width) + side(&of, 0, log(t / top), width));
}

double
cv_race_count(double n, double t, cv_race race)
{
    if (n == 0) return cv_race_not_won(t, race);
    if (t == 0) return 0;
    return cv_nb_pmf(n, race.a.shape, t / race.a.scale) * cv_lomax_longer(t, race.b) +
           ended_by(n, t, race);
}
