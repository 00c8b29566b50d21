/* rowsort.c -- the order of one customer's rows: by tick, then by the values, then as they came.
 *
 * Short runs are sorted as words, by counting, which has no branch to mispredict; then by
 * insertion, which finds only equal ticks left to settle by the values. Runs are merged. Rows that
 * stand in order already cost one comparison each.
 */
#include <string.h>

#include "ledger/row_words.h"
#include "math/guards.h"
#include "math/sort_keys.h"
#include "types.h"

enum { RUN = 32 };

typedef struct {
    double *const *value;
    size_t from, columns;
} values;

static int
precedes(uint64_t a, uint64_t b, const values *v)
{
    if ((a ^ b) >> 32) return a < b;
    for (size_t k = 0; k < v->columns; k++) {
        const double *column = v->value[k] + v->from;
        uint64_t key_a = key_of(column[place_of(a)]), key_b = key_of(column[place_of(b)]);
        if (key_a != key_b) return key_a < key_b;
    }
    return a < b;
}

/* Puts each word at the number of words below it. */
static void
rank(uint64_t *word, size_t n)
{
    uint64_t copy[RUN];
    size_t below[RUN];
    memcpy(copy, word, n * sizeof *word);
    for (size_t i = 0; i < n; i++) {
        size_t above = 0;
        for (size_t j = 0; j < i; j++) {
            const size_t higher = copy[j] > copy[i];
            below[j] += higher;
            above += higher;
        }
        below[i] = i - above;
    }
    for (size_t i = 0; i < n; i++) word[below[i]] = copy[i];
}

static void
insert(uint64_t *word, size_t n, const values *v)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t row = word[i];
        size_t j = i;
        if (row >> 32 > word[i - 1] >> 32) continue;
        for (; j > 0 && precedes(row, word[j - 1], v); j--) word[j] = word[j - 1];
        word[j] = row;
    }
}

/* Merges word[0, left) with word[left, n), both in order. */
static int
merge(uint64_t *word, size_t left, size_t n, uint64_t *buffer, const values *v, cv_tick stop,
      void *context)
{
    if (precedes(word[left - 1], word[left], v)) return 0;
    memcpy(buffer, word, left * sizeof *word);
    for (size_t i = 0, j = left, k = 0; i < left; k++) {
        if (stopped(k, stop, context)) return 1;
        word[k] = j < n && precedes(word[j], buffer[i], v) ? word[j++] : buffer[i++];
    }
    return 0;
}

int
cv_sort_rows(uint64_t *word, size_t n, double *const *value, size_t from, size_t columns,
             uint64_t *buffer, cv_tick stop, void *context)
{
    const values v = {value, from, columns};
    const int ascend = words_ascend(word, n, 0);
    for (size_t i = 0; i < n; i += RUN) {
        const size_t run = n - i < RUN ? n - i : RUN;
        if (stopped(i | (RUN - 1), stop, context)) return 1;
        if (!ascend) rank(word + i, run);
        insert(word + i, run, &v);
    }
    for (size_t width = RUN; width < n; width *= 2)
        for (size_t i = 0; i + width < n; i += 2 * width) {
            size_t both = n - i < 2 * width ? n - i : 2 * width;
            if (merge(word + i, width, both, buffer, &v, stop, context)) return 1;
        }
    return 0;
}
