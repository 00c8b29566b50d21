/* adjustment.c -- Poisson regression of purchases on an expectation and columns.
 *
 * Convex in ten coefficients: Newton's method (fit/newton.c) on columns in units of their standard
 * deviations; value and derivatives are per purchase.
 *
 * Largest error against 50 digits, relative to max(1, abs value): coefficients 2e-12, factors 5e-15
 * (tests/valuation/test_adjustment.py).
 */
#include <math.h>

#include "fit/newton.h"
#include "math/guards.h"
#include "value/adjustment.h"
#include "types.h"

enum { ROWS_BETWEEN_TICKS = 1 << 14, PASSES = 100 };
static const double EDGE = 50, MOST_LOG = 3;

/* The rows, and how their columns become columns of mean 0 and standard deviation 1. */
typedef struct {
    const cv_regression *of;
    double ridge, events, mean[CV_REGRESSORS], scale[CV_REGRESSORS];
    cv_tick tick;
    void *context;
} task;

static void
standardise(task *t)
{
    const double n = (double)t->of->n;
    for (size_t k = 0; k < CV_REGRESSORS; k++) {
        const double *column = t->of->row + k;
        double sum = 0, squares = 0;
        for (size_t i = 0; i < t->of->n; i++) sum += column[i * CV_REGRESSORS];
        t->mean[k] = sum / n;
        for (size_t i = 0; i < t->of->n; i++) {
            const double off = column[i * CV_REGRESSORS] - t->mean[k];
            squares += off * off;
        }
        const double sd = sqrt(squares / n);
        t->scale[k] = sd > 1e-9 * (1 + fabs(t->mean[k])) ? 1 / sd : 0;
    }
}

/* Add a row to minus the log-likelihood, its gradient and the upper half of its Hessian. */
static void
add_row(const task *t, size_t i, const double *theta, double *value, double *gradient,
        double *hessian)
{
    const double *row = t->of->row + i * CV_REGRESSORS, actual = t->of->actual[i];
    double z[CV_ADJUSTMENT] = {1}, log_factor = theta[0];
    for (size_t k = 0; k < CV_REGRESSORS; k++) {
        z[k + 1] = (row[k] - t->mean[k]) * t->scale[k];
        log_factor += theta[k + 1] * z[k + 1];
    }
    const double mean = t->of->expected[i] * exp(log_factor);
    *value += mean - actual * log_factor;
    for (size_t j = 0; j < CV_ADJUSTMENT; j++) {
        gradient[j] += (mean - actual) * z[j];
        const double weighted = mean * z[j];
        for (size_t k = j; k < CV_ADJUSTMENT; k++) hessian[j * CV_ADJUSTMENT + k] += weighted * z[k];
    }
}

static int
objective(void *of, const double *theta, double *value, double *gradient, double *hessian)
{
    const task *t = of;
    *value = 0;
    for (size_t j = 0; j < CV_ADJUSTMENT; j++) gradient[j] = 0;
    for (size_t j = 0; j < CV_ADJUSTMENT * CV_ADJUSTMENT; j++) hessian[j] = 0;
    for (size_t i = 0; i < t->of->n; i++) {
        if (i % ROWS_BETWEEN_TICKS == 0 && t->tick != NULL && t->tick(t->context)) return 1;
        add_row(t, i, theta, value, gradient, hessian);
    }
    for (size_t j = 1; j < CV_ADJUSTMENT; j++) {
        *value += t->ridge / 2 * theta[j] * theta[j];
        gradient[j] += t->ridge * theta[j];
        hessian[j * CV_ADJUSTMENT + j] += t->ridge;
    }
    *value /= t->events;
    for (size_t j = 0; j < CV_ADJUSTMENT; j++) {
        gradient[j] /= t->events;
        for (size_t k = j; k < CV_ADJUSTMENT; k++)
            hessian[k * CV_ADJUSTMENT + j] = hessian[j * CV_ADJUSTMENT + k] /= t->events;
    }
    return 0;
}

cv_regression_status
cv_regress(const cv_regression *of, double ridge, double *coefficient, cv_tick tick, void *context)
{
    task t = {.of = of, .ridge = ridge, .tick = tick, .context = context};
    cv_search search = {.value = NAN};
    double expected = 0;
    for (size_t i = 0; i < of->n; i++) {
        t.events += of->actual[i];
        expected += of->expected[i];
    }
    if (!cv_is_positive(t.events) || !cv_is_positive(expected)) return CV_REGRESSION_NONE;
    standardise(&t);
    search.theta[0] = log(t.events / expected);
    switch (cv_minimise(objective, &t, CV_ADJUSTMENT, PASSES, EDGE, &search)) {
    case CV_SEARCH_DONE: break;
    case CV_SEARCH_INTERRUPTED: return CV_REGRESSION_INTERRUPTED;
    default: return CV_REGRESSION_NONE;
    }
    coefficient[0] = search.theta[0];
    for (size_t k = 0; k < CV_REGRESSORS; k++) {
        coefficient[k + 1] = search.theta[k + 1] * t.scale[k];
        coefficient[0] -= coefficient[k + 1] * t.mean[k];
    }
    return CV_REGRESSION_DONE;
}

void
cv_adjustment_factors(const double *row, size_t n, const double *coefficient, double *factor)
{
    for (size_t i = 0; i < n; i++) {
        const double *z = row + i * CV_REGRESSORS;
        double log_factor = coefficient[0];
        for (size_t k = 0; k < CV_REGRESSORS; k++) log_factor += coefficient[k + 1] * z[k];
        factor[i] = isnan(log_factor) ? NAN : exp(fmax(-MOST_LOG, fmin(MOST_LOG, log_factor)));
    }
}
