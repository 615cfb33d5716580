from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.identity import KEY_FILE, Pseudonymiser, load_key
from ecorad.model import WorkspaceError

KEY = bytes(range(32))
PARTS = st.lists(st.none() | st.text(max_size=5), min_size=1, max_size=4)


def test_a_key_is_versioned_and_24_hex_digits_long():
    key = Pseudonymiser(KEY, version=2).key("study", "1.2.3")
    assert key.startswith("k2-")
    assert len(key) == 27
    assert set(key[3:]) <= set("0123456789abcdef")


def test_the_same_identifier_has_another_key_elsewhere_and_in_another_role():
    ours, theirs = Pseudonymiser(KEY), Pseudonymiser(bytes(32))
    assert ours.key("study", "1") == Pseudonymiser(KEY).key("study", "1")
    assert len({ours.key("study", "1"), ours.key("patient", "1"), theirs.key("study", "1")}) == 3


@given(PARTS, PARTS)
def test_different_parts_never_share_a_key(one, other):
    keys = Pseudonymiser(KEY)
    assert (keys.key("patient", *one) == keys.key("patient", *other)) == (one == other)


@given(
    st.lists(st.none() | st.text(max_size=5), min_size=2, max_size=2),
    st.lists(st.none() | st.text(max_size=5), min_size=2, max_size=2),
)
def test_retained_identifiers_of_one_kind_stay_apart(one, other):
    keys = Pseudonymiser(KEY, retain=True)
    known = [parts for parts in (one, other) if parts[-1] is not None]  # an identifier is never None itself
    if len(known) == 2:
        assert (keys.key("patient", *one) == keys.key("patient", *other)) == (one == other)


def test_retained_identifiers_are_plain():
    keys = Pseudonymiser(KEY, retain=True)
    assert keys.key("study", "1.2.3") == "1.2.3"
    assert keys.key("patient", None, "A7") == "A7"
    assert keys.key("patient", "HOSP", "A7") == "HOSP|A7"


def test_no_part_of_an_identifier_shows():
    assert "7731" not in Pseudonymiser(KEY).key("patient", "7731")


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        Pseudonymiser(b"short")


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path):
    folder = tmp_path / "keys"
    first = load_key(folder)
    assert len(first) == 32
    assert load_key(folder) == first
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_many_at_once_agree_on_one_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_key(tmp_path / "keys"), range(16)))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [KEY_FILE]


def test_a_damaged_secret_is_refused_and_kept(tmp_path):
    (tmp_path / KEY_FILE).write_bytes(b"cut")
    with pytest.raises(WorkspaceError) as caught:
        load_key(tmp_path)
    assert caught.value.code == "ecorad.workspace.key"
    assert (tmp_path / KEY_FILE).read_bytes() == b"cut"
