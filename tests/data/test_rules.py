"""Rules beyond the schema, read from the files with the standard library; each names the error that it prevents."""

import re
from collections import defaultdict

import pytest

from policylab.codebook import Condition
from policylab.dates import parse_date
from policylab.schema import data_path
from tests.conftest import read_rows

DATA = data_path()
CODINGS = [dict(row, file=path.name) for path in sorted((DATA / "codings").glob("*.csv")) for row in read_rows(path)]
HELD = [row for row in CODINGS if not row["superseded"]]
CODEBOOK = {row["variable"]: row for row in read_rows(DATA / "codebook.csv")}
LEVELS = defaultdict(list)
for _row in read_rows(DATA / "levels.csv"):
    LEVELS[_row["variable"]].append(_row["level"])
PLACES = {row["jurisdiction"]: row for row in read_rows(DATA / "jurisdictions.csv")}
CODED = [row for row in HELD if row["value"] not in ("unknown", "not_applicable")]
STANDING = [row for row in CODED if not row["ended"]]


def where(row):
    return f"{row['file']}: {row['jurisdiction']} {row['variable']} {row['value']}"


def year_bounds(value):
    date = parse_date(value)
    return (date.earliest.year if date.earliest else 0, date.latest.year if date.latest else 9999)


def standing_years(variable):
    return {row["jurisdiction"]: year_bounds(row["value"]) for row in CODED if row["variable"] == variable}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cr_first_year", "cr_minor_no_force_year"),
        ("sh_first_year", "sh_immunity_year"),
    ],
)
def test_years_in_order(first, second):
    """Prevents a rule for minors before the first law, and a present level of safe harbor before the first one."""
    earlier, later = standing_years(first), standing_years(second)
    wrong = [place for place in earlier.keys() & later.keys() if later[place][1] < earlier[place][0]]
    assert not wrong


@pytest.mark.parametrize(
    ("provision", "clause"),
    [("wt_authority", "wt_trafficking"), ("cv_action", "cv_benefit"), ("rr_relief", "rr_offenses")],
)
def test_provision_not_after_its_clause(provision, clause):
    """Prevents a trafficking clause in a statute that did not exist yet."""
    starts = {row["jurisdiction"]: row["effective"] for row in STANDING if row["variable"] == provision}
    wrong = [
        where(row)
        for row in STANDING
        if row["variable"] == clause
        and row["effective"]
        and starts.get(row["jurisdiction"])
        and CODEBOOK[provision]["scale"] == "binary"
        and parse_date(row["effective"]).precedes(parse_date(starts[row["jurisdiction"]])) is True
    ]
    assert not wrong


def test_no_year_for_an_absent_provision():
    """Prevents a date of adoption for something that was never adopted, the error that inflates adoption curves."""
    standing = {(row["jurisdiction"], row["variable"]): row["value"] for row in STANDING}
    wrong = []
    for row in STANDING:
        book = CODEBOOK[row["variable"]]
        if book["scale"] != "year" or not book["requires"]:
            continue
        rule = Condition.parse(book["requires"])
        parent = standing.get((row["jurisdiction"], rule.parent))
        if parent is not None and not rule.holds(parent):
            wrong.append(where(row))
    assert not wrong


def test_partial_dates_are_well_formed():
    """Prevents a date that sorts as text and means nothing: 2015-13, 31 June, an interval that runs backwards."""
    columns = ("effective", "ended", "enacted", "verified_on", "recorded", "superseded")
    for row in CODINGS:
        for column in columns:
            if row[column]:
                parse_date(row[column])
        if CODEBOOK[row["variable"]]["scale"] == "year" and row["value"] not in ("unknown", "not_applicable"):
            assert re.fullmatch(r"\d{4}|(\d{4}|\.\.)/(\d{4}|\.\.)", row["value"]), where(row)
            parse_date(row["value"])


def test_year_agrees_with_its_date():
    """Prevents a year variable that says 2013 beside a date of effect in 2015."""
    for row in CODED:
        if CODEBOOK[row["variable"]]["scale"] == "year" and row["effective"]:
            (low, high), (start, end) = year_bounds(row["value"]), year_bounds(row["effective"])
            assert low <= end and start <= high, where(row)


def test_every_value_has_citation_source_and_confidence():
    """Prevents a value that no reader can trace to a section and a text."""
    for row in CODED:
        assert row["citation"] and row["source"] and row["confidence"], where(row)
        assert row["evidence"] != "none", where(row)


def test_absence_says_where_it_was_read():
    """Prevents the unsourced zero: a "no" that may only mean that nobody looked."""
    for row in CODED:
        if row["value"] in ("no", "none"):
            assert len(row["note"]) > 15, where(row)


def test_missing_cells_say_why():
    """Prevents an unknown that hides whether anybody searched, and where."""
    for row in HELD:
        if row["value"] == "unknown":
            assert row["note"].startswith("Searched: ") and row["evidence"] == "none", where(row)
        if row["value"] == "not_applicable":
            assert row["note"] and row["evidence"] == "none", where(row)


def test_no_two_rows_hold_at_once():
    """Prevents two answers to one question on one day, of which a reader would get either."""
    cells = defaultdict(list)
    for row in HELD:
        cells[row["jurisdiction"], row["variable"]].append(row)
    for rows in cells.values():
        open_rows = [row for row in rows if not row["ended"]]
        assert len(open_rows) <= 1, [where(row) for row in rows]
        ends = [row["ended"] for row in rows if row["ended"]]
        assert len(ends) == len(set(ends)), [where(row) for row in rows]


def test_every_jurisdiction_has_every_variable():
    """Prevents a silent gap: a state that drops out of a comparison because a row was forgotten."""
    present = {(row["jurisdiction"], row["variable"]) for row in HELD}
    expected = {
        (place, name)
        for place, about in PLACES.items()
        for name, book in CODEBOOK.items()
        if book["applies_to"] in ("all", about["level"])
    }
    assert present == expected


def test_values_are_levels_of_one_vocabulary():
    """Prevents two spellings of one level, which would count as two levels."""
    for row in CODED:
        scale = CODEBOOK[row["variable"]]["scale"]
        if scale in ("binary", "ordinal", "nominal"):
            assert row["value"] in LEVELS[row["variable"]], where(row)


def test_constant_flags_are_true():
    """Prevents a variable that separates nobody from entering a clustering, and one that does from being left out."""
    for name, book in CODEBOOK.items():
        if book["applies_to"] == "federal" or book["scale"] == "year":
            continue
        values = [row["value"] for row in STANDING if row["variable"] == name and row["jurisdiction"] != "US"]
        commonest = max(values.count(value) for value in set(values))
        assert (book["status"] == "constant today") == (commonest >= len(values) - 1), name


def test_source_ids_are_used_and_readable():
    """Prevents a bibliography of texts that nobody cites, and ids that say nothing."""
    sources = {row["source"]: row for row in read_rows(DATA / "sources.csv")}
    used = {row["source"] for row in CODINGS}
    for table, columns in {
        "instruments": ["source", "house_source", "senate_source"],
        "claims": ["source", "item"],
        "indicators": ["source"],
        "recodings": ["source"],
        "jurisdictions": ["region_source", "population_2010_source", "population_2020_source"],
    }.items():
        used |= {row[column] for row in read_rows(DATA / f"{table}.csv") for column in columns}
    used |= {key for row in read_rows(DATA / "instruments.csv") for key in row["items"].split()}
    assert used - {""} == set(sources)
    addresses = [(row["url"], row["copy"]) for row in sources.values() if row["url"]]
    assert len(addresses) == len(set(addresses))


def test_neighbours_are_mutual_and_tiles_distinct():
    """Prevents a diffusion model in which A neighbours B and B does not neighbour A, and a map with a hidden tile."""
    for place, about in PLACES.items():
        for other in about["neighbours"].split():
            assert place in PLACES[other]["neighbours"].split(), (place, other)
    tiles = {(row["tile_row"], row["tile_column"]) for row in PLACES.values()}
    assert len(tiles) == len(PLACES) == 52
    assert PLACES["US"]["neighbours"] == ""


def test_populations_add_up():
    """Prevents a census figure in the wrong row: the 51 must sum to the published national totals."""
    for year, total in (("2010", 308745538), ("2020", 331449281)):
        states = sum(int(row[f"population_{year}"]) for row in PLACES.values() if row["level"] == "state")
        assert states == int(PLACES["US"][f"population_{year}"]) == total


def test_notes_are_the_projects_own_words():
    """Prevents working notes from being published: tags, process talk, addresses of a machine."""
    tags = re.compile(r"COND-IMM|DISCRETIONARY|REPORT-RULE|\[(sep|verb|none|express|offence|general|specific)\]")
    talk = re.compile(
        r"\b(was empty|was low|was medium|value unchanged|recollection|memory only)\b|(^|\s)/(work|tmp)/", re.I
    )
    for path in DATA.rglob("*.csv"):
        for number, row in enumerate(read_rows(path), start=2):
            for text in row.values():
                assert not tags.search(text) and not talk.search(text), (path.name, number, text)


def test_dates_of_the_exceptions_to_section_230():
    """Prevents the exceptions of 2018 from leaking into the years before 11 April 2018."""
    starts = {
        row["variable"]: row["effective"]
        for row in STANDING
        if row["variable"].startswith("s230_e") and row["jurisdiction"] == "US"
    }
    late = {name for name, start in starts.items() if start >= "2018-04-11"}
    assert late == {name for name in starts if name.startswith("s230_e5")}
    assert len(late) == 4
