from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.dicom.region import region_of
from tests.intake.dicom.objects import record

REGIONS = "head neck chest abdomen pelvis spine upper_limb lower_limb breast heart whole_body other".split()
WORDS = [
    ("CSPINE", "spine"),
    ("C-Spine", "spine"),
    ("thoracic spine", "spine"),
    ("CHESTPA", "chest"),
    ("CT THORACO-ABDOMINAL", "chest"),
    ("LEFT WRIST", "upper_limb"),
    ("Kniegelenk links", "lower_limb"),
    ("LWS nativ", "spine"),
    ("Schädel-CT", "head"),
    ("MRT Herz", "heart"),
    ("Bekken", "pelvis"),
    ("hersenen", "head"),
    ("genou droit", "lower_limb"),
    ("crâne", "head"),
    ("columna lumbar", "spine"),
    ("hombro izquierdo", "upper_limb"),
    ("头颅平扫", "head"),
    ("胸部CT", "chest"),
    ("SmartScore - Gated", "heart"),
    ("PET total body", "whole_body"),
    ("thorax coronary CTA", "heart"),
    ("abdomen lumbar", "spine"),
    ("t1_vibe_fs_tra_bh_dyn", None),
    ("armed forces", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "region"), WORDS)
def test_words_of_several_languages(text, region):
    assert region_of(text) == region


@given(st.text(max_size=30))
def test_any_text_gives_a_region_of_the_list_or_none(text):
    assert region_of(text) in {None, *REGIONS}


def test_the_coded_part_comes_before_descriptions():
    assert record(BodyPartExamined="HEAD", StudyDescription="CT Abdomen").body_region == "head"
    assert record(StudyDescription="CT Abdomen").body_region == "abdomen"
    assert record(ProtocolName="Neck", StudyDescription="CT Abdomen").body_region == "neck"
    assert record(BodyPartExamined="PATTERN").body_region == "other"
    assert record(Modality="MG").body_region == "breast"
    assert record().body_region is None
