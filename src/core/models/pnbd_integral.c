/* pnbd_integral.c -- a Pareto/NBD history by an integral over the age at death, with derivatives.
 *
 * A customer is alive at T, or died at an age in (t_x, T]: but for the counts, a row is
 *     - x log(alpha+T) - r log(1+T/alpha) - s log(1+T/beta) + log(1 + exp d),
 * with d the log odds of death, by a rule of 32 points in log(1 + v / first), first so short that
 * nothing has changed much. The gradient of the log of the integral is the mean of the gradients of
 * the log integrand, its Hessian the mean of their Hessians plus the covariance of their gradients:
 * all under positive weights, so that the accuracy of the rule carries over to the derivatives.
 *
 * Errors: pnbd_fit.c.
 */
#include <math.h>
#include <string.h>

#include "likelihood/rows.h"
#include "math/quadrature.h"
#include "models/pnbd_series.h"
#include "types.h"

enum { R, ALPHA, S, BETA };
enum { LANES = 8, NODES = CV_NODES, SUMS = 15 };

#define WIDEST 5 /* panel in log(1 + v / first) */

/* From t_x on, with c = alpha + t_x and g = beta + t_x. */
typedef struct {
    const cv_rule *rule;
    double k, c, s, g, D, first;
} silence;

#define KERNELS "models/pnbd_integral.inc.h"
#include "math/simd_dispatch.inc.h"

/* Add -x log(alpha+T) - r log(1+T/alpha) - s log(1+T/beta), as if all were alive. */
static void
add_alive(double T, double x, double n, const double *p, cv_derivatives *all)
{
    double c = p[ALPHA] + T, g = p[BETA] + T, r = p[R], s = p[S];
    double by_c = T / p[ALPHA], by_g = T / p[BETA], log_c = log1p(by_c), log_g = log1p(by_g);
    all->value -= n * (x * log(c) + r * log_c + s * log_g);
    all->gradient[R] -= n * log_c;
    all->gradient[ALPHA] += n * (r * by_c - x) / c;
    all->gradient[S] -= n * log_g;
    all->gradient[BETA] += n * s * by_g / g;
    all->hessian[R][ALPHA] += n * by_c / c;
    all->hessian[ALPHA][ALPHA] += n * (x - r * by_c * (2 + by_c)) / (c * c);
    all->hessian[S][BETA] += n * by_g / g;
    all->hessian[BETA][BETA] -= n * s * by_g * (2 + by_g) / (g * g);
}

/* Return the log odds of death with derivatives, from the means m over ages at death: of log(1 +
 * v/c), v/(c+v), log(1 + v/g), v/(g+v), and of their products. */
static cv_derivatives
odds_of_death(const silence *at, const double *m)
{
    const double k = at->k, s = at->s, c = at->c, g = at->g, over_c = k / c, over_g = (s + 1) / g;
    const double C = c + at->D, Q = g + at->D, log_C = log1p(at->D / c), log_Q = log1p(at->D / g);
    const double size[] = {-1, over_c, -1, over_g}, *product = m + 5;
    cv_derivatives d = {.value = log(s * at->first / g * m[0]) + k * log_C + s * log_Q};
    d.gradient[R] = log_C - m[1];
    d.gradient[ALPHA] = k / C - over_c * (1 - m[2]);
    d.gradient[S] = 1 / s + log_Q - m[3];
    d.gradient[BETA] = s / Q - over_g * (1 - m[4]);
    for (int i = R; i <= BETA; i++)
        for (int j = i; j <= BETA; j++)
            d.hessian[i][j] = size[i] * size[j] * (*product++ - m[1 + i] * m[1 + j]);
    d.hessian[R][ALPHA] += 1 / C - (1 - m[2]) / c;
    d.hessian[ALPHA][ALPHA] += over_c / c * (1 - 2 * m[2] + m[9]) - k / (C * C);
    d.hessian[S][S] -= 1 / (s * s);
    d.hessian[S][BETA] += 1 / Q - (1 - m[4]) / g;
    d.hessian[BETA][BETA] += over_g / g * (1 - 2 * m[4] + m[14]) - s / (Q * Q);
    return d;
}

/* Return the log odds of death in (t_x, T], by panels at most WIDEST wide. */
static cv_derivatives
died_since(cv_simd simd, const silence *at)
{
    double sum[SUMS][LANES] = {{0}}, mean[SUMS], end = log1p(at->D / at->first);
    double panels = ceil(end / WIDEST), half = end / panels / 2;
    for (double i = 0; i < panels; i++) PICK(simd, add_deaths)(at, 2 * half * i, half, sum);
    for (int j = 0; j < SUMS; j++) {
        const double *v = sum[j];
        mean[j] = ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
        if (j > 0) mean[j] /= mean[0];
    }
    return odds_of_death(at, mean);
}

/* Add log(1 + exp d). */
static void
add_dead(const cv_derivatives *d, double n, cv_derivatives *all)
{
    double e = exp(-fabs(d->value)), w = d->value > 0 ? 1 / (1 + e) : e / (1 + e), v = w * (1 - w);
    all->value += n * (fmax(d->value, 0) + log1p(e));
    for (int i = R; i <= BETA; i++) {
        all->gradient[i] += n * w * d->gradient[i];
        for (int j = i; j <= BETA; j++)
            all->hessian[i][j] += n * (w * d->hessian[i][j] + v * d->gradient[i] * d->gradient[j]);
    }
}

/* Without silence (D = 0) nobody can have died. */
void
cv_pnbd_deaths(const cv_rows *rows, size_t begin, size_t end, double x, const double *p,
               cv_derivatives *all)
{
    const cv_rule rule = cv_legendre_rule();
    for (size_t i = begin; i < end; i++) {
        double t_x = rows->t_x[i], T = rows->T[i], n = rows->weight ? rows->weight[i] : 1;
        silence at = {&rule, p[R] + x, p[ALPHA] + t_x, p[S], p[BETA] + t_x, T - t_x, 0};
        add_alive(T, x, n, p, all);
        if (at.D == 0) continue;
        at.first = fmin(at.c / fmax(at.k, 1), at.g / (at.s + 1));
        const cv_derivatives d = died_since(rows->simd, &at);
        add_dead(&d, n, all);
    }
}
