/* fit.c -- maximum likelihood: where to start, when to believe, and the name of every other end.
 *
 * The search runs in log-parameters on the mean log-likelihood of histories in units of their own
 * scale, so neither the unit nor the number of customers changes its course. Above SMALL rows a
 * stride sample is searched first; its optimum is the start of the whole.
 */
#include "custval.h"
#include "inline.h"

#include <string.h>

enum { SMALL = 50000, SAMPLE = 10000, SEEDS = 6 };

#define EDGE 12.0       /* of abs(log parameter), in the scale of the rows */
#define BEYOND 16.0     /* where a search that runs off is stopped */
#define CURVATURE 1e-10 /* least eigenvalue of a mean log-likelihood that is not flat */
#define CONDITION 1e10
#define GRADIENT 1e-6
#define AGREEMENT 1e-6 /* of two starts, in log-parameters */
#define ROUNDING 1e-12 /* of a mean log-likelihood */

/* Where searches start, in the scale of the rows: r, alpha, a, b and p, q, gamma. */
static const double BG_SEED[SEEDS][CV_PARAMETERS] = {{1, 0.125, 1, 3}, {0.3, 0.5, 0.5, 2},
                                                     {3, 1, 0.3, 0.3}, {0.1, 0.02, 3, 10},
                                                     {5, 5, 5, 5},     {0.5, 0.1, 0.05, 1}};
static const double GG_SEED[SEEDS][CV_PARAMETERS] = {{3, 3, 1},   {1, 5, 5},     {10, 2, 0.1},
                                                     {0.3, 2, 3}, {30, 10, 0.3}, {2, 30, 15}};

/* One set of rows, with the parameters that are free on it. */
typedef struct {
    const cv_rows *rows;
    size_t parameters, unit; /* how many; the one that is measured in the unit of the data */
    size_t d, free[CV_PARAMETERS];
    double parameter[CV_PARAMETERS]; /* the fixed ones stay */
} cv_problem;

static cv_problem
problem_of(const cv_rows *rows, const double *fixed)
{
    int spend = rows->model == CV_GG;
    cv_problem problem = {rows, spend ? 3 : 4, spend ? 2 : 1, 0, {0}, {0}};
    for (size_t i = 0; i < problem.parameters; i++) {
        problem.parameter[i] = i == problem.unit ? fixed[i] / rows->scale : fixed[i];
        if (isnan(fixed[i])) problem.free[problem.d++] = i;
    }
    return problem;
}

static int
likelihood(const cv_rows *rows, const double *parameter, cv_derivatives *all)
{
    return rows->model == CV_GG ? cv_gg_likelihood(rows, parameter, all)
                                : cv_bg_likelihood(rows, parameter, all);
}

/* Mean negative log-likelihood in the logs of the free parameters: a cv_objective. */
static int
mean_surprise(void *context, const double *theta, double *value, double *gradient, double *hessian)
{
    cv_problem *problem = context;
    const size_t *which = problem->free, d = problem->d;
    double *p = problem->parameter, n = problem->rows->customers;
    cv_derivatives all = {0};
    for (size_t i = 0; i < d; i++) p[which[i]] = exp(theta[i]);
    if (likelihood(problem->rows, p, &all)) return 1;
    *value = -all.value / n;
    for (size_t i = 0; i < d; i++) {
        gradient[i] = -p[which[i]] * all.gradient[which[i]] / n;
        for (size_t k = 0; k <= i; k++) {
            double h = -p[which[i]] * p[which[k]] * all.hessian[which[k]][which[i]] / n;
            hessian[i * d + k] = hessian[k * d + i] = h + (i == k ? gradient[i] : 0);
        }
    }
    return 0;
}

/* Least eigenvalue and its place, and largest over least. */
static size_t
least(const cv_problem *problem, const cv_search *at, double *smallest, double *condition)
{
    size_t low = 0, high = 0;
    for (size_t i = 1; i < problem->d; i++) {
        if (at->eigenvalue[i] < at->eigenvalue[low]) low = i;
        if (at->eigenvalue[i] > at->eigenvalue[high]) high = i;
    }
    *smallest = at->eigenvalue[low];
    *condition = *smallest > 0 ? at->eigenvalue[high] / *smallest : HUGE_VAL;
    return low;
}

static double
largest(size_t d, const double *v)
{
    double size = 0;
    for (size_t i = 0; i < d; i++) size = fmax(size, fabs(v[i]));
    return size;
}

/* What the certificate asks of one point; `slack` < 1 makes it stricter, to find suspects. */
static int
is_sound(const cv_problem *problem, const cv_search *at, double slack)
{
    double smallest, condition;
    least(problem, at, &smallest, &condition);
    return isfinite(at->value) && largest(problem->d, at->gradient) <= GRADIENT &&
           smallest * slack >= CURVATURE && condition <= CONDITION * slack &&
           largest(problem->d, at->theta) <= EDGE * (slack < 1 ? 0.75 : 1);
}

static int
is_same(const cv_problem *problem, const cv_search *a, const cv_search *b)
{
    for (size_t i = 0; i < problem->d; i++)
        if (!(fabs(a->theta[i] - b->theta[i]) <= AGREEMENT)) return 0;
    return 1;
}

static cv_search_end
search_from(cv_problem *problem, int seed, int limit, cv_search *search)
{
    memset(search, 0, sizeof *search);
    const double *start = problem->rows->model == CV_GG ? GG_SEED[seed] : BG_SEED[seed];
    for (size_t i = 0; i < problem->d; i++) search->theta[i] = log(start[problem->free[i]]);
    return cv_minimise(mean_surprise, problem, problem->d, limit, BEYOND, search);
}

/* Searches from two seeds, and from all when these disagree or the Hessian is suspicious.
 * *agreed: two of them ended at the best point. Returns 1 when interrupted. */
static int
explore(cv_problem *problem, int limit, cv_search *best, int *agreed)
{
    *agreed = 0;
    if (search_from(problem, 0, limit, best) == CV_SEARCH_INTERRUPTED) return 1;
    for (int seed = 1; seed < SEEDS; seed++) {
        cv_search other;
        if (search_from(problem, seed, limit, &other) == CV_SEARCH_INTERRUPTED) return 1;
        if (is_same(problem, best, &other))
            *agreed = 1;
        else if (is_sound(problem, &other, 1) &&
                 (!is_sound(problem, best, 1) || other.value < best->value - ROUNDING)) {
            *best = other;
            *agreed = 0;
        }
        if (*agreed && is_sound(problem, best, 1e-4)) break;
    }
    return 0;
}

/* The whole, from the optimum of the sample where there is one. */
static int
refine(cv_problem *whole, cv_problem *sample, int limit, cv_search *best, int *agreed)
{
    if (explore(sample, limit, best, agreed)) return 1;
    if (sample == whole) return 0;
    if (!*agreed || !is_sound(sample, best, 1)) return explore(whole, limit, best, agreed);
    return cv_minimise(mean_surprise, whole, whole->d, limit, BEYOND, best) ==
           CV_SEARCH_INTERRUPTED;
}

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
        if (fabs(at->theta[i]) > EDGE * 0.75) result->gone[p] = copysign(1, at->theta[i]);
        free_chance += problem->rows->model != CV_GG && (p == A || p == B);
    }
    double odds = free_chance == 2 ? log(result->parameter[A] / result->parameter[B]) : 0;
    if (fabs(odds) <= EDGE / 2) return;
    result->gone[odds < 0 ? A : B] = -1;
    result->gone[odds < 0 ? B : A] = 0;
}

static void
report(const cv_problem *problem, const cv_search *at, const double *fixed, cv_fit_result *result)
{
    const cv_rows *rows = problem->rows;
    size_t low = least(problem, at, &result->smallest, &result->condition);
    result->customers = rows->customers;
    result->loglik = -at->value * rows->customers;
    if (rows->model != CV_GG) result->loglik -= rows->repeats * log(rows->scale);
    result->gradient = largest(problem->d, at->gradient);
    result->passes = at->passes;
    for (size_t i = 0; i < problem->parameters; i++) result->parameter[i] = fixed[i];
    for (size_t i = 0; i < problem->d; i++) {
        size_t p = problem->free[i];
        result->parameter[p] = exp(at->theta[i]) * (p == problem->unit ? rows->scale : 1);
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
    int settled = result->gradient <= GRADIENT;
    if (!isfinite(at->value) || (at->moves == 0 && !settled)) return CV_FIT_NOT_MOVED;
    if (at->value > at->first_value + ROUNDING) return CV_FIT_NOT_MOVED;
    if (is_sound(problem, at, 1)) return agreed ? CV_FIT_CONVERGED : CV_FIT_ITERATION_LIMIT;
    for (size_t i = 0; i < problem->parameters; i++)
        if (result->gone[i] < 0) return CV_FIT_BOUNDARY;
    if (result->smallest < CURVATURE || result->condition > CONDITION ||
        largest(problem->d, at->theta) > EDGE)
        return CV_FIT_FLAT;
    return CV_FIT_ITERATION_LIMIT;
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
    if (status != CV_FIT_CONVERGED) return status;
    cv_rows rows = {.model = model, .simd = simd, .tick = tick, .context = context}, few = rows;
    rows.scale = few.scale = cv_fit_scale(model, data);
    int sampled = data->n > SMALL;
    size_t stride = sampled ? data->n / SAMPLE + 1 : 1;
    void *rest = cv_rows_place(&rows, data->n, workspace);
    if (sampled) cv_rows_place(&few, SAMPLE, rest);
    if (cv_rows_arrange(&rows, data, 1)) return CV_FIT_INTERRUPTED;
    if (sampled && cv_rows_arrange(&few, data, stride)) return CV_FIT_INTERRUPTED;
    cv_problem whole = problem_of(&rows, fixed), sample = problem_of(&few, fixed);
    cv_search best;
    int agreed;
    if (refine(&whole, sampled ? &sample : &whole, limit, &best, &agreed))
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
    if (likelihood(&rows, parameter, &all)) return CV_FIT_INTERRUPTED;
    *value = all.value;
    for (size_t i = 0; i < CV_PARAMETERS; i++) {
        gradient[i] = all.gradient[i];
        for (size_t k = 0; k < CV_PARAMETERS; k++)
            hessian[i * CV_PARAMETERS + k] = all.hessian[i < k ? i : k][i < k ? k : i];
    }
    return CV_FIT_CONVERGED;
}
