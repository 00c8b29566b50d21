/* bdw_fit.c -- the likelihood of the shifted beta-geometric and the beta-discrete-Weibull: their
 * families.
 *
 * Over all tenures, with its exact gradient and Hessian in alpha, beta, c; c = 1 is the shifted
 * beta-geometric. A contract cancelled in period T survives to T - 1 and then not to T, another one
 * to T. Both are made of M = log S(to) / S(from) = log B(alpha, b + h) / B(alpha, b), with b = beta
 * + from^c and h = to^c - from^c by expm1. Equal rows are merged.
 *
 * Largest error against 50 digits, 60 samples of 12 tenures to 100, alpha and beta 1e-2..1e2: value
 * 5e-16 of the sum of its rows; in the logs of the parameters, of the largest entry, gradient and
 * Hessian 4e-13 (c = 1), 3e-8 (c .3..3, where alpha is 1e-8 of beta + T^c; median 3e-14).
 * Source: Fader, Hardie, Liu, Davin and Steenburgh (2018).
 */
#include <math.h>

#include "likelihood/rows.h"
#include "math/guards.h"
#include "math/special.h"
#include "types.h"

enum { ALPHA, BETA, C, ALL };

/* A value with its derivatives; upper triangle. */
typedef struct {
    double value, first[ALL], second[ALL][ALL];
} derivatives;

/* t^c, 0 at 0, and its derivatives in c. */
typedef struct {
    double value, first, second;
} power;

/* Return t^c with its derivatives in c. */
static power
power_of(double t, double c)
{
    if (t == 0) return (power){0, 0, 0};
    double value = pow(t, c), l = log(t);
    return (power){value, value * l, value * l * l};
}

/* Return M = log S(to) / S(from) with its derivatives; NaN where t^c leaves doubles. */
static derivatives
stays(double from, double to, const double *p)
{
    const power at = power_of(from, p[C]), end = power_of(to, p[C]);
    double h = from > 0 ? at.value * expm1(p[C] * log(to / from)) : end.value;
    double b = p[BETA] + at.value, both = p[ALPHA] + b, h_c = end.first - at.first;
    if (!(h > 0)) return (derivatives){.value = to > from ? NAN : 0};
    double M_a = -cv_dpoch(both, h), M_b = cv_dpoch(b, h) + M_a, M_h = -cv_dpoch(b + h, p[ALPHA]);
    double M_aa = -cv_tpoch(both, h), M_bb = cv_tpoch(b, h) + M_aa;
    double M_ah = -cv_trigamma(both + h), M_hh = -cv_tpoch(b + h, p[ALPHA]); /* also M_bh */
    derivatives m = {.value = cv_lbeta_up(p[ALPHA], b, h)};
    m.first[ALPHA] = M_a;
    m.first[BETA] = M_b;
    m.first[C] = M_b * at.first + M_h * h_c;
    m.second[ALPHA][ALPHA] = m.second[ALPHA][BETA] = M_aa;
    m.second[BETA][BETA] = M_bb;
    m.second[ALPHA][C] = M_aa * at.first + M_ah * h_c;
    m.second[BETA][C] = M_bb * at.first + M_hh * h_c;
    m.second[C][C] = M_bb * at.first * at.first + M_hh * h_c * (2 * at.first + h_c) +
                     M_b * at.second + M_h * (end.second - at.second);
    return m;
}

/* Add f(m), given f and its derivatives in m. */
static void
add(double weight, double f, double slope, double bend, const derivatives *m, cv_derivatives *all)
{
    all->value += weight * f;
    for (int i = 0; i < ALL; i++) {
        all->gradient[i] += weight * slope * m->first[i];
        for (int k = i; k < ALL; k++)
            all->hessian[i][k] +=
                weight * (slope * m->second[i][k] + bend * m->first[i] * m->first[k]);
    }
}

/* Two values of M per cancelled contract, log S(T - 1) and log(1 - S(T) / S(T - 1)); one else. */
static int
likelihood(const cv_rows *rows, const double *parameter, cv_derivatives *all)
{
    double p[ALL] = {parameter[ALPHA], parameter[BETA], 1};
    size_t i = 0;
    if (rows->family->parameters == ALL) p[C] = parameter[C];
    for (size_t g = 0; g < rows->groups; g++) {
        double cancelled = rows->group[g].x;
        for (; i < rows->group[g].end; i++) {
            double T = rows->T[i], weight = rows->weight[i];
            if (stopped_at_customer(i, rows->tick, rows->context)) return 1;
            const derivatives there = stays(0, T - cancelled, p);
            add(weight, there.value, 1, 0, &there, all);
            if (cancelled == 0) continue;
            const derivatives last = stays(T - 1, T, p);
            double odds = 1 / expm1(-last.value); /* of renewal */
            add(weight, log(-expm1(last.value)), -odds, -odds * (1 + odds), &last, all);
        }
    }
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {{1, 1, 1},    {0.5, 0.8, 1.3}, {0.2, 1.4, 1.7},
                                                     {5, 5, 0.7},  {0.2, 0.5, 2},   {2, 20, 0.5},
                                                     {10, 100, 1}, {0.1, 3, 3},     {50, 20, 0.3}};

/* Only ratios are probabilities. */
static const int FOLLOWS[CV_PARAMETERS][CV_PARAMETERS] = {{0, 1}, {1}};

#define FAMILY(PREFIX, PARAMETERS)                                                                 \
    {                                                                                              \
        .prefix = PREFIX, .kind = CV_TENURES, .columns = 2, .parameters = PARAMETERS,              \
        .odds = {{ALPHA, BETA}}, .distinct = 1, .seed = SEED, .follows = FOLLOWS,                  \
        .likelihood = likelihood                                                                   \
    }

const cv_family cv_sbg_family = FAMILY("sbg", 2);
const cv_family cv_bdw_family = FAMILY("bdw", 3);
