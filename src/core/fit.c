/* fit.c -- maximum likelihood: the certificate, or the name of what is missing.
 *
 * Above SMALL rows a stride sample is searched first; its optimum is the start of the whole.
 */
#include "custval.h"
#include "inline.h"

enum { SMALL = 50000, SAMPLE = 10000 };

/* The inverse Hessian of the whole log-likelihood, from logs back to parameters; NaN where the
 * Hessian is not positive. */
static void
add_covariance(const cv_problem *problem, const cv_search *at, cv_fit_result *result)
{
    size_t d = problem->d, n = problem->parameters;
    for (size_t i = 0; i < d * d; i++) {
        size_t row = i / d, column = i % d, p = problem->free[row], q = problem->free[column];
        double inverse = 0;
        for (size_t e = 0; e < d; e++)
            inverse +=
                at->eigenvector[row * d + e] * at->eigenvector[column * d + e] / at->eigenvalue[e];
        result->covariance[p * n + q] =
            inverse / problem->rows->customers * result->parameter[p] * result->parameter[q];
    }
}

/* The direction of least curvature, pointing to where its largest component has gone. */
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

/* Which parameters have gone far. A dropout chance near 0 or 1 is a (or b) against the other. */
static void
add_gone(const cv_problem *problem, const cv_search *at, cv_fit_result *result)
{
    enum { A = 2, B = 3 };
    int free_chance = 0;
    for (size_t i = 0; i < problem->d; i++) {
        size_t p = problem->free[i];
        if (fabs(at->theta[i]) > CV_EDGE * 0.75) result->gone[p] = copysign(1, at->theta[i]);
        free_chance += problem->rows->model != CV_GG && (p == A || p == B);
    }
    double odds = free_chance == 2 ? log(result->parameter[A] / result->parameter[B]) : 0;
    if (fabs(odds) <= CV_EDGE / 2) return;
    result->gone[odds < 0 ? A : B] = -1;
    result->gone[odds < 0 ? B : A] = 0;
}

static void
report(const cv_problem *problem, const cv_search *at, const double *fixed, cv_fit_result *result)
{
    const cv_rows *rows = problem->rows;
    size_t low = cv_least_curved(problem, at, &result->smallest, &result->condition);
    result->customers = rows->customers;
    result->loglik = -at->value * rows->customers;
    if (rows->model != CV_GG) result->loglik -= rows->repeats * log(rows->scale);
    result->gradient = cv_largest(problem->d, at->gradient);
    result->passes = at->passes;
    for (size_t i = 0; i < problem->parameters; i++) result->parameter[i] = fixed[i];
    for (size_t i = 0; i < problem->d; i++) {
        size_t p = problem->free[i];
        result->parameter[p] =
            exp(problem->origin[i] + at->theta[i]) * (p == problem->unit ? rows->scale : 1);
    }
    add_direction(problem, at, low, result);
    add_gone(problem, at, result);
    add_covariance(problem, at, result);
}

/* The certificate, or the name of what is missing. */
static cv_fit_status
verdict(const cv_problem *problem, const cv_search *at, int agreed, const cv_fit_result *result)
{
    if (problem->d == 0) return CV_FIT_CONVERGED;
    int settled = result->gradient <= CV_GRADIENT;
    if (!isfinite(at->value) || (at->moves == 0 && !settled)) return CV_FIT_NOT_MOVED;
    if (at->value > at->first_value + CV_ROUNDING) return CV_FIT_NOT_MOVED;
    if (cv_is_sound(problem, at, 1)) return agreed ? CV_FIT_CONVERGED : CV_FIT_ITERATION_LIMIT;
    for (size_t i = 0; i < problem->parameters; i++)
        if (result->gone[i] < 0) return CV_FIT_BOUNDARY;
    if (result->smallest < CV_CURVATURE || result->condition > CV_CONDITION ||
        cv_largest(problem->d, at->theta) > CV_EDGE)
        return CV_FIT_FLAT;
    return CV_FIT_ITERATION_LIMIT;
}

/* Of the sample: shares no factor with the periods that order books are full of. */
static size_t
stride_of(size_t n)
{
    size_t stride = n / SAMPLE + 1;
    while (stride % 2 == 0 || stride % 3 == 0 || stride % 5 == 0 || stride % 7 == 0) stride++;
    return stride;
}

/* One pattern says nothing of how customers differ; who holds that fixed may ask for the rest. */
static int
holds(cv_model model, const double *fixed)
{
    for (size_t i = 0; i < (model == CV_GG ? 3 : 4); i++)
        if (!isnan(fixed[i])) return 1;
    return 0;
}

size_t
cv_fit_workspace(size_t n)
{
    return cv_rows_bytes(n) + (n > SMALL ? cv_rows_bytes(SAMPLE) : 0);
}

cv_fit_status
cv_fit(cv_model model, const cv_fit_data *data, const double *fixed, int limit, cv_simd simd,
       void *workspace, cv_tick tick, void *context, cv_fit_result *result)
{
    cv_fit_status status = cv_fit_check(model, data);
    if (status != CV_FIT_CONVERGED && !(status == CV_FIT_ONE_PATTERN && holds(model, fixed)))
        return status;
    cv_rows rows = {.model = model, .simd = simd, .tick = tick, .context = context}, few = rows;
    rows.scale = few.scale = cv_fit_scale(model, data);
    int sampled = data->n > SMALL;
    void *rest = cv_rows_place(&rows, data->n, workspace);
    if (sampled) cv_rows_place(&few, SAMPLE, rest);
    if (cv_rows_arrange(&rows, data, 1)) return CV_FIT_INTERRUPTED;
    if (sampled && cv_rows_arrange(&few, data, stride_of(data->n))) return CV_FIT_INTERRUPTED;
    cv_problem whole = cv_problem_of(&rows, fixed), sample = cv_problem_of(&few, fixed);
    cv_search best;
    int agreed;
    if (cv_refine(&whole, sampled ? &sample : &whole, limit, &best, &agreed))
        return CV_FIT_INTERRUPTED;
    report(&whole, &best, fixed, result);
    return verdict(&whole, &best, agreed, result);
}

cv_fit_status
cv_likelihood(cv_model model, const cv_fit_data *data, const double *parameter, cv_simd simd,
              void *workspace, cv_tick tick, void *context, double *value, double *gradient,
              double *hessian)
{
    if (cv_fit_check(model, data) == CV_FIT_BAD_DATA) return CV_FIT_BAD_DATA;
    cv_rows rows = {.model = model, .simd = simd, .scale = 1, .tick = tick, .context = context};
    cv_derivatives all = {0};
    cv_rows_place(&rows, data->n, workspace);
    if (cv_rows_arrange(&rows, data, 1)) return CV_FIT_INTERRUPTED;
    if (cv_likelihood_of(&rows, parameter, &all)) return CV_FIT_INTERRUPTED;
    *value = all.value;
    for (size_t i = 0; i < CV_PARAMETERS; i++) {
        gradient[i] = all.gradient[i];
        for (size_t k = 0; k < CV_PARAMETERS; k++)
            hessian[i * CV_PARAMETERS + k] = all.hessian[i < k ? i : k][i < k ? k : i];
    }
    return CV_FIT_CONVERGED;
}
