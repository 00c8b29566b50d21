/* bgcnbd.c -- BG/CNBD-k: Platzer and Reutterer (2016), Marketing Science 35(5).
 *
 * BG/NBD with regular purchases: gaps are Erlang-k, the k-th event of a Poisson process with rate
 * lambda ~ Gamma(r, rate alpha); after each repeat purchase a customer drops out with probability
 * p ~ Beta(a, b). The forms, their stability and measured errors: cnbd.c with m = 0.
 */
#include "models/bgcnbd.h"

#define KERNEL(name) cv_bgcnbd_##name
enum { m = 0 };
#include "models/cnbd_kernels.inc.h"
