"""Promise D3: zone, language and clock of the machine do not change a result; dates are ISO 8601 or of a format."""
import os
import subprocess
import sys

import numpy as np
import pytest

import custval as cv

SCRIPT = """
import datetime, locale, sys, time
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass                                            # the language is not installed
class Clock(datetime.datetime):                     # a clock that must not be read
    now = today = utcnow = classmethod(lambda *a, **k: sys.exit("the clock was read"))
from custval.datasets import _framed
_framed.MAKERS = ()                                 # pandas reads the clock when it is imported
time.time = time.localtime = lambda *a: sys.exit("the clock was read")
import numpy as np, custval as cv
datetime.datetime = Clock
text = ["03-Apr-2014 01:30 PM", "13-APR-2014 11:59 PM", "14-Apr-2014 12:00 AM", "01-May-2014 12:30 PM"]
log = {"id": [1, 1, 2, 2], "t": text, "paid": [1.5, 2.5, -0.5, 4.0]}
zones = ["2014-04-03T23:30+00:00", "2014-04-13T22:59Z", "2014-04-14T01:00-03:00", "2014-05-01T00:00+09:00"]
bases = [cv.CustomerBase(log, customer="id", time="t", amount="paid", time_format="%d-%b-%Y %I:%M %p"),
         cv.CustomerBase(log | {"t": zones}, customer="id", time="t", amount="paid", tz="Europe/London"),
         cv.datasets.cdnow(), cv.datasets.crm(customers=8).base()]
for base in bases:
    print(base.card())
    for frame in (base.summary("M"), base.history(6, "W"), base.attributes(), base.split(base.end)[1].summary()):
        for name, column in frame.items():
            print(name, column.tolist() if column.dtype == object else column.tobytes().hex())
"""


def test_zone_and_language_of_the_machine_do_not_change_results():
    def run(**settings):
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=os.environ | {"PYTHONUTF8": "1"} | settings,
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    want = run(TZ="UTC", LC_ALL="C.UTF-8")
    assert len(want) > 10_000
    for zone, language in [("America/New_York", "de_DE.UTF-8"), ("Asia/Kolkata", "zh_CN.UTF-8"),
                           ("Pacific/Apia", "tr_TR.UTF-8")]:
        assert run(TZ=zone, LC_ALL=language) == want, zone


INSTANTS = ["2024-01-01T12:00Z", "2024-02-01T03:30Z", "2024-02-01T20:00Z", "2024-03-10T06:30Z"]


@pytest.mark.parametrize("tz, x", [(None, 2), ("UTC", 2), ("America/New_York", 3), ("Asia/Tokyo", 3)])
def test_the_zone_of_the_log_decides_the_day(tz, x):
    """The same four instants are two repeats in UTC, and three in New York or Tokyo."""
    base = cv.CustomerBase({"id": [1] * 4, "t": INSTANTS}, customer="id", time="t", tz=tz)
    assert base.summary()["x"].tolist() == [x]
    assert (tz or "UTC") in base.card()


READ = ["2024-02-29", "20240229", "2024-02-29T10", "2024-02-29 10:00", "2024-02-29T10:00:59.123456789"]
NOT_READ = ["2024-02-30", "2024-2-9", "29/02/2024", "02-29-2024", "2024/02/29", "2024-02", "2024", "today", "now",
            "NaT", "2024-02-29x10:00", " 2024-02-29", "2024-02-29 ",
            "٢٠٢٤-٠٢-٢٩", "2024-W09-4", "20240229T2500", "45351",
            "-2024-02-29"]


@pytest.mark.parametrize("text", READ)
def test_iso_8601_is_read(text):
    assert str(cv.CustomerBase({"id": [1], "t": [text]}, customer="id", time="t").end) == "2024-02-29"


@pytest.mark.parametrize("text", NOT_READ)
def test_other_forms_are_refused(text):
    with pytest.raises(cv.DataError, match="are not dates"):
        cv.CustomerBase({"id": [1], "t": [text]}, customer="id", time="t")


@pytest.mark.parametrize("time_format, text, day", [
    ("%d/%m/%Y", "03/04/2014", "2014-04-03"), ("%m/%d/%Y", "03/04/2014", "2014-03-04"),
    ("%d.%m.%y", "3.4.68", "2068-04-03"),
    ("%d.%m.%y", "3.4.69", "1969-04-03"), ("%B %d, %Y", "february 29, 2024", "2024-02-29"),
    ("%Y%m", "201404", "2014-04-01"),
    ("%Y年%m月%d日", "2024年2月29日", "2024-02-29"), ("%d-%b-%Y %I:%M %p", "31-DEC-2024 12:00 AM", "2024-12-31"),
    ("%d/%m/%Y %H:%M:%S.%f", "01/02/2024 23:59:59.5", "2024-02-01"),
    ("100%% %Y-%m-%d", "100% 2024-02-29", "2024-02-29"),
    ("%Y-%m-%d %H:%M%z", "2024-02-29 23:30-0500", "2024-02-29")])
def test_a_format_is_read(time_format, text, day):
    base = cv.CustomerBase({"id": [1], "t": [text]}, customer="id", time="t", time_format=time_format)
    assert str(base.end) == day


@pytest.mark.parametrize("text", ["29/02/2023", "2024-02-29", "1/13/2024", "", "01/02/2024 10:00"])
def test_text_that_does_not_match_the_format_is_refused(text):
    with pytest.raises(cv.DataError, match="are not dates"):
        cv.CustomerBase({"id": [1], "t": [text]}, customer="id", time="t", time_format="%d/%m/%Y")


@pytest.mark.parametrize("time_format", ["%c", "%d/%m", "%Y", "%Y-%m-%d %Y", "%Y-%m-%", "%A %d %m %Y"])
def test_a_format_that_is_incomplete_or_depends_on_the_machine_is_refused(time_format):
    with pytest.raises(cv.ConfigError, match="time_format="):
        cv.CustomerBase({"id": [1], "t": ["x"]}, customer="id", time="t", time_format=time_format)


def test_years_1_to_9999():
    base = cv.CustomerBase({"id": [1, 1], "t": ["0001-01-01", "9999-12-31"]}, customer="id", time="t", unit="Y")
    assert base.summary()["T"].tolist() == [(3_652_059 - 1) * 4 / 1461]
    assert list(base.history(1, "Y")) == ["customer", "9999"]
    assert list(base.as_of("0001-12-31").history(2, "Q")) == ["customer", "0001Q3", "0001Q4"]
    assert np.datetime64("0001-01-01") == base.summary()["first"][0]
