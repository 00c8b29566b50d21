/* multistart.c -- where searches start, and which optimum to believe.
 *
 * A likelihood can have two modes, or a ridge that rises above its mode towards a boundary. So nine
 * searches start from seeds spread over the plausible parameters, and the best sound point wins; it
 * counts as agreed on only if a second search ended there too. A search runs in log-parameters on
 * the mean log-likelihood of histories in units of their own scale, so neither the unit nor the
 * number of customers changes its course; distances count from where the fixed parameters put the
 * origin. With many rows the search of a sample finds the modes, and all rows refine them.
 *
 * Two optima are the same within 1e-6 in log-parameters; a ridge must beat a sound mode by 1e-9 in
 * mean log-likelihood. Simulated data of every model refit: tests/guarantees/test_recovery.py.
 */
#include <math.h>
#include <string.h>

#include "fit/multistart.h"
#include "fit/covariates.h"
#include "fit/newton.h"
#include "likelihood/rows.h"
#include "types.h"

enum { MANY = 5000 }; /* rows that have a single mode in practice, in some families */

#define BEYOND 16.0    /* where a search that runs off is stopped, in log-parameters */
#define AGREEMENT 1e-6 /* of two optima, in log-parameters */
#define RIDGE 1e-9     /* by which a ridge must beat a mode, in mean log-likelihood */

/* Return how far a fixed parameter moves the origin of a free one, in logs. */
static double
moved(const int (*powers)[CV_PARAMETERS], size_t free, size_t held, double parameter)
{
    return powers != NULL && powers[free][held] ? powers[free][held] * log(parameter) : 0;
}

cv_problem
cv_problem_of(const cv_rows *rows, const double *fixed)
{
    const cv_family *family = rows->family;
    cv_problem problem = {.rows = rows};
    for (size_t i = 0; i < family->parameters; i++) {
        problem.parameter[i] = (fixed[i] - center_of(rows, i)) / unit_of(rows, i);
        if (isnan(fixed[i])) problem.free[problem.d++] = i;
    }
    for (size_t i = 0; i < problem.d; i++)
        for (size_t k = 0; k < family->parameters; k++) {
            if (isnan(fixed[k])) continue;
            problem.origin[i] += moved(family->follows, problem.free[i], k, problem.parameter[k]);
            double up = moved(family->raised, problem.free[i], k, problem.parameter[k]);
            problem.origin[i] += fmin(fmax(0, up), CV_EDGE / 2);
        }
    return problem;
}

double
cv_parameter_at(const cv_problem *problem, const cv_search *at, size_t i)
{
    const cv_rows *rows = problem->rows;
    size_t p = problem->free[i];
    double theta = problem->origin[i] + stretch_of(rows, p) * at->theta[i];
    return (rows->family->location[p] ? theta : exp(theta)) * unit_of(rows, p) + center_of(rows, p);
}

double
cv_theta_of(const cv_problem *problem, size_t i, double parameter)
{
    const cv_rows *rows = problem->rows;
    size_t p = problem->free[i];
    double value = (parameter - center_of(rows, p)) / unit_of(rows, p);
    double theta = (rows->family->location[p] ? value : log(value)) - problem->origin[i];
    return theta / stretch_of(rows, p);
}

/* Add half the penalty times the square of each coefficient. */
static void
add_penalty(const cv_problem *problem, const double *theta, double *value, double *gradient,
            double *hessian)
{
    double penalty = problem->rows->penalty;
    for (size_t i = 0; penalty > 0 && i < problem->d; i++) {
        if (!is_coefficient(problem->rows, problem->free[i])) continue;
        *value += penalty * theta[i] * theta[i] / 2;
        gradient[i] += penalty * theta[i];
        hessian[i * problem->d + i] += penalty;
    }
}

/* Evaluate the mean negative log-likelihood in theta, with its penalty: a cv_objective. */
static int
mean_surprise(void *context, const double *theta, double *value, double *gradient, double *hessian)
{
    cv_problem *problem = context;
    const cv_family *family = problem->rows->family;
    const size_t *which = problem->free, d = problem->d;
    double *p = problem->parameter, step[CV_PARAMETERS], n = problem->rows->customers;
    cv_derivatives all = {0};
    for (size_t i = 0; i < d; i++) {
        double stretch = stretch_of(problem->rows, which[i]);
        double at = problem->origin[i] + stretch * theta[i];
        p[which[i]] = family->location[which[i]] ? at : exp(at);
        step[i] = stretch * (family->location[which[i]] ? 1 : p[which[i]]);
    }
    if (family->likelihood(problem->rows, p, &all)) return 1;
    *value = -all.value / n;
    for (size_t i = 0; i < d; i++) {
        gradient[i] = -step[i] * all.gradient[which[i]] / n;
        for (size_t k = 0; k <= i; k++) {
            double h = -step[i] * step[k] * all.hessian[which[k]][which[i]] / n;
            hessian[i * d + k] = hessian[k * d + i] = h;
        }
        if (!family->location[which[i]])
            hessian[i * d + i] += stretch_of(problem->rows, which[i]) * gradient[i];
    }
    add_penalty(problem, theta, value, gradient, hessian);
    return 0;
}

size_t
cv_least_curved(const cv_problem *problem, const cv_search *at, double *smallest, double *condition)
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

double
cv_largest(size_t d, const double *v)
{
    double size = 0;
    for (size_t i = 0; i < d; i++) size = fmax(size, fabs(v[i]));
    return size;
}

int
cv_is_sound(const cv_problem *problem, const cv_search *at, double slack)
{
    double smallest, condition;
    cv_least_curved(problem, at, &smallest, &condition);
    return isfinite(at->value) && cv_largest(problem->d, at->gradient) <= CV_GRADIENT &&
           smallest * slack >= CV_CURVATURE && condition <= CV_CONDITION * slack &&
           cv_largest(problem->d, at->theta) <= CV_EDGE * (slack < 1 ? 0.75 : 1);
}

/* Return whether two searches ended at the same point. */
static int
is_same(const cv_problem *problem, const cv_search *a, const cv_search *b)
{
    for (size_t i = 0; i < problem->d; i++)
        if (!(fabs(a->theta[i] - b->theta[i]) <= AGREEMENT)) return 0;
    return 1;
}

cv_search_end
cv_search_on(cv_problem *problem, int limit, cv_search *search)
{
    return cv_minimise(mean_surprise, problem, problem->d, limit, BEYOND, search);
}

/* Search from one seed of the family. */
static cv_search_end
search_from(cv_problem *problem, int seed, int limit, cv_search *search)
{
    memset(search, 0, sizeof *search);
    const cv_family *family = problem->rows->family;
    for (size_t i = 0; i < problem->d; i++) {
        size_t p = problem->free[i];
        double start = family->seed[seed][p];
        search->theta[i] =
            (family->location[p] ? start : log(start)) / stretch_of(problem->rows, p);
    }
    return cv_search_on(problem, limit, search);
}

/* Search once more beside a mode that one seed alone found: a factor e off in every parameter. */
static cv_search_end
search_beside(cv_problem *problem, const cv_search *best, int limit, cv_search *search)
{
    memset(search, 0, sizeof *search);
    for (size_t i = 0; i < problem->d; i++) search->theta[i] = best->theta[i] + (i % 2 ? 1 : -1);
    return cv_search_on(problem, limit, search);
}

/* Return whether a has the higher likelihood; between a sound point and a ridge the ridge has to be
 * clearly higher. */
static int
is_better(const cv_problem *problem, const cv_search *a, const cv_search *b)
{
    int lead = cv_is_sound(problem, a, 1) - cv_is_sound(problem, b, 1);
    return isfinite(a->value) && !(a->value >= b->value - CV_ROUNDING + lead * RIDGE);
}

/* Search from every seed; in some families and with many rows from two, unless these disagree or
 * the Hessian is suspicious. Sets *agreed: two searches ended at the best point; *second: the best
 * of those that ended elsewhere. Returns 1 when interrupted. */
static int
multistart(cv_problem *problem, int limit, cv_search *best, cv_search *second, int *agreed)
{
    *agreed = 0;
    if (search_from(problem, 0, limit, best) == CV_SEARCH_INTERRUPTED) return 1;
    *second = *best;
    for (int seed = 1; seed < CV_SEEDS + (!*agreed && cv_is_sound(problem, best, 1)); seed++) {
        cv_search other;
        cv_search_end end = seed < CV_SEEDS ? search_from(problem, seed, limit, &other)
                                            : search_beside(problem, best, limit, &other);
        if (end == CV_SEARCH_INTERRUPTED) return 1;
        if (is_same(problem, best, &other)) {
            *agreed = 1;
        } else if (is_better(problem, &other, best)) {
            *second = *best;
            *best = other;
            *agreed = 0;
        } else if (is_same(problem, best, second) || is_better(problem, &other, second)) {
            *second = other;
        }
        if (*agreed && cv_is_sound(problem, best, 1e-4) && problem->rows->family->single_mode &&
            problem->rows->n > MANY)
            break;
    }
    return 0;
}

/* A second mode of the sample is refined too, and the better one on all rows wins. */
int
cv_refine(cv_problem *level, size_t levels, int limit, cv_search *best, int *agreed)
{
    cv_search second;
    cv_problem *sample = &level[levels - 1];
    if (multistart(sample, limit, best, &second, agreed)) return 1;
    if (levels == 1) return 0;
    if (!*agreed || !cv_is_sound(sample, best, 1))
        return multistart(level, limit, best, &second, agreed);
    int two_modes = cv_is_sound(sample, &second, 1) && !is_same(sample, best, &second);
    for (size_t i = levels - 1; i-- > 0;) {
        if (cv_search_on(&level[i], limit, best) == CV_SEARCH_INTERRUPTED) return 1;
        if (two_modes && cv_search_on(&level[i], limit, &second) == CV_SEARCH_INTERRUPTED) return 1;
    }
    if (two_modes && is_better(level, &second, best)) *best = second;
    return 0;
}
