/* competing_risks.inc.h -- the chance that a race is open, one at a time and in columns, stamped
 * once per instruction set (simd_dispatch.inc.h); every copy returns the same bits.
 */

/* log1p; y beyond this, or no number, is the library's. */
#define LARGEST 0x1p900

/* -log of (1 + t / c)^-k (1 + t / d)^-s; s may be 0. */
static inline double
STAMP(hazard)(double t, double k, double c, double s, double d)
{
    double hazard = k * STAMP(vlog1p)(t / c);
    return s > 0 ? hazard + s * STAMP(vlog1p)(t / d) : hazard;
}

/* NaN where the hazard is beyond DEEP or its logs are the library's. */
static void
STAMP(alive)(const cv_silent_histories *of, size_t n, double *restrict alive)
{
    const double r = of->r, alpha = of->alpha, s = of->s, beta = of->beta;
    const double *x = of->x, *t_x = of->t_x, *T = of->T, *lost = of->lost, *kept = of->kept;
    for (size_t i = 0; i < n; i++) {
        double D = T[i] - t_x[i], c = alpha + t_x[i], d = beta + t_x[i];
        double hazard = STAMP(hazard)(D, r + x[i], c, s, d);
        double survival = STAMP(vexp)(hazard <= DEEP ? -hazard : 0);
        double p = survival / (lost[i] + survival * kept[i]);
        int known =
            (t_x[i] > 0) & (D >= 0) & (hazard <= DEEP) & (D <= LARGEST * c) & (D <= LARGEST * d);
        alive[i] = known ? p < 1 ? p : 1 : NAN;
    }
}
