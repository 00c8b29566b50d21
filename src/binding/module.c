/* module.c -- PyInit, the slots and the state of the module. */
#define CUSTVAL_IMPORTS_NUMPY
#include "binding.h"

#include <stdlib.h>

static PyMethodDef *const TOPICS[] = {
    cv_accuracy_methods,
    cv_adjustment_methods,
    cv_batch_predict_methods,
    cv_clock_methods,
    cv_clv_methods,
    cv_curve_methods,
    cv_decompose_methods,
    cv_ids_methods,
    cv_fit_methods,
    cv_ledger_methods,
    cv_ledger_query_methods,
    cv_forecast_methods,
    cv_pyramid_methods,
    cv_scorecard_methods,
    cv_ranking_methods,
    cv_simulate_methods,
    cv_spend_methods,
#ifdef CUSTVAL_SELFTEST_BUGS
    cv_selftest_methods,
#endif
    NULL,
};

/* NumPy lives in one interpreter of a process, and so do the arrays that it hands out. */
static int
is_main_interpreter(void)
{
    return PyInterpreterState_GetID(PyInterpreterState_Get()) == 0;
}

/* CUSTVAL_SIMD=base keeps to the instructions that every processor of the platform has; the results
 * are the same bits. */
static cv_simd
wanted_simd(void)
{
    const char *word = getenv("CUSTVAL_SIMD");
    return word != NULL && strcmp(word, "base") == 0 ? CV_SIMD_BASE : cv_simd_best();
}

static int
module_exec(PyObject *module)
{
    if (!is_main_interpreter()) {
        PyErr_SetString(PyExc_ImportError, "custval runs in the main interpreter only");
        return -1;
    }
    if (_import_array() < 0 || _import_umath() < 0) return -1;
    for (PyMethodDef *const *topic = TOPICS; *topic != NULL; topic++)
        if (PyModule_AddFunctions(module, *topic) < 0) return -1;
    cv_state *state = PyModule_GetState(module);
    state->simd = wanted_simd();
    const char *simd = state->simd == CV_SIMD_BASE ? "base" : "avx2";
    if (PyModule_AddStringConstant(module, "SIMD", simd) < 0) return -1;
    if (cv_add_constants(module) < 0 || cv_add_results(module) < 0) return -1;
    return cv_add_ufuncs(module);
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    cv_state *state = PyModule_GetState(module);
    for (int i = 0; i < CV_RESULTS; i++) Py_VISIT(state->result[i]);
    return 0;
}

static int
module_clear(PyObject *module)
{
    cv_state *state = PyModule_GetState(module);
    for (int i = 0; i < CV_RESULTS; i++) Py_CLEAR(state->result[i]);
    return 0;
}

static void
module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)(intptr_t)module_exec}, /* ISO C has no function in a void pointer */
#if PY_VERSION_HEX >= 0x030c0000 && !defined(Py_LIMITED_API)
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030d0000 && !defined(Py_LIMITED_API)
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "custval._core",
    .m_doc = "The C core of custval.",
    .m_size = sizeof(cv_state),
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__core(void);

PyMODINIT_FUNC
PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}
