/* check_newton.c -- the minimiser on functions that are known, and on sabotaged ones. */
#include <math.h>
#include <string.h>

#include "check.h"

typedef struct {
    int calls, bad_from, stop_at; /* NaN from this call on; ask to stop at that one */
} saboteur;

/* Rosenbrock (1960): minimum 0 at (1, 1), indefinite Hessian on the way. */
static int
rosenbrock(void *context, const double *t, double *value, double *g, double *h)
{
    saboteur *s = context;
    double u = t[1] - t[0] * t[0], v = 1 - t[0];
    if (++s->calls == s->stop_at) return 1;
    *value = s->bad_from && s->calls >= s->bad_from ? NAN : 100 * u * u + v * v;
    g[0] = -400 * u * t[0] - 2 * v;
    g[1] = 200 * u;
    h[0] = 800 * t[0] * t[0] - 400 * u + 2;
    h[1] = h[2] = -400 * t[0];
    h[3] = 200;
    return 0;
}

/* cos(t0) + cos(t1): the start (0, 0) is a maximum without slope, the hard case. */
static int
egg_box(void *context, const double *t, double *value, double *g, double *h)
{
    (void)context;
    *value = cos(t[0]) + cos(t[1]);
    g[0] = -sin(t[0]);
    g[1] = -sin(t[1]);
    h[0] = -cos(t[0]);
    h[1] = h[2] = 0;
    h[3] = -cos(t[1]);
    return 0;
}

/* exp(-t): falls for ever. */
static int
slope(void *context, const double *t, double *value, double *g, double *h)
{
    (void)context;
    *value = *h = exp(-*t);
    *g = -*value;
    return 0;
}

static cv_search
started(double first, double second)
{
    cv_search search;
    memset(&search, 0, sizeof search);
    search.theta[0] = first;
    search.theta[1] = second;
    return search;
}

static void
check_minima(void)
{
    saboteur none = {0, 0, 0};
    cv_search search = started(-1.2, 1);
    CHECK(cv_minimise(rosenbrock, &none, 2, 100, 16, &search) == CV_SEARCH_DONE);
    CHECK(fabs(search.theta[0] - 1) < 1e-12 && fabs(search.theta[1] - 1) < 1e-12);
    CHECK(search.passes < 40 && search.first_value > 24);
    search = started(0, 0);
    CHECK(cv_minimise(egg_box, NULL, 2, 100, 16, &search) == CV_SEARCH_DONE);
    CHECK_CLOSE(search.value, -2, 1e-14);
    search = started(0, 0);
    CHECK(cv_minimise(slope, NULL, 1, 100, 16, &search) == CV_SEARCH_EDGE);
}

static void
check_sabotage(void)
{
    for (int call = 1; call < 12; call++) {
        saboteur nan = {0, call, 0}, stop = {0, 0, call};
        cv_search search = started(-1.2, 1);
        CHECK(cv_minimise(rosenbrock, &nan, 2, 100, 16, &search) == CV_SEARCH_STALLED);
        CHECK(call == 1 || search.value <= search.first_value);
        search = started(-1.2, 1);
        CHECK(cv_minimise(rosenbrock, &stop, 2, 100, 16, &search) == CV_SEARCH_INTERRUPTED);
        saboteur none = {0, 0, 0};
        search = started(-1.2, 1);
        CHECK(cv_minimise(rosenbrock, &none, 2, call, 16, &search) == CV_SEARCH_LIMIT);
        CHECK(search.passes == call);
    }
}

static void
check_eigen(void)
{
    const double a[9] = {4, 1e-9, -2, 1e-9, 1e-8, 3e-9, -2, 3e-9, 1e6};
    double copy[9], value[3], vector[9];
    memcpy(copy, a, sizeof a);
    cv_eigen(3, copy, value, vector);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            double rebuilt = 0, unit = 0;
            for (size_t e = 0; e < 3; e++) {
                rebuilt += vector[i * 3 + e] * value[e] * vector[k * 3 + e];
                unit += vector[e * 3 + i] * vector[e * 3 + k];
            }
            CHECK(fabs(rebuilt - a[i * 3 + k]) < 1e-15 * sqrt(a[i * 4] * a[k * 4]) + 1e-10);
            CHECK(fabs(unit - (i == k)) < 1e-15);
        }
    CHECK_CLOSE(value[1], 1e-8, 1e-6); /* the small one keeps its digits beside the large ones */
}

void
check_newton(void)
{
    check_minima();
    check_sabotage();
    check_eigen();
}
