/* grid.c -- the cells of customers who are in two classifications. */
#include "binding.h"

/* grid_cells(row, column, columns) -> cell int8, -1 when row or column is */
static PyObject *
grid_cells(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *row = NULL, *column = NULL, *cell = NULL;

    if (cv_take_arguments("grid_cells", args, nargs, 3) < 0) return NULL;
    long columns = PyLong_AsLong(args[2]);
    if (PyErr_Occurred()) return NULL;
    if (columns < 0 || columns > CV_MAX_TIERS) {
        PyErr_Format(PyExc_ValueError, "columns: expected 0 to %d", CV_MAX_TIERS);
        return NULL;
    }
    if ((row = cv_as_tiers(args[0], "row")) == NULL) goto done;
    if ((column = cv_as_tiers(args[1], "column")) == NULL) goto done;
    if (cv_same_length(column, SIZE(row), "column") < 0) goto done;
    if ((cell = cv_new_array(SIZE(row), NPY_INT8)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    cv_cells(DATA(row), DATA(column), SIZE(row), (int)columns, DATA(cell));
    Py_END_ALLOW_THREADS
done:
    Py_XDECREF(column);
    Py_XDECREF(row);
    return cell;
}

PyMethodDef cv_grid_methods[] = {
    FUNCTION(grid_cells, "(row, column, columns, /)", "Cell of each customer, -1 for none."),
    {NULL, NULL, 0, NULL},
};
