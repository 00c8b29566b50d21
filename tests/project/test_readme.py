"""The README is true: its Python blocks run and print the output shown, its links exist, its promises have tests."""
import contextlib
import io
import re
from pathlib import Path

import pytest

import custval

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PROMISE = re.compile(r"^\| \[([A-Z]\d+)\]\((tests/guarantees/test_\w+\.py)\) \|", re.M)


def blocks(kind):
    """Return (code, printed) of each block of a kind; printed is the ```text block below it, or empty."""
    found = re.findall(rf"^```{kind}\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", README, re.M | re.S)
    return [(code, printed) for code, printed in found]


def test_python_blocks_print_what_the_readme_shows(framed_data):
    shared = {}
    assert blocks("python")
    for code, printed in blocks("python"):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "README.md", "exec"), shared)
        assert out.getvalue() == printed


def test_the_calls_of_the_table_of_questions_run(tmp_path, monkeypatch, framed_data):
    """With the base, card and quarters of the ten lines; `...` stands for the tiers shown above it."""
    monkeypatch.chdir(tmp_path)
    shared = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(blocks("python")[0][0], shared)
        calibration, holdout = shared["base"].split("2024-12-31")
        shared |= {"day": "2024-12-31", "holdout": holdout, "model": custval.MBGNBD(unit="W").fit(calibration)}
        rows = re.findall(r"^\| [^|]*\? \| (.*) \|$", README, re.M)
        calls = [span for row in rows for span in re.findall(r"`([^`]+)`", row) if "(" in span]
        assert len(calls) > 15
        for call in calls:
            eval(call.replace("tiers=...", "tiers={'top': .2, 'rest': .8}"), shared)


def test_names_that_are_shown_exist():
    shown = set(re.findall(r"\bcv\.(\w+)", README))
    assert shown and not {name for name in shown if not hasattr(custval, name)}


def test_the_table_of_names_holds_public_names_once():
    listed = re.findall(r"`(\w+)`", README.split("All public names", 1)[1].split("## Promises")[0])
    assert {name for name in listed if name not in custval.__all__} == {"help"}
    assert len(set(listed)) == len(listed)


def test_two_commands_do_everything():
    assert [re.findall(r"&& .venv/bin/(\w+)", code)[-1] for code, _ in blocks("bash")] == ["custval", "pytest"]
    for marker in ("install", "test"):
        assert README.count(f"<!-- {marker} -->\n```bash\n") == 1


def test_every_promise_has_a_test_file_that_opens_with_its_code():
    promised = PROMISE.findall(README)
    for code, path in promised:
        assert re.match(rf'"""(Promise )?{code}: ', (ROOT / path).read_text()), path
    codes = [code for code, _ in promised]
    assert promised and len(set(codes)) == len(codes)
    assert len(promised) == len(re.findall(r"^\| \[[A-Z]\d", README, re.M))


@pytest.mark.parametrize("link", re.findall(r"\]\(([^):]+)\)", README))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
