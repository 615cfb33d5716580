"""How an archive is asked: its pace and hours, where to go on, what it may answer."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.pacs import pull
from ecorad.intake.pacs.cursor import Cursor
from ecorad.intake.pacs.dicomweb import DicomWeb
from ecorad.intake.pacs.pace import Closed, Pace, is_open
from ecorad.intake.pacs.told import Batch
from ecorad.intake.pacs.until_pixels import spooled
from ecorad.intake.pacs.web import Broken, Gone, Web
from ecorad.model import SiteError, StoreError, WorkspaceError
from ecorad.model.pacs import PacsEntry, parse_pacs
from tests.intake.dicom.objects import dicom, pixel_data

httpx = pytest.importorskip("httpx")

KEYS = Pseudonymiser(bytes(32))
NIGHT = ((time(20), time(6)),)
CANARY = "1.2.826.0.1.3680043.8.498.31415926"


def noon():
    return datetime(2026, 3, 10, 12, tzinfo=UTC)


def entry(**changes):
    return PacsEntry(
        **{"name": "a", "kind": "dicomweb", "url": "https://pacs.test/dicom-web", "per_second": 1e4} | changes
    )


def web(answer, **changes):
    one = entry(**changes)
    return Web(one, Pace(one.per_second, (), noon), httpx.MockTransport(answer))


# --- pace and windows


def test_no_faster_than_agreed():
    moment, slept = [0.0], []

    def sleep(seconds):
        slept.append(seconds)
        moment[0] += seconds

    pace = Pace(4.0, (), noon, monotonic=lambda: moment[0], sleep=sleep)
    for _ in range(9):
        pace.wait()
    assert sum(slept) == pytest.approx(8 / 4.0)
    assert pace.requests == 9


def test_a_pause_does_not_save_up_requests():
    moment, slept = [0.0], []
    pace = Pace(1.0, (), noon, monotonic=lambda: moment[0], sleep=slept.append)
    pace.wait()
    moment[0] = 100.0
    pace.wait()
    pace.wait()
    assert slept == [pytest.approx(1.0)]


def test_outside_the_window_nothing_is_asked():
    pace = Pace(1.0, NIGHT, noon)
    with pytest.raises(Closed):
        pace.wait()
    assert pace.requests == 0


@pytest.mark.parametrize(
    ("clock", "expected"), [(time(5, 59), True), (time(6), False), (time(20), True), (time(13), False)]
)
def test_a_window_may_pass_midnight(clock, expected):
    assert is_open(NIGHT, datetime.combine(date(2026, 3, 10), clock)) is expected


# --- what may come back


def test_no_redirect_is_followed_and_no_other_host_asked():
    asked = []

    def answer(request):
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "http://169.254.169.254/latest"})

    with pytest.raises(StoreError) as caught:
        web(answer).json("/studies")
    assert caught.value.code == "ecorad.pull.refused"
    assert asked == ["https://pacs.test/dicom-web/studies"]


def test_an_answer_is_capped_as_it_unpacks(monkeypatch):
    monkeypatch.setattr("ecorad.intake.pacs.web.MAX_ANSWER_BYTES", 1 << 20)
    packed = gzip.compress(b" " * ((1 << 20) + 10), 1)

    def answer(request):
        return httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"})

    with pytest.raises(StoreError) as caught:
        web(answer).json("/studies")
    assert caught.value.code == "ecorad.pull.too_large"


@pytest.mark.parametrize(
    ("status", "error"), [(404, Gone), (410, Gone), (500, Broken), (401, StoreError), (403, StoreError)]
)
def test_each_status_has_its_meaning(status, error):
    with pytest.raises(error):
        web(lambda request: httpx.Response(status, text=CANARY)).json("/studies")


def test_a_busy_archive_is_asked_again():
    answers = iter([503, 429, 200])
    assert web(lambda request: httpx.Response(next(answers), json=[])).json("/studies") == []


def test_what_the_archive_says_never_stands_in_an_error():
    with pytest.raises(StoreError) as caught:
        web(lambda request: httpx.Response(200, text=f"<html>{CANARY}")).json("/studies")
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_secret_comes_from_the_environment_and_is_never_shown(monkeypatch):
    with pytest.raises(SiteError) as caught:
        web(lambda request: httpx.Response(200, json=[]), authorization_env="ECORAD_TEST_SECRET")
    assert "ECORAD_TEST_SECRET" in str(caught.value)
    monkeypatch.setenv("ECORAD_TEST_SECRET", "Bearer abc")
    seen = []
    web(
        lambda r: seen.append(r.headers["Authorization"]) or httpx.Response(200, json=[]),
        authorization_env="ECORAD_TEST_SECRET",
    ).json("/x")
    assert seen == ["Bearer abc"]


# --- only what the header needs is fetched


def chunks(content, taken, size=4096):
    for at in range(0, len(content), size):
        taken.append(at)
        yield content[at : at + size]


def test_pixel_data_of_known_length_stays_where_it_is(tmp_path):
    pixels = b"\xe0\x7f\x10\x00OW\0\0" + (1 << 20).to_bytes(4, "little") + bytes(range(256)) * 4096
    content, taken = dicom() + pixels, []
    assert spooled(chunks(content, taken), len(content), tmp_path / "x.dcm") == len(content)
    assert len(taken) * 4096 < 100_000
    written = (tmp_path / "x.dcm").read_bytes()
    start = len(dicom())
    assert len(written) == len(content)
    assert written[:start] == content[:start]


@pytest.mark.parametrize("tail", [b"", pixel_data(), b"\xfc\xff\xfc\xffOB\0\0\x40\0\0\0" + bytes(64)])
def test_whatever_cannot_be_left_out_is_taken_whole(tail, tmp_path):
    content = dicom() + tail + (b"" if tail else bytes(100_001))
    spooled(chunks(content, []), len(content), tmp_path / "x.dcm")
    assert (tmp_path / "x.dcm").read_bytes() == content


def test_a_cut_transfer_is_not_made_whole_by_a_hole(tmp_path):
    pixels = b"\xe0\x7f\x10\x00OW\0\0" + (1 << 20).to_bytes(4, "little")
    content = dicom() + pixels
    assert spooled(chunks(content, []), len(content) + (1 << 20), tmp_path / "x.dcm") == len(content)


# --- where to go on


def studies(*uids):
    return [{"0020000D": {"vr": "UI", "Value": [uid]}, "00201208": {"vr": "IS", "Value": [1]}} for uid in uids]


def archive(days, asked):
    """An archive with one series and one object a study; ``days`` leads from day to study UIDs."""

    def answer(request):
        path, query = request.url.path.removeprefix("/dicom-web"), dict(request.url.params)
        asked.append(path)
        if path == "/studies":
            day, _, last = query["StudyDate"].partition("-")
            found = [uid for one, uids in days.items() for uid in uids if day <= one <= (last or day)]
            return httpx.Response(200, json=studies(*found)[int(query.get("offset", 0)) :][: int(query["limit"])])
        study = path.split("/")[2]
        if path.endswith("/series"):
            return httpx.Response(200, json=[{"0020000E": {"vr": "UI", "Value": [study + ".1"]}}])
        return httpx.Response(200, json=[{"00080018": {"vr": "UI", "Value": [study + ".1.1"]}}])

    return httpx.MockTransport(answer)


def kept(into, fail_at=None):
    def keep(batch):
        if fail_at is not None and len(into) >= fail_at:
            raise StoreError("the disk is full")
        told = [json.loads(one.content)["00080018"]["Value"][0] for one in batch.inputs]
        into.extend(told)
        return {"stored": len(told)}, {}

    return keep


def run(tmp_path, days, *, keep, asked=None, **changes):
    return pull(
        tmp_path,
        entry(since=date(2026, 3, 1), **changes),
        keep,
        pseudonymiser=KEYS,
        now=noon,
        transport=archive(days, [] if asked is None else asked),
    )


DAYS = {"20260301": ["1.2.1", "1.2.2"], "20260305": ["1.2.5"], "20260310": ["1.2.10"]}


def test_every_study_of_every_day_once(tmp_path):
    taken, asked = [], []
    report = run(tmp_path, DAYS, keep=kept(taken), asked=asked)
    assert sorted(taken) == ["1.2.1.1.1", "1.2.10.1.1", "1.2.2.1.1", "1.2.5.1.1"]
    assert report.received == 4
    assert report.is_complete
    assert report.requests == len(asked)


def test_the_next_pull_asks_for_the_last_days_alone_and_takes_what_has_grown(tmp_path):
    taken, asked = [], []
    run(tmp_path, DAYS, keep=kept([]))
    later = DAYS | {"20260309": ["1.2.9"], "20260302": ["1.2.99"]}
    run(tmp_path, later, keep=kept(taken), asked=asked)
    assert taken == ["1.2.9.1.1"]  # 2 March is settled; 10 March says the same as before
    assert not any("1.2.10" in path for path in asked)


def test_what_was_not_kept_is_asked_for_again(tmp_path):
    first, second = [], []
    with pytest.raises(StoreError):
        run(tmp_path, DAYS, keep=kept(first, fail_at=0))
    run(tmp_path, DAYS, keep=kept(second))
    assert len(second) == 4


def test_the_cursor_names_no_study(tmp_path):
    run(tmp_path, {"20260310": [CANARY]}, keep=kept([]))
    text = (tmp_path / "pull" / "a.json").read_text("utf-8")
    assert CANARY not in text
    assert KEYS.key("study", CANARY) in text
    assert (tmp_path / "pull" / "a.json").stat().st_mode & 0o777 == 0o600


def test_a_closed_window_ends_the_pull_without_an_error(tmp_path):
    report = run(tmp_path, DAYS, keep=kept([]), windows=NIGHT)
    assert not report.is_complete
    assert report.requests == report.received == 0


def test_long_stretches_without_studies_are_not_asked_day_by_day(tmp_path):
    asked = []
    one = {"20260310": ["1.2.10"]}
    pull(tmp_path, entry(since=date(2020, 1, 1)), kept([]), pseudonymiser=KEYS, now=noon, transport=archive(one, asked))
    assert len(asked) < 150


def test_uids_that_are_none_never_reach_an_address(tmp_path):
    asked = []
    run(tmp_path, {"20260310": ["../../admin", "1.2.3?x=y", ""]}, keep=kept([]), asked=asked)
    assert set(asked) == {"/studies"}


def test_a_damaged_cursor_is_named(tmp_path):
    (tmp_path / "pull").mkdir()
    (tmp_path / "pull" / "a.json").write_text("{", "utf-8")
    with pytest.raises(WorkspaceError) as caught:
        Cursor.load(tmp_path, "a")
    assert caught.value.code == "ecorad.pull.cursor"


# --- object storage


def test_object_storage_is_read_like_a_folder_and_goes_on(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    store.pipe("/ecorad-test/b.dcm", dicom(SOPInstanceUID="1.2.3.5"))
    store.pipe("/ecorad-test/Doe_Jane/a.dcm", dicom())
    store.pipe("/ecorad-test/empty.csv", b"")

    def ask():
        found = []

        def keep(batch):
            found.extend((one.place, one.size, one.trouble) for one in batch.inputs)
            return {"stored": len(batch.inputs)}, {}

        one = entry(kind="objects", url="memory://ecorad-test")
        pull(tmp_path, one, keep, pseudonymiser=KEYS, now=noon)
        return found

    try:
        first = ask()
        assert len(first) == 3
        assert sorted(size for _, size, _ in first) == [0, len(dicom()), len(dicom())]
        assert ask() == []
        store.pipe("/ecorad-test/b.dcm", dicom(SOPInstanceUID="1.2.3.6"))
        assert len(ask()) == 1
        assert "Doe" not in (tmp_path / "pull" / "a.json").read_text("utf-8")
        assert "Doe" not in str(first)
    finally:
        store.rm("/ecorad-test", recursive=True)


# --- site.toml


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"name": "A b", "kind": "orthanc", "url": "http://x"},
        {"name": "a", "kind": "orthanc", "url": "http://user:secret@x"},
        {"name": "a", "kind": "orthanc", "url": "file:///etc"},
        {"name": "a", "kind": "orthanc", "url": "http://x", "port": 104},
        {"name": "a", "kind": "dimse", "host": "x", "called": "X" * 17},
        {"name": "a", "kind": "dimse", "host": "x", "called": "X", "port": 0},
        {"name": "a", "kind": "orthanc", "url": "http://x", "windows": ["late"]},
        {"name": "a", "kind": "orthanc", "url": "http://x", "per_second": 0},
        {"name": "a", "kind": "orthanc", "url": "http://x", "modalities": ["ct"]},
        {"name": "a", "kind": "orthanc", "url": "http://x", "since": "2026-03-01"},
        {"name": "a", "kind": "folder", "path": "relative"},
        {"name": "a", "kind": "objects", "url": "s3://key@bucket"},
    ],
)
def test_an_entry_that_cannot_be_used_is_refused(row):
    with pytest.raises(SiteError):
        parse_pacs([row])


def test_two_archives_need_two_names():
    row = {"name": "a", "kind": "orthanc", "url": "http://x"}
    with pytest.raises(SiteError):
        parse_pacs([row, row])
    assert parse_pacs([row, row | {"name": "b", "windows": ["20:00-06:00"]}])[1].windows == NIGHT


# --- what it tells


def wordless(path, whole):
    """An archive that fails to tell of the second of three objects; ``whole`` is its answer for the object itself."""
    series = "/studies/1.2/series/1.2.3"
    if path == "/studies/1.2/series":
        return httpx.Response(200, json=[{"0020000D": ui("1.2"), "0020000E": ui("1.2.3")}])
    if path == f"{series}/instances":
        return httpx.Response(200, json=[{"00080018": ui(one)} for one in ("1.2.3.1", "1.2.3.2", "1.2.3.3")])
    if path in {f"{series}/metadata", f"{series}/instances/1.2.3.2/metadata"}:
        return httpx.Response(500)
    if path == f"{series}/instances/1.2.3.2":
        return whole
    return httpx.Response(200, json=[{"00080018": ui(path.split("/")[-2])}])


def taken_from(whole, spool):
    batch = Batch([], {})
    DicomWeb(web(lambda r: wordless(r.url.path.removeprefix("/dicom-web"), whole)), "a", spool).take("1.2", batch)
    return batch


@pytest.mark.parametrize(
    "whole",
    [
        httpx.Response(500),
        httpx.Response(200, json=[{}]),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"--x\r\nContent-Type: application/dicom\r\n\r\nnever ended"),
        httpx.Response(200, content=b"--x" + b"y" * 20_000),
    ],
)
def test_one_object_without_words_does_not_cost_the_others_of_its_series(whole, tmp_path):
    batch = taken_from(whole, tmp_path)
    assert [one.trouble for one in batch.inputs] == [None, "ecorad.pull.untold", None]
    assert not batch.is_whole


def test_an_object_deleted_meanwhile_is_counted_as_gone(tmp_path):
    batch = taken_from(httpx.Response(404), tmp_path)
    assert (len(batch.inputs), batch.gone, batch.is_whole) == (2, 1, True)


@pytest.mark.parametrize("said", [True, False], ids=["with its length", "without"])
@pytest.mark.parametrize("tail", [b"", pixel_data(300_000)], ids=["header alone", "with pixels"])
def test_an_object_without_words_is_fetched_itself(said, tail, tmp_path):
    content = dicom(tail=tail)
    head = b"--x\r\nContent-Type: application/dicom\r\n"
    head += b"Content-Length: %d\r\n" % len(content) if said else b""
    pieces = []

    def body():
        whole = head + b"\r\n" + content + b"\r\n--x--"
        for at in range(0, len(whole), 1000):
            pieces.append(at)
            yield whole[at : at + 1000]

    batch = taken_from(httpx.Response(200, content=body()), tmp_path)
    told, fetched, _ = batch.inputs
    assert told.content is not None
    assert batch.is_whole
    assert fetched.size == len(content)
    written = Path(fetched.path).read_bytes()
    assert len(written) == len(content)
    assert written[: len(dicom())] == dicom()
    if tail:
        assert (len(pieces) < 200) is said  # where its length is known, the pixels stay where they are


def ui(value):
    return {"vr": "UI", "Value": [value]}
