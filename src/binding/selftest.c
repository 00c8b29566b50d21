/* selftest.c -- one planted bug per class, so that CI sees each of its detectors fire; empty in
 * every build but that with -DCUSTVAL_SELFTEST_BUGS. */
#include "binding.h"

#ifdef CUSTVAL_SELFTEST_BUGS
static PyObject *
over_read(PyObject *module, PyObject *column)
{
    (void)module;
    const volatile double *value = DATA(column);
    return PyFloat_FromDouble(value[SIZE(column)]);
}

static PyObject *
overflow(PyObject *module, PyObject *number)
{
    (void)module;
    volatile int value = (int)PyLong_AsLong(number);
    return PyLong_FromLong(value + 1);
}

static PyObject *
leaked_reference(PyObject *module, PyObject *object)
{
    (void)module;
    Py_INCREF(object);
    Py_RETURN_NONE;
}

static PyObject *
leaked_malloc(PyObject *module, PyObject *number)
{
    (void)module;
    volatile char *memory = PyMem_Malloc((size_t)PyLong_AsLong(number));
    if (memory == NULL) return PyErr_NoMemory();
    memory[0] = 1;
    Py_RETURN_NONE;
}

PyMethodDef cv_selftest_methods[] = {
    {"selftest_over_read", over_read, METH_O, "Read one item beyond the column."},
    {"selftest_overflow", overflow, METH_O, "Add 1 to an int, as C does."},
    {"selftest_leaked_reference", leaked_reference, METH_O, "Keep a reference to the object."},
    {"selftest_leaked_malloc", leaked_malloc, METH_O, "Forget as many bytes."},
    {NULL, NULL, 0, NULL},
};
#endif
