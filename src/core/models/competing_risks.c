/* competing_risks.c -- waits at gamma distributed rates: alone, discounted, one against another.
 *
 * What ends by a horizon is what ends at any time less what ends after it, where the subtraction
 * keeps its digits, else an integral over w = log(1 + u / scale), whose first panel is no wider
 * than the integrand is level and analytic. The probability that a comes first is a Beta mean, so
 * neither a shape of 1 nor equal scales are special, and no hypergeometric function is evaluated
 * near its singularity. Counts integrate over the time of b, from the likeliest one outwards.
 *
 * Discounted: largest relative error 1e-15, shapes 1e-6..1e6. Fractions and panels agree to 3e-15;
 * what Pareto/NBD makes of them: pnbd.c. Source: Schmittlein, Morrison and Colombo (1987); for the
 * fraction DLMF 8.9.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "models/competing_risks.h"
#include "math/beta.h"
#include "math/exp_log.h"
#include "math/negative_binomial.h"
#include "math/quadrature.h"
#include "types.h"

/* Return a wait that has lasted t. */
static cv_lomax
waited(double t, cv_lomax w)
{
    return (cv_lomax){w.shape, w.scale + t};
}

/* (1 + t / scale)^-shape */
double
cv_lomax_longer(double t, cv_lomax w)
{
    return exp(-w.shape * log1p(t / w.scale));
}

/* scale (1 - (1 + t / scale)^(1 - shape)) / (shape - 1), also at shape 1. */
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

/* Return the integrand of cv_lomax_discounted over v = log(1 + u / scale). */
static double
discounted_wait(double v, const void *what)
{
    const discounting *of = what;
    return of->w.scale * exp((1 - of->w.shape) * v - of->z * expm1(v));
}

/* Return the integral to v = end. */
static double
discounted_to(double end, double rate, cv_lomax w)
{
    const discounting of = {w, rate * w.scale};
    return cv_integral(discounted_wait, &of, end, 1 / (1 + w.shape + of.z), 2);
}

/* Return the integral without a horizon: by panels for small z, else by the fraction. */
static double
discounted_for_ever(double rate, cv_lomax w)
{
    double z = rate * w.scale;
    return z < 1 ? discounted_to(log1p(45 / z), rate, w) : w.scale / legendre_fraction(w.shape, z);
}

/* For ever less after t, unless that loses more than a bit. */
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

/* Return the risks of a pair of waits that have both lasted t. */
static cv_risks
at(double t, cv_risks risks)
{
    return (cv_risks){waited(t, risks.a), waited(t, risks.b)};
}

/* The rates are X / a.scale and Y / b.scale, X and Y gamma: P(a first) is the mean of the first
 * one's share, and X / (X + Y) is Beta distributed. One factor X is taken into its density. */
double
cv_comes_first(cv_lomax a, cv_lomax b)
{
    double share = a.shape / (a.shape + b.shape), gap = a.scale - b.scale;
    if (gap >= 0) return share * cv_mean_reciprocal(b.shape, a.shape + 1, gap / b.scale);
    return share * (b.scale / a.scale) * cv_mean_reciprocal(a.shape + 1, b.shape, -gap / a.scale);
}

typedef struct {
    double shape, other, ratio;
} incidence;

/* Return the density of a over w = log(1 + t / a.scale), times the survival of b. */
static double
incidence_density(double w, const void *what)
{
    const incidence *of = what;
    return of->shape * exp(-of->shape * w - of->other * log1p(of->ratio * expm1(w)));
}

/* At any time less after t, unless that loses more than a bit. */
double
cv_incidence(double t, cv_risks risks)
{
    double ever = cv_comes_first(risks.a, risks.b);
    if (!(t <= DBL_MAX)) return ever;
    const cv_risks later = at(t, risks);
    double by = ever - cv_joint_survival(t, risks) * cv_comes_first(later.a, later.b);
    if (by > ever / 2) return by;
    const incidence of = {risks.a.shape, risks.b.shape, risks.a.scale / risks.b.scale};
    double first = 1 / (of.shape + (of.other + 1) * of.ratio);
    return cv_integral(incidence_density, &of, log1p(t / risks.a.scale), first, 2);
}

/* Either b ends first at some time, or neither by t and a first later. */
double
cv_no_incidence(double t, cv_risks risks)
{
    const cv_risks later = at(t, risks);
    if (t == 0) return 1;
    return cv_comes_first(risks.b, risks.a) +
           cv_joint_survival(t, risks) * cv_comes_first(later.a, later.b);
}

/* Newton on the log of the incidence after t, over w = log(1 + t / scale): a curve bent one way
 * only, and not much. */
static double
log_quantile(double q, double high, cv_risks risks)
{
    double ever = cv_comes_first(risks.a, risks.b), rest = ever * (1 - q), low = 0, w = 0;
    for (int i = 0; i < 100; i++) {
        double t = risks.a.scale * expm1(w), reached = w > 0 ? cv_incidence(t, risks) : 0;
        const cv_risks later = at(t, risks);
        double survival = cv_joint_survival(t, risks),
               left = survival * cv_comes_first(later.a, later.b), next = high;
        if (left > 0) {
            double lead =
                reached < ever / 2 ? log1p((q * ever - reached) / rest) : log(left / rest);
            next = w + lead * left / (risks.a.shape * survival);
            if (fabs(next - w) <= 1e-11 * w) return next;
        }
        *(next > w && left > 0 ? &low : &high) = w;
        w = next > low && next < high ? next : (low + high) / 2;
    }
    return w;
}

/* Infinite where more than 1 - q of the incidence comes beyond 1e300. */
double
cv_incidence_quantile(double q, cv_risks risks)
{
    double longest = 1e300 * fmin(1, fmin(risks.a.scale, risks.b.scale));
    double ever = cv_comes_first(risks.a, risks.b), high = log1p(longest / risks.a.scale);
    const cv_risks later = at(longest, risks);
    if (cv_joint_survival(longest, risks) * cv_comes_first(later.a, later.b) > ever * (1 - q))
        return INFINITY;
    return risks.a.scale * expm1(log_quantile(q, high, risks));
}

/* ---- joint survival ---- */

/* The joint survival, and P(alive) by it, of one customer and of columns. Elementary functions are
 * those of simd_math.inc.h, within 2 ulp, so that a column has the bits of its rows one at a time,
 * whatever the instruction set. */

static const double DEEP = 600; /* e^-600 is far above the least double */

#define KERNELS "models/competing_risks.inc.h"
#include "math/simd_dispatch.inc.h"

/* By our exp and log1p, as in columns; by the library where they do not reach. */
double
cv_joint_survival(double t, cv_risks risks)
{
    const cv_lomax a = risks.a, b = risks.b;
    if (t / a.scale > LARGEST || t / b.scale > LARGEST)
        return exp(-a.shape * log1p(t / a.scale) - b.shape * log1p(t / b.scale));
    double hazard = base_hazard(t, a.shape, a.scale, b.shape, b.scale);
    return hazard <= DEEP ? base_vexp(-hazard) : exp(-hazard);
}

void
cv_alive_after_silence(cv_simd simd, const cv_silent_histories *of, size_t n, double *alive)
{
    PICK(simd, alive)(of, n, alive);
}

/* ---- counts until an end ---- */

/* How often a ends by t, again and again at one rate, before b. Either b is longer than t, and the
 * count is negative binomial; or b ended at some u before t, and it is that of u. The integral over
 * v = log(u / top), where top is the likeliest u, has a log integrand that is concave: 24-point
 * panels from the top outward, no wider than its curvature allows, until nothing is left. */

typedef struct {
    double n, top, at;      /* a panel begins at v = at ... */
    double early_a, late_a; /* a.scale and top as shares of their sum */
    double early_b, late_b;
    cv_risks risks;
    int left; /* ... and goes to the left */
} ending;

/* Log of the density of the end at u = top e^v with n before it, over its value at the top. */
static double
log_ending(double v, const ending *of)
{
    double e = expm1(v), back = expm1(-v);
    return v - of->n * log1p(of->early_a * back) - of->risks.a.shape * log1p(of->late_a * e) -
           (of->risks.b.shape + 1) * log1p(of->late_b * e);
}

/* Return the integrand at a distance v from the beginning of the panel. */
static double
ended(double v, const void *what)
{
    const ending *of = what;
    return exp(log_ending(of->left ? -of->at - v : of->at + v, of));
}

/* Where 1 + n = (n + shape) u / (scale + u), of a, + (shape + 1) u / (scale + u), of b. */
static double
likeliest(double n, cv_risks risks)
{
    double both = risks.a.shape + risks.b.shape, c = (1 + n) * risks.a.scale * risks.b.scale;
    double b = (n - risks.b.shape) * risks.a.scale + (1 - risks.a.shape) * risks.b.scale;
    double root = sqrt(b * b + 4 * both * c);
    return b > 0 ? (b + root) / (2 * both) : 2 * c / (root - b);
}

/* Of the log integrand, as v goes on from of->at. */
static double
bend(const ending *of)
{
    double u = of->top * exp(of->left ? -of->at : of->at);
    double a = of->risks.a.scale, b = of->risks.b.scale;
    return (of->n + of->risks.a.shape) * (a / (a + u)) * (u / (a + u)) +
           (of->risks.b.shape + 1) * (b / (b + u)) * (u / (b + u));
}

/* Return the integral on one side of the top, over the density at the top; panels begin `width`
 * wide. */
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

/* Return P(n times before b, and b by t). */
static double
ended_by(double n, double t, cv_risks risks)
{
    double top = fmin(t, likeliest(n, risks)), a = risks.a.scale, b = risks.b.scale;
    ending of = {n,     top, 0, a / (a + top), top / (a + top), b / (b + top), top / (b + top),
                 risks, 0};
    double slope = 1 + n - (n + risks.a.shape) * of.late_a - (risks.b.shape + 1) * of.late_b;
    double width = 2 / (1 + fabs(slope));
    double density = cv_nb_pmf(n, risks.a.shape, top / a) * risks.b.shape * of.late_b *
                     cv_lomax_longer(top, risks.b);
    return density * (side(&of, 1, INFINITY, width) + side(&of, 0, log(t / top), width));
}

/* P(n by t, b later) + P(n before b, b by t) */
double
cv_incidence_count(double n, double t, cv_risks risks)
{
    if (n == 0) return cv_no_incidence(t, risks);
    if (t == 0) return 0;
    return cv_nb_pmf(n, risks.a.shape, t / risks.a.scale) * cv_lomax_longer(t, risks.b) +
           ended_by(n, t, risks);
}
