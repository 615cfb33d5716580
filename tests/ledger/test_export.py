"""Tables as files: same rows in the same order in every form, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import shutil

import duckdb
import pytest

from ecorad.ledger import Workspace, delta, export_table, open_for_writing
from ecorad.model import InputError, UnknownNameError, WorkspaceError, table

from .made import NOON, SITE, block, commit, instance, made_workspace, of_meter, of_object, reading_from

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.fixture
def workspace(tmp_path):
    workspace = made_workspace(tmp_path)
    objects = [of_object(instance(f"i{i}", protocol_name=text)) for i, text in enumerate([*FORMULAS, "plain", None])]
    commit(workspace, [*objects, of_meter("m", block("m1", [1.5, float("nan")]))])
    return workspace


def exported(workspace, name, form):
    target = io.BytesIO()
    with reading_from(workspace) as ledger:
        count = export_table(ledger, name, form, target)
    return count, target.getvalue()


def test_a_spreadsheet_finds_nothing_to_run(workspace):
    _, content = exported(workspace, "instance", "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [row["protocol_name"] for row in rows] == [*("'" + text for text in FORMULAS), "plain", ""]


def test_other_forms_keep_what_was_written(workspace, tmp_path):
    _, content = exported(workspace, "instance", "jsonl")
    assert [json.loads(line)["protocol_name"] for line in content.splitlines()] == [*FORMULAS, "plain", None]
    with reading_from(workspace) as ledger:
        export_table(ledger, "instance", "parquet", tmp_path / "it's.parquet")
    found = duckdb.execute("SELECT protocol_name FROM read_parquet(?)", [str(tmp_path / "it's.parquet")]).fetchall()
    assert [text for (text,) in found] == [*FORMULAS, "plain", None]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_the_same_ledger_gives_the_same_bytes(workspace, form):
    count, content = exported(workspace, "reading", form)
    assert count == 2
    assert exported(workspace, "reading", form) == (count, content)


def test_unknown_is_empty_and_times_are_utc(workspace):
    _, content = exported(workspace, "reading", "csv")
    first, second = csv.DictReader(io.StringIO(content.decode()))
    assert tuple(first) == table("reading").column_names
    assert (first["start_utc"], first["energy_kwh"]) == ("2026-03-02T12:00:00.000000Z", "1.5")
    assert second["energy_kwh"] == ""


def test_views_and_empty_tables_can_be_had(workspace):
    assert exported(workspace, "study", "jsonl")[0] == 1
    count, content = exported(workspace, "stock", "csv")
    assert (count, content.decode().strip().split(",")) == (0, list(table("stock").column_names))


def test_refusals(workspace):
    with reading_from(workspace) as ledger:
        with pytest.raises(InputError) as error:
            export_table(ledger, "exam_energy", "csv", io.BytesIO())
        assert error.value.code == "ecorad.export.result"
        with pytest.raises(InputError) as error:
            export_table(ledger, "study", "xml", io.BytesIO())
        assert error.value.code == "ecorad.export.form"
        with pytest.raises(UnknownNameError):
            export_table(ledger, "no such", "csv", io.BytesIO())


@pytest.mark.parametrize("name", ["a b", "röntgen 影像", "50% off", "it's", "100%", 'quo"te'])
def test_a_site_may_lie_in_any_folder(tmp_path, name):
    workspace = made_workspace(tmp_path / name)
    commit(workspace, [of_meter("m", block("m1", [1.0]))], [of_meter("n", block("m1", [2.0], start=1))])
    with reading_from(Workspace.open(workspace.path)) as ledger:
        assert ledger.readings("m1").energy_kwh.tolist() == [1.0, 2.0]


def test_but_not_where_the_tables_would_be_lost(tmp_path):
    for make in (lambda: Workspace.create(tmp_path / "a%20b", SITE), lambda: Workspace.open(tmp_path / "a%C3")):
        with pytest.raises(WorkspaceError) as error:
            make()
        assert error.value.code == "ecorad.workspace.path"
    assert not (tmp_path / "a%20b").exists()


def test_a_table_made_before_its_dictionary_grew_is_read_and_written_on(workspace):
    """A ledger of an earlier version has tables with fewer columns."""
    folder = workspace.ledger_path / "reading"
    names = [name for name in table("reading").column_names if name != "interpretation"]
    (part,) = delta.contents(folder).files
    rows = duckdb.connect().sql(f"SELECT {', '.join(names)}, '2026-03' AS month FROM read_parquet('{part}')")
    kept = workspace.path / "kept"
    delta.append(kept, rows, 1)
    shutil.rmtree(folder)
    kept.rename(folder)
    with reading_from(workspace) as ledger:
        assert ledger.columns("reading", ["energy_kwh"])["energy_kwh"][0] == 1.5
        assert ledger.rows("SELECT DISTINCT interpretation FROM reading") == [{"interpretation": None}]
    with open_for_writing(workspace) as writer:
        writer.commit([of_meter("n", block("m1", [2.5], start=2))], NOON)
    with reading_from(workspace) as ledger:
        assert ledger.readings("m1").energy_kwh.tolist()[::2] == [1.5, 2.5]
