/* check_ids.c -- texts to codes, times to ticks, and values that are none. */
#include <string.h>

#include "check.h"

static void
check_texts(void)
{
    const uint8_t data[] = "ab\0ab\0b\0abc";
    const int64_t offset[] = {0, 2, 3, 5, 6, 7, 7, 11, 11};
    const cv_texts texts = {8, 0, offset, data}; /* ab \0 ab \0 b "" \0abc "" */
    const int64_t want[] = {0, 1, 0, 1, 2, 3, 4, 3};
    int64_t code[8], first_row[8];
    cv_slot small[64] = {{0, 0}}, large[128];
    cv_codes codes = {{1, 2}, 0, 6, small, first_row};
    CHECK(cv_number_texts(&texts, 0, &codes, code, NULL, NULL) == 8);
    CHECK(memcmp(code, want, sizeof want) == 0 && codes.codes == 5);
    cv_move_table(&codes, large, 7);
    CHECK(cv_number_texts(&texts, 0, &codes, code, NULL, NULL) == 8);
    CHECK(memcmp(code, want, sizeof want) == 0 && codes.codes == 5);
}

static void
check_columns(void)
{
    const int64_t time[] = {INT64_MIN, -86401, -86400, -1, 0, 86399, 86400, INT64_MAX};
    const int32_t want[] = {CV_NO_TICK, CV_NO_TICK, -1, -1, 0, 0, 1, CV_NO_TICK};
    const double value[] = {0, 1.0 / 3, -1e308 * 10, 1};
    int32_t tick[8];
    int64_t bad;
    cv_ticks(time, 8, 86400, -1, 1, tick);
    CHECK(memcmp(tick, want, sizeof want) == 0);
    CHECK(cv_bad_values(value, 4, 1, &bad) == 1 && bad == 2);
}

void
check_ids(void)
{
    check_texts();
    check_columns();
}
