/* ids.c -- codes_of_*(): ids of any kind to codes 0, 1, ... in order of first appearance. */
#include "binding.h"

enum { FIRST_BITS = 12, MOST_BITS = 32 };

/* The interpreter's own secret for hashing text, which PYTHONHASHSEED rules. */
static int
take_secret(uint64_t secret[2])
{
    const char *const words[] = {"custval.ids", "custval.codes"};
    for (int k = 0; k < 2; k++) {
        PyObject *word = PyUnicode_FromString(words[k]);
        if (word == NULL) return -1;
        secret[k] = (uint64_t)PyObject_Hash(word);
        Py_DECREF(word);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int
enlarge(cv_codes *codes, int bits)
{
    cv_slot *old = codes->slot, *slot = NULL;
    if (bits <= MOST_BITS) slot = PyMem_Malloc(sizeof *slot << bits);
    if (slot == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    cv_move_table(codes, slot, bits);
    Py_END_ALLOW_THREADS
    PyMem_Free(old);
    return 0;
}

static int
number_texts(const cv_texts *texts, cv_codes *codes, int64_t *code)
{
    for (size_t row = 0; row < texts->n;) {
        Py_BEGIN_ALLOW_THREADS
        row = cv_number_texts(texts, row, codes, code, cv_interrupted, NULL);
        Py_END_ALLOW_THREADS
        if (row == SIZE_MAX) return -1;
        if (row < texts->n && enlarge(codes, codes->bits + 1) < 0) return -1;
    }
    return 0;
}

/* (code, first row of each code): the answer of all three functions. */
static PyObject *
pack(PyObject *code, const int64_t *first_row, size_t codes)
{
    PyObject *first = cv_new_array(codes, NPY_INT64), *answer = NULL;
    if (first != NULL) {
        if (codes > 0) memcpy(DATA(first), first_row, codes * sizeof *first_row);
        answer = PyTuple_Pack(2, code, first);
        Py_DECREF(first);
    }
    return answer;
}

static PyObject *
codes_of_texts(const cv_texts *texts)
{
    cv_codes codes = {.bits = FIRST_BITS};
    PyObject *code = NULL, *answer = NULL;

    if (texts->n > CV_MAX_ROWS) {
        PyErr_Format(PyExc_ValueError, "%zu ids, at most %zu fit", texts->n, (size_t)CV_MAX_ROWS);
        return NULL;
    }
    if (take_secret(codes.secret) < 0) goto done;
    if ((code = cv_new_array(texts->n, NPY_INT64)) == NULL) goto done;
    codes.first_row = PyMem_Malloc(texts->n * sizeof *codes.first_row);
    codes.slot = PyMem_Calloc((size_t)1 << FIRST_BITS, sizeof *codes.slot);
    if (codes.first_row == NULL || codes.slot == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if (number_texts(texts, &codes, DATA(code)) == 0) {
        answer = pack(code, codes.first_row, codes.codes);
    }

done:
    PyMem_Free(codes.slot);
    PyMem_Free(codes.first_row);
    Py_XDECREF(code);
    return answer;
}

static PyObject *
as_bytes(PyObject *bytes, int dimensions, const char *name)
{
    if (!PyArray_Check(bytes) || PyArray_TYPE((PyArrayObject *)bytes) != NPY_UINT8 ||
        PyArray_NDIM((PyArrayObject *)bytes) != dimensions) {
        PyErr_Format(PyExc_TypeError, "%s: expected a %d-dimensional array of uint8", name,
                     dimensions);
        return NULL;
    }
    return PyArray_FROMANY(bytes, NPY_UINT8, dimensions, dimensions,
                           NPY_ARRAY_CARRAY_RO | NPY_ARRAY_ENSUREARRAY);
}

static int
offsets_fit(const int64_t *offset, size_t n, size_t size)
{
    if (offset[0] < 0 || (uint64_t)offset[n] > size) return 0;
    for (size_t i = 0; i < n; i++)
        if (offset[i + 1] < offset[i]) return 0;
    return 1;
}

static PyObject *
codes_of_bytes(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *offset = NULL, *bytes = NULL, *answer = NULL;

    if (cv_take_arguments("codes_of_bytes", args, nargs, 2) < 0) return NULL;
    if ((offset = cv_own_int64(args[0], "codes_of_bytes() offsets")) == NULL) goto done;
    if ((bytes = as_bytes(args[1], 1, "codes_of_bytes() data")) == NULL) goto done;
    if (SIZE(offset) == 0 || !offsets_fit(DATA(offset), SIZE(offset) - 1, SIZE(bytes))) {
        PyErr_SetString(PyExc_ValueError, "codes_of_bytes(): offsets must ascend within the data");
        goto done;
    }
    const cv_texts texts = {SIZE(offset) - 1, 0, DATA(offset), DATA(bytes)};
    answer = codes_of_texts(&texts);

done:
    Py_XDECREF(bytes);
    Py_XDECREF(offset);
    return answer;
}

static PyObject *
codes_of_fixed(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (cv_take_arguments("codes_of_fixed", args, nargs, 1) < 0) return NULL;
    PyObject *bytes = as_bytes(args[0], 2, "codes_of_fixed()");
    if (bytes == NULL) return NULL;
    const npy_intp *shape = PyArray_DIMS((PyArrayObject *)bytes);
    const cv_texts texts = {(size_t)shape[0], (size_t)shape[1], NULL, DATA(bytes)};
    PyObject *answer = codes_of_texts(&texts);
    Py_DECREF(bytes);
    return answer;
}

/* A str stands for itself, anything else for (its type, itself): 1, 1.0 and True are equal, and
 * yet three ids. */
static PyObject *
typed(PyObject *id)
{
    if (PyUnicode_CheckExact(id)) return Py_NewRef(id);
    return PyTuple_Pack(2, (PyObject *)Py_TYPE(id), id);
}

/* The code of an id, `codes` itself when it is new; -1 with an error. */
static int64_t
number_object(PyObject *numbers, PyObject *id, size_t codes)
{
    int64_t code = -1;
    PyObject *key = typed(id);
    if (key == NULL) return -1;
    PyObject *known = PyDict_GetItemWithError(numbers, key);
    if (known != NULL) {
        code = PyLong_AsLongLong(known);
    } else if (!PyErr_Occurred()) {
        PyObject *number = PyLong_FromSize_t(codes);
        if (number != NULL && PyDict_SetItem(numbers, key, number) == 0) code = (int64_t)codes;
        Py_XDECREF(number);
    }
    Py_DECREF(key);
    return code;
}

static int
number_objects(PyObject *ids, PyObject *numbers, int64_t *code, int64_t *first_row, size_t *codes)
{
    for (size_t i = 0; i < SIZE(ids); i++) {
        PyObject *id = *(PyObject **)PyArray_GETPTR1((PyArrayObject *)ids, (npy_intp)i);
        if ((i & 0xFFF) == 0xFFF && PyErr_CheckSignals() < 0) return -1;
        Py_INCREF(id = id != NULL ? id : Py_None); /* an object's __eq__ may change the array */
        code[i] = number_object(numbers, id, *codes);
        Py_DECREF(id);
        if (code[i] < 0) return -1;
        if ((size_t)code[i] == *codes) first_row[(*codes)++] = (int64_t)i;
    }
    return 0;
}

static PyObject *
codes_of_objects(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *ids = NULL, *numbers = NULL, *code = NULL, *answer = NULL;
    int64_t *first_row = NULL;
    size_t codes = 0;

    if (cv_take_arguments("codes_of_objects", args, nargs, 1) < 0) return NULL;
    if (!PyArray_Check(args[0]) || PyArray_TYPE((PyArrayObject *)args[0]) != NPY_OBJECT ||
        PyArray_NDIM((PyArrayObject *)args[0]) != 1) {
        PyErr_SetString(PyExc_TypeError,
                        "codes_of_objects(): expected a one-dimensional array of objects");
        return NULL;
    }
    /* A copy: to hash and compare ids runs their own code. */
    ids = PyArray_FROMANY(args[0], NPY_OBJECT, 1, 1,
                          NPY_ARRAY_CARRAY_RO | NPY_ARRAY_ENSUREARRAY | NPY_ARRAY_ENSURECOPY);
    if (ids == NULL || (numbers = PyDict_New()) == NULL) goto done;
    if ((code = cv_new_array(SIZE(ids), NPY_INT64)) == NULL) goto done;
    if ((first_row = PyMem_Malloc(SIZE(ids) * sizeof *first_row)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if (number_objects(ids, numbers, DATA(code), first_row, &codes) == 0)
        answer = pack(code, first_row, codes);

done:
    PyMem_Free(first_row);
    Py_XDECREF(code);
    Py_XDECREF(numbers);
    Py_XDECREF(ids);
    return answer;
}

PyMethodDef cv_ids_methods[] = {
    FUNCTION(codes_of_bytes, "(offsets, data, /)", "(codes, first_row) of texts in one buffer."),
    FUNCTION(codes_of_fixed, "(bytes, /)", "(codes, first_row) of the rows of a matrix of bytes."),
    FUNCTION(codes_of_objects, "(ids, /)", "(codes, first_row) of objects; types stay apart."),
    {NULL, NULL, 0, NULL},
};
