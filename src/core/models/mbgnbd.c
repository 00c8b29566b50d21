/* mbgnbd.c -- MBG/NBD: Batislam, Denizel and Filiztekin (2007), IJRM 24(3).
 *
 * BG/NBD with one more toss: a customer may drop out after the first purchase already, with the
 * same probability p ~ Beta(a, b), so that P(alive) is below 1 without a repeat purchase. The
 * forms, their stability and measured errors: bg.c with m = 1.
 */
#include "models/bgnbd.h"

#define KERNEL(name) cv_mbgnbd_##name
enum { m = 1 };
#include "models/bg_kernels.inc.h"

const cv_timing cv_mbgnbd_timing = {"mbgnbd", 4, 0, p_alive, lost, kept, purchases, dert};
