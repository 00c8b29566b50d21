/* random.c -- Philox4x32-10 and the distributions made of its words.
 *
 * Gamma: Marsaglia, Tsang (2000), A simple method for generating gamma variables. Poisson: by
 * inversion below a mean of 10, above by transformed rejection (PTRS), Hormann (1993). Normal: Box,
 * Muller (1958). Binomial: by the median of uniform numbers, Devroye (1986). Each is exact but for
 * the 52 bits of a uniform number, save one: beyond a mean of 1e9 Poisson is a rounded normal,
 * whose skewness of 0 is wrong by at most 3e-5. tests/core/check_random.c checks the cipher against
 * the authors' answers, and mean and variance of 40,000 draws of each within 5 standard errors.
 */
#include <math.h>

#include "math/random.h"
#include "math/exp_log.h"
#include "math/special.h"
#include "types.h"

enum { ROUNDS = 10 };

void
cv_philox(const uint32_t *counter, const uint32_t *key, uint32_t *word)
{
    uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3];
    uint32_t k = key[0], l = key[1];
    for (int round = 0; round < ROUNDS; round++, k += 0x9e3779b9, l += 0xbb67ae85) {
        uint64_t left = (uint64_t)0xd2511f53 * a, right = (uint64_t)0xcd9e8d57 * c;
        a = (uint32_t)(right >> 32) ^ b ^ k;
        b = (uint32_t)right;
        c = (uint32_t)(left >> 32) ^ d ^ l;
        d = (uint32_t)left;
    }
    word[0] = a;
    word[1] = b;
    word[2] = c;
    word[3] = d;
}

cv_random
cv_random_at(uint64_t seed, cv_purpose purpose, uint32_t stream, uint64_t row)
{
    uint32_t above = (uint32_t)(row >> 32) << 8 | (uint32_t)purpose;
    return (cv_random){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                       .counter = {0, stream, (uint32_t)row, above}};
}

static uint32_t
next_word(cv_random *from)
{
    if (from->left == 0) {
        cv_philox(from->counter, from->key, from->word);
        from->counter[0]++;
        from->left = 4;
    }
    return from->word[4 - from->left--];
}

double
cv_draw_uniform(cv_random *from)
{
    uint64_t high = next_word(from), bits = high << 20 | next_word(from) >> 12;
    return ((double)bits + 0.5) * 0x1p-52;
}

double
cv_draw_exponential(cv_random *from)
{
    return -log(cv_draw_uniform(from));
}

double
cv_draw_normal(cv_random *from)
{
    double radius = sqrt(2 * cv_draw_exponential(from));
    return radius * cos(6.283185307179586 * cv_draw_uniform(from));
}

double
cv_draw_log_gamma(cv_random *from, double shape)
{
    if (shape < 1) return cv_draw_log_gamma(from, shape + 1) + log(cv_draw_uniform(from)) / shape;
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double z = cv_draw_normal(from), root = 1 + c * z;
        if (root <= 0) continue;
        double log_v = 3 * log(root), v = root * root * root;
        if (log(cv_draw_uniform(from)) < z * z / 2 + d * (1 - v + log_v)) return log(d) + log_v;
    }
}

double
cv_draw_log_odds(cv_random *from, double a, double b)
{
    double yes = cv_draw_log_gamma(from, a);
    return yes - cv_draw_log_gamma(from, b);
}

/* Adds the probabilities of 0, 1, ... until they exceed a uniform number. */
static double
poisson_by_inversion(cv_random *from, double mean)
{
    enum { MOST = 110 }; /* the probability above it is below 2^-52 */
    double rest = cv_draw_uniform(from), p = exp(-mean);
    int k = 0;
    for (; rest > p && k < MOST; p *= mean / ++k) rest -= p;
    return k;
}

static double
poisson_by_rejection(cv_random *from, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b, log_mean = log(mean);
    double log_area = log(1.1239 + 1.1328 / (b - 3.4)), inner = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = cv_draw_uniform(from) - 0.5, v = cv_draw_uniform(from), s = 0.5 - fabs(u);
        double k = floor((2 * a / s + b) * u + mean + 0.43);
        if (s >= 0.07 && v <= inner) return k;
        if (k < 0 || (s < 0.013 && v > s)) continue;
        if (log(v) + log_area - log(a / (s * s) + b) <= k * log_mean - mean - cv_lgamma(k + 1))
            return k;
    }
}

double
cv_draw_poisson(cv_random *from, double mean)
{
    if (mean < 10) return poisson_by_inversion(from, mean);
    if (mean < 1e9) return poisson_by_rejection(from, mean);
    if (!(mean < 0x1p53)) return 0x1p53; /* more than a count can hold */
    return fmin(floor(mean + sqrt(mean) * cv_draw_normal(from) + 0.5), 0x1p53);
}

double
cv_draw_trials(cv_random *from, double log_odds)
{
    return fmin(1 + floor(cv_draw_exponential(from) / -log_failure(log_odds)), 0x1p53);
}

/* Of n uniform numbers the middle one is Beta: it says on which side of it p falls. */
double
cv_draw_binomial(cv_random *from, double n, double p)
{
    enum { FEW = 16 };
    double successes = 0;
    while (n > FEW && p > 0 && p < 1) {
        double i = floor((n + 1) / 2), odds = cv_draw_log_odds(from, i, n + 1 - i);
        double middle = one_over_one_plus_exp(-odds);
        if (middle <= p) {
            successes += i;
            n -= i;
            p = (p - middle) * (1 + exp(odds));
        } else {
            n = i - 1;
            p /= middle;
        }
    }
    if (p >= 1) return successes + n;
    for (int i = 0; p > 0 && i < (int)n; i++) successes += cv_draw_uniform(from) < p;
    return successes;
}
