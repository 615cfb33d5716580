"""``ecorad leaflet`` writes one page, here or where it is told to."""

from __future__ import annotations

from ecorad.cli.app import run


def test_a_leaflet_is_written_in_the_language_asked_for(told, tmp_path):
    target = tmp_path / "out" / "leaflet.html"
    answer = told("leaflet", "mr", "--region", "breast", "--contrast", "gadolinium", "--language", "nl", "-o", target)
    assert answer == {"page": str(target), "language": "nl", "modality": "MR"}
    assert 'lang="nl"' in target.read_text("utf-8")


def test_wrong_use_writes_nothing(tmp_path):
    target = tmp_path / "leaflet.html"
    assert run(["leaflet", "MR", "--contrast", "iodine", "-o", str(target)]) == 2
    assert run(["leaflet", "MR", "--language", "fr", "-o", str(target)]) == 2
    assert not target.exists()
