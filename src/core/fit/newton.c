/* newton.c -- one minimiser for all models: Newton steps inside a trust region.
 *
 * The exact Hessian is decomposed into eigenvectors, so that a step is one division per direction
 * and a direction of negative or no curvature is seen: there the step goes to the edge of the
 * region. The radius follows the ratio of actual to predicted decrease; close to a minimum, where
 * rounding hides the decrease, the gradient has to shrink instead. No step makes the value worse,
 * and a value that is not finite shrinks the region.
 *
 * Error: at CV_SEARCH_DONE the value is within decrement / 2 <= 5e-15 of the minimum of the local
 * quadratic model. Eigenvalues and eigenvectors rebuild a matrix of up to 24 x 24 within 9e-15 of
 * its largest entry, orthogonal to 6e-15 (2000 random ones, condition up to 1e10). Source: Conn,
 * Gould and Toint (2000), Trust-Region Methods, chapter 7; Golub and Van Loan (2013), 8.5.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "fit/newton.h"
#include "types.h"

enum { SWEEPS = 40, BISECTIONS = 100, WIDEST = 4 };

/* Rotate rows and columns p and q so that a[p][q] becomes 0; rotate the vectors with them. */
static void
rotate(size_t d, double *a, double *vector, size_t p, size_t q)
{
    double slope = (a[q * d + q] - a[p * d + p]) / (2 * a[p * d + q]);
    double t = copysign(1, slope) / (fabs(slope) + hypot(slope, 1));
    double c = 1 / hypot(t, 1), s = t * c;
    for (size_t k = 0; k < d; k++) {
        double u = a[k * d + p], v = a[k * d + q];
        a[k * d + p] = c * u - s * v;
        a[k * d + q] = s * u + c * v;
    }
    for (size_t k = 0; k < d; k++) {
        double u = a[p * d + k], v = a[q * d + k];
        a[p * d + k] = c * u - s * v;
        a[q * d + k] = s * u + c * v;
        u = vector[k * d + p], v = vector[k * d + q];
        vector[k * d + p] = c * u - s * v;
        vector[k * d + q] = s * u + c * v;
    }
}

/* Sweep until no entry is above 2^-60 of the geometric mean of its diagonal entries. */
void
cv_eigen(size_t d, double *a, double *value, double *vector)
{
    for (size_t i = 0; i < d * d; i++) vector[i] = i % (d + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        int rotated = 0;
        for (size_t p = 0; p < d; p++)
            for (size_t q = p + 1; q < d; q++) {
                double size = sqrt(fabs(a[p * d + p])) * sqrt(fabs(a[q * d + q]));
                if (fabs(a[p * d + q]) <= DBL_MIN + 0x1p-60 * size) continue;
                rotate(d, a, vector, p, q);
                rotated = 1;
            }
        if (!rotated) break;
    }
    for (size_t i = 0; i < d; i++) value[i] = a[i * d + i];
}

/* Evaluate the objective. Returns 1 when interrupted. */
static int
evaluate(cv_objective objective, void *context, cv_search *at)
{
    at->passes++;
    return objective(context, at->theta, &at->value, at->gradient, at->hessian);
}

/* Return whether value, gradient and Hessian are finite. */
static int
is_finite(size_t d, const cv_search *at)
{
    double sum = at->value;
    for (size_t i = 0; i < d; i++) sum += at->gradient[i];
    for (size_t i = 0; i < d * d; i++) sum += at->hessian[i];
    return isfinite(sum);
}

/* Set the eigensystem at a new point, the slopes along it, and the decrement. */
static void
decompose(size_t d, cv_search *at)
{
    double copy[CV_PARAMETERS * CV_PARAMETERS];
    memcpy(copy, at->hessian, sizeof copy);
    cv_eigen(d, copy, at->eigenvalue, at->eigenvector);
    at->decrement = 0;
    for (size_t i = 0; i < d; i++) {
        at->slope[i] = 0;
        for (size_t k = 0; k < d; k++) at->slope[i] += at->eigenvector[k * d + i] * at->gradient[k];
        at->decrement +=
            at->eigenvalue[i] > 0 ? at->slope[i] * at->slope[i] / at->eigenvalue[i] : HUGE_VAL;
    }
}

/* Return the Euclidean length. */
static double
norm(size_t d, const double *v)
{
    double square = 0;
    for (size_t i = 0; i < d; i++) square += v[i] * v[i];
    return sqrt(square);
}

/* Set step = -(H + mu)^-1 g in the frame of the eigenvectors; return its length. */
static double
shifted_step(size_t d, const cv_search *at, double mu, double *step)
{
    for (size_t i = 0; i < d; i++)
        step[i] = at->slope[i] == 0 ? 0 : -at->slope[i] / (at->eigenvalue[i] + mu);
    return norm(d, step);
}

/* Set the minimum of the quadratic model inside the region, in the frame of the eigenvectors;
 * return its length. */
static double
trust_step(size_t d, const cv_search *at, double radius, double *step)
{
    const double *eigenvalue = at->eigenvalue;
    size_t low = 0;
    for (size_t i = 1; i < d; i++)
        if (eigenvalue[i] < eigenvalue[low]) low = i;
    if (eigenvalue[low] > 1e-12) {
        double length = shifted_step(d, at, 0, step);
        if (length <= radius) return length;
    }
    double from = fmax(0, -eigenvalue[low]), to = from + norm(d, at->slope) / radius;
    for (int i = 0; i < BISECTIONS; i++) {
        double mu = from + (to - from) / 2;
        if (shifted_step(d, at, mu, step) > radius)
            from = mu;
        else
            to = mu;
    }
    double length = shifted_step(d, at, to, step);
    if (length < 0.99 * radius) { /* the hard case: no slope along the lowest direction */
        step[low] += copysign(sqrt((radius - length) * (radius + length)), step[low]);
        length = norm(d, step);
    }
    return length;
}

/* Add eigenvector * step to theta; return the decrease that the quadratic model predicts. */
static double
move(size_t d, const cv_search *at, const double *step, double *theta)
{
    double predicted = 0;
    for (size_t i = 0; i < d; i++) {
        predicted -= step[i] * (at->slope[i] + at->eigenvalue[i] * step[i] / 2);
        for (size_t k = 0; k < d; k++) theta[k] += at->eigenvector[k * d + i] * step[i];
    }
    return predicted;
}

/* Return whether gradient and decrement are small enough to stop. */
static int
is_minimum(size_t d, const cv_search *at)
{
    for (size_t i = 0; i < d; i++)
        if (fabs(at->gradient[i]) > 1e-9) return 0;
    return at->decrement <= 1e-14;
}

/* Return whether a component has left [-edge, edge]. */
static int
is_beyond(size_t d, const double *theta, double edge)
{
    for (size_t i = 0; i < d; i++)
        if (fabs(theta[i]) > edge) return 1;
    return 0;
}

/* Return actual over predicted decrease. Close to a minimum rounding hides the decrease: there the
 * gradient has to shrink. */
static double
gain(size_t d, const cv_search *from, const cv_search *to, double predicted)
{
    if (!is_finite(d, to)) return -1;
    if (predicted < 1e-10 * (1 + fabs(from->value)) && from->decrement < HUGE_VAL)
        return norm(d, to->gradient) < norm(d, from->gradient) ? 0.5 : -1;
    return (from->value - to->value) / predicted;
}

/* Step to where the quadratic model is lowest inside the radius, if the objective agrees; adapt the
 * radius. Returns 1 when interrupted. */
static int
try_step(cv_objective objective, void *context, size_t d, cv_search *search, double *radius)
{
    double step[CV_PARAMETERS];
    cv_search trial = *search;
    double length = trust_step(d, search, *radius, step);
    double predicted = move(d, search, step, trial.theta);
    if (evaluate(objective, context, &trial)) return 1;
    search->passes = trial.passes;
    double rho = gain(d, search, &trial, predicted);
    if (rho < 0.25)
        *radius = length / 4;
    else if (rho > 0.75 && length > 0.9 * *radius)
        *radius = fmin(2.5 * *radius, WIDEST);
    if (!(rho > 1e-4)) return 0;
    *search = trial;
    search->moves++;
    decompose(d, search);
    return 0;
}

/* Ends with one more Newton step that is not evaluated. */
cv_search_end
cv_minimise(cv_objective objective, void *context, size_t d, int limit, double edge,
            cv_search *search)
{
    double step[CV_PARAMETERS], radius = 1;
    search->passes = search->moves = 0;
    if (evaluate(objective, context, search)) return CV_SEARCH_INTERRUPTED;
    search->first_value = search->value;
    if (!is_finite(d, search)) return CV_SEARCH_STALLED;
    decompose(d, search);
    while (!is_minimum(d, search)) {
        if (search->passes >= limit) return CV_SEARCH_LIMIT;
        if (is_beyond(d, search->theta, edge)) return CV_SEARCH_EDGE;
        if (radius < 1e-12) return CV_SEARCH_STALLED;
        if (try_step(objective, context, d, search, &radius)) return CV_SEARCH_INTERRUPTED;
    }
    /* The last Newton step changes the value by decrement / 2 <= 5e-15: no need to evaluate. */
    shifted_step(d, search, 0, step);
    search->value -= move(d, search, step, search->theta);
    return CV_SEARCH_DONE;
}
