/* random.h -- draws that depend on their address (seed, purpose, stream, row) and on nothing else.
 *
 * Philox4x32-10: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
 * The counter is the address, so a row draws the same numbers in any order, block or thread. Rows
 * to 2^56. The draws check no argument: outside the domains below they may not end.
 */
#ifndef CUSTVAL_RANDOM_H
#define CUSTVAL_RANDOM_H

#include "types.h"

/* One sequence of random numbers, at its address. */
typedef struct cv_random {
    uint32_t key[2], counter[4], word[4];
    int left; /* words of the last block that are not used up */
} cv_random;

/* What a stream serves; a stream is a purpose and a number, such as that of a draw. */
typedef enum {
    CV_FOR_HISTORIES,  /* The histories of simulated customers. */
    CV_FOR_SPEND,      /* Their mean spend, or margins. */
    CV_FOR_FUTURE,     /* Purchases that follow a history. */
    CV_FOR_PARAMETERS, /* Sets of parameters around an estimate. */
    CV_FOR_REPLICATES, /* Bootstrap weights of histories that one customer has. */
    CV_FOR_COUNTS,     /* Bootstrap weights of histories that several customers share. */
    CV_FOR_MONEY,      /* The money of purchases that follow a history. */
    CV_FOR_ORDERS      /* Times and money of simulated orders. */
} cv_purpose;

/* The sequence at an address, at its beginning. */
cv_random cv_random_at(uint64_t seed, cv_purpose purpose, uint32_t stream, uint64_t row);

/* The cipher itself: word (4 words) = counter (4 words) under key (2 words). */
void cv_philox(const uint32_t *counter, const uint32_t *key, uint32_t *word);

/* Uniform in (0, 1), never 0 or 1, 52 bits; normal with mean 0 and variance 1; exponential with
 * rate 1. */
double cv_draw_uniform(cv_random *from);
double cv_draw_normal(cv_random *from);
double cv_draw_exponential(cv_random *from);

/* The log of a Gamma(shape, rate 1) variable, shape > 0: the variable itself underflows where the
 * shape is small. */
double cv_draw_log_gamma(cv_random *from, double shape);

/* The log odds of p ~ Beta(a, b); a, b > 0. */
double cv_draw_log_odds(cv_random *from, double a, double b);

/* Poisson, a whole number; mean >= 0. 2^53 at most. */
double cv_draw_poisson(cv_random *from, double mean);

/* Trials to the first success, 1, 2, ..., each of the probability with these log odds; 2^53 at
 * most. */
double cv_draw_trials(cv_random *from, double log_odds);

/* Successes in n trials of probability p; n whole, 0 to 2^53, 0 <= p <= 1. */
double cv_draw_binomial(cv_random *from, double n, double p);

#endif
