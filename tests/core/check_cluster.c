/* check_cluster.c -- logs of every shape through plan, group and order; what stops them. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { N = 100000 };

static uint64_t state = 20251122;

static uint64_t
draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void *
room(size_t bytes)
{
    void *memory = malloc(bytes + 1);
    if (memory == NULL) exit(1);
    return memory;
}

static int
stop_at_once(void *calls)
{
    ++*(int *)calls;
    return 1;
}

/* Every row once, each customer whole, in order, and known by its first row. */
static int
is_clustered(const cv_log *log, const cv_ledger *l, size_t customers, const int64_t *begin,
             const int64_t *end, const int64_t *first_row)
{
    int good = 1;
    size_t rows = 0;
    char *seen = room(log->n);
    memset(seen, 0, log->n);
    for (size_t c = 0; c < customers; c++) {
        int64_t first = INT64_MAX;
        good &= c == 0 || first_row[c] > first_row[c - 1];
        for (int64_t i = begin[c]; i < end[c]; i++, rows++) {
            uint32_t row = l->row[i];
            good &= !seen[row]++ && log->key[row] == log->key[first_row[c]];
            good &= l->tick[i] == log->tick[row] && l->value[0][i] == log->value[0][row];
            good &= i == begin[c] || l->tick[i] > l->tick[i - 1] ||
                    (l->tick[i] == l->tick[i - 1] &&
                     (l->value[0][i] > l->value[0][i - 1] ||
                      (l->value[0][i] == l->value[0][i - 1] && row > l->row[i - 1])));
            if (row < first) first = row;
        }
        good &= first == first_row[c];
    }
    free(seen);
    return good && rows == log->n;
}

/* Groups n rows of the given keys; returns the number of customers, or SIZE_MAX when it is wrong.
 */
static size_t
group(const int64_t *key, size_t n, int32_t days)
{
    size_t customers = 0;
    int32_t *tick = room(n * sizeof *tick);
    double *value = room(n * sizeof *value), *new_value = room(n * sizeof *value);
    cv_ledger l = {room(n * sizeof *tick), &new_value, room(n * sizeof *l.row),
                   room(n * sizeof *l.word), room((n / 64 + 1) * sizeof *l.first)};
    const cv_log log = {n, 1, key, tick, (const double *const *)&value};
    cv_plan plan;
    for (size_t i = 0; i < n; i++) {
        tick[i] = (int32_t)(draw() % (uint64_t)days) - days / 2;
        value[i] = (double)(draw() % 5) - 1;
    }
    memset(l.first, 0, (n / 64 + 1) * sizeof *l.first);
    int wrong = cv_ledger_plan(key, n, &plan, NULL, NULL);
    void *scratch = room(cv_ledger_scratch(&plan));
    wrong |= cv_ledger_group(&plan, &log, &l, scratch, &customers, NULL, NULL);
    int64_t *begin = room(3 * customers * sizeof *begin);
    const cv_places out = {begin, begin + customers, begin + 2 * customers};
    wrong |= cv_ledger_order(&plan, &log, &l, customers, &out, NULL, NULL);
    wrong |= !is_clustered(&log, &l, customers, begin, begin + customers, begin + 2 * customers);
    void *const used[] = {tick, value, new_value, l.tick, l.row, l.word, scratch, l.first, begin};
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++) free(used[i]);
    return wrong ? SIZE_MAX : customers;
}

static void
check_shapes(void)
{
    int64_t *key = room(N * sizeof *key);
    CHECK(group(key, 0, 1) == 0);
    for (size_t i = 0; i < N; i++) key[i] = (int64_t)(i / 10);
    CHECK(group(key, N, 30) == N / 10); /* clustered */
    for (size_t i = 0; i < N; i++) key[i] = (int64_t)(i * 7919 % 5000) - 2500;
    CHECK(group(key, N, 30) == 5000); /* dense */
    for (size_t i = 0; i < N; i++) key[i] = (int64_t)(i * 7919 % 5000 * 0xC6A4A7935BD1E995u);
    CHECK(group(key, N, 30) == 5000); /* sparse */
    for (size_t i = 0; i < N; i++) key[i] = i % 2 ? INT64_MIN : INT64_MAX;
    CHECK(group(key, N, 2) == 2); /* long, nearly all ties */
    CHECK(group(key, 1, 1) == 1);
    CHECK(group(key, 2, 1) == 2);
    free(key);
}

static void
check_stops(void)
{
    const size_t n = (size_t)1 << 19;
    int calls = 0;
    cv_plan plan;
    int64_t *key = room(n * sizeof *key);
    for (size_t i = 0; i < n; i++) key[i] = (int64_t)draw();
    CHECK(cv_ledger_plan(key, n, &plan, stop_at_once, &calls) == 1);
    CHECK(calls == 1);
    free(key);
}

void
check_cluster(void)
{
    check_shapes();
    check_stops();
}
