/* check_ledger.c -- a log of four customers, grouped and summed, by keys of every kind. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { ROWS = 7, BUYERS = 3 };

static int32_t tick[ROWS];
static double amount[ROWS];
static int64_t begin[ROWS], end[ROWS], first_row[ROWS];

/* Rows of the customers A B A C B A A, days 5 3 1 2 9 5 8; returns the number of customers. */
static size_t
group(const int64_t *key)
{
    static const int32_t day[ROWS] = {5, 3, 1, 2, 9, 5, 8};
    static const double paid[ROWS] = {10, 4, 20, 7, 5, -10, 30};
    const double *const values[1] = {paid};
    double *const sorted[1] = {amount};
    uint64_t word[ROWS], first[1] = {0};
    cv_log log = {ROWS, 1, key, day, values};
    cv_ledger ledger = {tick, sorted, NULL, word, first};
    cv_plan *plan = malloc(sizeof *plan);
    size_t customers = 0;
    if (plan == NULL) return 0;
    if (!cv_ledger_plan(key, ROWS, plan, NULL, NULL)) {
        const cv_places out = {begin, end, first_row};
        void *scratch = malloc(cv_ledger_scratch(plan));
        cv_ledger_group(plan, &log, &ledger, scratch, &customers, NULL, NULL);
        cv_ledger_order(plan, &log, &ledger, customers, &out, NULL, NULL);
        free(scratch);
    }
    free(plan);
    return customers;
}

static void
check_keys(const int64_t *key)
{
    static const int32_t days[ROWS] = {1, 5, 5, 8, 3, 9, 2};
    static const double paid[ROWS] = {20, -10, 10, 30, 4, 5, 7};
    CHECK(group(key) == BUYERS);
    CHECK(end[0] - begin[0] == 4 && first_row[0] == 0);
    CHECK(end[1] - begin[1] == 2 && first_row[1] == 1 && first_row[2] == 3);
    for (int c = 0, at = 0; c < BUYERS; at += (int)(end[c] - begin[c]), c++) {
        size_t n = (size_t)(end[c] - begin[c]);
        CHECK(memcmp(tick + begin[c], days + at, n * sizeof *tick) == 0);
        CHECK(memcmp(amount + begin[c], paid + at, n * sizeof *amount) == 0);
    }
}

/* The keys of each step differ: a step sees it, or ends within its arrays, which a sanitizer
 * watches. */
static void
check_changed_keys(const int64_t *const key[3])
{
    static const int32_t day[ROWS] = {5, 3, 1, 2, 9, 5, 8};
    uint64_t *word = malloc(ROWS * sizeof *word), first[1] = {0};
    cv_log log = {ROWS, 0, key[1], day, NULL};
    cv_ledger ledger = {tick, NULL, NULL, word, first};
    cv_plan *plan = malloc(sizeof *plan);
    size_t customers = 0;
    if (word == NULL || plan == NULL) return;
    CHECK(cv_ledger_plan(key[0], ROWS, plan, NULL, NULL) == 0);
    void *scratch = malloc(cv_ledger_scratch(plan));
    int status = cv_ledger_group(plan, &log, &ledger, scratch, &customers, NULL, NULL);
    CHECK((status == 0 || status == CV_CHANGED) && customers <= ROWS);
    log.key = key[2];
    const cv_places out = {begin, end, first_row};
    if (status == 0) status = cv_ledger_order(plan, &log, &ledger, customers, &out, NULL, NULL);
    for (size_t c = 0; status == 0 && c < customers; c++)
        CHECK(begin[c] >= 0 && begin[c] <= end[c] && end[c] <= ROWS && first_row[c] < ROWS);
    free(scratch);
    free(plan);
    free(word);
}

static void
check_changes(void)
{
    static const int64_t near[ROWS] = {0, 1, 0, 2, 1, 0, 0};
    static const int64_t far[ROWS] = {0, INT64_MAX, 9, 7, 1, 0, 5};
    static const int64_t runs[ROWS] = {0, 0, 1, 1, 1, 2, 2}, one[ROWS] = {7, 7, 7, 7, 7, 7, 7};
    static const int64_t *const all[4] = {near, far, runs, one};
    for (int i = 0; i < 64; i++)
        check_changed_keys((const int64_t *const[3]){all[i % 4], all[i / 4 % 4], all[i / 16]});
}

static void
check_summary(void)
{
    int64_t x[BUYERS];
    double t_x[BUYERS], T[BUYERS], m_x[BUYERS], recency[BUYERS], total[BUYERS], sum[BUYERS];
    int32_t first[BUYERS], last[BUYERS];
    cv_orders orders = {tick, amount, NULL, 0};
    cv_customers customers = {BUYERS, begin, end};
    cv_histories out = {x, t_x, T, m_x, recency, sum, first, last};
    CHECK(cv_summary(&orders, &customers, 10, 1, 7, &out, NULL, NULL) == 0);
    CHECK(x[0] == 1 && t_x[0] == 1 && m_x[0] == 30); /* day 5 is refunded in full */
    CHECK(T[0] == 9.0 / 7 && x[1] == 1 && x[2] == 0 && isnan(m_x[2]));
    CHECK(recency[0] == 2.0 / 7 && recency[1] == 1.0 / 7 && recency[2] == 8.0 / 7);
    cv_totals(amount, &customers, total, NULL, NULL);
    CHECK(total[0] == 50 && total[1] == 9 && total[2] == 7);
    CHECK(memcmp(sum, total, sizeof sum) == 0);
    CHECK(first[0] == 1 && last[0] == 8 && first[1] == 3 && last[1] == 9 && first[2] == 2);
}

static void
check_days(void)
{
    static const int64_t seconds[] = {-1, 0, 86399, 86400, INT64_MIN};
    int32_t day[5];
    cv_ticks(seconds, 5, 86400, -10, 10, day);
    CHECK(day[0] == -1 && day[1] == 0 && day[2] == 0 && day[3] == 1 && day[4] == CV_NO_TICK);
}

void
check_ledger(void)
{
    static const int64_t dense[ROWS] = {0, 1, 0, 2, 1, 0, 0};
    static const int64_t wide[ROWS] = {INT64_MAX, INT64_MIN, INT64_MAX, 0,
                                       INT64_MIN, INT64_MAX, INT64_MAX};
    check_keys(dense);
    check_keys(wide);
    check_summary();
    check_days();
    check_changes();
}
