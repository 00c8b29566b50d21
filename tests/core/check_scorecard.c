/* check_scorecard.c -- the tiles and the exact rows give the same points; sums lose no digit. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 2500, EDGES = 5 };

/* One measure of steps in quarters of a point, value = row - 3, every 7th missing. */
static int
score_steps(int whole, cv_simd simd, double *points, double *out, size_t *row)
{
    static const double edge[EDGES] = {0, 1, 10, 100, 2000}, origin[EDGES + 1];
    static const double slope[(EDGES + 1) * CV_LIMBS];
    double value[ROWS], table[(EDGES + 1) * CV_LIMBS] = {0};
    for (int k = 0; k <= EDGES; k++) table[k * CV_LIMBS] = 3 * k - 4;
    for (int i = 0; i < ROWS; i++) value[i] = i % 7 == 6 ? (double)NAN : i - 3;
    cv_term term = {value, NULL, EDGES, edge, origin, slope, table};
    cv_measure measure = {&term, 1, {INFINITY}, {-INFINITY}, {-8}, 1, CV_MISSING_VALUE, points};
    cv_indicator indicator = {&measure, 1, {3}, {7}, {-6}, NULL};
    cv_card card = {.indicator = &indicator,
                    .indicators = 1,
                    .scale = {4},
                    .cap = {INFINITY},
                    .floor = {-6},
                    .weighted = 1,
                    .unit = {4},
                    .power = 1,
                    .round_total = 1,
                    .whole = whole,
                    .simd = simd,
                    .out = out};
    return cv_score(&card, 0, ROWS, row, NULL, NULL);
}

static void
tiles_and_rows_agree(void)
{
    static double points[3][ROWS], out[3][ROWS];
    size_t row;
    CHECK(score_steps(1, cv_simd_best(), points[0], out[0], &row) == CV_SCORED);
    CHECK(score_steps(1, CV_SIMD_BASE, points[1], out[1], &row) == CV_SCORED);
    CHECK(score_steps(0, cv_simd_best(), points[2], out[2], &row) == CV_SCORED);
    CHECK(memcmp(points[0], points[1], sizeof *points) == 0);
    CHECK(memcmp(points[0], points[2], sizeof *points) == 0);
    CHECK(memcmp(out[0], out[1], sizeof *out) == 0);
    CHECK(memcmp(out[0], out[2], sizeof *out) == 0);
    CHECK(points[0][0] == -1 && out[0][0] == -1);        /* below the first edge: -4/4 */
    CHECK(points[0][6] == -2 && out[0][6] == -2);        /* missing: -8/4; floor -6/4, rounded */
    CHECK(points[0][3] == -0.25 && out[0][3] == 0);      /* at the first edge */
    CHECK(points[0][2003] == 2.75 && out[0][2003] == 2); /* capped at 7/4, then rounded */
}

static void
logarithms_of_powers_are_whole(void)
{
    for (int k = 0; k <= 18; k++) CHECK(cv_log_ratio(pow(10, k), 1, 10) == k);
    CHECK(cv_log_ratio(8, 1, 2) == 3 && cv_log_ratio(-1, 1, 2) == 0);
    CHECK(cv_log_ratio(7 * (1 + 0x1p-52), 7, 2) > 0 && isinf(cv_log_ratio(INFINITY, 1, 2)));
    CHECK(isnan(cv_log_ratio(8, 0, 2)) && isnan(cv_log_ratio(8, 1, 1)));
}

/* (1e16 + 1 - 1e16) / 3 on one line each: doubles would give 0 or 2. */
static void
long_sums_keep_the_small_part(void)
{
    const double big = 1e16, one = 1, origin[1] = {0}, zero[CV_LIMBS] = {0};
    const double plus[CV_LIMBS] = {1}, minus[CV_LIMBS] = {-1};
    cv_term term[3] = {{&big, &big, 0, NULL, origin, plus, zero},
                       {&one, &one, 0, NULL, origin, plus, zero},
                       {&big, &big, 0, NULL, origin, minus, zero}};
    double out;
    size_t row;
    cv_measure measure = {term, 3, {INFINITY}, {-INFINITY}, {0}, 1, CV_MISSING_REFUSED, NULL};
    cv_indicator indicator = {&measure, 1, {1}, {INFINITY}, {-INFINITY}, NULL};
    cv_card card = {.indicator = &indicator,
                    .indicators = 1,
                    .scale = {3},
                    .cap = {INFINITY},
                    .floor = {-INFINITY},
                    .weighted = 1,
                    .unit = {3},
                    .power = 1,
                    .out = &out};
    CHECK(cv_score(&card, 0, 1, &row, NULL, NULL) == CV_SCORED);
    CHECK(out == 1.0 / 3);
}

/* Measures of at most 60 and 40 points: with one of them missing the other stands for all. A row
 * without any has no total, and neither has one whose measure is set apart; nobody is refused. */
static void
what_is_left_out_is_shared_by_what_others_can_give(void)
{
    const double a[4] = {60, NAN, 30, NAN}, b[4] = {40, 40, NAN, NAN}, origin[1] = {0};
    const double plus[CV_LIMBS] = {1}, zero[CV_LIMBS] = {0}, want[4] = {100, 100, 50, NAN};
    cv_term term[2] = {{a, a, 0, NULL, origin, plus, zero}, {b, b, 0, NULL, origin, plus, zero}};
    double out[4], sum[4];
    size_t row;
    cv_measure measure[2] = {
        {term, 1, {60}, {-INFINITY}, {0}, 3, CV_MISSING_LEFT_OUT, NULL},
        {term + 1, 1, {40}, {-INFINITY}, {0}, 2, CV_MISSING_LEFT_OUT, NULL}};
    cv_indicator indicator = {measure, 2, {1}, {INFINITY}, {-INFINITY}, sum};
    cv_card card = {.indicator = &indicator,
                    .indicators = 1,
                    .scale = {1},
                    .cap = {INFINITY},
                    .floor = {-INFINITY},
                    .weighted = 1,
                    .unit = {1},
                    .power = 1,
                    .out = out};
    CHECK(cv_score(&card, 0, 4, &row, NULL, NULL) == CV_SCORED);
    for (int i = 0; i < 3; i++) CHECK(out[i] == want[i] && sum[i] == want[i]);
    CHECK(isnan(out[3]) && isnan(sum[3]));
    measure[0].policy = CV_MISSING_APART;
    CHECK(cv_score(&card, 0, 4, &row, NULL, NULL) == CV_SCORED);
    CHECK(out[0] == 100 && isnan(out[1]) && isnan(sum[1]) && out[2] == 50);
    measure[1].policy = CV_MISSING_REFUSED;
    CHECK(cv_score(&card, 0, 4, &row, NULL, NULL) == CV_ROW_MISSING && row == 2);
}

static void
equal_values_share_a_rank(void)
{
    const double value[6] = {-0.0, 5, -3, 0.0, 5, 1e308};
    static const double want[3][6] = {
        {4, 2, 6, 4, 2, 1}, {3, 2, 4, 3, 2, 1}, {4.5, 2.5, 6, 4.5, 2.5, 1}};
    for (int ties = CV_TIES_MIN; ties <= CV_TIES_AVERAGE; ties++) {
        void *work = malloc(cv_rank_scratch(6));
        double rank[6];
        CHECK(cv_rank(value, 6, ties, work, rank, NULL, NULL) == 0);
        CHECK(memcmp(rank, want[ties], sizeof rank) == 0);
        free(work);
    }
}

void
check_scorecard(void)
{
    tiles_and_rows_agree();
    logarithms_of_powers_are_whole();
    long_sums_keep_the_small_part();
    what_is_left_out_is_shared_by_what_others_can_give();
    equal_values_share_a_rank();
}
