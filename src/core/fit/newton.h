/* newton.h -- the search for a minimum. */
#ifndef CUSTVAL_NEWTON_H
#define CUSTVAL_NEWTON_H

#include "types.h"

/* Value, gradient and Hessian (row by row, d x d) at theta; anything but 0 asks to stop. */
typedef int (*cv_objective)(void *context, const double *theta, double *value, double *gradient,
                            double *hessian);

/* A search for a minimum: theta is the start on entry and the best point on return. */
typedef struct {
    double theta[CV_PARAMETERS], value, first_value;
    double gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    double eigenvalue[CV_PARAMETERS];
    double eigenvector[CV_PARAMETERS * CV_PARAMETERS]; /* column i belongs to eigenvalue i */
    double slope[CV_PARAMETERS];                       /* the gradient along them */
    double decrement;                                  /* g' H^-1 g, infinite unless H > 0 */
    int passes, moves;
} cv_search;

typedef enum {
    CV_SEARCH_DONE,
    CV_SEARCH_LIMIT,      /* out of passes */
    CV_SEARCH_EDGE,       /* a component left [-edge, edge] */
    CV_SEARCH_STALLED,    /* no step improves, or the start is not finite */
    CV_SEARCH_INTERRUPTED /* the objective asked to stop */
} cv_search_end;

/* Trust-region Newton with exact Hessians: Conn, Gould, Toint (2000), chapter 7. */
cv_search_end cv_minimise(cv_objective objective, void *context, size_t d, int limit, double edge,
                          cv_search *search);

/* Jacobi rotations: a (d x d, symmetric, destroyed) = vector diag(value) vector'. */
void cv_eigen(size_t d, double *a, double *value, double *vector);

#endif
