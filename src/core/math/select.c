/* select.c -- ranks and running sums of a column without sorting it.
 *
 * One pass counts the top 16 bits of the sort keys. A second gathers only the buckets in which a
 * wanted rank, or a wanted share of the sum, falls. Inside a bucket radix exchange splits by the
 * highest bit that differs, so every step splits and at most 48 are needed (Knuth, The Art of
 * Computer Programming 3, 5.2.2). Between plan and cut, `equal` holds the bucket of each cut, and
 * `quota` the rank, or `value` the sum, that is still wanted inside it.
 *
 * Ranks are exact. Sums carry their rounding errors (money_sum.h), and a share of the sum counts as
 * reached 1e-12 of it below, so that decimals that are no doubles do not move a cut. A total near
 * the end of the doubles is lifted by a power of two first, which changes no digit.
 *
 * The column is read twice, and somebody may write to it meanwhile: the second pass keeps within
 * the room that the first one planned.
 */
#include <math.h>
#include <string.h>

#include "math/select.h"
#include "math/money_sum.h"
#include "math/sort_keys.h"
#include "types.h"

static const double SLACK = 1e-12; /* 80 % of ten values of 0.1 is eight of them */

double
cv_lift_of(double total)
{
    return total < 0x1p-900 ? 0x1p500 : 1;
}

/* The top 16 bits of a key. */
static size_t
bucket_of(uint64_t key)
{
    return (size_t)(key >> 48);
}

double
cv_histogram(const double *value, size_t n, size_t *count, cv_money *sum)
{
    cv_money total = {0, 0, 0};
    memset(count, 0, CV_BUCKETS * sizeof *count);
    if (sum == NULL) {
        for (size_t i = 0; i < n; i++) count[bucket_of(key_of(value[i]))]++;
        return 0;
    }
    for (size_t b = 0; b < CV_BUCKETS; b++) sum[b] = (cv_money){0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        size_t bucket = bucket_of(key_of(value[i]));
        count[bucket]++;
        add_money(&sum[bucket], value[i]);
    }
    for (size_t b = CV_BUCKETS; b-- > 1;) add_money(&total, settled(&sum[b])); /* 0 is NaN */
    return settled(&total);
}

/* Turn the counts of the buckets in equal[] into the place of their first key; all others share
 * place 0. The last place is for keys that were not counted. */
static size_t
lay_out(size_t *count, size_t k, cv_cuts cuts)
{
    size_t room = 1, j = 0;
    for (size_t b = CV_BUCKETS; b-- > 0;) {
        size_t here = count[b];
        count[b] = 0;
        if (j == k || cuts.equal[j] != (int64_t)b) continue;
        count[b] = room;
        room += here;
        while (j < k && cuts.equal[j] == (int64_t)b) j++;
    }
    return room + 1;
}

size_t
cv_plan_ranks(size_t *count, const int64_t *rank, size_t k, cv_cuts cuts)
{
    size_t above = 0, j = 0;
    for (size_t b = CV_BUCKETS; b-- > 0;) {
        for (; j < k && (size_t)rank[j] <= above + count[b]; j++) {
            cuts.equal[j] = (int64_t)b;
            cuts.quota[j] = rank[j] == 0 ? 0 : (int64_t)((size_t)rank[j] - above);
        }
        above += count[b];
    }
    return lay_out(count, k, cuts);
}

size_t
cv_plan_shares(size_t *count, const cv_money *sum, double total, const double *share, size_t k,
               cv_cuts cuts)
{
    const double lift = cv_lift_of(total), all = total * lift;
    cv_money above = {0, 0, 0};
    size_t j = 0;
    for (size_t b = CV_BUCKETS; b-- > 1;) {
        if (count[b] == 0) continue;
        double before = settled(&above) * lift;
        add_money(&above, settled(&sum[b]));
        for (; j < k && settled(&above) * lift >= share[j] * all * (1 - SLACK); j++) {
            cuts.equal[j] = (int64_t)b;
            cuts.value[j] = share[j] * all * (1 - SLACK) - before;
        }
    }
    return lay_out(count, k, cuts);
}

/* Copies the keys of wanted buckets to their places; afterwards count[b] is the end of bucket b.
 * No branch to mispredict: all other keys are written to place 0, those without room to the last.
 */
static void
gather(const double *value, size_t n, size_t *count, cv_keys keys)
{
    const size_t last = keys.room - 1;
    for (size_t i = 0; i < n; i++) {
        uint64_t k = key_of(value[i]);
        size_t *place = &count[bucket_of(k)];
        keys.key[*place] = k;
        *place += *place - 1 < last - 1;
    }
}

/* The keys of one bucket after another: where they begin, and how many there are. */
typedef struct {
    size_t bucket, start, end;
} range;

/* Moves on to a bucket, unless it is there. Returns the number of its keys. */
static size_t
move_to(range *at, size_t bucket, const size_t *count)
{
    if (bucket != at->bucket) at->start = at->end;
    if (count[bucket] > at->start) at->end = count[bucket];
    at->bucket = bucket;
    return at->end - at->start;
}

/* Writes cut j; a rank of 0 has no customer above it. */
static void
set_cut(cv_cuts cuts, size_t j, double value, size_t rank, size_t m)
{
    cuts.value[j] = rank == 0 ? INFINITY : value;
    cuts.quota[j] = (int64_t)rank;
    cuts.equal[j] = rank == 0 ? 0 : (int64_t)m;
}

/* Keys that have the bit come first; returns their number. No branch to mispredict. */
static size_t
split(uint64_t *key, size_t m, uint64_t bit)
{
    size_t ones = 0;
    for (size_t i = 0; i < m; i++) {
        uint64_t k = key[i];
        key[i] = key[ones];
        key[ones] = k;
        ones += (k & bit) != 0;
    }
    return ones;
}

/* The highest bit in which keys differ; 0 when all are equal. */
static uint64_t
highest_difference(const uint64_t *key, size_t m)
{
    uint64_t differ = 0;
    for (size_t i = 1; i < m; i++) differ |= key[i] ^ key[0];
    while (differ & (differ - 1)) differ &= differ - 1;
    return differ;
}

uint64_t
cv_select_key(uint64_t *key, size_t *m, size_t *rank)
{
    for (uint64_t bit; (bit = highest_difference(key, *m)) != 0;) {
        size_t ones = split(key, *m, bit);
        if (*rank <= ones) {
            *m = ones;
        } else {
            key += ones;
            *m -= ones;
            *rank -= ones;
        }
    }
    return key[0];
}

/* The sum of the values of m keys. */
static double
sum_of(const uint64_t *key, size_t m)
{
    cv_money sum = {0, 0, 0};
    for (size_t i = 0; i < m; i++) add_money(&sum, value_of(key[i]));
    return settled(&sum);
}

/* As cv_select_key, for the first rank at which the running sum, lifted, reaches `wanted`. */
static uint64_t
select_sum(uint64_t *key, size_t *m, size_t *rank, double wanted, double lift)
{
    for (uint64_t bit; (bit = highest_difference(key, *m)) != 0;) {
        size_t ones = split(key, *m, bit);
        double sum = sum_of(key, ones) * lift;
        if (sum >= wanted) {
            *m = ones;
        } else {
            key += ones;
            *m -= ones;
            wanted -= sum;
        }
    }
    double needed = ceil(wanted / (value_of(key[0]) * lift));
    *rank = needed < 1 ? 1 : needed < (double)*m ? (size_t)needed : *m;
    return key[0];
}

void
cv_cut_ranks(const double *value, size_t n, size_t *count, cv_keys keys, size_t k, cv_cuts cuts)
{
    range at = {CV_BUCKETS, 1, 1};
    gather(value, n, count, keys);
    for (size_t j = 0; j < k; j++) {
        size_t m = move_to(&at, (size_t)cuts.equal[j], count), rank = (size_t)cuts.quota[j];
        uint64_t key = 0;
        if (rank > m) rank = m;
        if (rank > 0) key = cv_select_key(keys.key + at.start, &m, &rank);
        set_cut(cuts, j, value_of(key), rank, m);
    }
}

void
cv_cut_shares(const double *value, size_t n, size_t *count, cv_keys keys, double total, size_t k,
              cv_cuts cuts)
{
    const double lift = cv_lift_of(total);
    range at = {CV_BUCKETS, 1, 1};
    gather(value, n, count, keys);
    for (size_t j = 0; j < k; j++) {
        size_t m = move_to(&at, (size_t)cuts.equal[j], count), rank = 0;
        uint64_t key = 0;
        if (m > 0) key = select_sum(keys.key + at.start, &m, &rank, cuts.value[j], lift);
        set_cut(cuts, j, value_of(key), rank, m);
    }
}
