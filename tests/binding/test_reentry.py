"""Python code that runs inside a call of the core (hash, float, mask) cannot invalidate its arrays."""
import numpy as np
import pytest

from custval import _core

START = "import numpy as np\nfrom custval import _core as c\n"


@pytest.mark.parametrize("size", [1, 2_000_000])
def test_an_id_that_resizes_its_column_while_it_is_hashed(fresh, size):
    said = fresh(START + "ids = np.empty(4000, object)\n"
                 "class Id:\n"
                 f"    def __hash__(self): ids.resize({size}, refcheck=False); return 1\n"
                 "for i in range(4000): ids[i] = 'a' if i else Id()\n"
                 "codes, first = c.codes_of_objects(ids)\n"
                 "print(len(codes), first.tolist(), set(codes[1:].tolist()))")
    assert said == "4000 [0, 1] {1}\n"


CALLS = {
    "summary": "c.summary(tick, value, begin, end, 5, None, Late(), 1)",
    "history": "c.history(tick, value, begin, end, Late.edges)",
    "purchases": "c.purchases(tick, value, begin, end, Late.edges)",
    "totals": "c.totals(value, begin, end.view(Late.Array))",
    "cut": "c.cut(tick, begin, end, Late())",
    "fit": "c.fit('bgnbd', (value, value, value), None, value, Late())",
    "credibility": "c.credibility(value, value, value.view(Late.Array), end)",
}


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("deed", ["end[0] = 10**9", "value.resize(10**7, refcheck=False)"])
def test_arrays_are_checked_after_the_last_python_code_has_run(fresh, name, deed):
    fresh(START + f"def do(): {deed}\n"
          "class Late:\n"
          "    def __float__(self): do(); return 1.0\n"
          "    def __index__(self): do(); return 1\n"
          "    def __bool__(self): do(); return True\n"
          "    class Array(np.ndarray):\n"
          "        @property\n"
          "        def mask(self): do(); raise AttributeError\n"
          "        def __array_finalize__(self, other): pass\n"
          "tick, value, begin, end = np.zeros(3, np.int32), np.ones(3), np.array([0]), np.array([3])\n"
          "Late.edges = np.array([0, 10], np.int32).view(Late.Array)\n"
          f"try: {CALLS[name]}\n"
          "except ValueError: pass")


@pytest.mark.parametrize("call", [
    lambda hidden: _core.gini(hidden),
    lambda hidden: _core.ledger(np.zeros(3, int), np.zeros(3, np.int32), (hidden,), False),
    lambda hidden: _core.totals(np.ones(3), np.array([0]), hidden.astype(int)),
    lambda hidden: _core.codes_of_objects(hidden.astype(object))])
def test_masks_are_refused_in_every_argument(call):
    with pytest.raises(TypeError, match="without a mask"):
        call(np.ma.masked_array([1., 2, 3], [0, 1, 0]))


def test_a_subclass_without_a_mask_is_an_array(tmp_path):
    values = np.memmap(tmp_path / "values", float, "w+", shape=3)
    values[:] = [1, 2, 3]
    assert type(_core.lorenz(values)) is np.ndarray and _core.gini(values) == _core.gini(np.array([1., 2, 3]))


def test_unsigned_integers_do_not_wrap():
    for beyond in (2**63, 2**64 - 1):
        column = np.array([1, beyond], np.uint64)
        for call in (lambda c=column: _core.gini(c), lambda c=column: _core.totals(np.ones(3), c[:1] * 0, c[1:]),
                     lambda c=column: _core.ticks(c, 1, 0, 9)):
            with pytest.raises(ValueError, match="beyond"):
                call()
    keys = np.array([2**64 - 1, 1, 2**64 - 1, 2**63], np.uint64)        # keys are compared for identity only
    *_, begin, end, first = _core.ledger(keys, np.zeros(4, np.int32), (), False)
    assert (end - begin).tolist() == [2, 1, 1] and first.tolist() == [0, 1, 3]


def test_invalid_limits_and_rules_for_ties_are_refused():
    x = np.array([1., 2, 3])
    for limit in (0, -2**40):
        with pytest.raises(ValueError, match="at least 1"):
            _core.fit("gg", (x, x), None, np.full(3, np.nan), limit)
    for args in ((x, 3), (x, -1), (x, 2**32), (np.array([1, np.nan]), 0)):
        with pytest.raises(ValueError, match="rank"):
            _core.rank(*args)


def test_rank_fits_a_small_stack(fresh):
    assert fresh(START + "import threading\nthreading.stack_size(64 * 1024)\nout = []\n"
                 "t = threading.Thread(target=lambda: out.append(c.rank(np.arange(5.), 0)))\n"
                 "t.start(); t.join(); print(out[0].tolist())") == "[5.0, 4.0, 3.0, 2.0, 1.0]\n"
