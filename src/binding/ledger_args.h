/* ledger_args.h -- what questions to a ledger share: rows [begin, end) of its columns per customer. */
#ifndef CUSTVAL_LEDGER_ARGS_H
#define CUSTVAL_LEDGER_ARGS_H

#include "binding.h"

/* What was asked; zero at first. NULL where a column may be None. */
typedef struct {
    PyObject *tick, *value, *begin, *end, *edge;
    cv_customers customers;
} cv_ranges;

void cv_release(cv_ranges *q);
const void *cv_data_or_null(PyObject *column);

/* begin and end: ranges that lie within n rows, for the core reads what they say. */
int cv_take_customers(cv_ranges *q, PyObject *begin, PyObject *end, size_t n);

/* From the first four arguments: tick, values or None, begin, end. */
int cv_take_ledger(cv_ranges *q, PyObject *const *args);
int cv_take_edges(cv_ranges *q, PyObject *edges); /* at least one, ascending */

#endif
