/* check_attributes.c -- figures made of others, in round numbers; no answer is NaN without a flag.
 */
#include <fenv.h>
#include <math.h>

#include "check.h"

void
check_attributes(void)
{
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(cv_margin(100, 60, 15) == 25 && cv_margin(-5, 0, 1) == -6);
    CHECK(cv_growth(24, 6) == 3 && cv_growth(0, 6) == -1);
    CHECK(isnan(cv_growth(24, 0)) && isnan(cv_growth(24, -6)));
    CHECK(cv_ratio(3, 4) == 0.75 && isnan(cv_ratio(3, 0)));
    CHECK(cv_decayed(40, 60, 30, 0.5) == 10 && cv_decayed(40, 0, 30, 0.5) == 40);
    CHECK(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW) == 0);
}
