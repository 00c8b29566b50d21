/* simulation_args.h -- what is drawn from, taken from Python's arguments. */
#ifndef CUSTVAL_SIMULATION_ARGS_H
#define CUSTVAL_SIMULATION_ARGS_H

#include "model_args.h"

typedef struct {
    PyObject *parameters;
    cv_asked asked;
    cv_world of;
} cv_taken_world;

/* What questions to the future take: column, world, and both as the core has them. */
typedef struct {
    PyObject *column[3], *row, *pace, *horizon;
    cv_taken_world world;
    cv_futures of;
} cv_taken_futures;

/* All return -1 (or NULL) with an error set; drop what was taken in any case. */
int cv_take_number(PyObject *number, size_t least, size_t most, const char *name, size_t *taken);
int cv_take_seed(PyObject *number, uint64_t *seed);

/* Two new columns of n in a tuple, or NULL. */
PyObject *cv_new_pair(size_t n, double **first, double **second);

/* A word, sets of parameters, and what is known of n customers: a tuple as cv_take_known() takes
 * it, or None or NULL. */
int cv_take_world(PyObject *word, PyObject *parameters, size_t n, PyObject *known,
                  cv_taken_world *world);
void cv_drop_world(cv_taken_world *world);

/* args: model, parameters, (x, t_x, T), or with row, or row and pace after them, t or (draws,) of
 * them, draws, seed */
int cv_take_futures(PyObject *const *args, PyObject *known, cv_taken_futures *taken);
void cv_drop_futures(cv_taken_futures *taken);

/* (low, high) of 0 .. draws - 1; and room for what a spread finds. */
typedef struct {
    PyObject *pair, *totals;
    cv_spread of;
} cv_taken_spread;
int cv_take_spread(PyObject *ranks, size_t n, size_t draws, cv_taken_spread *spread);
/* ((low, high), totals) */
PyObject *cv_give_spread(cv_taken_spread *spread);
void cv_drop_spread(cv_taken_spread *spread);

#endif
