/* ids.c -- numbers text ids by first appearance, with one hash table and no object per row.
 *
 * SipHash-1-3: Aumasson, Bernstein (2012), SipHash: a fast short-input PRF, under a secret of the
 * process: outsiders cannot make ids that collide. Open addressing, at most half full. Rows are
 * hashed a block at a time, so that their slots are fetched meanwhile. Equal tags are compared by
 * their bytes: codes are exact, and do not depend on the secret. The hash is internal, read in the
 * byte order of the machine.
 */
#include <string.h>

#include "ledger/ledger.h"
#include "math/guards.h"
#include "types.h"

enum { BLOCK = 32 };

/* The state of the hash, and its steps: rotation, one round, one word in. */
typedef struct {
    uint64_t a, b, c, d;
} sip;

static inline uint64_t
turn(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void
mix(sip *s)
{
    s->a += s->b;
    s->c += s->d;
    s->b = turn(s->b, 13) ^ s->a;
    s->d = turn(s->d, 16) ^ s->c;
    s->a = turn(s->a, 32) + s->d;
    s->c += s->b;
    s->d = turn(s->d, 21) ^ s->a;
    s->b = turn(s->b, 17) ^ s->c;
    s->c = turn(s->c, 32);
}

static inline void
absorb(sip *s, uint64_t word)
{
    s->d ^= word;
    mix(s);
    s->a ^= word;
}

static uint64_t
hash(const uint64_t secret[2], const uint8_t *text, size_t size)
{
    sip s = {secret[0] ^ 0x736f6d6570736575u, secret[1] ^ 0x646f72616e646f6du,
             secret[0] ^ 0x6c7967656e657261u, secret[1] ^ 0x7465646279746573u};
    uint64_t word;
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        memcpy(&word, text + i, 8);
        absorb(&s, word);
    }
    word = 0;
    for (size_t left = size; left > i; left--) word = word << 8 | text[left - 1];
    absorb(&s, word | (uint64_t)size << 56);
    s.c ^= 0xff;
    for (int k = 0; k < 3; k++) mix(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}

/* The bytes of a text; returns their number. */
static size_t
text_of(const cv_texts *texts, size_t row, const uint8_t **text)
{
    size_t begin = texts->offset != NULL ? (size_t)texts->offset[row] : row * texts->width;
    *text = texts->data + begin;
    return texts->offset != NULL ? (size_t)texts->offset[row + 1] - begin : texts->width;
}

static int
same_text(const cv_texts *texts, size_t row, size_t other)
{
    const uint8_t *text, *other_text;
    size_t size = text_of(texts, row, &text);
    return size == text_of(texts, other, &other_text) && memcmp(text, other_text, size) == 0;
}

/* The first slot to look at for a tag. */
static size_t
home_of(const cv_codes *codes, uint32_t tag)
{
    return tag >> (32 - codes->bits);
}

/* The code of a row's text: that of its first row, or the next one. */
static uint32_t
code_of(const cv_texts *texts, size_t row, uint32_t tag, cv_codes *codes)
{
    const size_t mask = ((size_t)1 << codes->bits) - 1;
    size_t i = home_of(codes, tag);
    for (; codes->slot[i].code != 0; i = (i + 1) & mask) {
        uint32_t code = codes->slot[i].code - 1;
        if (codes->slot[i].tag == tag && same_text(texts, row, (size_t)codes->first_row[code]))
            return code;
    }
    codes->first_row[codes->codes] = (int64_t)row;
    codes->slot[i] = (cv_slot){tag, (uint32_t)++codes->codes};
    return (uint32_t)codes->codes - 1;
}

size_t
cv_number_texts(const cv_texts *texts, size_t from, cv_codes *codes, int64_t *code, cv_tick stop,
                void *context)
{
    const size_t most = (size_t)1 << (codes->bits - 1);
    for (size_t i = from, to; i < texts->n && codes->codes + BLOCK <= most; i = to) {
        uint32_t tag[BLOCK];
        if (stopped(i | (BLOCK - 1), stop, context)) return SIZE_MAX;
        from = to = texts->n - i < BLOCK ? texts->n : i + BLOCK;
        for (size_t row = i; row < to; row++) {
            const uint8_t *text;
            size_t size = text_of(texts, row, &text);
            tag[row - i] = (uint32_t)(hash(codes->secret, text, size) >> 32);
            __builtin_prefetch(codes->slot + home_of(codes, tag[row - i]));
        }
        for (size_t row = i; row < to; row++) code[row] = code_of(texts, row, tag[row - i], codes);
    }
    return from;
}

void
cv_move_table(cv_codes *codes, cv_slot *slot, int bits)
{
    const cv_slot *old = codes->slot;
    const size_t slots = (size_t)1 << codes->bits, mask = ((size_t)1 << bits) - 1;
    codes->slot = slot;
    codes->bits = bits;
    memset(slot, 0, (mask + 1) * sizeof *slot);
    for (size_t k = 0; k < slots; k++) {
        if (old[k].code == 0) continue;
        size_t i = home_of(codes, old[k].tag);
        while (slot[i].code != 0) i = (i + 1) & mask;
        slot[i] = old[k];
    }
}
