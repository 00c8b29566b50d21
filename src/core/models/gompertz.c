/* gompertz.c -- integrals over the time left to a customer of GGompertz/NBD.
 *
 * Counted from some age, S(u) = e^(-s L(u)), L(u) = log(1 + g (e^bu - 1)): the customer's hazard is
 * Gompertz, mixed over customers. Every quantity of the model is an integral of one positive
 * function: S or the density of death, times powers of u and c + u and a discount. Inside the box
 * it is one 32-point rule in log(1 + u / first). Outside, 24-point panels run from 0, each at most
 * three times as wide as the one before; no wider than 3 / b while the hazard still grows like e^bu
 * (L is singular pi / b off the axis there), and narrow about the peak that a power of u makes.
 *
 * Errors of the quantities made of them, 6e-14 at most: ggnbd.c. Source: Bemmaor and Glady (2012).
 */
#include <math.h>

#include "models/gompertz.h"
#include "math/exp_log.h"
#include "math/quadrature.h"

static const double NEGLIGIBLE = 1e-18;

/* log(1 + g (e^bu - 1)); where e^bu may overflow, by its logarithm. */
double
cv_ageing_log(double u, const cv_ageing *of, double *hazard)
{
    double bu = of->b * u;
    if (bu < 37) {
        double grown = of->g * expm1(bu);
        *hazard = of->b * ((of->g + grown) / (1 + grown));
        return log1p(grown);
    }
    double m = log(of->g) + bu; /* e^bu - 1 is e^bu, and may overflow */
    *hazard = of->b * one_over_one_plus_exp(-m);
    return fmax(m, 0) + log1p(exp(-fabs(m)));
}

/* g = 1 / Q(age) over e^(b age), Q(t) = beta + e^bt - 1. */
cv_ageing
cv_ageing_from(double age, double b, double s, double beta)
{
    return (cv_ageing){b, s, 1 / (beta * exp(-b * age) - expm1(-b * age))};
}

/* Return the time from which on the hazard is nearly constant, or falls. */
static double
grown_up(const cv_ageing *of)
{
    double g = of->g;
    return (1 + (g < 0.5 ? log1p(-g) - log(g) : 0)) / of->b;
}

/* Return the time at which S is e^-750, below all doubles. */
static double
last_survivor(const cv_ageing *of)
{
    double fall = 750 / of->s;
    if (fall < 700) return log1p(expm1(fall) / of->g) / of->b;
    return fmax(fall - log(of->g), 37) / of->b;
}

/* Return the integrand of cv_future at u, all its factors in one exponential. */
static double
integrand(double u, const void *what)
{
    const cv_future *of = what;
    double hazard, fall = of->ageing.s * cv_ageing_log(u, &of->ageing, &hazard) + of->discount * u;
    if (of->power > 0) fall += of->power * log1p((u - of->peak) / (of->c + of->peak));
    if (of->n > 0)
        fall -= of->n * (2 * u < of->peak ? log(u / of->peak) : log1p((u - of->peak) / of->peak));
    return exp(-fall) * (of->dies ? of->ageing.s * hazard : 1);
}

/* Return d log / du of u^n (c + u)^-power S(u), times u; it falls. */
static double
slope(double u, const cv_future *of)
{
    double hazard;
    cv_ageing_log(u, &of->ageing, &hazard);
    return of->n - u * (of->power / (of->c + u) + of->ageing.s * hazard);
}

/* The peak, at most t, of u^n (c + u)^-power S(u), and how far the slopes beside it reach. */
void
cv_future_peak(cv_future *of, double t)
{
    double s = of->ageing.s, b = of->ageing.b, n = of->n, c = of->c, hazard;
    double low = n / (of->power / c + s * b * fmax(1, of->ageing.g)) / 2;
    double high = fmin(t, n * c / (of->power - n));
    if (slope(high, of) < 0)
        for (int i = 0; i < 40; i++) {
            double u = sqrt(low) * sqrt(high);
            *(slope(u, of) > 0 ? &low : &high) = u;
        }
    cv_ageing_log(high, &of->ageing, &hazard);
    double bend =
        n / (high * high) - of->power / ((c + high) * (c + high)) + s * hazard * (b - hazard);
    of->peak = high;
    of->spread = 2 / ((1 + fabs(slope(high, of))) / high + sqrt(fabs(bend)));
}

/* The shortest of the scales of S, of the power and of the discount. */
double
cv_future_first(const cv_future *of)
{
    const cv_ageing *a = &of->ageing;
    double width = 1 / (a->b * a->g * (a->s + 1));
    if (of->power > 0) width = fmin(width, of->c / fmax(1, of->power));
    return of->discount > 0 ? fmin(width, 1 / of->discount) : width;
}

/* At most three times the panel before, and narrower where the integrand is sharp. */
double
cv_future_next(const cv_future *of, double u, double before)
{
    double width = before > 0 ? 3 * before : 2 * cv_future_first(of);
    if (u < grown_up(&of->ageing)) width = fmin(width, 3 / of->ageing.b);
    if (of->n == 0) return width;
    return fmin(width, fmax(of->spread, u < of->peak ? (of->peak - u) / 2 : u - of->peak));
}

/* Within t = 147 first and b t = 4 the 32-point rule suffices. */
int
cv_future_in_box(double t, double first, double b)
{
    return t <= 147 * first && b * t <= 4; /* e^5 - 1 */
}

typedef struct {
    double u, sum, width; /* reached, the integral to there, the panel before */
} place;

/* Add one panel; return 0 when the rest is negligible. */
static int
advance(const cv_future *of, double t, place *at)
{
    double end = fmax(grown_up(&of->ageing), of->peak);
    double width = fmin(cv_future_next(of, at->u, at->width), t - at->u);
    double panel = cv_panel(integrand, of, at->u, width);
    *at = (place){at->u + width, at->sum + panel, width};
    return at->u < t && (at->u < end || panel > NEGLIGIBLE * at->sum);
}

/* Return the integral to t by the 32-point rule in w = log(1 + u / first). */
static double
in_the_box(const cv_future *of, double t, double first)
{
    double sum = 0, half = log1p(t / first) / 2;
    for (int i = 0; i < 32; i++) {
        const double *rule = cv_legendre32[i / 2];
        double w = half * (1 + (i % 2 ? rule[0] : -rule[0]));
        sum += half * rule[1] * first * exp(w) * integrand(first * expm1(w), of);
    }
    return sum;
}

/* By one rule inside the box, else panel by panel until the rest is negligible. */
double
cv_future_integral(const cv_future *of, double t)
{
    double first = cv_future_first(of);
    if (of->n == 0 && cv_future_in_box(t, first, of->ageing.b)) return in_the_box(of, t, first);
    place at = {0, 0, 0};
    t = fmin(t, last_survivor(&of->ageing));
    while (advance(of, t, &at)) continue;
    return at.sum;
}

/* Newton's method from the left: the integral rises, and ever more slowly. */
double
cv_future_reach(const cv_future *of, double target)
{
    double t = last_survivor(&of->ageing);
    place at = {0, 0, 0}, before;
    do before = at;
    while (advance(of, t, &at) && at.sum < target);
    if (at.sum < target) return INFINITY;
    double u = before.u, sum = before.sum, step = INFINITY;
    for (int i = 0; i < 60 && fabs(step) > 1e-16 * u; i++) {
        step = (target - sum) / integrand(u, of);
        u += step;
        sum = before.sum + cv_panel(integrand, of, before.u, u - before.u);
    }
    return u;
}
