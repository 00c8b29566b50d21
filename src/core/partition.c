/* partition.c -- clusters the rows of one partition by customer, inside the cache.
 *
 * Numbers the customers, orders the rows as words (tick, place), then moves each column once.
 * `word` has two lives here: the keys, and when those are numbered, the order of the rows.
 */
#include "custval.h"
#include "inline.h"

#include <string.h>

typedef struct {
    uint32_t *code; /* of each row: its customer; later of each customer: its first row */
    uint32_t *end;  /* of each customer: where its next row goes, in the end where its rows end */
    void *buffer;   /* the hash table; half of a customer's words; a column */
} workspace;

/* Slots for m keys: a power of two, at most two thirds full. */
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
    size_t column = m * sizeof(uint64_t);
    size_t table = sizeof(uint32_t) << table_bits(m);
    return plan->width == 0 && !plan->clustered && table > column ? table : column;
}

static size_t
most_codes(const cv_plan *plan, size_t m)
{
    return plan->width > m ? (size_t)plan->width : m;
}

size_t
cv_ledger_scratch(const cv_plan *plan)
{
    size_t m = plan->largest;
    return buffer_bytes(plan, m) + (m + most_codes(plan, m)) * sizeof(uint32_t);
}

static workspace
divide(const cv_plan *plan, size_t m, void *scratch)
{
    uint32_t *code = (void *)((char *)scratch + buffer_bytes(plan, m));
    return (workspace){code, code + m, scratch};
}

/* Numbers keys by a table of places + 1 of first rows. Returns 0 after too many steps, which only
 * keys made against this `odd` need, and SIZE_MAX when asked to stop. */
static size_t
number_with(uint64_t odd, size_t most_steps, const uint64_t *key, size_t m, const workspace *w,
            cv_tick stop, void *context)
{
    const int bits = table_bits(m);
    uint32_t *table = w->buffer, *code = w->code;
    size_t customers = 0, steps = 0, mask = ((size_t)1 << bits) - 1;
    memset(table, 0, sizeof *table << bits);
    for (size_t i = 0; i < m && steps <= most_steps; i++) {
        if (stopped(i, stop, context)) return SIZE_MAX;
        size_t slot = (size_t)(key[i] * odd >> (64 - bits));
        for (; table[slot] && key[table[slot] - 1] != key[i]; slot = (slot + 1) & mask) steps++;
        if (table[slot] == 0) {
            table[slot] = (uint32_t)(i + 1);
            code[i] = (uint32_t)customers++;
        } else {
            code[i] = code[table[slot] - 1];
        }
    }
    return steps <= most_steps ? customers : 0;
}

/* Few keys are against several multipliers at once: there are only 2^64. */
static size_t
number_hashed(const uint64_t *key, size_t m, const workspace *w, cv_tick stop, void *context)
{
    const uint64_t step = 0xD1342543DE82EF95u;
    uint64_t odd = step;
    size_t customers = 0;
    for (int tries = 1; customers == 0; tries++, odd *= step)
        customers = number_with(odd, tries < 8 ? 16 * m : SIZE_MAX, key, m, w, stop, context);
    return customers;
}

static size_t
number_runs(const uint64_t *key, size_t m, uint32_t *code)
{
    code[0] = 0;
    for (size_t i = 1; i < m; i++) code[i] = code[i - 1] + (key[i] != key[i - 1]);
    return (size_t)code[m - 1] + 1;
}

static size_t
number_dense(const cv_plan *plan, const uint64_t *key, size_t m, uint32_t *code)
{
    for (size_t i = 0; i < m; i++)
        code[i] = (uint32_t)((key[i] - plan->origin) & (plan->width - 1));
    return (size_t)plan->width;
}

/* Words in place of the keys, customer by customer, in the order in which the rows came. */
static void
order_rows(uint64_t *word, const int32_t *tick, size_t m, size_t codes, const workspace *w)
{
    uint32_t rows = 0;
    memset(w->end, 0, codes * sizeof *w->end);
    for (size_t i = 0; i < m; i++) w->end[w->code[i]]++;
    for (size_t c = 0; c < codes; c++) {
        uint32_t count = w->end[c];
        w->end[c] = rows;
        rows += count;
    }
    for (size_t i = 0; i < m; i++) word[w->end[w->code[i]]++] = row_word(tick[i], i);
}

/* Sorts each customer's words and notes its first row in the log. */
static int
sort_customers(const cv_ledger *l, size_t columns, size_t from, size_t codes, const workspace *w,
               cv_tick stop, void *context)
{
    uint64_t *word = l->word + from;
    uint32_t *first_row = w->code;
    for (size_t c = 0, begin = 0; c < codes; begin = w->end[c++]) {
        size_t rows = w->end[c] - begin;
        if (rows == 0) continue;
        *first_row++ = l->row[from + place_of(word[begin])];
        if (words_ascend(word + begin, rows, 32)) continue;
        if (cv_sort_rows(word + begin, rows, l->value, from, columns, w->buffer, stop, context))
            return 1;
    }
    return 0;
}

static int
in_place(const uint64_t *word, size_t m)
{
    for (size_t i = 0; i < m; i++)
        if (place_of(word[i]) != i) return 0;
    return 1;
}

static void
move4(uint32_t *column, const uint64_t *word, size_t m, uint32_t *buffer)
{
    memcpy(buffer, column, m * sizeof *column);
    for (size_t i = 0; i < m; i++) column[i] = buffer[place_of(word[i])];
}

static void
move8(double *column, const uint64_t *word, size_t m, double *buffer)
{
    memcpy(buffer, column, m * sizeof *column);
    for (size_t i = 0; i < m; i++) column[i] = buffer[place_of(word[i])];
}

static void
move_rows(const cv_ledger *l, size_t columns, size_t from, size_t m, void *buffer)
{
    const uint64_t *word = l->word + from;
    if (in_place(word, m)) return;
    for (size_t i = 0; i < m; i++) l->tick[from + i] = tick_of(word[i]);
    move4(l->row + from, word, m, buffer);
    for (size_t k = 0; k < columns; k++) move8(l->value[k] + from, word, m, buffer);
}

/* A customer's word may fall on a row's: the rows have moved by now. */
static size_t
write_customers(size_t from, size_t codes, const workspace *w, uint64_t *customer)
{
    const uint32_t *first_row = w->code;
    size_t customers = 0;
    for (size_t c = 0, begin = 0; c < codes; begin = w->end[c++])
        if (w->end[c] > begin) {
            customer[customers] = (uint64_t)(from + begin) << 32 | first_row[customers];
            customers++;
        }
    return customers;
}

/* Equal ticks are settled by the first column, and most of all rows move: fetch it in time. */
static void
fetch_column(const double *column, size_t m)
{
    const size_t line = 64 / sizeof *column;
    for (size_t i = 0; i < m; i += line) __builtin_prefetch(column + i);
}

size_t
cv_cluster(const cv_plan *plan, const cv_ledger *ledger, size_t columns, size_t from, size_t m,
           void *scratch, uint64_t *customer, cv_tick stop, void *context)
{
    const workspace w = divide(plan, m, scratch);
    uint64_t *word = ledger->word + from;
    size_t codes = plan->clustered ? number_runs(word, m, w.code)
                   : plan->width   ? number_dense(plan, word, m, w.code)
                                   : number_hashed(word, m, &w, stop, context);
    if (codes == SIZE_MAX) return SIZE_MAX;
    order_rows(word, ledger->tick + from, m, codes, &w);
    if (columns > 0) fetch_column(ledger->value[0] + from, m);
    if (sort_customers(ledger, columns, from, codes, &w, stop, context)) return SIZE_MAX;
    move_rows(ledger, columns, from, m, w.buffer);
    return write_customers(from, codes, &w, customer);
}
