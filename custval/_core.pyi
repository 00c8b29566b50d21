from numpy import ufunc

# special functions: (z)
lgamma: ufunc
digamma: ufunc
trigamma: ufunc

# differences of them over a shift: (b, x)
lpoch: ufunc
dpoch: ufunc
tpoch: ufunc

# BG/NBD: (x, t_x, T, r, alpha, a, b)
bgnbd_p_alive: ufunc
