/* open.c -- the chance that a race is open, and P(alive) by it, of one customer and of columns.
 *
 * Elementary functions are those of simd_math.inc.h, within 2 ulp, so that a column has the bits of
 * its rows one at a time, whatever the instruction set.
 */
#include <math.h>
#include <string.h>

#include "models/competing_risks.h"
#include "types.h"

static const double DEEP = 600; /* e^-600 is far from where doubles end */

#define KERNELS "models/open.inc.h"
#include "math/simd_dispatch.inc.h"

double
cv_race_open(double t, cv_race race)
{
    const cv_lomax a = race.a, b = race.b;
    if (t / a.scale > LARGEST || t / b.scale > LARGEST)
        return exp(-a.shape * log1p(t / a.scale) - b.shape * log1p(t / b.scale));
    double closing = base_closing(t, a.shape, a.scale, b.shape, b.scale);
    return closing <= DEEP ? base_vexp(-closing) : exp(-closing);
}

void
cv_alive_after_silence(cv_simd simd, const cv_silences *of, size_t n, double *alive)
{
    PICK(simd, alive)(of, n, alive);
}
