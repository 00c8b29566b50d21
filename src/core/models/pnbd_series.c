/* pnbd_series.c -- the two ways to a Pareto/NBD history, each in two of its three numbers.
 *
 * After t_x a customer died first, at any time: A(x, t_x); or lived to T and would have bought
 * first: B(x, T). Their likelihoods are s and k times the integral of
 *     (alpha + u)^-p (beta + u)^-q, p + q = N + 1,
 * over u > t_x with p = k, q = s + 1, and over u > T with p = k + 1, q = s, times alpha^r beta^s: a
 * power of the larger scale, one of the smaller, and Gauss's continued fraction in y = gap /
 * smaller, whose terms are all positive. It is climbed from the limit of its tail, its derivatives
 * with it; the number of terms grows with sqrt(1 + y). A million daily histories have some 30,000
 * of each way. Errors: pnbd_fit.c. Source of the fraction: DLMF 15.7.
 */
#include <math.h>
#include <string.h>

#include "models/pnbd_series.h"
#include "types.h"

enum { LANES = 8 };
enum { E, H, LARGE, SMALL };
enum { R, ALPHA, S, BETA };

#define STEPS_PER_ROOT 9.4

/* Exponents e + 1 = large_shape + large_rest + 1 of the larger scale, and h of the smaller. */
typedef struct {
    double e, h, large, small, large_shape, small_shape, large_rest, small_rest;
} tail;

typedef struct {
    double value[LANES], gradient[4][LANES], hessian[4][4][LANES];
} lanes_of_pairs;

/* 1 / f, and the derivatives of log f in the two shapes a, b and in y. */
typedef struct {
    double inverse[LANES], y[LANES], u_a[LANES], u_b[LANES], u_y[LANES];
    double u_aa[LANES], u_ab[LANES], u_bb[LANES], u_ay[LANES], u_by[LANES], u_yy[LANES];
} fraction;

#define KERNELS "models/pnbd_series.inc.h"
#include "math/simd_dispatch.inc.h"

/* The terms needed grow with the root of the ratio of the scales at t. */
double
cv_pnbd_pair_steps(double t, const double *p)
{
    double large = fmax(p[ALPHA], p[BETA]), small = fmin(p[ALPHA], p[BETA]);
    return ceil(STEPS_PER_ROOT * sqrt((large + t) / (small + t))) + 2;
}

/* Copy one lane, with the exponents and scales renamed to r, alpha, s, beta by `place`. */
static void
take_lane(const lanes_of_pairs *from, size_t l, const int *place, cv_pnbd_pair *to)
{
    double *h = to->hessian;
    to->value = from->value[l];
    to->weight = 0;
    for (int i = R; i <= BETA; i++) {
        to->gradient[i] = from->gradient[place[i]][l];
        for (int j = i; j <= BETA; j++) *h++ = from->hessian[place[i]][place[j]][l];
    }
}

/* shape + rest is the exponent of a scale, that of the larger less 1. */
static tail
tail_of(double x, int bought, const double *p)
{
    const double by_alpha = x + bought, by_beta = !bought;
    if (p[ALPHA] >= p[BETA])
        return (tail){p[R] + (by_alpha - 1), p[S] + by_beta, p[ALPHA], p[BETA], p[R], p[S],
                      by_alpha - 1,          by_beta};
    return (tail){p[S] + (by_beta - 1), p[R] + by_alpha, p[BETA], p[ALPHA], p[S], p[R],
                  by_beta - 1,          by_alpha};
}

/* Eight times a go, the last one repeated; then what depends on x but not on t. */
void
cv_pnbd_pairs(cv_simd simd, const double *t, size_t n, double x, int bought, const double *p,
              cv_pnbd_pair *pair)
{
    const int swap = p[ALPHA] < p[BETA], place[2][4] = {{E, LARGE, H, SMALL}, {H, SMALL, E, LARGE}};
    const tail at = tail_of(x, bought, p);
    const double first = bought ? p[R] + x : p[S];
    const double value =
        log(first / (at.e + at.h)) - at.large_rest * log(at.large) - at.small_rest * log(at.small);
    const int which = bought ? R : S, diagonal = bought ? 0 : 7;
    for (size_t i = 0; i < n; i += LANES) {
        double time[LANES];
        lanes_of_pairs lanes;
        for (size_t l = 0; l < LANES; l++) time[l] = t[i + l < n ? i + l : n - 1];
        PICK(simd, pairs)(&at, time, &lanes);
        for (size_t l = 0; l < LANES && i + l < n; l++) {
            cv_pnbd_pair *to = &pair[i + l];
            take_lane(&lanes, l, place[swap], to);
            to->value += value;
            to->gradient[which] += 1 / first;
            to->hessian[diagonal] -= 1 / (first * first);
        }
    }
}
