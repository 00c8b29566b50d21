/* check_harness.c -- the prototypes of check.h against the simplest kernel. */
#include <math.h>

#include "check.h"

void
check_harness(void)
{
    CHECK(cv_bgnbd_p_alive(0, 0, 40, 0.25, 4, 0.8, 2.5) == 1);
    CHECK(isnan(cv_bgnbd_p_alive(1, 41, 40, 0.25, 4, 0.8, 2.5)));
    CHECK_CLOSE(NAN, NAN, 0);
    CHECK_CLOSE(1 + 1e-9, 1.0, 1e-8);
}
