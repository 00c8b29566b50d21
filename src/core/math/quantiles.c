/* quantiles.c -- quantiles of the normal distribution and of Student's t.
 *
 * P(T > t) = I_y(nu/2, 1/2) / 2, y = nu / (nu + t^2), by the fraction of the incomplete beta
 * function (Abramowitz and Stegun 26.5.8, 26.7.1). In log t its logarithm falls and is concave, and
 * that of P(0 < T < t) rises and is concave: Newton's steps, after the first, come from one side.
 * Where nu is large beside the square of the normal quantile, the expansion in 1/nu (26.7.5) has
 * all its digits. Largest relative error against 40 digits, q 1e-300..1 - 1e-16, nu 0.01..1e9:
 * 1e-13.
 */
#include <math.h>

#include "math/beta.h"
#include "math/guards.h"
#include "math/special.h"

#define ROOT_HALF 0.70710678118654752440

/* x >= 0 with P(N > x) = p <= 1/2; `half` is 1/2 - p, exact where p is near it. Halley's steps from
 * a start within 0.0005 (26.2.23). */
static double
normal_tail_quantile(double p, double half)
{
    double w = sqrt(-2 * log(p));
    double x = w - (2.515517 + w * (0.802853 + w * 0.010328)) /
                       (1 + w * (1.432788 + w * (0.189269 + w * 0.001308)));
    if (half == 0) return 0;
    for (int i = 0; i < 3; i++) {
        double density = 0.39894228040143267794 * exp(-x * x / 2);
        double over = p < 0.25 ? erfc(x * ROOT_HALF) / 2 - p : half - erf(x * ROOT_HALF) / 2;
        double step = over / density;
        x += step / (1 - x * step / 2);
    }
    return x;
}

/* t of the normal quantile x. */
static double
expanded(double x, double nu)
{
    double s = x * x;
    double g1 = (s + 1) / 4, g2 = ((5 * s + 16) * s + 3) / 96;
    double g3 = (((3 * s + 19) * s + 17) * s - 15) / 384;
    double g4 = ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) / 92160;
    return x * (1 + (g1 + (g2 + (g3 + g4 / nu) / nu) / nu) / nu);
}

/* Degrees of freedom, and log B(nu/2, 1/2). */
typedef struct {
    double nu, log_beta;
} student;

/* log of I_y(a, b) / 2 without its front: y^a (1 - y)^b / B, a fraction over a. */
static double
log_share(double front, double a, double b, double y)
{
    return front + log(cv_beta_fraction(a, b, y) / (2 * a));
}

/* log P(T > t), or if not tail log P(0 < T < t), and its derivative in log t. */
static double
log_probability(const student *s, double t, int tail, double *slope)
{
    double a = s->nu / 2, u = t * t / s->nu, y = 1 / (1 + u), x = u / (1 + u);
    double front = -a * log1p(u) + log(x) / 2 - s->log_beta, value;
    if (y * (a + 2.5) < a + 1)
        value = tail ? log_share(front, a, 0.5, y) : log(0.5 - exp(log_share(front, a, 0.5, y)));
    else
        value = tail ? log(0.5 - exp(log_share(front, 0.5, a, x))) : log_share(front, 0.5, a, x);
    *slope = (tail ? -1 : 1) * exp(front - value);
    return value;
}

/* Newton's steps from `start` = log t, or where that is not given from the far end: all of the tail
 * lies below the power that it ends in, and far out it is that power. */
static double
tail_quantile(double p, double half, double nu, double start)
{
    const student s = {nu, log_beta(nu / 2, 0.5)};
    int tail = p < 0.25;
    double goal = log(tail ? p : half), last = INFINITY;
    double far = -(log(p) + s.log_beta + log(nu)) / nu + log(nu) / 2;
    if (far > 100) return far < 709 ? exp(far) : INFINITY;
    double w = tail ? fmin(far, start) : goal + s.log_beta + log(nu) / 2;
    for (int i = 0; i < 60; i++) {
        double slope, value = log_probability(&s, exp(w), tail, &slope);
        double step = (goal - value) / slope;
        w += step;
        if (fabs(step) < 1e-15 || (fabs(step) < 1e-10 && fabs(step) >= last)) break;
        last = fabs(step);
    }
    return exp(w);
}

double
cv_student_quantile(double q, double nu)
{
    if (!(q > 0 && q < 1) || !cv_is_positive(nu)) return domain_error();
    double p = fmin(q, 1 - q), half = fabs(q - 0.5);
    if (half == 0) return 0;
    double x = normal_tail_quantile(p, half), t = expanded(x, fmax(nu, 1));
    if (nu < 1000 + 100 * x * x) t = tail_quantile(p, half, nu, nu > 3 ? log(t) : INFINITY);
    return q < 0.5 ? -t : t;
}
