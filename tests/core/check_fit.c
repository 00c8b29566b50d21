/* check_fit.c -- the likelihood's derivatives against differences, and fits that end as they
 * should. */
#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { CUSTOMERS = 400, D = 4 };

static double x[CUSTOMERS], t_x[CUSTOMERS], T[CUSTOMERS];

/* Uniform in (0, 1): Knuth's MMIX generator, TAOCP 3.3.4. */
static double
uniform(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(state >> 12) + 0.5) / 4503599627370496.0;
}

/* Customers who buy at rate Gamma(1, 10) and drop out with probability Beta(1, 2.5) after each. */
static void
fill_histories(void)
{
    for (int i = 0; i < CUSTOMERS; i++) {
        double rate = -log(uniform()) / 10, drops_out = 1 - pow(uniform(), 1 / 2.5);
        double now = -log(uniform()) / rate;
        T[i] = 50 + 30 * uniform();
        x[i] = t_x[i] = 0;
        for (; now <= T[i]; now -= log(uniform()) / rate) {
            x[i]++;
            t_x[i] = now;
            if (uniform() < drops_out) break;
        }
    }
}

static cv_fit_status
likelihood(const double *parameter, void *work, double *value, double *gradient, double *hessian)
{
    cv_fit_data data = {.n = CUSTOMERS, .column = {x, t_x, T}};
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
    static const double estimate[CV_PARAMETERS] = {NAN, NAN, NAN, NAN};
    cv_fit_data data = {.n = CUSTOMERS, .column = {x, t_x, T}};
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
}

/* The first reason of all rows, by reason and then by column, and every row that has it. */
static void
check_invalid(void)
{
    double count[4] = {1, 2.5, 3, 1.5}, last[4] = {4, 5, 9, 3}, end[4] = {9, 9, 8, 9};
    double weight[4] = {1, 1, 1, 1};
    int64_t row[4];
    cv_fit_data data = {.n = 4, .column = {count, last, end}, .weight = weight};
    cv_invalid found = cv_invalid_histories(CV_PNBD, &data, row);
    CHECK(found.reason == CV_FAULT_FRACTION && found.column == 0 && found.rows == 2);
    CHECK(row[0] == 1 && row[1] == 3);
    count[1] = count[3] = 2;
    found = cv_invalid_histories(CV_PNBD, &data, NULL);
    CHECK(found.reason == CV_FAULT_AFTER_END && found.column == 1 && found.rows == 1);
    last[2] = 7;
    CHECK(cv_invalid_histories(CV_PNBD, &data, NULL).reason == CV_FAULT_NONE);
    weight[3] = -1;
    found = cv_invalid_histories(CV_PNBD, &data, row);
    CHECK(found.reason == CV_FAULT_NEGATIVE && found.column == 3 && row[0] == 3);
}

void
check_fit(void)
{
    check_invalid();
    void *work = malloc(cv_fit_workspace(CV_BGNBD, &(cv_fit_data){.n = CUSTOMERS}));
    CHECK(work != NULL);
    if (work == NULL) return;
    fill_histories();
    check_derivatives(work);
    check_fits(work);
    free(work);
}
