/* mbgcnbd.c -- MBG/CNBD-k: Platzer and Reutterer (2016), Marketing Science 35(5).
 *
 * BG/CNBD-k with one more toss: a customer may drop out after the first purchase already. MBG/NBD
 * at k = 1. The forms, their stability and measured errors: cnbd.c with m = 1.
 */
#include "models/bgcnbd.h"

#define KERNEL(name) cv_mbgcnbd_##name
enum { m = 1 };
#include "models/cnbd_kernels.inc.h"
