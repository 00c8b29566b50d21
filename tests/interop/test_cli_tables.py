"""``custval score`` and ``custval pyramid``: CSV files, a TOML card, errors that name line and key."""
import csv
import io
import os
import shlex
import stat
import subprocess
import sys
import threading

import pytest

import custval as cv
from custval.cli import main

CARD = """schema = "custval/scorecard-1"
name = "value"
missing = "zero"
[[indicator]]
name = "money"
weight = 0.6
  [[indicator.measure]]
  column = "sales"
  linear = { per = 100_000 }
[[indicator]]
name = "kind"
weight = 0.4
  [[indicator.measure]]
  column = "grade"
  table = { high = 10, low = 0 }
[[tier]]
name = "gold"
from = 5
[[tier]]
name = "lead"
"""
ROWS = 'id,name,sales,grade\nA-1,"Wang, Ltd\n(2 lines)",1000000,high\nA-02,钱塘,500000,low\nA-3,=1+1,,low\n'


def run(call):
    return main(shlex.split(call))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "card.toml").write_text(CARD)
    (tmp_path / "c.csv").write_text(ROWS)
    return tmp_path


def read(path, encoding="utf-8"):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(encoding))))


def test_score_writes_the_table_with_its_points(folder, capfd):
    """At a point per 100,000: 1,000,000 is 10 points, 500,000 is 5."""
    assert run("score c.csv --id id --card card.toml -o out.csv") == 0
    rows = read(folder / "out.csv")
    assert [row["sales_points"] for row in rows] == ["10", "5", "0"]
    assert [row["score"] for row in rows] == ["10", "3", "0"]
    assert [row["tier"] for row in rows] == ["gold", "lead", "lead"]
    assert [{k: row[k] for k in ("id", "name", "sales", "grade")} for row in rows] == [
        row | {"name": row["name"].replace("=1+1", "'=1+1")} for row in read(folder / "c.csv")]
    assert capfd.readouterr() == ("3 customers, scores 0 to 10: out.csv\n", "")
    assert run("score c.csv --id id --card card.toml") == 0
    assert capfd.readouterr().out.encode() == (folder / "out.csv").read_bytes()


def test_score_explains_one_customer(folder, capfd):
    assert run("score c.csv --id id --card card.toml --explain A-02") == 0
    assert "1 per 100,000" in capfd.readouterr().out


def test_numbers_come_back_bit_by_bit(folder):
    (folder / "c.csv").write_text("id,sales,grade\na,0.1,low\nb,1e-300,low\nc,123456789.123456789,low\n")
    run("score c.csv --id id --card card.toml -o out.csv")
    want = cv.Scorecard.load("card.toml").score({"sales": [.1, 1e-300, 123456789.123456789], "grade": ["low"] * 3})
    assert [float(row["score"]) for row in read(folder / "out.csv")] == want["score"].tolist()


def test_pyramid_by_the_tiers_of_the_card_or_by_shares(folder, capfd):
    assert run("pyramid c.csv --id id --card card.toml -o out.csv") == 0
    assert [row["tier"] for row in read(folder / "out.csv")] == ["gold", "lead", "lead"]
    assert "gold          1" in capfd.readouterr().out
    assert run("pyramid c.csv --id id --value sales --tiers '铂金=50%, 铅=50%' --missing apart -o -") == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert [row["tier"] for row in rows] == ["铂金", "铅", ""]
    assert run("pyramid c.csv --id id --card card.toml --tiers top=1,rest= --by count") == 0
    assert "by count" in capfd.readouterr().out


@pytest.mark.parametrize("encoding, option", [
    ("gb18030", "gb18030"), ("utf-8-sig", "utf-8"), ("utf-8-sig", "utf-8-sig")])
def test_files_of_spreadsheets(folder, encoding, option):
    (folder / "c.csv").write_bytes(ROWS.replace(",", "\t").replace("\n", "\r\n").encode(encoding))
    call = f"score c.csv --id id --card card.toml -o out.csv --sep tab --encoding {option}"
    assert run(call) == 0
    assert "钱塘" in (folder / "out.csv").read_bytes().decode(option)
    assert (folder / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf") == (option == "utf-8-sig")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_a_line_that_names_the_separator_and_a_byte_order_mark_are_read(folder, capfd, encoding, first):
    (folder / "c.csv").write_bytes((first + ROWS.replace(",", ";")).encode(encoding))
    assert run("score c.csv --id id --card card.toml -o out.csv") == 0
    assert "钱塘" in (folder / "out.csv").read_text(encoding="utf-8")
    (folder / "c.csv").write_bytes((first + ROWS.replace(",", ";").replace("500000", "500k")).encode(encoding))
    assert run("score c.csv --id id --card card.toml -o out.csv") == 1
    assert "line 5   '500k'" in capfd.readouterr().err


@pytest.mark.parametrize("old, new, words", [
    ("500000", "500k", ["c.csv, column 'sales'", "line 4   '500k'   customer A-02", "Write numbers as 1234.5"]),
    ("500000", "1_000", ["line 4"]),
    ("500000", "inf", ["line 4"]),
    ("钱塘,500000,low", "钱塘,500000,lwo", ["c.csv: column 'grade'", "line 4   'lwo'", "did you mean 'low'?"]),
    ("A-02", " ", ["column 'id': no customer in line 4"]),
    ("500000,low", "500000", ["line 4: 3 fields, and the header has 4"]),
    ("钱塘", '"钱塘', ["line 4: a quote is opened"]),
    ("A-02", "A-1", ["customer A-1 is in lines 2 and 4"]),
    ("id,name", "id,id", ["line 1: two columns are called 'id'"]),
    ("id,name", "id,", ["line 1: a column has no name"]),
    ("id,name", "key,name", ["line 1: no column 'id' (--id)", "columns: key"]),
    ("sales", "score", ["'sales' is not in the table"]),
    ("name", "rank", ["has a column 'rank' already"]),
    (ROWS, "", ["line 1: the file is empty"]),
    (ROWS, "id,sales,grade\n", ["no row below the header"]),
    (",", ";", ["line 1: one column", "--sep"]),
])
def test_bad_tables_are_reported_by_line(folder, capfd, old, new, words):
    (folder / "c.csv").write_text(ROWS.replace(old, new))
    assert run("score c.csv --id id --card card.toml") == 1
    out, err = capfd.readouterr()
    assert out == "" and [word for word in words if word not in err] == []


@pytest.mark.parametrize("old, new, words", [
    ("weight = 0.4", "wieght = 0.4", ["indicator[1]: key 'wieght' is not known", "did you mean 'weight'",
     "line 12: wieght"]),
    ("table = {", "tabel = {", ["indicator[1].measure[0]", "line 15: tabel"]),
    ("per = 100_000", "per = 0", ["indicator[0].measure[0].linear", "line 9: linear"]),
    ("high = 10", 'high = "ten"', ["indicator[1].measure[0].table", "line 15: table"]),
    ('  column = "grade"\n', "", ["indicator[1].measure[0]", "'column' is missing", "line 13: [[indicator.measure]]"]),
    ("scorecard-1", "scorecard-9", ["schema", "line 1"]),
    ("0.6", "0.7", ["weights sum to 1.1"]),
    ("{ per", "per", ["line 9"]),
])
def test_bad_cards_are_reported_by_line_and_key(folder, capfd, old, new, words):
    (folder / "card.toml").write_text(CARD.replace(old, new))
    assert run("score c.csv --id id --card card.toml") == 1
    err = capfd.readouterr().err
    assert [word for word in ["card.toml", *words] if word not in err] == []


def test_tiers_have_the_default_of_the_library(tmp_path, capsys):
    """The command demanded --tiers where `cv.pyramid` needs none; by shares of 200: 2, 8, 30 and 160."""
    (tmp_path / "c.csv").write_text("customer,v\n" + "".join(f"c{v},{v}\n" for v in range(200)))
    assert main(["pyramid", str(tmp_path / "c.csv"), "--value", "v"]) == 0
    assert capsys.readouterr().out.rstrip() == str(cv.pyramid(list(map(float, range(200)))))


@pytest.mark.parametrize("by, tiers", [("count", "gold=50,lead="), ("score", "gold=80,lead="),
                                       ("value", "gold=80%,lead=100%")])
def test_the_tiers_of_the_message_work(tmp_path, capsys, by, tiers):
    (tmp_path / "c.csv").write_text("customer,v\n" + "".join(f"c{v},{v}\n" for v in range(200)))
    call = ["pyramid", str(tmp_path / "c.csv"), "--value", "v", "--by", by]
    assert main(call) == 1 and repr(tiers) in capsys.readouterr().err
    assert main([*call, "--tiers", tiers]) == 0 and "gold" in capsys.readouterr().out


@pytest.mark.parametrize("call, words", [
    ("score none.csv --card b2b", "none.csv: No such file"),
    ("score c.csv --id id --card none.toml", "--card none.toml: there is no such file"),
    ("score c.csv --id id --card b2c", "did you mean 'b2b'"),
    ("pyramid c.csv --id id --value sales --by count", "--tiers is missing: --by count has no default"),
    ("pyramid c.csv --id id --value sales --encoding nope", "--encoding nope: there is no such encoding of text"),
    ("pyramid c.csv --id id --value sales --encoding base64", "usual ones: utf-8, utf-8-sig, utf-16, gb18030"),
    ("pyramid c.csv --id id --value sales --encoding undefined", "usual ones: utf-8"),
    ("pyramid c.csv --id id --value sales --tiers gold", "'gold' is not NAME=NUMBER"),
    ("pyramid c.csv --id id --value sales --missing raise --tiers gold=1%,lead=99%", "line 5   ''   customer A-3"),
    ("pyramid c.csv --id id --value profit --tiers gold=1%,lead=99%", "no column 'profit' (--value)"),
    ("pyramid c.csv --id id --value sales --missing apart --tiers gold=1%,lead=9%", "shares sum to 0.1"),
    ("score c.csv --id id --card card.toml --explain A-9", "A-9"),
    ("score c.csv --id id --card card.toml -o c.csv", "is the input file"),
    ("score c.csv --id id --card card.toml --reviews c.csv", "needs --as-of"),
    ("pyramid c.csv --id id --value sales --missing apart --tiers gold=1,lead=99", "gold=1%, lead=99%"),
    ("score c.csv --id id --card card.toml --encoding ascii", "line 4: not ascii"),
    ("score c.csv --id id --card card.toml --sep ;;", "--sep ';;': expected one character"),
    ("score c.csv --id id --card card.toml --sep=", "--sep ''"),
])
def test_invalid_calls_are_refused(folder, capfd, call, words):
    assert run(call) == 1
    assert words in capfd.readouterr().err


def test_a_set_of_cards_scores_a_file(tmp_path, capsys):
    def card(name, per):
        return cv.Scorecard(name, [cv.Indicator("sales", weight=1, measures={"amount": cv.rules.Linear(per=per)})])
    cv.Scorecards("by type", [(card("people", 10), {"type": "person"})], default=card("firms", 1000)).save(
        tmp_path / "cards.toml")
    (tmp_path / "customers.csv").write_text("customer,type,amount\na,person,50\nb,B2B,7000\n")
    assert main(["score", str(tmp_path / "customers.csv"), "--card", str(tmp_path / "cards.toml"), "-o", "-"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "customer,type,amount,card,amount_points,sales,score,rank", "a,person,50,people,5,5,5,2"]


def test_line_breaks_inside_a_cell_survive(folder):
    """A lone carriage return would end the row for the next reader."""
    (folder / "c.csv").write_bytes(b'id,name,sales\r\n1,"up\rdown",5\r\n2,"a\r\nb",4\r\n3,"a\nb",3\r\n')
    assert run("pyramid c.csv --id id --value sales --tiers a=50%,b=50% -o out.csv") == 0
    with open(folder / "out.csv", newline="", encoding="utf-8") as file:
        assert [row[1] for row in csv.reader(file)] == ["name", "up\rdown", "a\r\nb", "a\nb"]


def test_a_column_of_tiers_is_not_overwritten(folder, capfd):
    assert run("pyramid c.csv --id id --card card.toml -o out.csv") == 0
    assert run("pyramid out.csv --id id --value score --tiers 金＝20%，铅＝80% -o again.csv") == 1
    assert "a column 'tier' already" in capfd.readouterr().err and not (folder / "again.csv").exists()


def test_booleans_as_programs_write_them(folder):
    """pandas writes True, spreadsheets TRUE, polars true."""
    (folder / "card.toml").write_text(CARD.replace("high = 10, low = 0", "true = 10, false = 0"))
    for yes, no in (("True", "False"), ("TRUE", "FALSE"), ("true", "false")):
        (folder / "c.csv").write_text(f"id,sales,grade\na,100000,{yes}\nb,0,{no}\n")
        assert run("score c.csv --id id --card card.toml -o out.csv") == 0
        assert [row["grade_points"] for row in read(folder / "out.csv")] == ["10", "0"]


def test_manual_scores_come_from_a_review_log(folder, capfd):
    manual = CARD.replace("table = { high = 10, low = 0 }", 'manual = true\n  missing = "zero"')
    (folder / "card.toml").write_text(manual)
    (folder / "c.csv").write_text("id,sales\nA-1,100000\nA-2,0\n")
    (folder / "log.csv").write_text(
        "id,customer,measure,author,time,value,reason,status,reviewer\n"
        "1,A-2,grade,li,2025-01-01,8,good,draft,\n1,A-2,grade,li,2025-01-02,8,good,submitted,\n"
        "1,A-2,grade,li,2025-01-03,8,good,approved,wang\n")
    assert run("score c.csv --id id --card card.toml --reviews log.csv --as-of 2025-06-30 -o out.csv") == 0, \
        capfd.readouterr().err
    assert [row["grade_points"] for row in read(folder / "out.csv")] == ["0", "8"]


# ---- what spreadsheets run, and outputs that are no files ----

FORMULAS = "id,=h,v\n=1+1,-x,1\n+49 170,@sum,-2\n'=x,\ttab,3.5e2\n-7,plain,4\n"


def test_formulas_are_guarded_and_read_back(folder, capfd):
    (folder / "f.csv").write_text(FORMULAS)
    assert run("pyramid f.csv --id id --value v --tiers 'up=50%,down=50%' -o out.csv") == 0
    rows = list(csv.reader(io.StringIO((folder / "out.csv").read_text())))
    assert rows[0] == ["id", "'=h", "v", "tier"] and [row[0] for row in rows[1:]] == ["'=1+1", "'+49 170", "'=x", "-7"]
    assert [row[1] for row in rows[1:]] == ["'-x", "'@sum", "'\ttab", "plain"]
    assert [row[2] for row in rows[1:]] == ["1", "-2", "3.5e2", "4"]                    # numbers stay numbers
    assert run("pyramid out.csv --id id --value v --tiers 'up=50%,down=50%' --as second -o again.csv") == 0
    again = list(csv.reader(io.StringIO((folder / "again.csv").read_text())))
    assert [row[:3] for row in again] == [row[:3] for row in rows] and again[0][3:] == ["tier", "second"]


def test_a_column_called_tier_has_a_way_out(folder, capfd):
    (folder / "t.csv").write_text("id,v,tier\na,1,x\nb,2,y\n")
    assert run("pyramid t.csv --id id --value v --tiers 'up=50%,down=50%' -o out.csv") == 1
    assert "a column 'tier' already, and the output has one; pass --as NAME" in capfd.readouterr().err
    assert run("pyramid t.csv --id id --value v --tiers 'up=50%,down=50%' --as class -o out.csv") == 0
    assert [row["class"] for row in read(folder / "out.csv")] == ["down", "up"]


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes of POSIX")
def test_what_is_no_regular_file_is_written_into(folder, capfd):
    call = "score c.csv --id id --card card.toml -o"
    for device in ("/dev/null", str(folder / "null")):
        if device != "/dev/null":
            os.symlink("/dev/null", device)
        before = os.stat(device)
        assert run(f"{call} {device}") == 0 and os.stat(device)[:6] == before[:6]
    os.mkfifo(folder / "pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((folder / "pipe").read_bytes()))
    reader.start()
    assert run(f"{call} pipe") == 0
    reader.join(10)
    assert run(f"{call} plain.csv") == 0
    want = (folder / "plain.csv").read_bytes()
    assert found == [want] and stat.S_ISFIFO(os.stat(folder / "pipe").st_mode)
    capfd.readouterr()
    assert run(f"{call} /dev/stdout") == 0
    assert capfd.readouterr().out.encode() == want                                # no other line among the rows
    piped = f"{sys.executable} -m custval {call}"
    said = subprocess.run(["bash", "-c", f"{piped} >(cat >&2) >/dev/null; {piped} /dev/stdout | cat; "
                                         f"echo kept > all.csv; {piped} /dev/stdout >> all.csv"], capture_output=True)
    assert said.stdout == want and said.stderr == want
    assert (folder / "all.csv").read_bytes() == b"kept\n" + want
    os.mkfifo(folder / "card-pipe.toml")
    reader = threading.Thread(target=lambda: found.append((folder / "card-pipe.toml").read_text()))
    reader.start()
    cv.Scorecard.load(folder / "card.toml").save(folder / "card-pipe.toml")
    reader.join(10)
    assert "custval/scorecard-1" in found[-1]


def test_integers_that_lose_digits_are_refused(folder, capfd):
    (folder / "w.csv").write_text("id,v\na,9007199254740993\nb,9007199254740992\nc,-1\n")
    assert run("pyramid w.csv --id id --value v --tiers 'up=50%,down=50%'") == 1
    said = capfd.readouterr().err
    assert "column 'v': 1 of 3 cells are integers beyond 2**53" in said and "line 2   '9007199254740993'" in said


def test_a_card_and_a_customer_that_do_not_exist_are_named(folder, capfd):
    assert run("score c.csv --id id --card nope.toml") == 1
    assert "--card nope.toml: there is no such file; pass a TOML or JSON file, or one of" in capfd.readouterr().err
    assert run("score c.csv --id id --card card.toml --explain A-01") == 1
    assert "--explain A-01: no customer of column 'id' has this id\n  did you mean 'A-1'?" in capfd.readouterr().err


def test_customers_without_a_score_are_counted(folder, capfd):
    (folder / "card.toml").write_text(CARD.replace('missing = "zero"\n', ""))
    assert run("score c.csv --id id --card card.toml -o out.csv") == 0
    said = capfd.readouterr()
    assert said.out == "3 customers, scores 3 to 10, 1 without a score: out.csv\n"
    assert "1 of 3 customers has no score: 'sales' is missing (1)" in said.err
    assert [row["score"] for row in read(folder / "out.csv")] == ["10", "3", ""]
