/* quadrature.h -- means over Gamma heterogeneity, integrals over time, the rule of 32 points. */
#ifndef CUSTVAL_QUADRATURE_H
#define CUSTVAL_QUADRATURE_H

typedef double (*cv_function)(double value, const void *what);

double cv_gamma_mean(cv_function f, const void *what, double shape); /* rate 1 */

/* Of f over (0, length): panels of 24 points, the first as wide as asked, then doubling. */
double cv_integral(cv_function f, const void *what, double length, double first, double widest);
double cv_panel(cv_function f, const void *what, double from, double width); /* one of them */
extern const double cv_legendre32[16][2]; /* abscissas above 0, weights */

/* The same rule in ascending order on (-1, 1), its weights twice the chances of a uniform. */
enum { CV_NODES = 32 };
typedef struct {
    double node[CV_NODES], chance[CV_NODES];
} cv_rule;
cv_rule cv_legendre_rule(void);

#endif
