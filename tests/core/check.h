/* check.h -- five lines of test framework for the core: CHECK counts, main() prints and decides.
 *
 * A topic is a file check_<topic>.c that defines void check_<topic>(void), and a line in topics.h.
 */
#ifndef CHECK_H
#define CHECK_H

#include "custval.h"

#define CHECK(cond) check_that((cond) != 0, #cond, __FILE__, __LINE__)
void check_that(int holds, const char *what, const char *file, int line);

/* |got - want| <= relative * |want|; two NaNs are equal. */
#define CHECK_CLOSE(got, want, relative)                                                           \
    check_close((got), (want), (relative), #got, __FILE__, __LINE__)
void check_close(double got, double want, double relative, const char *what, const char *file,
                 int line);

#define TOPIC(name) void check_##name(void);
#include "topics.h"
#undef TOPIC

#endif
