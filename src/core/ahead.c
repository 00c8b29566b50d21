/* ahead.c -- a million customers have some ten thousand pairs (x, T): what is to come of an active
 * one is computed once a pair, found again by hashing, and multiplied with P(alive) row by row.
 *
 * Without a repeat t_x is 0, so that P(alive) too belongs to the pair. The answer of a row has the
 * bits that the kernels give: it depends on no other row.
 */
#include "custval.h"
#include "inline.h"

const cv_timing *const cv_timings[] = {&cv_bgnbd_timing, &cv_mbgnbd_timing, NULL};

/* slot: place in the pairs + 1, or 0; a power of two of them, never all in use. */
typedef struct {
    uint32_t *slot;
    unsigned shift;
    size_t pairs;
    double *x, *T, *value; /* of each pair; `rows` values of it */
} pair_table;

static unsigned
log2_slots(size_t n)
{
    unsigned bits = 4;
    while (bits < 33 && (size_t)1 << bits <= n) bits++;
    return bits;
}

size_t
cv_ahead_bytes(size_t n, size_t rows)
{
    return sizeof(uint32_t) * ((size_t)1 << log2_slots(n)) + sizeof(double) * n * (2 + rows);
}

static pair_table
place(size_t n, void *workspace)
{
    unsigned bits = log2_slots(n);
    pair_table table = {.slot = workspace, .shift = 64 - bits};
    memset(table.slot, 0, sizeof(uint32_t) << bits);
    table.x = (double *)(table.slot + ((size_t)1 << bits));
    table.T = table.x + n;
    table.value = table.T + n;
    return table;
}

/* The place of a pair; table->pairs goes up when it is new. */
static size_t
find(pair_table *table, double x, double T)
{
    size_t mask = ((size_t)1 << (64 - table->shift)) - 1, at;
    uint64_t bits;
    memcpy(&bits, &T, sizeof bits);
    at = (bits + (uint64_t)x * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93 >> table->shift;
    for (; table->slot[at] != 0; at = (at + 1) & mask) {
        size_t pair = table->slot[at] - 1;
        if (table->x[pair] == x && table->T[pair] == T) return pair;
    }
    table->x[table->pairs] = x;
    table->T[table->pairs] = T;
    table->slot[at] = (uint32_t)++table->pairs;
    return table->pairs - 1;
}

/* The answers for an active customer; who has no repeat is active with the chance of his pair. */
static void
answer_pair(const cv_timing *model, const double *p, const cv_question *asked, double x, double T,
            double *answer)
{
    double alive = x == 0 ? model->p_alive(0, 0, T, p) : 1, before = 0;
    for (size_t r = 0; r < asked->rows; r++) answer[r] = 0;
    for (size_t j = 0; j < asked->periods; j++) {
        double until = asked->rate > 0
                           ? model->dert(asked->edge[j + 1], asked->rate, x, T, p)
                           : model->purchases(asked->edge[0], asked->edge[j + 1], x, T, p);
        for (size_t r = 0; r < asked->rows; r++)
            answer[r] += asked->weight[r * asked->periods + j] * (until - before);
        before = until;
    }
    for (size_t r = 0; r < asked->rows; r++) answer[r] *= alive;
}

/* Whether a pair can be of a history; nothing else is asked of a kernel. */
static int
is_pair(double x, double T)
{
    return cv_is_count(x) && cv_is_length(T) && (x == 0 || T > 0);
}

enum { BLOCK = 512 };

/* P(alive) of some rows, and their pairs; those with a repeat apart, so that no branch is guessed.
 * NaN where a row is no history, or 1 where P(alive) is in the answer of its pair. */
typedef struct {
    double alive[BLOCK];
    size_t pair[BLOCK], buyer[BLOCK], buyers;
} block;

static void
look_up(const cv_timing *model, const double *p, const cv_history_columns *of,
        const cv_question *asked, size_t begin, size_t n, pair_table *table, block *rows)
{
    rows->buyers = 0;
    for (size_t k = 0; k < n; k++) {
        double x = of->x[begin + k], t_x = of->t_x[begin + k], T = of->T[begin + k];
        int known = is_pair(x, T) && t_x >= 0;
        size_t pairs = table->pairs, pair = known ? find(table, x, T) : 0;
        if (table->pairs > pairs)
            answer_pair(model, p, asked, x, T, table->value + pair * asked->rows);
        rows->pair[k] = pair;
        rows->alive[k] = known && t_x == 0 ? 1 : NAN;
        rows->buyer[rows->buyers] = k;
        rows->buyers += known && x > 0;
    }
    for (size_t b = 0; b < rows->buyers; b++) {
        size_t k = rows->buyer[b], i = begin + k;
        rows->alive[k] = model->p_alive(of->x[i], of->t_x[i], of->T[i], p);
    }
}

int
cv_ahead(const cv_timing *model, const double *parameter, const cv_history_columns *of,
         const cv_question *asked, void *workspace, double *answer, cv_tick tick, void *context)
{
    pair_table table = place(of->n, workspace);
    block rows;
    for (size_t begin = 0; begin < of->n; begin += BLOCK) {
        size_t n = of->n - begin < BLOCK ? of->n - begin : BLOCK, known = table.pairs;
        look_up(model, parameter, of, asked, begin, n, &table, &rows);
        for (size_t k = 0; k < n; k++)
            for (size_t r = 0; r < asked->rows; r++)
                *answer++ = isnan(rows.alive[k])
                                ? NAN
                                : rows.alive[k] * table.value[rows.pair[k] * asked->rows + r];
        int long_since = table.pairs > known || begin / BLOCK % 256 == 255;
        if (long_since && tick != NULL && tick(context)) return 1;
    }
    return 0;
}
