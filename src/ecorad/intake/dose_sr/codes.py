"""Codes of dose reports (PS3.16), by scheme and value; the meaning is never read, for makers word it as they like.

A code is written here as ``SCHEME:value``. SRT codes of older reports are brought to their SCT equivalents.
"""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from importlib.resources import files

# SNOMED of older reports is called SRT, SNM3 or 99SDM; the codes are the same (PS3.16 8).
_OLD_SNOMED = frozenset({"SRT", "SNM3", "99SDM"})
# Those whose codes are read, or may stand for what is not; any other is told.
SCHEMES = frozenset({"DCM", "SCT", "SRT", "99SMS_RADSUM"})
_SRT_TO_SCT = {
    "P5-08000": "77477000",
    "P5-08001": "116152004",
    "P5-40010": "71651007",
    "P5-06000": "44491008",
    "T-04000": "76752008",
    "T-04020": "73056007",
    "T-04030": "80248007",
    "T-04080": "63762007",
    "G-C171": "272741003",
    "G-A100": "24028007",
    "G-A101": "7771000",
    "G-A102": "51440002",
    "G-A103": "66459002",
    "R-0038D": "373066001",
    "R-00339": "373067005",
    "C-10072": "89457008",
    "R-42806": "304283002",
    "C-111A1": "77004003",
    "C-105A1": "40565003",
    "C-107A1": "21576001",
    "C-B1038": "129504001",
    "C-131A3": "35337001",
    "C-128A2": "53315004",
    "C-159A2": "79197006",
    "C-127A2": "3932008",
    "C-127A5": "422934004",
    "C-127A1": "71425003",
    "C-127A4": "425364008",
    "C-168A4": "63360001",
    "C-114A5": "40937006",
    "C-162A3": "10738001",
    "T-D0005": "91723000",
    "R-10242": "399162004",
    "R-10226": "399368009",
    "R-10224": "399260004",
    "R-10228": "399352003",
    "R-10230": "399099002",
    "R-1024A": "399192008",
    "R-1024B": "399101009",
    "R-10206": "399348003",
    "R-40888": "272479007",
    "R-10244": "399196006",
    "R-102D0": "399188001",
    "R-40AAA": "441555000",
    "R-102CD": "399067008",
    "R-10236": "399173006",
    "R-10232": "399198007",
    "R-10220": "399135007",
    "R-40985": "399356000",
    "R-10212": "399006002",
    "R-10210": "399038007",
    "R-10241": "399061009",
    "R-102C1": "399182000",
    "R-FB8F1": "702569007",
    # Not in the published mapping.
    "F-61FDB": "349358000",
}

# Roots.
XRAY_REPORT, RADIOPHARMACEUTICAL_REPORT, PATIENT_DOSE_REPORT = "DCM:113701", "DCM:113500", "DCM:128401"
REJECTED = "DCM:113001"
SIEMENS_SUMMARY = "99SMS_RADSUM:C-10"
ROOTS = frozenset({XRAY_REPORT, RADIOPHARMACEUTICAL_REPORT, PATIENT_DOSE_REPORT, SIEMENS_SUMMARY})
# Containers.
CT_ACCUMULATED, CT_EVENT, CT_PARAMETERS, CT_SOURCE, CT_DOSE = (
    "DCM:113811",
    "DCM:113819",
    "DCM:113822",
    "DCM:113831",
    "DCM:113829",
)
XRAY_ACCUMULATED, XRAY_EVENT = "DCM:113702", "DCM:113706"
ENHANCED_ACCUMULATED, ENHANCED_EVENT = "DCM:130500", "DCM:130501"
ADMINISTRATION = "DCM:113502"
# Of the report.
PROCEDURE, SCOPE = "DCM:121058", "DCM:113705"
CT_PROCEDURE, PROJECTION_PROCEDURE, MAMMOGRAPHY_PROCEDURE = "SCT:77477000", "DCM:113704", "SCT:71651007"
SCOPES = {
    "DCM:113014": "study",
    "DCM:113015": "series",
    "DCM:113016": "performed step",
    "DCM:113852": "event",
    "DCM:113970": "step to this point",
}
# Totals.
EVENT_COUNT, DLP_TOTAL, DAP_TOTAL, RP_TOTAL = "DCM:113812", "DCM:113813", "DCM:113722", "DCM:113725"
FLUORO_TIME, ACQUISITION_TIME, FRAMES, AGD_TOTAL = "DCM:113730", "DCM:113855", "DCM:113731", "DCM:111637"
CT_EFFECTIVE_TOTAL = "DCM:113814"
# Of an event.
EVENT_UID, OTHER_EVENT_UID, STARTED, ENDED = "DCM:113769", "DCM:113853", "DCM:111526", "DCM:111527"
PROTOCOL, TARGET, ANATOMY, EVENT_TYPE = "DCM:125203", "DCM:123014", "SCT:91723000", "DCM:113721"
PLANE, LATERALITY, VIEW = "DCM:113764", "SCT:272741003", "DCM:111031"
ACQUISITION_TYPE = "DCM:113820"
IS_REPEATED, REPEAT_REASON, IS_REJECTED, REJECT_REASON = "DCM:128551", "DCM:128552", "DCM:130503", "DCM:130504"
DAP, RP_DOSE, AGD, ENTRANCE = "DCM:122130", "DCM:113738", "DCM:111631", "DCM:111636"
REFERENCE_POINT = "DCM:113780"
KVP, TUBE_CURRENT, PULSES, IRRADIATION_TIME = "DCM:113733", "DCM:113734", "DCM:113768", "DCM:113742"
# The standard has one code for the exposure time of a projection and one for CT; makers use either in both.
EXPOSURE_TIMES, EXPOSURE = ("DCM:113735", "DCM:113824"), "DCM:113736"
THICKNESS, COMPRESSION = "DCM:111633", "DCM:111647"
EXPOSURE_INDEX, TARGET_INDEX, DEVIATION_INDEX = "DCM:113845", "DCM:113846", "DCM:113847"
POSITIONER_ANGLE, SOURCE_TO_ISOCENTER = "DCM:112011", "DCM:113748"
SCAN_LENGTH, PITCH, TOTAL_COLLIMATION = "DCM:113825", "DCM:113828", "DCM:113827"
CTDI, PHANTOM, DLP, EFFECTIVE, SSDE = "DCM:113830", "DCM:113835", "DCM:113838", "DCM:113839", "DCM:113930"
WATER_DIAMETER = "DCM:113980"
# Radiopharmaceutical.
ADMINISTRATION_UID, ACTIVITY, AGENT, NUCLIDE = "DCM:113503", "DCM:113507", "SCT:349358000", "SCT:89457008"
HALF_LIFE, ADMINISTERED_START, ADMINISTERED_STOP = "SCT:304283002", "DCM:123003", "DCM:123004"
# Imaging agent administration (TID 11020, with what it includes).
AGENT_REPORT, AGENT_INFORMATION, AGENT_ID, REFERENCED_AGENT = "DCM:130227", "DCM:130183", "DCM:130254", "DCM:130255"
STEP, STEP_UID, STEP_ID, STEP_TYPE = "DCM:130195", "DCM:130246", "DCM:130196", "DCM:130250"
STEP_VOLUME, PHASE, PHASE_VOLUME = "DCM:130241", "DCM:130202", "DCM:130240"
BRAND, CONCENTRATION, PACK_VOLUME = "DCM:111529", "DCM:122093", "DCM:130221"
VOLUME_BEFORE, VOLUME_AFTER, VOLUME_DISCARDED = "DCM:130205", "DCM:130206", "DCM:122096"
COMPLETION, DISCONTINUED = "DCM:130211", "DCM:130220"
# CID 72: a test bolus is contrast; a flush and a test of the vein are not.
STEP_TYPES = {
    "DCM:130249": "diagnostic",
    "DCM:130248": "test bolus",
    "DCM:130251": "flush",
    "DCM:130247": "patency test",
}
# Of PS3.16 CID 13.
INGREDIENTS = {
    "SCT:44588005": "iodine",
    "SRT:C-11400": "iodine",
    "SCT:58281002": "gadolinium",
    "SRT:C-17800": "gadolinium",
    "SCT:39290007": "barium",
    "SCT:31811003": "other",
}
# Patient dose (TID 10030 ff.).
DOSE_ESTIMATE, DOSE_ESTIMATE_NAME = "DCM:128402", "DCM:128403"

YES, NO = "SCT:373066001", "SCT:373067005"
EVENT_TYPES = {
    "SCT:44491008": "fluoroscopy",
    "DCM:113611": "stationary",
    "DCM:113612": "stepping",
    "DCM:113613": "rotational",
    "DCM:113804": "sequenced",
    "DCM:113805": "constant angle",
    "DCM:113806": "stationary",
    "DCM:113807": "free",
    "SCT:116152004": "spiral",
    "SCT:702569007": "cone beam",
}
PLANES = {"DCM:113620": "A", "DCM:113621": "B", "DCM:113622": "single", "DCM:113890": "all"}
LATERALITIES = {
    "SCT:24028007": "right",
    "SCT:7771000": "left",
    "SCT:51440002": "both",
    "SCT:73056007": "right",
    "SCT:80248007": "left",
    "SCT:63762007": "both",
}
VIEWS = {
    "SCT:399162004": "CC",
    "SCT:399368009": "MLO",
    "SCT:399260004": "ML",
    "SCT:399352003": "LM",
    "SCT:399099002": "LMO",
    "SCT:399192008": "XCCL",
    "SCT:399101009": "XCCM",
    "SCT:399348003": "AP",
    "SCT:272479007": "PA",
    "SCT:399196006": "FB",
    "SCT:399188001": "SIO",
    "SCT:441555000": "ISO",
    "SCT:399067008": "LAT",
    "SCT:399173006": "LL",
    "SCT:399198007": "RL",
    "SCT:399135007": "LAO",
    "SCT:399356000": "RAO",
    "SCT:399006002": "LPO",
    "SCT:399038007": "RPO",
    "SCT:399061009": "AX",
    "SCT:399182000": "OBL",
}
PHANTOMS = {"DCM:113690": "head_16cm", "DCM:113691": "body_32cm"}
REFERENCE_POINTS = {
    "DCM:113860": "15 cm from isocentre toward source",
    "DCM:113861": "30 cm in front of image input surface",
    "DCM:113862": "1 cm above table top",
    "DCM:113863": "30 cm above table top",
    "DCM:113864": "15 cm from table centre line",
    "DCM:113865": "4.2 cm above breast support",
    "DCM:113941": "in detector plane",
    "DCM:113964": "at surface of patient",
    "DCM:113965": "100 cm from source",
}
# CID 10034, 7011 and 6041: why something was repeated or rejected.
REASONS = {
    "DCM:128553": "patient motion",
    "DCM:128554": "contrast timing",
    "DCM:111207": "artefact",
    "DCM:111208": "grid artefact",
    "DCM:111209": "positioning",
    "DCM:111210": "motion blur",
    "DCM:111211": "under-exposed",
    "DCM:111212": "over-exposed",
    "DCM:111213": "no image",
    "DCM:111214": "detector artefact",
    "DCM:111215": "other artefact",
    "DCM:111216": "mechanical failure",
    "DCM:111217": "electrical failure",
    "DCM:111218": "software failure",
    "DCM:111219": "image processing",
    "DCM:111220": "other failure",
    "DCM:111221": "unknown failure",
    "DCM:113026": "double exposure",
}
# CID 7010: why a key object selection rejects what it lists.
REJECTIONS = {
    "DCM:113001": "quality",
    "DCM:113037": "patient safety",
    "DCM:113038": "wrong worklist entry",
}
# Of CID 4020; yttrium 90 stands in it as well, and is imaged both ways.
POSITRON_EMITTERS = frozenset(
    {
        "SCT:77004003",  # fluorine 18
        "SCT:40565003",  # carbon 11
        "SCT:21576001",  # nitrogen 13
        "SCT:129504001",  # oxygen 15
        "SCT:35337001",  # gallium 68
        "SCT:53315004",  # germanium 68
        "SCT:79197006",  # rubidium 82
        "SCT:3932008",  # copper 64
        "SCT:422934004",  # copper 62
        "SCT:71425003",  # copper 61
        "SCT:425364008",  # copper 60
        "SCT:63360001",  # zirconium 89
        "SCT:40937006",  # iodine 124
        "SCT:10738001",  # yttrium 86
        "DCM:126600",  # scandium 44
        "DCM:126605",  # scandium 43
        "DCM:126606",  # terbium 152
    }
)


@lru_cache(4096)
def canonical(scheme: str, value: str) -> str:
    """A code as ``SCHEME:value``, SRT as SCT where they are the same thing.

    >>> canonical("dcm", "113813"), canonical("SRT", "P5-08000"), canonical("99SMS_RADSUM", "C-204")
    ('DCM:113813', 'SCT:77477000', '99SMS_RADSUM:C-204')
    """
    scheme, value = scheme.strip().upper(), value.strip()
    if scheme in _OLD_SNOMED:
        sct = _SRT_TO_SCT.get(value)
        return f"SRT:{value}" if sct is None else f"SCT:{sct}"
    return f"{scheme}:{value}"


@cache
def _regions() -> dict[str, str]:
    text = (files(__package__) / "target_regions.csv").read_text("utf-8").splitlines()
    return {canonical(row["scheme"], row["code"]): row["region"] for row in csv.DictReader(text)}


def region(code: str) -> str | None:
    """The body region a code names; ``None`` for the whole body, which some makers write for whatever was examined.

    >>> region("SRT:T-D4000"), region("SCT:416775004"), region("SRT:T-D0010"), region("SRT:T-D400")
    ('abdomen', 'trunk', None, 'abdomen')
    """
    found = _regions().get(code)
    # One maker leaves the last digit of five-digit topography codes out.
    return _regions().get(f"{code}0") if found is None and code.startswith("SRT:T-") and len(code) == 10 else found
