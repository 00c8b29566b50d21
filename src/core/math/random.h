/* random.h -- draws that depend on their address (seed, stream, row) and on nothing else.
 *
 * Philox4x32-10: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
 * The counter is the address, so the same row draws the same whatever ran before it, beside it or
 * in another block. Rows to 2^56.
 */
#ifndef CUSTVAL_RANDOM_H
#define CUSTVAL_RANDOM_H

#include "types.h"

typedef struct cv_random {
    uint32_t key[2], counter[4], word[4];
    int left; /* words of the last block that are not used up */
} cv_random;

/* word = the cipher of counter (4 words) under key (2 words). */
void cv_philox(const uint32_t *counter, const uint32_t *key, uint32_t *word);

/* What streams are for: a stream is a purpose and a number, such as that of a draw. */
typedef enum {
    CV_FOR_HISTORIES,
    CV_FOR_SPEND,
    CV_FOR_FUTURE,
    CV_FOR_PARAMETERS,
    CV_FOR_REPLICATES,
    CV_FOR_COUNTS,
    CV_FOR_MONEY,
    CV_FOR_ORDERS
} cv_purpose;
cv_random cv_random_at(uint64_t seed, cv_purpose purpose, uint32_t stream, uint64_t row);

double cv_draw_uniform(cv_random *from); /* in (0, 1), 52 bits */
double cv_draw_normal(cv_random *from);
double cv_draw_exponential(cv_random *from);
/* log of Gamma(shape, rate 1); shape > 0. The draw itself underflows where the shape is small. */
double cv_draw_log_gamma(cv_random *from, double shape);
/* log odds of p ~ Beta(a, b). */
double cv_draw_log_odds(cv_random *from, double a, double b);
/* Whole; mean >= 0. 2^53 where the mean is beyond it. */
double cv_draw_poisson(cv_random *from, double mean);
/* Trials to the first success, 1, 2, ..., of chance p given by its log odds; at most 2^53. */
double cv_draw_trials(cv_random *from, double log_odds);
/* Successes in n trials of chance p; n whole, to 2^53. */
double cv_draw_binomial(cv_random *from, double n, double p);

#endif
