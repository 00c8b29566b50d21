/* structure.h -- how the intensity of a clock that all customers share goes on from period to
 * period.
 *
 * log m = level + season + noise is one Gaussian vector with mean 0 over `periods` periods, of
 * which the first `observed` have an observation y = log m + error, the error of given variance.
 *     level   stationary, covariance level_sd^2 ar^|i - j|, plus the sum of all earlier slopes,
 *             slope_sd^2 / (1 - slope_ar^2) slope_ar^|i - j|
 *     season  one effect for each place in the cycle, of mean 0 over the cycle: season_sd^2 (1[same
 *             place] - 1 / cycle); none where the place is -1
 *     noise   independent, noise_sd^2
 */
#ifndef CUSTVAL_STRUCTURE_H
#define CUSTVAL_STRUCTURE_H

#include "types.h"

enum { CV_CLOCK_PERIODS = 4096, CV_CLOCK_SETTINGS = 6 };

/* The parameters of the structure. */
typedef struct {
    double ar;                 /* of the level, in [0, 1] */
    double level_sd;           /* of the level in any one period */
    double slope_sd, slope_ar; /* of a period's change of slope, and in [0, 1) */
    double season_sd, noise_sd;
} cv_clock_settings;

/* What is known of the periods. */
typedef struct {
    size_t observed, periods;   /* observed <= periods <= CV_CLOCK_PERIODS */
    const double *y, *variance; /* of each observation */
    const int64_t *place;       /* of each period in the cycle, 0 to cycle - 1, or -1 */
    int64_t cycle;              /* periods in a cycle, 1 or more */
} cv_clock_data;

typedef enum {
    CV_CLOCK_DONE,
    CV_CLOCK_INTERRUPTED,
    CV_CLOCK_BAD_DATA,     /* A y or variance that is not finite, or below 0; no such place. */
    CV_CLOCK_BAD_SETTINGS, /* A setting outside its domain. */
    CV_CLOCK_SINGULAR      /* Observations without error, or numbers too large for doubles. */
} cv_clock_status;

/* Given the observations, of level + season: the mean, its two parts, and the covariance (periods x
 * periods); the noise of a period is in neither. loglik is that of y, in nats. */
typedef struct {
    double loglik, *mean, *level, *season, *covariance;
} cv_clock_path;

/* Return the doubles that both functions borrow. */
size_t cv_clock_workspace(size_t observed, size_t periods);

/* Set the path; the caller owns its arrays. */
cv_clock_status cv_clock_structure(const cv_clock_data *data, const cv_clock_settings *settings,
                                   double *workspace, cv_clock_path *path, cv_tick tick,
                                   void *context);

/* Set loglik[i] to that of y under the settings in row i of `table`, CV_CLOCK_SETTINGS numbers in
 * the order of cv_clock_settings. */
cv_clock_status cv_clock_evidence(const cv_clock_data *data, const double *table, size_t rows,
                                  double *workspace, double *loglik, cv_tick tick, void *context);

#endif
