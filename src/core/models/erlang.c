/* erlang.c -- the future of an active customer of a condensed model, by Erlang stages.
 *
 * Let M be the stages passed at t, counted from the last purchase, without dropout: P(M = m) is the
 * sum over j of stage[j] P(NB = m - j), negative binomial with shape + j, mean (shape + j) t / c;
 * floor(M / k) purchases fit in. With e_n = (b)_n / (a + b)_n, the probability to stay n times,
 * the means are sums of e_n times a positive sequence:
 *     purchases  P(M >= k (n + 1))      stays  P(k n <= M < k (n + 1))
 *     rate       P(M = k (n + 1) - 1) (shape + k (n + 1) - 1) / (c + t)
 * They are summed from the far end by Horner's rule, on recurrences of positive terms alone, and
 * divided by the sum of all P(M = m). Where that takes too many, the sum over n is in closed form
 * for a given p, with the k-th roots of unity, and p is integrated over Beta(a, b).
 *
 * The two ways differ by 1e-13 (x to 10,000), those to discount by 3e-13: cnbd.c.
 */
#include <float.h>
#include <math.h>

#include "models/cnbd.h"
#include "math/beta.h"
#include "math/negative_binomial.h"
#include "types.h"

enum { WALK = 1 << 12, SERIES = 64 }; /* stages; terms of a power series in 1 - p < 1/2 */

static const double DEEP = 44; /* e^-44 vanishes beside 1 */

/* Terms are rescaled by 1e-200 on the way, so that none overflows. */
double
cv_stage_probabilities(int k, double shape, double tau, double *stage)
{
    double term = 1, sum = 1, scale = 0;
    stage[0] = 1;
    for (int j = 1; j < k; j++) {
        stage[j] = term *= (shape + (j - 1)) / j * tau;
        sum += term;
        if (term < 1e200) continue;
        for (int i = 0; i <= j; i++) stage[i] *= 1e-200;
        term *= 1e-200;
        sum *= 1e-200;
        scale += 200;
    }
    for (int j = 0; j < k; j++) stage[j] /= sum;
    return log(sum) + scale * 2.30258509299404568402;
}

/* The sum over j of stage[j] P(NB >= k n - j). */
double
cv_at_least(int n, double t, const cv_active *s)
{
    double y = t / s->c, probability = 0;
    if (n == 0) return 1;
    for (int j = 0; j < s->k; j++)
        if (s->stage[j] > 0)
            probability += s->stage[j] * cv_nb_tail((double)n * s->k - j, s->shape + j, y);
    return fmin(1, probability);
}

/* The sum over j of stage[j] P(k n - j <= NB < k (n + 1) - j). */
double
cv_exactly(int n, double t, const cv_active *s)
{
    double z = t / (s->c + t), probability = 0;
    for (int j = 0; j < s->k; j++) {
        double m = n > 0 ? (double)n * s->k - j : 0, end = (double)(n + 1) * s->k - j;
        double term = s->stage[j] * cv_nb_pmf(m, s->shape + j, t / s->c);
        for (; m < end; m++) {
            probability += term;
            term *= (s->shape + j + m) / (m + 1) * z;
        }
    }
    return fmin(1, probability);
}

/* Return P(M = m), m >= k; set the term with which walk() goes on. */
static double
stages_over(double m, double t, const cv_active *s, double *split)
{
    double probability = 0, last = 0;
    for (int j = 0; j < s->k; j++)
        probability += last = s->stage[j] * cv_nb_pmf(m - j, s->shape + j, t / s->c);
    *split = s->gap / (s->gap + t) * last;
    return probability;
}

/* A bound on the tail of the negative binomial (Boucheron, Lugosi and Massart 2013, 2.4), and for
 * sums of P(M >= .) what e_n leaves. */
int
cv_far_end(cv_active_quantity what, double t, double deep, double longest, const cv_active *s)
{
    double y = t / s->c, shape = s->shape + s->k, n = 0, e = 1;
    double stages = shape * y + sqrt(2 * deep * shape * y * (1 + y)) + deep * (1 + y);
    double most = 2 + floor(stages / s->k), enough = floor(longest / s->k);
    if (what != CV_PURCHASES) return most <= enough ? (int)most : 0;
    for (; n < most && e * (most - n) > 1e-18; n++) {
        if (n == enough) return 0;
        e *= (s->b + n) / (s->a + s->b + n);
    }
    return (int)n;
}

/* As walk(), where even one purchase is next to impossible. */
static double
walk_nowhere(cv_active_quantity what, double t, const cv_active *s, double purchase, double *term)
{
    double split, value = purchase;
    if (what == CV_STAYS) value = 1;
    if (what == CV_RATE)
        value = stages_over(s->k - 1, t, s, &split) * ((s->shape + (s->k - 1)) / (s->c + t));
    for (int n = 0; term != NULL && n < SERIES; n++) term[n] = n == 0 ? value : 0;
    return value;
}

/* Sum from `top` purchases down. P(M = m) is  the probability of m stages since the last
 * purchase times that of a binomial (m, gap / (gap + t)) to put fewer than k of them before now;
 * `split` is what the second gains on the way from m to m - 1. Sets term: the first SERIES terms of
 * the sequence, or NULL. */
static double
walk(cv_active_quantity what, double t, const cv_active *s, int top, double *term)
{
    double k = s->k, z = t / (s->c + t), both = (s->gap + t) / (s->c + t), sum = 0;
    double beyond = cv_at_least(top, t, s);
    while (top > 1 && beyond < 1e-250) beyond = cv_at_least(top = (top + 1) / 2, t, s);
    if (beyond < 1e-250) return walk_nowhere(what, t, s, beyond, term);
    double m = top * k, split, over = stages_over(m, t, s, &split);
    for (int n = top - 1; n >= 0; n--) {
        double block = 0, last = 0;
        for (int i = 0; i < s->k; i++, m--) {
            double share = 1 / (s->shape + (m - 1));
            split *= (m - k + 1) * share / z;
            over = over * (m * share / both) + split;
            block += over;
            if (i == 0) last = over;
        }
        double value = what == CV_PURCHASES ? beyond
                       : what == CV_STAYS   ? block
                                            : last * ((s->shape + (m + k - 1)) / (s->c + t));
        beyond += block;
        if (term != NULL && n < SERIES) term[n] = value;
        sum = value + (s->b + n) / (s->a + s->b + n) * sum;
    }
    for (int n = 0; term != NULL && n < SERIES; n++) term[n] = n < top ? term[n] / beyond : 0;
    return sum / beyond;
}

typedef struct {
    cv_active_quantity what;
    double t;
    const cv_active *s;
    double term[SERIES];
} future;

typedef struct {
    double re, im;
} complex_number;

static complex_number
times(complex_number u, complex_number v)
{
    return (complex_number){u.re * v.re - u.im * v.im, u.re * v.im + u.im * v.re};
}

static complex_number
over(complex_number u, complex_number v)
{
    double size = v.re * v.re + v.im * v.im;
    return (complex_number){(u.re * v.re + u.im * v.im) / size, (u.im * v.re - u.re * v.im) / size};
}

/* Return z^-s, z = 1 + w; set 1 - z^-s without loss where w is small. */
static complex_number
negative_power(complex_number w, double s, complex_number *rest)
{
    double size = hypot(w.re, w.im);
    double log_z = size < 1 ? log1p(2 * w.re + size * size) / 2 : log(hypot(1 + w.re, w.im));
    double turn = s * atan2(w.im, 1 + w.re), half = sin(turn / 2), power = exp(-s * log_z);
    rest->re = 2 * half * half - expm1(-s * log_z) * cos(turn);
    rest->im = power * sin(turn);
    return (complex_number){power * cos(turn), -rest->im};
}

/* Return the real part of the sum over j of stage[j] g^(j+1) times (1 - v_j) / d, v_j / d, or
 * (shape + j) v_(j+1) / c; g is a k-th root of 1 - p, d = 1 - g, v_j = (1 + d y)^-(shape + j). */
static double
at_root(complex_number g, complex_number d, const future *of)
{
    const cv_active *s = of->s;
    double y = of->t / s->c;
    complex_number w = {y * d.re, y * d.im}, z = {1 + w.re, w.im}, power = g, sum = {0, 0}, rest;
    complex_number v = negative_power(w, s->shape, &rest), u = over((complex_number){1, 0}, z);
    complex_number less = over(w, z); /* 1 - u */
    for (int j = 0; j < s->k; j++) {
        double weight = s->stage[j] * (of->what == CV_RATE ? (s->shape + j) / s->c : 1);
        complex_number term = times(power, of->what == CV_PURCHASES ? rest : v);
        complex_number more = times(v, less);
        sum.re += weight * term.re;
        sum.im += weight * term.im;
        rest.re += more.re;
        rest.im += more.im;
        power = times(power, g);
        v = times(v, u);
    }
    return of->what == CV_RATE ? times(sum, u).re : over(sum, d).re;
}

/* 1 / (e^z - 1) - 1 / z */
static double
less_its_pole(double z)
{
    double w = z * z;
    if (z > 0.1) return 1 / expm1(z) - 1 / z;
    return -0.5 + z * (1.0 / 12 - w * (1.0 / 720 - w * (1.0 / 30240 - w / 1209600)));
}

/* Return the sum over the roots but the first with v_j = 0, in closed form; e^-step is the first.
 */
static double
roots_without_v(double step, const cv_active *s)
{
    double sum = s->k * less_its_pole(s->k * step) - less_its_pole(step);
    for (int j = 1; j < s->k; j++) sum -= s->stage[j] * expm1(-j * step) / expm1(step);
    return sum;
}

/* Return the sum over the roots but the first; for most customers their v_j are as good as 0. */
static double
other_roots(double step, const future *of)
{
    const cv_active *s = of->s;
    double y = of->t / s->c, root = exp(-step), angle = 6.28318530717958647693 / s->k, sum = 0;
    double second = hypot(1 + y * (1 - root * cos(angle)), y * root * sin(angle));
    double first = of->what == CV_PURCHASES ? 1 : 1 - y * expm1(-step);
    if (s->shape * log(second / first) > 50)
        return of->what == CV_PURCHASES ? roots_without_v(step, s) : 0;
    for (int l = 1; 2 * l <= s->k; l++) { /* the others are conjugates of these */
        complex_number g = {root * cos(l * angle), root * sin(l * angle)};
        sum += (2 * l == s->k ? 1 : 2) * at_root(g, (complex_number){1 - g.re, -g.im}, of);
    }
    return sum;
}

/* Return the mean for a given p: a power series in 1 - p near p = 1, else the roots of unity. */
static double
given_p(double p, const void *what)
{
    const future *of = what;
    double q = 1 - p, k = of->s->k, power = 1, sum = 0;
    if (q < 0.5) {
        for (int n = 0; n < SERIES; n++, power *= q) sum += power * of->term[n];
        if (power * of->term[SERIES - 1] <= DBL_EPSILON / 8 * sum) return sum;
    }
    p = fmax(p, 1e-100);
    double step = -log1p(-p) / k;
    sum = at_root((complex_number){exp(-step), 0}, (complex_number){-expm1(-step), 0}, of);
    if (of->s->k > 1) sum += other_roots(step, of);
    return sum / (k * q) * (of->what == CV_STAYS ? p : 1);
}

/* Return the stages that cost as much as the integral over p, where each root of unity takes a sum
 * of k terms unless it is as good as 0. */
static double
longest_walk(double t, const cv_active *s)
{
    double y = t / s->c, angle = 6.28318530717958647693 / s->k;
    double second = hypot(1 + y * (1 - cos(angle)), y * sin(angle));
    return s->shape * log(second) > 50 ? WALK : WALK + 40.0 * s->k * s->k;
}

/* By the walk where it is short, else by an integral over p, in which the purchases for a given p
 * fall like 1 / p, the others like p^-(shape + k). */
double
cv_active_mean(cv_active_quantity what, double t, const cv_active *s)
{
    if (t == 0 && what != CV_RATE) return what == CV_STAYS;
    int top = cv_far_end(what, t, DEEP, longest_walk(t, s), s);
    if (top > 0) return walk(what, t, s, top, NULL);
    future of = {what, t, s, {0}};
    walk(what, t, s, SERIES, of.term);
    double power = s->shape + s->k, feature = 1 + fmax(1, power) * (t / s->c) / s->k;
    if (what == CV_PURCHASES) power = 1;
    return cv_beta_mean(&(cv_beta_integrand){given_p, &of, feature, power}, s->a, s->b);
}

/* ---- discounted purchases ---- */

/* Discounted purchases of an active customer, to a horizon.
 *
 * Of a customer j stages into a gap, with lambda ~ Gamma(S, rate c), S = shape + j, let A_m be
 * the mean of e^(-rate u) at the time u of the m-th stage to come, 0 where that is after t. In z =
 * u / (c + u) it is the integral of e^(-rate c z / (1 - z)) over a Beta(m, S) density up to
 * t / (c + t). By parts, for the differences D_m = A_m - A_(m+1),
 *     D_m = ((m + 1) D_(m+1) + rate c A_(m+1)) / (S + m) + e^(-rate t) P(NB = m) c / (c + t),
 * from the far end down, all terms positive. S + m is the same for all j at one number of stages
 * since the last purchase, so that all go down together, each times the probability of its j. */

enum {
    STEPS = 1 << 24, /* at most, each of one j; some hundredths of a second */
    FRESH = 128      /* stages on which P(NB = m) goes from one to the next */
};

typedef struct {
    double value[CV_STAGES], drop[CV_STAGES], source[CV_STAGES]; /* A, D, and what is added to D */
} descent;

/* Set the sources at a number of stages since the last purchase, but for e^(-rate t); return the
 * sum over j. */
static double
find_sources(int stage, double t, const cv_active *s, descent *of)
{
    double y = t / s->c, sum = 0;
    for (int j = 0; j < s->k && j < stage; j++) {
        double probability =
            s->stage[j] > 0 ? s->stage[j] * cv_nb_pmf(stage - j, s->shape + j, y) : 0;
        sum += of->source[j] = probability / (1 + y);
    }
    return sum;
}

/* Go from one number of stages to the one below, for all j. */
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

/* Start from A = D = 0 where P(NB >= m) is e^-44 even among the customers who buy so much that at
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
