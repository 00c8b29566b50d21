/* check.c -- the core alone: build it from the .c files of this folder and of src/core, and -lm.
 *
 * Prints every failed check and "N passed, N failed"; returns 1 when one failed.
 */
#include "check.h"

#include <math.h>
#include <stdio.h>

static int passed, failed;

void
check_that(int holds, const char *what, const char *file, int line)
{
    if (holds) {
        passed++;
    } else {
        failed++;
        printf("%s:%d: failed: %s\n", file, line, what);
    }
}

void
check_close(double got, double want, double relative, const char *what, const char *file, int line)
{
    if ((isnan(got) && isnan(want)) || got == want || fabs(got - want) <= relative * fabs(want)) {
        passed++;
    } else {
        failed++;
        printf("%s:%d: %s is %.17g, not %.17g\n", file, line, what, got, want);
    }
}

int
main(void)
{
#define TOPIC(name) check_##name();
#include "topics.h"
#undef TOPIC
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
