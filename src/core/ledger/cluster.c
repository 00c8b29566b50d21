/* cluster.c -- clusters the rows of one partition by customer, inside the cache.
 *
 * Numbers the customers as they come, moves each column once, then sorts the rows of those whose
 * ticks do not ascend. The words of the partition are at first the keys of its rows, then in front
 * those of its customers, and at last rows to be sorted. Hashing is by one multiplication, with
 * another multiplier where keys collide more than 16 times a row. Sorting: runs of 32 by counting,
 * then insertion, then merging, at worst n log n (Knuth, The Art of Computer Programming 3, 5.2).
 * Whole numbers and comparisons only: the order is exact.
 */
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/row_words.h"
#include "math/guards.h"
#include "math/sort_keys.h"
#include "types.h"

/* The parts of the scratch memory. */
typedef struct {
    uint32_t *code; /* of each row: its customer; then its place */
    uint32_t *end;  /* of each customer: its rows; where the next one goes; where they end */
    void *buffer;   /* the table of customers; a column; half of a customer's words */
    cv_tick stop;
    void *context;
} workspace;

/* Slots for m customers: a power of two, at most two thirds full. */
static int
table_bits(size_t m)
{
    int bits = 4;
    while ((size_t)1 << bits < m + m / 2) bits++;
    return bits;
}

/* Bytes for the table of customers or a column, whichever is larger, of m rows. */
static size_t
buffer_bytes(const cv_plan *plan, size_t m)
{
    size_t column = m * sizeof(uint64_t), table = 0;
    if (!plan->clustered)
        table = plan->width ? (size_t)plan->width * sizeof(uint32_t)
                            : sizeof(uint32_t) << table_bits(m + 1);
    return table > column ? table : column;
}

size_t
cv_ledger_scratch(const cv_plan *plan)
{
    return buffer_bytes(plan, plan->largest) + 2 * plan->largest * sizeof(uint32_t);
}

static workspace
divide(const cv_plan *plan, void *scratch, cv_tick stop, void *context)
{
    uint32_t *code = (void *)((char *)scratch + buffer_bytes(plan, plan->largest));
    return (workspace){code, code + plan->largest, scratch, stop, context};
}

/* ---- numbers: customers 0, 1, ... as they come ---- */

/* Rows are numbered by slots of customers + 1, 0 for a new customer; `key` are the keys of the
 * rows, in front of the next row those of the customers. */
typedef struct {
    uint64_t *key, *first;
    size_t from, customers;
} numbers;

/* Row i is the first one of a new customer. */
static inline void
begin_customer(numbers *n, size_t i, uint32_t *slot, uint32_t *end)
{
    const size_t place = n->from + i;
    n->first[place / 64] |= (uint64_t)1 << place % 64;
    n->key[n->customers] = n->key[i];
    end[n->customers] = 0;
    *slot = (uint32_t)++n->customers;
}

/* Numbers m rows whose keys are indices of a table; returns the customers. */
static size_t
number_dense(const cv_plan *plan, numbers n, size_t m, const workspace *w)
{
    uint32_t *slot = w->buffer;
    memset(slot, 0, (size_t)plan->width * sizeof *slot);
    for (size_t i = 0; i < m; i++) {
        uint32_t *at = &slot[(n.key[i] - plan->origin) & (plan->width - 1)];
        if (*at == 0) begin_customer(&n, i, at, w->end);
        w->code[i] = *at - 1;
        w->end[*at - 1]++;
    }
    return n.customers;
}

/* Slots by the hash of the key. After more than `most` steps to the side, which only keys made
 * against this `odd` need, another one is tried. */
typedef struct {
    uint32_t *slot;
    uint64_t odd;
    int bits, most_bits, tries;
    size_t steps, most;
} table;

/* Fills the table anew with the customers so far, and with another multiplier where the steps are
 * too many. Few keys collide under several multipliers: there are only 2^64. 1 when interrupted. */
static int
fill(table *t, const numbers *n, const workspace *w)
{
    const size_t mask = ((size_t)1 << t->bits) - 1;
    do {
        if (t->steps > t->most) {
            t->odd *= 0xD1342543DE82EF95u;
            if (++t->tries == 8) t->most = SIZE_MAX;
        }
        t->steps = 0;
        memset(t->slot, 0, (mask + 1) * sizeof *t->slot);
        for (size_t c = 0; c < n->customers && t->steps <= t->most; c++) {
            if (stopped(c, w->stop, w->context)) return 1;
            size_t at = (size_t)(n->key[c] * t->odd >> (64 - t->bits));
            for (; t->slot[at]; at = (at + 1) & mask) t->steps++;
            t->slot[at] = (uint32_t)(c + 1);
        }
    } while (t->steps > t->most);
    return 0;
}

/* Numbers rows from i on, until the table must be filled anew or an interrupt check is due. Returns
 * the next row. */
static size_t
number_some(table *t, numbers *n, size_t i, size_t m, const workspace *w)
{
    const size_t to = m - i < (1 << 18) ? m : i + (1 << 18), mask = ((size_t)1 << t->bits) - 1;
    const size_t full = t->bits < t->most_bits ? (mask + 1) / 8 : SIZE_MAX, most = t->most;
    const uint64_t odd = t->odd, *key = n->key;
    const int shift = 64 - t->bits;
    uint32_t *restrict slot = t->slot, *restrict code = w->code, *restrict end = w->end;
    size_t steps = t->steps;
    for (; i < to && n->customers < full && steps <= most; i++) {
        size_t at = (size_t)(key[i] * odd >> shift);
        for (; slot[at] && key[slot[at] - 1] != key[i]; at = (at + 1) & mask) steps++;
        if (slot[at] == 0) begin_customer(n, i, &slot[at], end);
        code[i] = slot[at] - 1;
        end[slot[at] - 1]++;
    }
    t->steps = steps;
    return i;
}

/* Numbers m rows by hashing; returns the customers, or SIZE_MAX when interrupted. The table grows
 * with its customers, an eighth of it full as long as there is room. */
static size_t
number_hashed(numbers n, size_t m, const workspace *w)
{
    table t = {w->buffer, 0xD1342543DE82EF95u, table_bits(m / 8), table_bits(m + 1), 0, 0, 16 * m};
    memset(t.slot, 0, sizeof *t.slot << t.bits);
    for (size_t i = 0; (i = number_some(&t, &n, i, m, w)) < m;) {
        if (w->stop != NULL && w->stop(w->context)) return SIZE_MAX;
        const int grow = t.bits < t.most_bits && 8 * n.customers >> t.bits;
        t.bits += grow;
        if ((grow || t.steps > t.most) && fill(&t, &n, w)) return SIZE_MAX;
    }
    return n.customers;
}

/* Clustered keys need no numbers. */
static size_t
end_runs(numbers n, size_t m, uint32_t *end)
{
    for (size_t i = 0; i < m; i++) {
        uint32_t slot = 0;
        if (i == 0 || n.key[i] != n.key[i - 1]) begin_customer(&n, i, &slot, end);
        end[n.customers - 1] = (uint32_t)(i + 1);
    }
    return n.customers;
}

/* ---- rows to their customers ---- */

/* Turns the codes of m rows into their places, and `end` into the ends of the customers' rows. */
static void
place_rows(size_t m, size_t customers, const workspace *w)
{
    uint32_t rows = 0;
    for (size_t c = 0; c < customers; c++) {
        const uint32_t count = w->end[c];
        w->end[c] = rows;
        rows += count;
    }
    for (size_t i = 0; i < m; i++) w->code[i] = w->end[w->code[i]]++;
}

/* Moves a column of 4 or 8 bytes an entry to the places of its rows. */
static void
move4(uint32_t *column, size_t m, const uint32_t *place, uint32_t *buffer)
{
    memcpy(buffer, column, m * sizeof *column);
    for (size_t i = 0; i < m; i++) column[place[i]] = buffer[i];
}

static void
move8(double *column, size_t m, const uint32_t *place, double *buffer)
{
    memcpy(buffer, column, m * sizeof *column);
    for (size_t i = 0; i < m; i++) column[place[i]] = buffer[i];
}

static void
move_rows(const cv_ledger *l, size_t columns, size_t from, size_t m, const workspace *w)
{
    move4((uint32_t *)l->tick + from, m, w->code, w->buffer);
    if (l->row != NULL) move4(l->row + from, m, w->code, w->buffer);
    for (size_t k = 0; k < columns; k++) move8(l->value[k] + from, m, w->code, w->buffer);
}

/* ---- the rows of a customer in order ---- */

/* 1 when no row has to move. */
static int
in_place(const uint64_t *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (place_of(word[i]) != i) return 0;
    return 1;
}

/* Sorts n rows of one customer, in every column. 1 when interrupted. */
static int
sort_rows(const cv_ledger *l, size_t columns, size_t from, size_t n, const workspace *w)
{
    uint64_t *word = l->word + from;
    for (size_t i = 0; i < n; i++) word[i] = row_word(l->tick[from + i], i);
    if (cv_sort_rows(word, n, l->value, from, columns, w->buffer, w->stop, w->context)) return 1;
    if (in_place(word, n)) return 0;
    for (size_t i = 0; i < n; i++) l->tick[from + i] = tick_of(word[i]);
    for (size_t k = 0; k < columns; k++) {
        double *column = l->value[k] + from, *buffer = w->buffer;
        memcpy(buffer, column, n * sizeof *column);
        for (size_t i = 0; i < n; i++) column[i] = buffer[place_of(word[i])];
    }
    if (l->row == NULL) return 0;
    uint32_t *row = l->row + from, *buffer = w->buffer;
    memcpy(buffer, row, n * sizeof *row);
    for (size_t i = 0; i < n; i++) row[i] = buffer[place_of(word[i])];
    return 0;
}

/* Sorts the rows of one customer. Where ticks ascend, only the rows of one tick are compared by
 * their values. 1 when interrupted. */
static int
sort_customer(const cv_ledger *l, size_t columns, size_t from, size_t end, const workspace *w)
{
    const int32_t *tick = l->tick;
    size_t i = from + 1, to;
    while (i < end && tick[i] > tick[i - 1]) i++; /* as most do to the end */
    for (i--; i + 1 < end; i = to) {
        for (to = i + 1; to < end && tick[to] == tick[i];) to++;
        if (to < end && tick[to] < tick[i]) return sort_rows(l, columns, from, end - from, w);
        if (to > i + 1 && sort_rows(l, columns, i, to - i, w)) return 1;
    }
    return 0;
}

size_t
cv_cluster(const cv_plan *plan, const cv_ledger *ledger, size_t columns, size_t from, size_t m,
           void *scratch, uint64_t *customer, cv_tick stop, void *context)
{
    const workspace w = divide(plan, scratch, stop, context);
    const numbers n = {ledger->word + from, ledger->first, from, 0};
    size_t customers = plan->clustered ? end_runs(n, m, w.end)
                       : plan->width   ? number_dense(plan, n, m, &w)
                                       : number_hashed(n, m, &w);
    if (customers == SIZE_MAX) return SIZE_MAX;
    if (!plan->clustered) {
        place_rows(m, customers, &w);
        move_rows(ledger, columns, from, m, &w);
    }
    for (size_t c = 0, begin = 0; c < customers; begin = w.end[c++])
        if (sort_customer(ledger, columns, from + begin, from + w.end[c], &w)) return SIZE_MAX;
    for (size_t c = 0, begin = 0; c < customers; begin = w.end[c++])
        customer[c] = (uint64_t)(from + begin) << 32 | (from + w.end[c]);
    return customers;
}

/* ---- the order of one customer's rows: by tick, then by the values, then as they came ----
 *
 * Short runs are sorted as words, by counting, which has no branch to mispredict; then by
 * insertion, which finds only equal ticks left to compare by the values. Runs are merged. Rows that
 * are in order already cost one comparison each. */

enum { RUN = 32 };

/* The columns of the rows, which begin at `from`. */
typedef struct {
    double *const *value;
    size_t from, columns;
} values;

/* 1 when row a comes before row b. */
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

/* Sorts n words by insertion. */
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
