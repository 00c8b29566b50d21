/* batch_predict.c -- batch prediction: a million customers have some ten thousand distinct pairs.
 *
 * What follows for an active customer depends on (x, T), and what P(alive) needs beyond elementary
 * functions on (x, T) or on (x, t_x). Each is computed once per pair and found again by hashing, in
 * tables that fit the cache; a full table is emptied. The rest is done in columns, one block of
 * customers at a time. Without a repeat purchase t_x is 0, so that P(alive) belongs to the pair
 * too.
 *
 * No approximation: a result has the bits that the kernels give, and depends on no other row;
 * tests/models/test_batch_prediction.py compares all quantities with the kernels.
 */
#include <math.h>
#include <string.h>

#include "value/batch_predict.h"
#include "math/guards.h"
#include "models/competing_risks.h"
#include "types.h"

const cv_timing *const cv_timings[] = {&cv_bgnbd_timing, &cv_mbgnbd_timing, &cv_pnbd_timing, NULL};

enum { BLOCK = 512, PAIRS = 1 << 16, NUMBERS = 1 << 19 };
enum { X, TIME, SHARE, RESULTS }; /* of a pair: its key; kept or lost (cv_timing); predictions */

/* Hash table of pairs. slot: where in `pair` a pair begins, or 0, where an entry stands that equals
 * no pair; a power of two of them, half of them in use at most. */
typedef struct {
    uint32_t *slot;
    double *pair; /* `width` numbers each */
    unsigned bits, shift;
    size_t pairs, most, width;
} pair_table;

/* The pairs that a table holds: some MB of them, never fewer than a block has. */
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
cv_batch_predict_bytes(size_t n, size_t rows)
{
    return table_bytes(n, RESULTS + rows) + table_bytes(n, RESULTS);
}

/* Empties a table. */
static void
forget(pair_table *table)
{
    memset(table->slot, 0, sizeof(uint32_t) << table->bits);
    table->pairs = 0;
}

/* Lays an empty table out in the workspace; returns what follows it. */
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

/* 1 when `pair` is that of x and time, bit by bit. */
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

/* Where the pair begins; a new one is entered, and table->pairs goes up. */
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

/* Fills a new pair (x, T): predictions for an active customer; without a repeat purchase they are
 * times P(alive), which is that of the pair. */
static void
predict_pair(const cv_timing *model, const double *p, const cv_batch_request *request, double *pair)
{
    const double x = pair[X], T = pair[TIME];
    double alive = x == 0 ? model->p_alive(0, 0, T, p) : 1, before = 0, *result = pair + RESULTS;
    pair[SHARE] = model->kept(x, T, p);
    for (size_t r = 0; r < request->rows; r++) result[r] = request->periods == 0;
    for (size_t j = 0; j < request->periods; j++) {
        double until = request->rate > 0
                           ? model->dert(request->edge[j + 1], request->rate, x, T, p)
                           : model->purchases(request->edge[0], request->edge[j + 1], x, T, p);
        for (size_t r = 0; r < request->rows; r++)
            result[r] += request->weight[r * request->periods + j] * (until - before);
        before = until;
    }
    for (size_t r = 0; r < request->rows; r++) result[r] *= alive;
}

/* One call: what it is about, and its tables. */
typedef struct {
    const cv_timing *model;
    const double *p;
    const cv_batch_request *request;
    const cv_simd simd;
    pair_table futures, silences; /* by (x, T), and by (x, t_x) */
} batch;

/* As find(), and fills a new pair; 0 where no valid history has it. */
static uint32_t
new_future(batch *b, double x, double T)
{
    if (!cv_is_count(x) || !cv_is_length(T) || (x > 0 && T == 0)) return 0;
    size_t pairs = b->futures.pairs;
    uint32_t at = find(&b->futures, x, T);
    if (b->futures.pairs > pairs) predict_pair(b->model, b->p, b->request, b->futures.pair + at);
    return at;
}

static uint32_t
new_silence(batch *b, double x, double t_x)
{
    if (!cv_is_count(x) || !cv_is_positive(t_x)) return 0;
    size_t pairs = b->silences.pairs;
    uint32_t at = find(&b->silences, x, t_x);
    if (b->silences.pairs > pairs) b->silences.pair[at + SHARE] = b->model->lost(x, t_x, b->p);
    return at;
}

/* A block of customers: P(alive) and the pair of each, P(alive) being 1 where the predictions of
 * the pair include it, and NaN for an invalid history. Customers with a repeat purchase are also
 * copied to columns of their own, so that the loops over them have no branch. */
typedef struct {
    double alive[BLOCK];
    uint32_t pair[BLOCK], row[BLOCK];
    size_t buyers;
    double x[BLOCK], t_x[BLOCK], T[BLOCK], lost[BLOCK], kept[BLOCK], found[BLOCK];
} block;

static const double CERTAIN[] = {1, NAN}; /* no branch */

/* Finds the pairs (x, T) of n customers, and copies those with a repeat purchase. */
static void
look_up_futures(batch *b, const cv_history_columns *of, size_t begin, size_t n, block *rows)
{
    const double *x = of->x + begin, *t_x = of->t_x + begin, *T = of->T + begin;
    const uint32_t *slot = b->futures.slot;
    const double *pairs = b->futures.pair;
    const unsigned shift = b->futures.shift;
    size_t buyers = 0;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t pair = slot[slot_of(shift, x[k], T[k])];
        if (!is_of(pairs + pair, x[k], T[k])) pair = new_future(b, x[k], T[k]);
        rows->alive[k] = CERTAIN[t_x[k] != 0];
        rows->pair[k] = pair;
        rows->row[buyers] = k;
        buyers += x[k] > 0;
    }
    rows->buyers = buyers;
    for (size_t i = 0; i < buyers; i++) {
        const uint32_t k = rows->row[i];
        rows->x[i] = x[k];
        rows->t_x[i] = t_x[k];
        rows->T[i] = T[k];
        rows->kept[i] = pairs[rows->pair[k] + SHARE];
    }
}

/* Finds the pairs (x, t_x), and with them lost and kept. */
static void
look_up_silences(batch *b, block *rows)
{
    const uint32_t *slot = b->silences.slot;
    const double *pairs = b->silences.pair;
    const unsigned shift = b->silences.shift;
    const int dies = b->model->dies;
    for (size_t i = 0; i < rows->buyers; i++) {
        const double x = rows->x[i], t_x = dies ? rows->t_x[i] : 1;
        uint32_t pair = slot[slot_of(shift, x, t_x)];
        if (!is_of(pairs + pair, x, t_x)) pair = new_silence(b, x, t_x);
        const int active = dies & (t_x == rows->T[i]);
        rows->lost[i] = active ? 0 : pairs[pair + SHARE];
        rows->kept[i] = active ? 1 : rows->kept[i];
    }
}

/* Computes P(alive) of customers with a repeat purchase. */
static void
set_alive(const batch *b, block *rows)
{
    const int dies = b->model->dies;
    const cv_silent_histories of = {.x = rows->x,
                                    .t_x = rows->t_x,
                                    .T = rows->T,
                                    .lost = rows->lost,
                                    .kept = rows->kept,
                                    .r = b->p[0],
                                    .alpha = b->p[1],
                                    .s = dies ? b->p[2] : 0,
                                    .beta = dies ? b->p[3] : 1};
    cv_alive_after_silence(b->simd, &of, rows->buyers, rows->found);
    for (size_t i = 0; i < rows->buyers; i++) {
        double *alive = &rows->alive[rows->row[i]];
        *alive = rows->found[i];
        if (isnan(*alive)) *alive = b->model->p_alive(rows->x[i], rows->t_x[i], rows->T[i], b->p);
    }
}

int
cv_batch_predict(cv_simd simd, const cv_timing *model, const double *parameter,
                 const cv_history_columns *of, const cv_batch_request *request, void *workspace,
                 double *prediction, cv_tick tick, void *context)
{
    batch b = {model, parameter, request, simd, {0}, {0}};
    block rows;
    workspace = place(of->n, RESULTS + request->rows, workspace, &b.futures);
    place(of->n, RESULTS, workspace, &b.silences);
    for (size_t begin = 0; begin < of->n; begin += BLOCK) {
        size_t n = of->n - begin < BLOCK ? of->n - begin : BLOCK;
        if (b.futures.pairs + n > b.futures.most) forget(&b.futures);
        if (b.silences.pairs + n > b.silences.most) forget(&b.silences);
        size_t known = b.futures.pairs + b.silences.pairs;
        look_up_futures(&b, of, begin, n, &rows);
        look_up_silences(&b, &rows);
        set_alive(&b, &rows);
        for (size_t k = 0; k < n; k++)
            for (size_t r = 0; r < request->rows; r++)
                *prediction++ = rows.alive[k] * b.futures.pair[rows.pair[k] + RESULTS + r];
        const int due = b.futures.pairs + b.silences.pairs > known || begin / BLOCK % 256 == 255;
        if (due && tick != NULL && tick(context)) return 1;
    }
    return 0;
}
