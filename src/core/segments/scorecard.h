/* scorecard.h -- points of cards.
 *
 * Everything is a whole number of 1/scale points: scale is a common denominator of all points of
 * the card, so sums are exact and each number shown is rounded once, by its division at the end.
 * Such a number comes in four doubles, the highest first, and has up to 200 bits. A limit that is
 * not set is infinite.
 */
#ifndef CUSTVAL_SCORECARD_H
#define CUSTVAL_SCORECARD_H

#include "types.h"

enum { CV_LIMBS = 4 };

/* Points of one column: with k = how many edges are <= select,
 * points[k] + slope[k] (factor - origin[k]). Without factor: points[k] alone. */
typedef struct {
    const double *select, *factor; /* columns; factor may be NULL */
    size_t edges;
    const double *edge;           /* ascending */
    const double *origin;         /* edges + 1 */
    const double *slope, *points; /* edges + 1, of CV_LIMBS each */
} cv_term;

/* What a NaN in a column of a measure means. */
enum { CV_MISSING_REFUSED, CV_MISSING_VALUE, CV_MISSING_LEFT_OUT };

typedef struct {
    const cv_term *term; /* summed */
    size_t terms;
    double cap[CV_LIMBS], floor[CV_LIMBS], missing[CV_LIMBS];
    int policy;
    double *out; /* points; NULL: not wanted, as for indicators */
} cv_measure;

typedef struct {
    const cv_measure *measure; /* summed; with some left out, the others stand in for them */
    size_t measures;
    double weight[CV_LIMBS], cap[CV_LIMBS], floor[CV_LIMBS]; /* weight: a whole number */
    double *out;
} cv_indicator;

typedef struct {
    const cv_indicator *indicator;
    size_t indicators;
    double scale[CV_LIMBS], cap[CV_LIMBS], floor[CV_LIMBS];
    int weighted;  /* the weighted sum is divided by the weights of the known indicators */
    double spread; /* a multiple of every count of known measures; 1 if none is left out */
    double unit[CV_LIMBS], power; /* rounding: scale / 10^digits and 10^digits; not used without */
    int round_measure, round_indicator, round_total;
    cv_simd simd;
    int whole; /* points need one column and no factor, and no sum passes 2^51: the quick way */
    double *out;
} cv_card;

/* Why a row has no score. */
enum { CV_SCORED, CV_ROW_MISSING, CV_ROW_INFINITE, CV_ROW_UNKNOWN, CV_INTERRUPTED };

/* Score rows [begin, end). Stops at the first row without a score: the reason is returned, *row
 * is the row. UNKNOWN: all indicators were left out. INFINITE: points passed what can be held. */
int cv_score(const cv_card *card, size_t begin, size_t end, size_t *row, cv_tick tick,
             void *context);

#endif
