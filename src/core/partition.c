/* partition.c -- clusters the rows of one partition by customer, inside the cache.
 *
 * Numbers the customers as they come, moves each column once, then sorts the rows of those whose
 * ticks do not ascend. The entries of the partition are at first its rows, then in front the keys
 * of its customers, and at last words of rows to be sorted.
 */
#include "custval.h"
#include "inline.h"

#include <string.h>

typedef struct {
    uint32_t *code; /* of each row: its customer; then its place */
    uint32_t *end;  /* of each customer: its rows; where the next one goes; where they end */
    uint32_t *first; /* of each customer: its first row in the log */
    void *buffer;   /* the table of customers; a column; half of a customer's words */
    uint64_t *word; /* of the rows of a customer */
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
    return buffer_bytes(plan, plan->largest) + (3 * plan->largest + 1) * sizeof(uint32_t);
}

static workspace
divide(const cv_plan *plan, void *scratch, void *word, cv_tick stop, void *context)
{
    uint32_t *code = (void *)((char *)scratch + buffer_bytes(plan, plan->largest));
    return (workspace){code, code + plan->largest, code + 2 * plan->largest, scratch, word, stop, context};
}

/* ---- numbers: customers 0, 1, ... as they come ---- */

/* Rows are numbered by slots of customers + 1, 0 for a customer who is new; in front of the next row
 * stand the keys of the customers. */
typedef struct {
    cv_entry *entry;
    uint32_t *first; /* of each customer, and one to spare */
    size_t customers;
} numbers;

static inline void
begin_customer(numbers *n, size_t i, uint32_t *slot, uint32_t *end)
{
    n->first[n->customers] = place_of(n->entry[i].word);
    n->entry[n->customers].key = n->entry[i].key;
    end[n->customers] = 0;
    *slot = (uint32_t)++n->customers;
}

static size_t
number_dense(const cv_plan *plan, numbers n, size_t m, const workspace *w)
{
    uint32_t *slot = w->buffer;
    memset(slot, 0, (size_t)plan->width * sizeof *slot);
    for (size_t i = 0; i < m; i++) {
        uint32_t *at = &slot[(n.entry[i].key - plan->origin) & (plan->width - 1)];
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

/* Few keys are against several multipliers at once: there are only 2^64. */
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
            size_t at = (size_t)(n->entry[c].key * t->odd >> (64 - t->bits));
            for (; t->slot[at]; at = (at + 1) & mask) t->steps++;
            t->slot[at] = (uint32_t)(c + 1);
        }
    } while (t->steps > t->most);
    return 0;
}

/* Numbers rows from i on, until the table is to be filled anew or it is time to ask for a stop. */
static size_t
number_some(table *t, numbers *n, size_t i, size_t m, const workspace *w)
{
    const size_t to = m - i < (1 << 18) ? m : i + (1 << 18), mask = ((size_t)1 << t->bits) - 1;
    const size_t full = t->bits < t->most_bits ? (mask + 1) / 8 : SIZE_MAX, most = t->most;
    const uint64_t odd = t->odd;
    const cv_entry *entry = n->entry;
    const int shift = 64 - t->bits;
    uint32_t *restrict slot = t->slot, *restrict code = w->code, *restrict end = w->end;
    size_t steps = t->steps;
    for (; i < to && n->customers < full && steps <= most; i++) {
        size_t at = (size_t)(entry[i].key * odd >> shift);
        for (; slot[at] && entry[slot[at] - 1].key != entry[i].key; at = (at + 1) & mask) steps++;
        if (slot[at] == 0) begin_customer(n, i, &slot[at], end);
        code[i] = slot[at] - 1;
        end[slot[at] - 1]++;
    }
    t->steps = steps;
    return i;
}

/* The table grows with its customers, an eighth of it full as long as there is room. */
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
end_runs(numbers n, size_t m, const cv_log *log, size_t from, uint32_t *end)
{
    const int64_t *key = log->key + from;
    for (size_t i = 0; i < m; i++) {
        const int begins = i == 0 || key[i] != key[i - 1];
        n.first[n.customers] = (uint32_t)(from + i);
        n.customers += (size_t)begins;
        end[n.customers - 1] = (uint32_t)(i + 1);
    }
    return n.customers;
}

/* ---- rows to their customers ---- */

static void
begin_places(size_t customers, uint32_t *end)
{
    uint32_t rows = 0;
    for (size_t c = 0; c < customers; c++) {
        const uint32_t count = end[c];
        end[c] = rows;
        rows += count;
    }
}

/* Codes become places. */
static void
place_rows(const cv_ledger *l, size_t from, size_t m, const workspace *w)
{
    const cv_entry *entry = l->entry + from;
    int32_t *tick = l->tick + from;
    for (size_t i = 0; i < m; i++) {
        const uint32_t place = w->end[w->code[i]]++;
        tick[place] = tick_of(entry[i].word);
        w->code[i] = place;
    }
    for (size_t i = 0; l->row != NULL && i < m; i++)
        l->row[from + w->code[i]] = place_of(entry[i].word);
}

static void
move_values(double *column, size_t m, const uint32_t *place, double *buffer)
{
    memcpy(buffer, column, m * sizeof *column);
    for (size_t i = 0; i < m; i++) column[place[i]] = buffer[i];
}

static void
move_rows(const cv_ledger *l, size_t columns, size_t from, size_t m, size_t customers,
          const workspace *w)
{
    begin_places(customers, w->end);
    place_rows(l, from, m, w);
    for (size_t k = 0; k < columns; k++) move_values(l->value[k] + from, m, w->code, w->buffer);
}

/* ---- the rows of a customer in order ---- */

static int
in_place(const uint64_t *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (place_of(word[i]) != i) return 0;
    return 1;
}

static int
sort_rows(const cv_ledger *l, size_t columns, size_t from, size_t n, const workspace *w)
{
    uint64_t *word = w->word;
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

/* Where ticks ascend, only the rows of one tick are settled by their values. */
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

/* Sorts the customers' rows and tallies them, while they are at hand. */
static int
settle_customers(const cv_ledger *l, size_t columns, size_t from, size_t customers, size_t known,
                 const workspace *w)
{
    cv_tallies *t = l->tallies;
    if (t != NULL && t->room < known + customers) t->room = 0;
    cv_tally *tally = t != NULL && t->room > 0 ? t->tally + known : NULL;
    for (size_t c = 0, begin = from; c < customers; c++) {
        const size_t end = from + w->end[c];
        if (tally == NULL || !cv_tally_plain(&t->orders, begin, end, &tally[c])) {
            if (sort_customer(l, columns, begin, end, w)) return 1;
            if (tally != NULL) tally[c] = cv_tally_of(&t->orders, begin, end);
        }
        begin = end;
    }
    return 0;
}

size_t
cv_cluster(const cv_plan *plan, const cv_log *log, const cv_ledger *ledger, size_t from, size_t m,
           size_t known, void *scratch, cv_tick stop, void *context)
{
    const workspace w = divide(plan, scratch, ledger->entry + from, stop, context);
    const numbers n = {ledger->entry + from, w.first, 0};
    const size_t customers = plan->clustered ? end_runs(n, m, log, from, w.end)
                             : plan->width   ? number_dense(plan, n, m, &w)
                                             : number_hashed(n, m, &w);
    if (customers == SIZE_MAX) return SIZE_MAX;
    if (!plan->clustered) move_rows(ledger, log->columns, from, m, customers, &w);
    if (settle_customers(ledger, log->columns, from, customers, known, &w)) return SIZE_MAX;
    for (size_t c = 0, begin = from, end; c < customers; begin = end, c++) {
        end = from + w.end[c];
        ledger->entry[known + c] = (cv_entry){(uint64_t)begin << 32 | end, w.first[c]};
    }
    return customers;
}
