/* check_fit.c -- the likelihood's derivatives against differences, and fits that end as they
 * should. */
#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { CUSTOMERS = 400, D = CV_PARAMETERS };

static double x[CUSTOMERS], t_x[CUSTOMERS], T[CUSTOMERS];

/* Uniform in (0, 1): Knuth's MMIX generator, TAOCP 3.3.4. */
static double
uniform(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(state >> 12) + 0.5) / 4503599627370496.0;
}

/* Customers who buy at rate Gamma(1, 10) and leave with probability Beta(1, 2.5) after each. */
static void
fill_histories(void)
{
    for (int i = 0; i < CUSTOMERS; i++) {
        double rate = -log(uniform()) / 10, leaves = 1 - pow(uniform(), 1 / 2.5);
        double now = -log(uniform()) / rate;
        T[i] = 50 + 30 * uniform();
        x[i] = t_x[i] = 0;
        for (; now <= T[i]; now -= log(uniform()) / rate) {
            x[i]++;
            t_x[i] = now;
            if (uniform() < leaves) break;
        }
    }
}

static cv_fit_status
likelihood(const double *parameter, void *work, double *value, double *gradient, double *hessian)
{
    cv_fit_data data = {CUSTOMERS, x, t_x, T, NULL};
    return cv_likelihood(CV_BGNBD, &data, parameter, CV_SIMD_BASE, work, NULL, NULL, value,
                         gradient, hessian);
}

static void
check_derivatives(void *work)
{
    double at[D] = {0.3, 5, 0.9, 2.1}, value, low, high, gradient[D], hessian[D * D];
    double g_low[D], g_high[D], ignored[D * D];
    likelihood(at, work, &value, gradient, hessian);
    for (int i = 0; i < D; i++) {
        double centre = at[i], step = 1e-5 * centre;
        at[i] = centre - step;
        likelihood(at, work, &low, g_low, ignored);
        at[i] = centre + step;
        likelihood(at, work, &high, g_high, ignored);
        at[i] = centre;
        CHECK_CLOSE((high - low) / (2 * step), gradient[i], 1e-6);
        for (int j = 0; j < D; j++)
            CHECK_CLOSE((g_high[j] - g_low[j]) / (2 * step), hessian[i * D + j], 1e-5);
    }
}

static void
check_fits(void *work)
{
    static const double estimate[D] = {NAN, NAN, NAN, NAN};
    cv_fit_data data = {CUSTOMERS, x, t_x, T, NULL};
    cv_fit_result result, wide;
    CHECK(cv_fit(CV_BGNBD, &data, estimate, 200, CV_SIMD_BASE, work, NULL, NULL, &result) ==
          CV_FIT_CONVERGED);
    CHECK(result.gradient <= 1e-6 && result.smallest > 0);
    CHECK(cv_fit(CV_BGNBD, &data, estimate, 200, cv_simd_best(), work, NULL, NULL, &wide) ==
          CV_FIT_CONVERGED);
    CHECK(wide.loglik == result.loglik && wide.parameter[0] == result.parameter[0]);
    for (int i = 0; i < CUSTOMERS; i++) x[i] = t_x[i] = 0;
    CHECK(cv_fit(CV_BGNBD, &data, estimate, 200, CV_SIMD_BASE, work, NULL, NULL, &result) ==
          CV_FIT_NO_REPEATS);
/* check_fit.c -- the elementary functions of the hot loops against the C library's, in long double.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

enum { LANES = 8 };
#define STAMP(name) checked_##name
#include "../../src/core/rowsums.inc.h"

static double
ulps(double got, long double want)
{
    return (double)(fabsl((long double)got - want) / (fabsl(want) * (long double)DBL_EPSILON));
}

static void
check_elementary(void)
{
    double worst_log = 0, worst_exp = 0, worst_log1p = 0, y = 1e-300;
    for (int i = 0; i < 200000; i++, y *= 1.0069)
        if (y < 1e300) worst_log = fmax(worst_log, ulps(checked_vlog(y), logl((long double)y)));
    for (int i = 0; i < 200000; i++) {
        double near = 1 + (i - 100000) * 3e-6, part = i / 200000.0, small = exp(-i / 5000.0);
        if (i != 100000)
            worst_log = fmax(worst_log, ulps(checked_vlog(near), logl((long double)near)));
        worst_exp =
            fmax(worst_exp, ulps(checked_vexp(-37 * part), expl((long double)(-37 * part))));
        if (i)
            worst_log1p = fmax(worst_log1p, ulps(checked_vlog1p(part), log1pl((long double)part)));
        worst_log1p = fmax(worst_log1p, ulps(checked_vlog1p(small), log1pl((long double)small)));
    }
    CHECK(worst_log < 1);
    CHECK(worst_exp < 1);
    CHECK(worst_log1p < 2);
    CHECK(checked_vlog(1) == 0 && checked_vexp(0) == 1 && checked_vlog1p(0) == 0);
}

/* Two loops of one group by hand: eight customers with x = 1, T = 10, t_x = 4. */
static void
check_sums(void)
{
    double t_x[LANES], T[LANES], w[LANES], sum[14][LANES] = {{0}};
    const double alpha_k_log_odds[] = {2, 1.5, -0.5};
    for (int l = 0; l < LANES; l++) t_x[l] = 4, T[l] = 10, w[l] = l;
    checked_dropout_sums(t_x, T, w, LANES, LANES, alpha_k_log_odds, sum);
    double L = log(12.0 / 6), d = -0.5 + 1.5 * L, gone = 1 / (1 + exp(-d)), D = 1 / 12.0 - 1 / 6.0;
    for (int l = 0; l < LANES; l++) {
        CHECK_CLOSE(sum[0][l], l * log(12), 1e-15);
        CHECK_CLOSE(sum[3][l], l * log1p(exp(d)), 1e-15);
        CHECK_CLOSE(sum[5][l], l * gone * L, 1e-15);
        CHECK_CLOSE(sum[12][l], l * gone * (1 - gone) * L * D, 1e-14);
    }
    checked_shifted_sums(t_x, T, w, LANES, LANES, alpha_k_log_odds, sum);
    CHECK_CLOSE(sum[1][1], 2 / 12.0, 1e-15);
}

void
check_fit(void)
{
    void *work = malloc(cv_fit_workspace(CUSTOMERS));
    CHECK(work != NULL);
    if (work == NULL) return;
    fill_histories();
    check_derivatives(work);
    check_fits(work);
    free(work);
    check_elementary();
    check_sums();
}
