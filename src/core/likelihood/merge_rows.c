/* merge_rows.c -- merges equal rows of a group and adds their weights.
 *
 * Sorts each group by (t_x, T) in place, by radix exchange on the bits of the doubles: rows are
 * split by the highest bit in which they differ, so that no comparison is needed and equal rows end
 * up as neighbours. Bits order as values do from 0 on; negative ones, of margins, come last. Of a
 * million daily histories a third is left, which pays where the likelihood of a row is expensive or
 * many passes follow. Exact but for the sums of weights, which are exact as long as these are
 * whole. At most 128 levels deep, one for each bit of t_x and T. Source: Knuth, TAOCP volume
 * 3, 5.2.2.
 */
#include <string.h>

#include "likelihood/rows.h"
#include "types.h"

enum { MANY = 1 << 16 }; /* rows between two polls of the tick */

/* Return the bits of a value, those of 0 for -0. */
static uint64_t
bits_of(double value)
{
    uint64_t bits;
    value += 0.0; /* -0 is +0 */
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The highest bit in which the column differs on [begin, end), alone; 0 where all are equal. */
static uint64_t
highest_difference(const double *column, size_t begin, size_t end)
{
    uint64_t first = bits_of(column[begin]), different = 0;
    for (size_t i = begin + 1; i < end; i++) different |= bits_of(column[i]) ^ first;
    for (int shift = 1; shift < 64; shift *= 2) different |= different >> shift;
    return different ^ different >> 1;
}

/* Exchange two values of a column. */
static void
exchange(double *column, size_t i, size_t k)
{
    double value = column[i];
    column[i] = column[k];
    column[k] = value;
}

/* Move rows without the bit before those with it; return where the latter begin. */
static size_t
split(const cv_rows *rows, const double *column, uint64_t bit, size_t begin, size_t end)
{
    for (;;) {
        while (begin < end && !(bits_of(column[begin]) & bit)) begin++;
        while (begin < end && bits_of(column[end - 1]) & bit) end--;
        if (begin == end) return begin;
        end--;
        exchange(rows->t_x, begin, end);
        exchange(rows->T, begin, end);
        exchange(rows->weight, begin, end);
        begin++;
    }
}

/* At most 128 deep: every level consumes one bit of t_x or of T. 1 when interrupted. */
static int
sort_rows(const cv_rows *rows, const double *column, size_t begin, size_t end)
{
    while (end - begin > 1) {
        if (end - begin > MANY && rows->tick != NULL && rows->tick(rows->context)) return 1;
        uint64_t bit = highest_difference(column, begin, end);
        if (bit == 0 && column == rows->T) return 0;
        if (bit == 0) {
            column = rows->T;
            continue;
        }
        size_t middle = split(rows, column, bit, begin, end);
        if (sort_rows(rows, column, begin, middle)) return 1;
        begin = middle;
    }
    return 0;
}

/* Move the distinct rows of [begin, end) to `to` and on; return where they end. */
static size_t
merge_rows(cv_rows *rows, size_t begin, size_t end, size_t to)
{
    for (size_t i = begin, first = to; i < end; i++) {
        if (to > first && rows->t_x[to - 1] == rows->t_x[i] && rows->T[to - 1] == rows->T[i]) {
            rows->weight[to - 1] += rows->weight[i];
            continue;
        }
        rows->t_x[to] = rows->t_x[i];
        rows->T[to] = rows->T[i];
        rows->weight[to++] = rows->weight[i];
    }
    return to;
}

int
cv_rows_merge(cv_rows *rows)
{
    size_t begin = 0, to = 0;
    for (size_t g = 0; g < rows->groups; g++) {
        size_t end = rows->group[g].end;
        if (stop_at_group(rows, g) || sort_rows(rows, rows->t_x, begin, end)) return 1;
        to = merge_rows(rows, begin, end, to);
        rows->group[g].end = to;
        begin = end;
    }
    rows->n = to;
    return 0;
}
