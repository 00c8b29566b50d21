/* sort_keys.h -- doubles as unsigned integers of the same order, so that sorting and selection need
 * no comparison of doubles. Exact: value_of(key_of(v)) is v, but for -0, which becomes 0.
 */
#ifndef CUSTVAL_SORT_KEYS_H
#define CUSTVAL_SORT_KEYS_H

#include <math.h>
#include <string.h>

#include "types.h"

/* Return the key of a value: it rises with the value; -0 has that of 0, NaN has 0, below every
 * number. */
static inline uint64_t
key_of(double value)
{
    uint64_t bits;
    if (isnan(value)) return 0;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
}

/* Return the value of a key of key_of(); some NaN for 0. */
static inline double
value_of(uint64_t key)
{
    double value;
    key ^= key >> 63 ? (uint64_t)1 << 63 : UINT64_MAX;
    memcpy(&value, &key, sizeof value);
    return value;
}

/* select.c. Return the *rank-th largest of *m keys, 1 <= *rank <= *m. Reorders the keys. Afterwards
 * *m keys equal the result, and *rank of them belong to the ranks up to the one requested. */
uint64_t cv_select_key(uint64_t *key, size_t *m, size_t *rank);

#endif
