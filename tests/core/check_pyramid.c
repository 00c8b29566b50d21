/* check_pyramid.c -- cuts by selection among ties and NaN, and concentration in round numbers. */
#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { N = 8 };

static const double VALUE[N] = {5, 1, 3, NAN, 3, -2, 3, 9};

static void
check_cuts(void)
{
    static const int64_t rank[2] = {1, 4}; /* 9 | 5 3 3 | 3 1 -2, with NaN in no tier */
    static const int8_t want[N] = {1, 2, 1, -1, 1, 2, 2, 0};
    double value[2];
    int64_t quota[2], equal[2];
    int8_t tier[N];
    cv_cuts cuts = {value, quota, equal};
    size_t *count = malloc(CV_BUCKETS * sizeof *count);
    if (count == NULL) return;
    cv_histogram(VALUE, N, count, NULL);
    size_t room = cv_plan_ranks(count, rank, 2, cuts);
    uint64_t *key = malloc((room + N) * sizeof *key);
    cv_cut_ranks(VALUE, N, count, (cv_keys){key, room}, 2, cuts);
    CHECK(value[0] == 9 && quota[0] == 1 && equal[0] == 1);
    CHECK(value[1] == 3 && quota[1] == 2 && equal[1] == 3);
    for (int best = 0; best < 2; best++) {
        cv_tiers(best ? cv_simd_best() : CV_SIMD_BASE, VALUE, N, value, 2, tier);
        cv_split_ties(VALUE, NULL, N, value[1], quota[1], NULL, 0, tier);
        for (int i = 0; i < N; i++) CHECK(tier[i] == want[i]);
    }
    free(key);
    free(count);
}

/* The values have changed between the two passes, so that too many fall into a planned bucket: the
 * keys stay in their room, which a sanitizer watches. */
static void
check_changed_values(void)
{
    static const int64_t rank[2] = {1, 4};
    static const double equal[N] = {3, 3, 3, 3, 3, 3, 3, 3}, low[N] = {-2, -2, -2, -2, 0, 0, 0, 0};
    static const double *const later[3] = {equal, low, VALUE};
    double value[2];
    int64_t quota[2], same[2];
    cv_cuts cuts = {value, quota, same};
    size_t *count = malloc(CV_BUCKETS * sizeof *count);
    for (int i = 0; count != NULL && i < 3; i++) {
        cv_histogram(VALUE, N, count, NULL);
        size_t room = cv_plan_ranks(count, rank, 2, cuts);
        uint64_t *key = malloc(room * sizeof *key);
        cv_cut_ranks(later[i], N, count, (cv_keys){key, room}, 2, cuts);
        for (int j = 0; j < 2; j++) CHECK(0 <= quota[j] && quota[j] <= same[j] && same[j] <= N);
        free(key);
    }
    free(count);
}

static void
check_concentration(void)
{
    static const double equal[4] = {5, 5, 5, 5}, one[4] = {0, 0, 0, 8}, losses[2] = {-8, 4};
    double top[5];
    CHECK(cv_gini(equal, 4) == 0 && cv_gini(one, 4) == 0.75 && isnan(cv_gini(losses, 2)));
    cv_lorenz(one, 4, top);
    CHECK(top[0] == 0 && top[1] == 8 && top[4] == 8);
    CHECK(cv_share_of_top(top, 4, 0.125) == 0.5 && cv_count_reaching(top, 4, 0.8) == 1);
}

static void
check_cells(void)
{
    static const int8_t row[4] = {0, 2, -1, 41}, column[4] = {1, -1, 0, 2}; /* 41 * 3 + 2 is 125 */
    int8_t cell[4];
    cv_cells(row, column, 4, 3, cell);
    CHECK(cell[0] == 1 && cell[1] == -1 && cell[2] == -1 && cell[3] == 125);
}

void
check_pyramid(void)
{
    check_cuts();
    check_changed_values();
    check_cells();
    check_concentration();
}
