/* newton.h -- the search for a minimum of a smooth function with exact derivatives. */
#ifndef CUSTVAL_NEWTON_H
#define CUSTVAL_NEWTON_H

#include "types.h"

/* Set value, gradient (d) and Hessian (d x d, row by row) at theta; not finite where the function
 * has no value. Returns 0, or anything else to stop the search. */
typedef int (*cv_objective)(void *context, const double *theta, double *value, double *gradient,
                            double *hessian);

/* A search: theta is the start on entry and the best point on return; the rest is set for it. */
typedef struct {
    double theta[CV_PARAMETERS], value, first_value; /* value at the best point and at the start */
    double gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    double eigenvalue[CV_PARAMETERS];                  /* of the Hessian */
    double eigenvector[CV_PARAMETERS * CV_PARAMETERS]; /* column i belongs to eigenvalue i */
    double slope[CV_PARAMETERS];                       /* the gradient along them */
    double decrement;                                  /* g' H^-1 g, infinite unless H > 0 */
    int passes, moves; /* evaluations of the objective, and steps that improved it */
} cv_search;

/* How a search ended. */
typedef enum {
    CV_SEARCH_DONE,       /* A minimum: the gradient is below 1e-9, the decrement below 1e-14. */
    CV_SEARCH_LIMIT,      /* The passes ran out. */
    CV_SEARCH_EDGE,       /* A component left [-edge, edge]. */
    CV_SEARCH_STALLED,    /* No step improves, or the start is not finite. */
    CV_SEARCH_INTERRUPTED /* The objective stopped the search. */
} cv_search_end;

/* Minimise an objective of 1 <= d <= CV_PARAMETERS components from search->theta, in at most
 * `limit` evaluations. Sets *search to the best point found, however the search ends. */
cv_search_end cv_minimise(cv_objective objective, void *context, size_t d, int limit, double edge,
                          cv_search *search);

/* Decompose a symmetric matrix a (d x d, destroyed) = vector diag(value) vector', by Jacobi
 * rotations; column i of vector is a unit eigenvector. Small eigenvalues of positive definite,
 * badly scaled matrices keep their digits. */
void cv_eigen(size_t d, double *a, double *value, double *vector);

#endif
