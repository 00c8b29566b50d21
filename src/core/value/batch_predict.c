/* batch_predict.c -- a million customers have some ten thousand pairs (x, T), and as many (x, t_x):
 * what is to come of an active one, and what P(alive) needs but elementary functions, is computed
 * once a pair and found again by hashing. The rest is done in columns.
 *
 * Without a repeat t_x is 0, so that P(alive) too belongs to the pair. The answer of a row has the
 * bits that the kernels give: it depends on no other row.
 */
#include <math.h>
#include <string.h>

#include "value/batch_predict.h"
#include "math/guards.h"
#include "models/competing_risks.h"
#include "types.h"

const cv_timing *const cv_timings[] = {&cv_bgnbd_timing, &cv_mbgnbd_timing, &cv_pnbd_timing, NULL};

enum { BLOCK = 512, PAIRS = 1 << 16, NUMBERS = 1 << 19 };
enum { X, TIME, SHARE, ANSWERS }; /* of a pair: its key, kept or lost, and what is asked */

/* slot: where in `pair` a pair begins, or 0, where one stands that is none; a power of two of them,
 * half of them in use at most. A table that is full forgets all. */
typedef struct {
    uint32_t *slot;
    double *pair; /* `width` numbers each */
    unsigned bits, shift;
    size_t pairs, most, width;
} pair_table;

/* Some MB of them; never fewer than a block has. */
static size_t
most_pairs(size_t n, size_t width)
{
    size_t most = width * PAIRS < NUMBERS   ? PAIRS
                  : width * BLOCK < NUMBERS ? NUMBERS / width
                                            : BLOCK;
    return n < most ? n : most;
}

static unsigned
log2_slots(size_t most)
{
    unsigned bits = 4;
    while ((size_t)1 << bits < 2 * most) bits++;
    return bits;
}

static size_t
table_bytes(size_t n, size_t width)
{
    size_t most = most_pairs(n, width);
    return (sizeof(uint32_t) << log2_slots(most)) + sizeof(double) * (most + 1) * width;
}

size_t
cv_ahead_bytes(size_t n, size_t rows)
{
    return table_bytes(n, ANSWERS + rows) + table_bytes(n, ANSWERS);
}

static void
forget(pair_table *table)
{
    memset(table->slot, 0, sizeof(uint32_t) << table->bits);
    table->pairs = 0;
}

/* Returns what follows the table in the workspace. */
static void *
place(size_t n, size_t width, void *workspace, pair_table *table)
{
    *table = (pair_table){.slot = workspace, .most = most_pairs(n, width), .width = width};
    table->bits = log2_slots(table->most);
    table->shift = 64 - table->bits;
    table->pair = (double *)(table->slot + ((size_t)1 << table->bits));
    for (size_t i = 0; i < width; i++) table->pair[i] = NAN;
    forget(table);
    return table->pair + (table->most + 1) * width;
}

static inline uint64_t
bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline int
is_of(const double *pair, double x, double time)
{
    return ((bits_of(pair[X]) ^ bits_of(x)) | (bits_of(pair[TIME]) ^ bits_of(time))) == 0;
}

static inline size_t
slot_of(unsigned shift, double x, double time)
{
    uint64_t mixed = bits_of(time) + bits_of(x) * 0x9e3779b97f4a7c15;
    return (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93 >> shift;
}

/* Where the pair begins; table->pairs goes up when it is new. */
static uint32_t
find(pair_table *table, double x, double time)
{
    size_t mask = ((size_t)1 << table->bits) - 1, at = slot_of(table->shift, x, time);
    for (; table->slot[at] != 0; at = (at + 1) & mask)
        if (is_of(table->pair + table->slot[at], x, time)) return table->slot[at];
    double *fresh = table->pair + ++table->pairs * table->width;
    fresh[X] = x;
    fresh[TIME] = time;
    return table->slot[at] = (uint32_t)(table->pairs * table->width);
}

/* The answers for an active customer; who has no repeat is active with the chance of his pair. */
static void
answer_pair(const cv_timing *model, const double *p, const cv_question *asked, double *pair)
{
    const double x = pair[X], T = pair[TIME];
    double alive = x == 0 ? model->p_alive(0, 0, T, p) : 1, before = 0, *answer = pair + ANSWERS;
    pair[SHARE] = model->kept(x, T, p);
    for (size_t r = 0; r < asked->rows; r++) answer[r] = asked->periods == 0;
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

typedef struct {
    const cv_timing *model;
    const double *p;
    const cv_question *asked;
    const cv_simd simd;
    pair_table ahead, behind;
} asking;

/* As `find`, and a new pair is filled; 0 where it can be of no history. */
static uint32_t
new_ahead(asking *a, double x, double T)
{
    if (!cv_is_count(x) || !cv_is_length(T) || (x > 0 && T == 0)) return 0;
    size_t pairs = a->ahead.pairs;
    uint32_t at = find(&a->ahead, x, T);
    if (a->ahead.pairs > pairs) answer_pair(a->model, a->p, a->asked, a->ahead.pair + at);
    return at;
}

static uint32_t
new_behind(asking *a, double x, double t_x)
{
    if (!cv_is_count(x) || !cv_is_positive(t_x)) return 0;
    size_t pairs = a->behind.pairs;
    uint32_t at = find(&a->behind, x, t_x);
    if (a->behind.pairs > pairs) a->behind.pair[at + SHARE] = a->model->lost(x, t_x, a->p);
    return at;
}

/* P(alive) of some rows, and their pairs: NaN where a row is no history, or 1 where P(alive) is in
 * the answer of its pair. Those with a repeat apart, so that no branch is guessed. */
typedef struct {
    double alive[BLOCK];
    uint32_t pair[BLOCK], row[BLOCK];
    size_t buyers;
    double x[BLOCK], t_x[BLOCK], T[BLOCK], lost[BLOCK], kept[BLOCK], found[BLOCK];
} block;

static const double CERTAIN[] = {1, NAN}; /* no branch */

static void
look_ahead(asking *a, const cv_history_columns *of, size_t begin, size_t n, block *rows)
{
    const double *x = of->x + begin, *t_x = of->t_x + begin, *T = of->T + begin;
    const uint32_t *slot = a->ahead.slot;
    const double *pairs = a->ahead.pair;
    const unsigned shift = a->ahead.shift;
    size_t buyers = 0;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t pair = slot[slot_of(shift, x[k], T[k])];
        if (!is_of(pairs + pair, x[k], T[k])) pair = new_ahead(a, x[k], T[k]);
        rows->alive[k] = CERTAIN[t_x[k] != 0];
        rows->pair[k] = pair;
        rows->row[buyers] = k;
        buyers += x[k] > 0;
    }
    rows->buyers = buyers;
    for (size_t b = 0; b < buyers; b++) {
        const uint32_t k = rows->row[b];
        rows->x[b] = x[k];
        rows->t_x[b] = t_x[k];
        rows->T[b] = T[k];
        rows->kept[b] = pairs[rows->pair[k] + SHARE];
    }
}

static void
look_behind(asking *a, block *rows)
{
    const uint32_t *slot = a->behind.slot;
    const double *pairs = a->behind.pair;
    const unsigned shift = a->behind.shift;
    const int dies = a->model->dies;
    for (size_t b = 0; b < rows->buyers; b++) {
        const double x = rows->x[b], t_x = dies ? rows->t_x[b] : 1;
        uint32_t pair = slot[slot_of(shift, x, t_x)];
        if (!is_of(pairs + pair, x, t_x)) pair = new_behind(a, x, t_x);
        const int open = dies & (t_x == rows->T[b]);
        rows->lost[b] = open ? 0 : pairs[pair + SHARE];
        rows->kept[b] = open ? 1 : rows->kept[b];
    }
}

static void
weigh(const asking *a, block *rows)
{
    const cv_silent_histories of = {rows->x,
                            rows->t_x,
                            rows->T,
                            rows->lost,
                            rows->kept,
                            a->p[0],
                            a->p[1],
                            a->model->dies ? a->p[2] : 0,
                            a->model->dies ? a->p[3] : 1};
    cv_alive_after_silence(a->simd, &of, rows->buyers, rows->found);
    for (size_t b = 0; b < rows->buyers; b++) {
        double *alive = &rows->alive[rows->row[b]];
        *alive = rows->found[b];
        if (isnan(*alive)) *alive = a->model->p_alive(rows->x[b], rows->t_x[b], rows->T[b], a->p);
    }
}

int
cv_ahead(cv_simd simd, const cv_timing *model, const double *parameter,
         const cv_history_columns *of, const cv_question *asked, void *workspace, double *answer,
         cv_tick tick, void *context)
{
    asking a = {model, parameter, asked, simd, {0}, {0}};
    block rows;
    place(of->n, ANSWERS, place(of->n, ANSWERS + asked->rows, workspace, &a.ahead), &a.behind);
    for (size_t begin = 0; begin < of->n; begin += BLOCK) {
        size_t n = of->n - begin < BLOCK ? of->n - begin : BLOCK;
        if (a.ahead.pairs + n > a.ahead.most) forget(&a.ahead);
        if (a.behind.pairs + n > a.behind.most) forget(&a.behind);
        size_t known = a.ahead.pairs + a.behind.pairs;
        look_ahead(&a, of, begin, n, &rows);
        look_behind(&a, &rows);
        weigh(&a, &rows);
        for (size_t k = 0; k < n; k++)
            for (size_t r = 0; r < asked->rows; r++)
                *answer++ = rows.alive[k] * a.ahead.pair[rows.pair[k] + ANSWERS + r];
        int long_since = a.ahead.pairs + a.behind.pairs > known || begin / BLOCK % 256 == 255;
        if (long_since && tick != NULL && tick(context)) return 1;
    }
    return 0;
}
