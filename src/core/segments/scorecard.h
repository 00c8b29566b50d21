/* scorecard.h -- exact points of a scorecard: measures add up to indicators, these to the total.
 *
 * What is always true: everything is a whole number of 1/scale points, where scale is a common
 * denominator of all points of the card. Sums are exact, and each number shown is rounded once, by
 * its division at the end. Such a number is CV_LIMBS doubles, the highest first, and has up to 200
 * bits. A limit (cap, floor) that is not set is infinite.
 */
#ifndef CUSTVAL_SCORECARD_H
#define CUSTVAL_SCORECARD_H

#include "types.h"

enum { CV_LIMBS = 4 };

/* Points of one column. With k the number of edges <= select: points[k] + slope[k] (factor -
 * origin[k]); without factor points[k] alone. */
typedef struct {
    const double *select, *factor; /* columns; factor may be NULL */
    size_t edges;
    const double *edge;           /* ascending */
    const double *origin;         /* edges + 1 */
    const double *slope, *points; /* edges + 1, of CV_LIMBS each */
} cv_term;

/* What a NaN in a column of a measure means. */
typedef enum {
    CV_MISSING_REFUSED,  /* Scoring ends. */
    CV_MISSING_VALUE,    /* The measure has the points `missing`. */
    CV_MISSING_LEFT_OUT, /* The measure does not count; the others of its indicator replace it. */
    CV_MISSING_APART     /* The measure, its indicator and the total are NaN. */
} cv_missing_policy;

/* A measure: the sum of its terms, between floor and cap. */
typedef struct {
    const cv_term *term;
    size_t terms;
    double cap[CV_LIMBS], floor[CV_LIMBS], missing[CV_LIMBS];
    double share; /* of the points of its indicator, a whole number above 0 */
    int policy;   /* a cv_missing_policy */
    double *out;  /* column of points; NULL: not wanted */
} cv_measure;

/* An indicator: the sum of its measures, between floor and cap. Where measures are left out it is
 * the sum of the others, times the shares of all over the shares of these; sums of shares are
 * below 2^53. An indicator that is left out is NaN. */
typedef struct {
    const cv_measure *measure;
    size_t measures;
    double weight[CV_LIMBS], cap[CV_LIMBS], floor[CV_LIMBS]; /* weight: a whole number */
    double *out;                                             /* as for measures */
} cv_indicator;

/* A card: the sum of its indicators times their weights, between floor and cap; NaN where all
 * indicators are left out. */
typedef struct {
    const cv_indicator *indicator;
    size_t indicators;
    double scale[CV_LIMBS], cap[CV_LIMBS], floor[CV_LIMBS];
    int weighted;                 /* 1: the sum is divided by the weights of the known indicators */
    double unit[CV_LIMBS], power; /* of rounding: scale / 10^digits, and 10^digits */
    int round_measure, round_indicator, round_total; /* 1: to `unit`, halves away from zero */
    cv_simd simd;
    int whole;   /* 1: one column a measure, no factor, no sum beyond 2^51: the fast path */
    double *out; /* the column of totals */
} cv_card;

/* How the scoring of rows ends. */
typedef enum {
    CV_SCORED,       /* Every row has a score, or NaN. */
    CV_ROW_MISSING,  /* A NaN in a column whose measure refuses it. */
    CV_ROW_INFINITE, /* Points beyond what doubles can hold. */
    CV_INTERRUPTED   /* The caller interrupted. */
} cv_score_status;

/* Scores rows [begin, end) into the card's columns. Stops at the first row that has no score and is
 * refused one, and returns why, a cv_score_status; *row is that row. */
int cv_score(const cv_card *card, size_t begin, size_t end, size_t *row, cv_tick tick,
             void *context);

#endif
