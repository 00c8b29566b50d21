/* bgnbd.c -- BG/NBD: Fader, Hardie and Lee (2005), Marketing Science 24(2); notes 021 and 039.
 *
 * While active a customer buys at rate lambda ~ Gamma(r, rate alpha) and drops out after each
 * repeat purchase with probability p ~ Beta(a, b); without a repeat purchase everyone is active,
 * and P(alive) is exactly 1. The forms, their stability and measured errors: bg.c with m = 0.
 */
#include "models/bgnbd.h"

#define KERNEL(name) cv_bgnbd_##name
enum { m = 0 };
#include "models/bg_kernels.inc.h"

const cv_timing cv_bgnbd_timing = {"bgnbd", 4, 0, p_alive, lost, kept, purchases, dert};
