"""Files of slow storage are begun by many threads, in order; those of fast storage by none."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from ecorad.intake import reading_ahead
from ecorad.intake.reading_ahead import with_heads
from ecorad.intake.sources import inputs_of


class Storage:
    """Notes how many files are being read at once; has a clock of its own, so that a busy machine is not slow storage."""

    def __init__(self, *, is_slow: bool) -> None:
        self.is_slow = is_slow
        self.begun = self.now = self.most = 0
        self.clock_s = 0.0
        self.lock = threading.Lock()

    def read(self, path, length):
        if path is None:
            return None
        with self.lock:
            self.begun += 1
            self.now += 1
            self.most = max(self.most, self.now)
        if self.is_slow:
            time.sleep(0.003)
        with self.lock:
            self.now -= 1
            self.clock_s += 0.003 if self.is_slow else 0.00001
        return None if path == "gone" else path.encode()[:length]


@pytest.fixture
def storage(monkeypatch, request):
    found = Storage(is_slow=request.param == "slow")
    monkeypatch.setattr(reading_ahead, "_head", found.read)
    monkeypatch.setattr(reading_ahead, "time", SimpleNamespace(perf_counter=lambda: found.clock_s))
    return found


both = pytest.mark.parametrize("storage", ["slow", "fast"], indirect=True)
slow = pytest.mark.parametrize("storage", ["slow"], indirect=True)


def same(item):
    return item


@both
def test_order_holds_and_what_cannot_be_read_is_told(storage):
    items = [*(f"file {n}" for n in range(600)), None, "gone", *(f"file {n}" for n in range(600, 700))]
    found = list(with_heads(items, same, 100))
    assert [item for item, _ in found] == items
    assert [head for _, head in found] == [None if item is None or item == "gone" else item.encode() for item in items]


@both
def test_threads_are_for_slow_storage(storage):
    list(with_heads([str(n) for n in range(400)], same, 4, threads=8))
    assert storage.begun == 400
    assert 1 < storage.most <= 8 if storage.is_slow else storage.most == 1


@slow
def test_what_has_no_file_tells_nothing_about_the_storage(storage):
    list(with_heads([None] * 50 + [str(n) for n in range(3)], same, 4))
    assert storage.most == 1


@slow
def test_only_so_much_is_read_ahead_of_whoever_wants_it(storage):
    taken = with_heads((str(n) for n in range(5000)), same, 4)
    for _ in range(10):
        next(taken)
    assert storage.begun <= 10 + reading_ahead._AHEAD


@slow
def test_whoever_stops_leaves_no_thread(storage):
    taken = with_heads([str(n) for n in range(2000)], same, 4, threads=4)
    for _ in range(10):
        next(taken)
    taken.close()
    until = time.monotonic() + 10
    while any(one.name.startswith("reading-ahead") for one in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert storage.begun < 2000


@slow
def test_the_storage_is_tried_again(storage, monkeypatch):
    monkeypatch.setattr(reading_ahead, "_STRETCH", 20)
    items = iter(str(n) for n in range(300))
    taken = with_heads(items, same, 4, threads=4)
    for _ in range(30):
        next(taken)
    storage.is_slow = False
    for _ in range(100):
        next(taken)
    storage.most = 0
    list(taken)
    assert storage.most == 1


def test_archives_of_slow_storage_are_seen(tmp_path, monkeypatch):
    """The head that a thread brings is what tells an archive."""
    monkeypatch.setattr(reading_ahead, "_SLOW_S", 0.0)
    for n in range(20):
        (tmp_path / f"a{n:02d}.dcm").write_bytes(b"x" * 300)
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04" + bytes(300))
    (tmp_path / "c.dcm").write_bytes(b"")
    told = {one.name.rsplit("/", 1)[-1]: one.trouble for one in inputs_of(tmp_path)}
    assert {name: trouble for name, trouble in told.items() if trouble} == {
        "b.zip": "ecorad.source.archive",
        "c.dcm": "ecorad.source.empty",
    }
    assert len(told) == 22
