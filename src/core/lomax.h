/* lomax.h -- waits whose rate differs from one to the next; never leaves the room.
 *
 * rate ~ Gamma(shape, rate scale), so P(wait > t) = (1 + t / scale)^-shape: Lomax's distribution,
 * Pareto's second kind. Who has waited for u waits on with the same shape and scale + u.
 */
#ifndef CUSTVAL_LOMAX_H
#define CUSTVAL_LOMAX_H

typedef struct {
    double shape, scale;
} cv_lomax;

/* P(wait > t). */
double cv_lomax_longer(double t, cv_lomax w);
/* E[min(wait, t)], and the same with a moment u worth exp(-rate u): then t may be infinite. */
double cv_lomax_until(double t, cv_lomax w);
double cv_lomax_discounted(double t, double rate, cv_lomax w);

/* Two waits that begin together. */
typedef struct {
    cv_lomax a, b;
} cv_race;

/* P(neither is over by t). */
double cv_race_open(double t, cv_race race);
/* P(a is over first, and by t); t may be infinite. */
double cv_race_won(double t, cv_race race);
/* P(a is not over by t, or b was first). */
double cv_race_not_won(double t, cv_race race);
/* The t at which a fraction q of all that a will ever win is won, 0 < q < 1. */
double cv_race_quantile(double q, cv_race race);

/* racecount.c. a again and again, at a rate that is drawn once, until b: P(n times a by t). */
double cv_race_count(double n, double t, cv_race race);

#endif
