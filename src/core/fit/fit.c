/* fit.c -- maximum likelihood: an optimum that passes the convergence check, or what is missing.
 *
 * With many rows a stride sample is searched first, then perhaps a larger one; the optimum of each
 * is the start of the next, so that the whole takes two or three passes. The strides share no
 * factor with 2, 3, 5 and 7, the periods of order books. The covariance is the inverse Hessian, by
 * its eigenvectors, carried from logs to parameters by the exact Jacobian. A search that ends at no
 * sound optimum is reported by its status and by the parameters that ran off, never as a fit.
 *
 * Error: the search ends where the Newton decrement of the mean log-likelihood is below 1e-14, so
 * a parameter is off by at most 1e-7 sqrt(n) of its standard error from the exact optimum of the
 * computed likelihood. Source: Nocedal and Wright (2006), chapters 2 and 4; published estimates and
 * their standard errors: tests/guarantees/test_published_fits.py.
 */
#include <math.h>
#include <string.h>

#include "fit/fit.h"
#include "fit/covariates.h"
#include "fit/fit_data.h"
#include "fit/multistart.h"
#include "fit/newton.h"
#include "likelihood/rows.h"
#include "types.h"

enum { LEVELS = 3 };

/* Return d parameter / d theta, in the unit of the data: the parameter where theta is its log. */
static double
jacobian(const cv_problem *problem, const cv_fit_result *result, size_t i)
{
    size_t p = problem->free[i];
    return stretch_of(problem->rows, p) *
           (problem->rows->family->location[p] ? unit_of(problem->rows, p) : result->parameter[p]);
}

/* Set the inverse Hessian of the whole log-likelihood, from theta back to parameters; NaN where the
 * Hessian is not positive. */
static void
add_covariance(const cv_problem *problem, const cv_search *at, cv_fit_result *result)
{
    size_t d = problem->d, n = problem->rows->family->parameters;
    for (size_t i = 0; i < d * d; i++) {
        size_t row = i / d, column = i % d;
        double inverse = 0;
        for (size_t e = 0; e < d; e++)
            inverse +=
                at->eigenvector[row * d + e] * at->eigenvector[column * d + e] / at->eigenvalue[e];
        result->covariance[problem->free[row] * n + problem->free[column]] =
            inverse / problem->rows->customers * jacobian(problem, result, row) *
            jacobian(problem, result, column);
    }
}

/* Set the direction of least curvature, with the sign of the theta of its largest component. */
static void
add_direction(const cv_problem *problem, const cv_search *at, size_t low, cv_fit_result *result)
{
    const double *v = at->eigenvector;
    size_t d = problem->d, most = 0;
    for (size_t i = 1; i < d; i++)
        if (fabs(v[i * d + low]) > fabs(v[most * d + low])) most = i;
    double sign = d > 0 && at->theta[most] * v[most * d + low] < 0 ? -1 : 1;
    for (size_t i = 0; i < d; i++) result->direction[problem->free[i]] = sign * v[i * d + low];
}

/* Mark the parameters that ran off. Of a pair a, b of a Beta far apart, a probability near 0 or 1,
 * the smaller one runs towards 0. */
static void
add_boundary(const cv_problem *problem, const cv_search *at, cv_fit_result *result)
{
    int is_free[CV_PARAMETERS] = {0};
    for (size_t i = 0; i < problem->d; i++) {
        size_t p = problem->free[i];
        is_free[p] = 1;
        if (fabs(at->theta[i]) > CV_EDGE * 0.75) result->boundary[p] = copysign(1, at->theta[i]);
    }
    for (size_t k = 0; k < 2; k++) {
        int a = problem->rows->family->odds[k][0], b = problem->rows->family->odds[k][1];
        if (a == b || !is_free[a] || !is_free[b]) continue;
        double odds = log(result->parameter[a] / result->parameter[b]);
        if (fabs(odds) <= CV_EDGE / 2) continue;
        result->boundary[odds < 0 ? a : b] = -1;
        result->boundary[odds < 0 ? b : a] = 0;
    }
}

/* Set the result of a search, in the unit of the data. */
static void
report(const cv_problem *problem, const cv_search *at, const double *fixed, cv_fit_result *result)
{
    const cv_rows *rows = problem->rows;
    size_t low = cv_least_curved(problem, at, &result->smallest, &result->condition);
    result->customers = rows->customers;
    result->loglik = -at->value * rows->customers;
    if (rows->family->kind == CV_TIMES || rows->family->kind == CV_MARGINS)
        result->loglik -= rows->repeats * log(rows->scale);
    result->gradient = cv_largest(problem->d, at->gradient);
    result->passes = at->passes;
    for (size_t i = 0; i < rows->family->parameters; i++) result->parameter[i] = fixed[i];
    for (size_t i = 0; i < problem->d; i++) {
        size_t p = problem->free[i];
        result->parameter[p] = cv_parameter_at(problem, at, i);
        if (is_coefficient(rows, p))
            result->loglik += rows->penalty * at->theta[i] * at->theta[i] / 2 * rows->customers;
    }
    add_direction(problem, at, low, result);
    add_boundary(problem, at, result);
    add_covariance(problem, at, result);
}

/* Return CONVERGED if the optimum passes the convergence check, else the name of what is missing.
 */
static cv_fit_status
verdict(const cv_problem *problem, const cv_search *at, int agreed, const cv_fit_result *result)
{
    if (problem->d == 0) return CV_FIT_CONVERGED;
    int settled = result->gradient <= CV_GRADIENT;
    if (!isfinite(at->value) || (at->moves == 0 && !settled)) return CV_FIT_NOT_MOVED;
    if (at->value > at->first_value + CV_ROUNDING) return CV_FIT_NOT_MOVED;
    if (cv_is_sound(problem, at, 1)) return agreed ? CV_FIT_CONVERGED : CV_FIT_ITERATION_LIMIT;
    for (size_t i = 0; i < problem->rows->family->parameters; i++)
        if (result->boundary[i] < 0 && !problem->rows->family->location[i]) return CV_FIT_BOUNDARY;
    if (result->smallest < CV_CURVATURE || result->condition > CV_CONDITION ||
        cv_largest(problem->d, at->theta) > CV_EDGE)
        return CV_FIT_FLAT;
    return CV_FIT_ITERATION_LIMIT;
}

/* Return the stride of a sample: it shares no factor with the periods of order books. */
static size_t
stride_of(size_t n, size_t sample)
{
    size_t stride = sample < n ? n / sample + 1 : 1;
    while (stride > 1 && (stride % 2 == 0 || stride % 3 == 0 || stride % 5 == 0 || stride % 7 == 0))
        stride++;
    return stride;
}

/* One pattern says nothing about heterogeneity; with a parameter fixed the rest can be estimated.
 */
static int
holds(const cv_family *family, const double *fixed)
{
    for (size_t i = family->given; i < family->parameters; i++)
        if (!isnan(fixed[i])) return 1;
    return 0;
}

/* Set the numbers of rows of the levels of a fit, all rows first; return the number of levels. */
static size_t
plan_levels(const cv_family *family, size_t n, size_t size[LEVELS])
{
    size_t levels = 0, few = family->sample > 0 ? family->sample : n;
    size[levels++] = n;
    if (n > 50 * few) size[levels++] = 10 * few;
    if (n > (family->single_mode ? 5 : 2) * few) size[levels++] = few;
    return levels;
}

size_t
cv_fit_workspace(cv_model model, const cv_fit_data *data)
{
    cv_fit_family of;
    const cv_family *family = cv_fit_family_of(model, data, &of);
    size_t size[LEVELS], levels = plan_levels(family, data->n, size), bytes = 0;
    for (size_t i = 0; i < levels; i++) bytes += cv_rows_bytes(family, size[i]);
    return bytes;
}

cv_fit_status
cv_fit(cv_model model, const cv_fit_data *data, const double *fixed, int limit, cv_simd simd,
       void *workspace, cv_tick tick, void *context, cv_fit_result *result)
{
    cv_fit_family of;
    const cv_family *family = cv_fit_family_of(model, data, &of);
    if (!cv_standardise(data, of.mean, of.spread)) return CV_FIT_BAD_DATA;
    cv_fit_status status = cv_fit_check(family, data);
    if (status != CV_FIT_CONVERGED && !(status == CV_FIT_ONE_PATTERN && holds(family, fixed)))
        return status;
    cv_rows rows[LEVELS] = {{.family = family, .simd = simd, .tick = tick, .context = context}};
    rows[0].mean = of.mean;
    rows[0].spread = of.spread;
    cv_problem problem[LEVELS];
    size_t size[LEVELS], levels = plan_levels(family, data->n, size);
    cv_fit_place(&rows[0], data);
    for (size_t i = 0; i < levels; i++) {
        if (i > 0) rows[i] = rows[0];
        workspace = cv_rows_place(&rows[i], size[i], workspace);
        if (cv_rows_arrange(&rows[i], data, stride_of(data->n, size[i]))) return CV_FIT_INTERRUPTED;
        rows[i].penalty = data->penalty / rows[0].customers;
        problem[i] = cv_problem_of(&rows[i], fixed);
    }
    cv_search best;
    int agreed;
    if (cv_refine(problem, levels, limit, &best, &agreed)) return CV_FIT_INTERRUPTED;
    report(&problem[0], &best, fixed, result);
    memcpy(result->mean, of.mean, sizeof result->mean);
    return verdict(&problem[0], &best, agreed, result);
}

cv_fit_status
cv_likelihood(cv_model model, const cv_fit_data *data, const double *parameter, cv_simd simd,
              void *workspace, cv_tick tick, void *context, double *value, double *gradient,
              double *hessian)
{
    cv_fit_family of = {.mean = {0}};
    const cv_family *family = cv_fit_family_of(model, data, &of);
    if (cv_fit_check(family, data) == CV_FIT_BAD_DATA) return CV_FIT_BAD_DATA;
    for (size_t j = 0; j < CV_COVARIATES; j++) of.spread[j] = 1;
    cv_rows rows = {.family = family, .simd = simd, .scale = 1, .tick = tick, .context = context};
    rows.mean = of.mean;
    rows.spread = of.spread;
    cv_derivatives all = {0};
    cv_rows_place(&rows, data->n, workspace);
    if (cv_rows_arrange(&rows, data, 1)) return CV_FIT_INTERRUPTED;
    if (family->likelihood(&rows, parameter, &all)) return CV_FIT_INTERRUPTED;
    *value = all.value;
    for (size_t i = 0, n = family->parameters; i < n; i++) {
        gradient[i] = all.gradient[i];
        for (size_t k = 0; k < n; k++)
            hessian[i * n + k] = all.hessian[i < k ? i : k][i < k ? k : i];
    }
    return CV_FIT_CONVERGED;
}
