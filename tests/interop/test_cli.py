"""The command line in a process of its own, piped, as its users run it."""
import os
import subprocess
import sys

import pytest

import custval as cv
from custval import cli
from custval.demo import demo


def run(*arguments, cwd=None, **environment):
    """Run ``python -m custval`` in a plain locale; return exit code, output and errors as bytes."""
    done = subprocess.run([sys.executable, "-m", "custval", *arguments], capture_output=True, timeout=120, cwd=cwd,
                          env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", **environment}, check=False)
    return done.returncode, done.stdout, done.stderr


def test_version_agrees_with_the_package():
    code, out, err = run("version")
    assert (code, err) == (0, b"")
    assert out.decode().splitlines()[0].split() == ["custval", cv.__version__]
    assert {"python", "machine", "numpy", "narwhals"} <= {line.split()[0] for line in out.decode().splitlines()}


def test_the_version_alone():
    assert run("--version") == (0, f"custval {cv.__version__}\n".encode(), b"")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_demo_prints_the_same_utf8_bytes_anywhere(lang, tmp_path):
    """Piped, in a locale without UTF-8, in another folder, with another hash seed, on a narrow terminal."""
    code, out, err = run("demo", "--lang", lang)
    assert (code, err) == (0, b"")
    assert out.decode("utf-8") == demo(lang) + "\n" and b"\x1b" not in out
    again = run("demo", "--lang", lang, cwd=tmp_path, PYTHONHASHSEED="7", COLUMNS="40", TZ="Asia/Shanghai")
    assert again == (0, out, b"")


def test_a_closed_pipe_ends_without_an_error():
    command = [sys.executable, "-m", "custval", "demo", "--data", "cdnow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["version", "more"], ["demo", "--lang", "fr"]])
def test_a_usage_error_has_exit_code_2(arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, b"") and err.startswith(b"usage: custval")


def test_help_names_the_commands():
    code, out, _ = run("--help")
    assert code == 0 and b"version" in out and b"demo" in out


def test_bad_data_have_exit_code_1(monkeypatch, capsys):
    def refuse():
        raise cv.DataError("column 'date': 3 of 10 values are not dates")
    monkeypatch.setattr(cv, "show_versions", refuse)
    assert cli.main(["version"]) == 1
    assert capsys.readouterr() == ("", "custval.DataError: column 'date': 3 of 10 values are not dates\n")
