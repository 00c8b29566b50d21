/* check_special.c -- log gamma and its family against closed forms and their own recurrences. */
#include <math.h>

#include "check.h"

static const double EULER = 0.57721566490153286061; /* OEIS A001620 */
static const double PI = 3.14159265358979323846;

void
check_special(void)
{
    CHECK(fabs(cv_lgamma(1)) < 1e-14 && fabs(cv_lgamma(2)) < 1e-14);
    CHECK_CLOSE(cv_lgamma(0.5), log(PI) / 2, 1e-14);
    CHECK_CLOSE(cv_lgamma(11), log(3628800.0), 1e-14);
    CHECK_CLOSE(cv_digamma(1), -EULER, 1e-15);
    CHECK_CLOSE(cv_digamma(0.5), -EULER - 2 * log(2.0), 1e-15);
    CHECK_CLOSE(cv_trigamma(1), PI * PI / 6, 1e-15);
    for (double z = 1e-6; z < 1e6; z *= 7) {
        CHECK_CLOSE(cv_lpoch(z, 1), log(z), 1e-12 / fmin(1, fabs(log(z))));
        CHECK_CLOSE(cv_dpoch(z, 1), 1 / z, 1e-13);
        CHECK_CLOSE(cv_tpoch(z, 1), -1 / (z * z), 1e-13);
    }
}
