/* custval.h -- the front door of the core: every public prototype, its formula and its units.
 *
 * Letters are those of the papers: x repeat purchases in (0, T], t_x age at the last of them
 * (0 when x = 0), T age at the end of observation, all times in one unit; r, alpha, a, b, p, q,
 * gamma the parameters. A kernel takes doubles and returns one double. Outside its domain it
 * returns NaN and raises FE_INVALID; it is never handed a NaN. Column work takes plain arrays.
 */
#ifndef CUSTVAL_H
#define CUSTVAL_H

#include <stddef.h>
#include <stdint.h>

/* Long work calls this at least every 0.1 s; anything but 0 asks it to stop. May be NULL. */
typedef int (*cv_tick)(void *context);

/* ---- special functions, arguments > 0 (x >= 0); errors in special.c ---- */

double cv_lgamma(double z);
double cv_digamma(double z);
double cv_trigamma(double z);
double cv_lpoch(double b, double x); /* lgamma(b + x) - lgamma(b) */
double cv_dpoch(double b, double x); /* its derivative in b: digamma(b + x) - digamma(b) */
double cv_tpoch(double b, double x); /* the second: trigamma(b + x) - trigamma(b) */

/* ---- BG/NBD: Fader, Hardie, Lee (2005). lambda ~ Gamma(r, rate alpha), p ~ Beta(a, b) ---- */

/* P(alive | x, t_x, T): FHL (2008), note 021. Exactly 1 at x = 0. */
double cv_bgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a, double b);

/* ---- MBG/NBD: Batislam, Denizel, Filiztekin (2007) ---- */

/* ---- Gamma-Gamma: Fader, Hardie note 025 ---- */

/* ---- fitting ---- */

/* ---- ledger: grouping of an order log by customer, and what is summed over it ---- */

/* ---- scorecard ---- */

/* ---- pyramid ---- */

/* ---- forecast ---- */

#endif
