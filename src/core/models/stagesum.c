/* stagesum.c -- purchases of an active customer of a condensed model, discounted, to a horizon.
 *
 * Of a customer j stages into his gap, with lambda ~ Gamma(S, rate c), S = shape + j, let A_m be
 * the mean of e^(-rate u) at the time u of the m-th stage to come, 0 where that is after t. In z =
 * u / (c + u) it is the integral of e^(-rate c z / (1 - z)) over a Beta(m, S) density up to
 * t / (c + t). By parts, for the differences D_m = A_m - A_(m+1),
 *     D_m = ((m + 1) D_(m+1) + rate c A_(m+1)) / (S + m) + e^(-rate t) P(NB = m) c / (c + t),
 * from the far end down, all terms positive. S + m is the same for all j at one number of stages
 * since the last purchase, so that all go down together, each times the chance of its j.
 */
#include <math.h>

#include "math/negative_binomial.h"
#include "models/erlang.h"

enum {
    STEPS = 1 << 28, /* at most, each of one j; some tenths of a second */
    FRESH = 128      /* stages on which P(NB = m) goes from one to the next */
};

typedef struct {
    double value[CV_STAGES], drop[CV_STAGES], source[CV_STAGES]; /* A, D, and what D is given */
} descent;

/* At so many stages since the last purchase, but for e^(-rate t); returns the sum over j. */
static double
find_sources(int stage, double t, const cv_active *s, descent *of)
{
    double y = t / s->c, sum = 0;
    for (int j = 0; j < s->k && j < stage; j++) {
        double chance = s->stage[j] > 0 ? s->stage[j] * cv_nb_pmf(stage - j, s->shape + j, y) : 0;
        sum += of->source[j] = chance / (1 + y);
    }
    return sum;
}

static inline void
step_down(int stage, double theta, double z, const cv_active *s, descent *restrict of)
{
    const double share = 1 / (s->shape + stage), back = 1 / ((s->shape + (stage - 1)) * z);
    const int k = stage < s->k ? stage : s->k;
    for (int j = 0; j < k; j++) {
        double m = stage - j;
        of->drop[j] = ((m + 1) * of->drop[j] + theta * of->value[j]) * share + of->source[j];
        of->value[j] += of->drop[j];
        of->source[j] *= m * back;
    }
}

/* From A = D = 0 on, where P(NB >= m) is e^-44 even among those customers who buy so much that at
 * any m their stages come soon enough to be worth most: A_m over that of an endless t is at most
 * e^-(sqrt(m c / t) - sqrt(rate t))^2 for large m. Or later, where doubles begin. */
double
cv_discounted_stages(double t, double rate, const cv_active *s)
{
    descent of = {{0}, {0}, {0}};
    double root = sqrt(44) + sqrt(rate * t), theta = rate * s->c, z = t / (s->c + t), sum = 0;
    int k = s->k, stage = k * cv_far_end(CV_STAYS, t, root * root, (double)STEPS / k, s);
    if (stage == 0 || z < 1e-290) return NAN;
    while (find_sources(stage, t, s, &of) < 1e-250 && stage > k) stage -= (stage - k + 7) / 8;
    for (int fresh = FRESH; stage > 0; stage--, fresh--) {
        if (fresh == 0) find_sources(stage, t, s, &of);
        if (fresh == 0) fresh = FRESH;
        step_down(stage, theta, z, s, &of);
        if (stage % k > 0) continue;
        double purchase = 0, n = stage / k - 1;
        for (int j = 0; j < k; j++) purchase += of.value[j];
        sum = purchase + (s->b + n) / (s->a + s->b + n) * sum;
    }
    return exp(-rate * t) * sum;
}
