/* multistart.h -- the problem that is searched, its searches, and the convergence check.
 *
 * Theta are the free parameters: logs, in units of the rows' own scale, counted from an origin that
 * follows the fixed ones; a location is searched as it is. So no unit and no number of customers
 * changes the course of a search.
 */
#ifndef CUSTVAL_MULTISTART_H
#define CUSTVAL_MULTISTART_H

#include "fit/covariates.h"
#include "fit/newton.h"
#include "likelihood/rows.h"

/* The convergence check (M1): what a point must meet to count as a fit. */
#define CV_EDGE 12.0       /* largest abs(theta) */
#define CV_CURVATURE 1e-10 /* least eigenvalue of the Hessian of the mean log-likelihood */
#define CV_CONDITION 1e10  /* largest ratio of two eigenvalues */
#define CV_GRADIENT 1e-6   /* largest component of its gradient */
#define CV_ROUNDING 1e-12  /* differences of two mean log-likelihoods that rounding explains */

/* One set of rows, with the parameters that are free on it. */
typedef struct {
    const cv_rows *rows;
    size_t d, free[CV_PARAMETERS];
    double parameter[CV_PARAMETERS]; /* in the scale of the rows; the fixed ones stay */
    double origin[CV_PARAMETERS];    /* of the free ones: 0, or beside a fixed parameter */
} cv_problem;

/* Return the problem of fitting the parameters whose entry in `fixed` is NaN to the rows. */
cv_problem cv_problem_of(const cv_rows *rows, const double *fixed);

/* Return the i-th free parameter at a point of a search, in the unit of the data; and the component
 * of theta for a value of it. */
double cv_parameter_at(const cv_problem *problem, const cv_search *at, size_t i);
double cv_theta_of(const cv_problem *problem, size_t i, double parameter);

/* Search from search->theta for a minimum of the mean negative log-likelihood. */
cv_search_end cv_search_on(cv_problem *problem, int limit, cv_search *search);

/* Return the index of the least eigenvalue; set it and the largest over it, HUGE_VAL unless > 0. */
size_t cv_least_curved(const cv_problem *problem, const cv_search *at, double *smallest,
                       double *condition);

/* Return the largest absolute value of d numbers. */
double cv_largest(size_t d, const double *v);

/* Return whether a point passes the convergence check; `slack` < 1 makes the check stricter, to
 * find suspects. */
int cv_is_sound(const cv_problem *problem, const cv_search *at, double slack);

/* Set *best to the best optimum of level[0], all rows, by way of its samples, the smallest last;
 * *agreed to whether two searches ended there. Returns 1 when interrupted. */
int cv_refine(cv_problem *level, size_t levels, int limit, cv_search *best, int *agreed);

/* Return what one unit of parameter i in the scale of the rows is in the unit of the data. */
static inline double
unit_of(const cv_rows *rows, size_t i)
{
    if (is_coefficient(rows, i)) return 1 / rows->spread[i - rows->family->base->parameters];
    int power = rows->family->unit[i];
    return power == 1 ? rows->scale : power == -1 ? 1 / rows->scale : 1;
}

/* Return what one unit of theta is in the log of parameter i, or in a location. */
static inline double
stretch_of(const cv_rows *rows, size_t i)
{
    return rows->family->wide[i] ? 3 : 1;
}

/* Return the origin of parameter i: the center of the data for a location, else 0. */
static inline double
center_of(const cv_rows *rows, size_t i)
{
    return rows->family->location[i] && !is_coefficient(rows, i) ? rows->center : 0;
}

#endif
