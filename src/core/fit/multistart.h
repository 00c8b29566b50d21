/* multistart.h -- the problem that is searched, its searches, and what is asked of their ends. */
#ifndef CUSTVAL_MULTISTART_H
#define CUSTVAL_MULTISTART_H

#include "fit/covariates.h"
#include "fit/newton.h"
#include "likelihood/rows.h"

/* What the certificate (M1) asks of a point: */
#define CV_EDGE 12.0       /* of abs(theta) from its origin: logs of parameters in the scale */
#define CV_CURVATURE 1e-10 /* least eigenvalue of a mean log-likelihood that is not flat */
#define CV_CONDITION 1e10
#define CV_GRADIENT 1e-6
#define CV_ROUNDING 1e-12 /* of a mean log-likelihood */

/* One set of rows, with the parameters that are free on it. */
typedef struct {
    const cv_rows *rows;
    size_t d, free[CV_PARAMETERS];
    double parameter[CV_PARAMETERS]; /* in the scale of the rows; the fixed ones stay */
    double origin[CV_PARAMETERS];    /* of the free ones: 0, or beside a fixed one */
} cv_problem;

cv_problem cv_problem_of(const cv_rows *rows, const double *fixed);
/* The i-th free parameter, in the unit of the data, at a point of a search; and back. */
double cv_parameter_at(const cv_problem *problem, const cv_search *at, size_t i);
double cv_theta_of(const cv_problem *problem, size_t i, double parameter);
cv_search_end cv_search_on(cv_problem *problem, int limit, cv_search *search);
size_t cv_least_curved(const cv_problem *problem, const cv_search *at, double *smallest,
                       double *condition);
double cv_largest(size_t d, const double *v);
int cv_is_sound(const cv_problem *problem, const cv_search *at, double slack);
/* The best point of level[0], the whole, by way of its samples, the smallest last. */
int cv_refine(cv_problem *level, size_t levels, int limit, cv_search *best, int *agreed);

/* What one unit of a parameter in the scale of the rows is in the unit of the data. */
static inline double
unit_of(const cv_rows *rows, size_t i)
{
    if (is_coefficient(rows, i)) return 1 / rows->spread[i - rows->family->base->parameters];
    int power = rows->family->unit[i];
    return power == 1 ? rows->scale : power == -1 ? 1 / rows->scale : 1;
}

/* What one unit of theta is in the log of a parameter, or in a place. */
static inline double
stretch_of(const cv_rows *rows, size_t i)
{
    return rows->family->wide[i] ? 3 : 1;
}

static inline double
center_of(const cv_rows *rows, size_t i)
{
    return rows->family->location[i] && !is_coefficient(rows, i) ? rows->center : 0;
}

#endif
