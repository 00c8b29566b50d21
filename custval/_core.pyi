from numpy import ufunc

# BG/NBD: (x, t_x, T, r, alpha, a, b)
bgnbd_p_alive: ufunc
