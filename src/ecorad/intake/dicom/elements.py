"""The elements we read, and no others: an allow-list by keyword, nested as DICOM nests them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

# A tree of wanted tags: ``None`` for a value, a further tree for a sequence.
Wanted: TypeAlias = "Mapping[int, Wanted | None]"

# keyword: (tag, VR). The VR matters where a file does not write it (implicit VR) or writes UN. PS3.6 chapter 6.
ELEMENTS: dict[str, tuple[int, str]] = {
    "SpecificCharacterSet": (0x00080005, "CS"),
    "ImageType": (0x00080008, "CS"),
    "InstanceCreationDate": (0x00080012, "DA"),
    "InstanceCreationTime": (0x00080013, "TM"),
    "SOPClassUID": (0x00080016, "UI"),
    "SOPInstanceUID": (0x00080018, "UI"),
    "StudyDate": (0x00080020, "DA"),
    "SeriesDate": (0x00080021, "DA"),
    "AcquisitionDate": (0x00080022, "DA"),
    "ContentDate": (0x00080023, "DA"),
    "AcquisitionDateTime": (0x0008002A, "DT"),
    "StudyTime": (0x00080030, "TM"),
    "SeriesTime": (0x00080031, "TM"),
    "AcquisitionTime": (0x00080032, "TM"),
    "ContentTime": (0x00080033, "TM"),
    "AccessionNumber": (0x00080050, "SH"),
    "IssuerOfAccessionNumberSequence": (0x00080051, "SQ"),
    "StationAETitle": (0x00080055, "AE"),
    "Modality": (0x00080060, "CS"),
    "Manufacturer": (0x00080070, "LO"),
    "InstitutionName": (0x00080080, "LO"),
    "CodeValue": (0x00080100, "SH"),
    "CodingSchemeDesignator": (0x00080102, "SH"),
    "CodeMeaning": (0x00080104, "LO"),
    "TimezoneOffsetFromUTC": (0x00080201, "SH"),
    "StationName": (0x00081010, "SH"),
    "StudyDescription": (0x00081030, "LO"),
    "SeriesDescription": (0x0008103E, "LO"),
    "ManufacturerModelName": (0x00081090, "LO"),
    "AnatomicRegionSequence": (0x00082218, "SQ"),
    "IrradiationEventUID": (0x00083010, "UI"),
    "PatientName": (0x00100010, "PN"),
    "PatientID": (0x00100020, "LO"),
    "IssuerOfPatientID": (0x00100021, "LO"),
    "IssuerOfPatientIDQualifiersSequence": (0x00100024, "SQ"),
    "QualityControlSubject": (0x00100200, "CS"),
    "PatientWeight": (0x00101030, "DS"),
    "PatientSpeciesDescription": (0x00102201, "LO"),
    "PatientSpeciesCodeSequence": (0x00102202, "SQ"),
    "PatientBreedDescription": (0x00102292, "LO"),
    "ResponsiblePersonRole": (0x00102298, "CS"),
    "ContrastBolusAgent": (0x00180010, "LO"),
    "ContrastBolusAgentSequence": (0x00180012, "SQ"),
    "BodyPartExamined": (0x00180015, "CS"),
    "ScanningSequence": (0x00180020, "CS"),
    "MRAcquisitionType": (0x00180023, "CS"),
    "SequenceName": (0x00180024, "SH"),
    "Radiopharmaceutical": (0x00180031, "LO"),
    "KVP": (0x00180060, "DS"),
    "EffectiveDuration": (0x00180072, "DS"),
    "RepetitionTime": (0x00180080, "DS"),
    "EchoTime": (0x00180081, "DS"),
    "NumberOfAverages": (0x00180083, "DS"),
    "MagneticFieldStrength": (0x00180087, "DS"),
    "NumberOfPhaseEncodingSteps": (0x00180089, "IS"),
    "EchoTrainLength": (0x00180091, "IS"),
    "DeviceSerialNumber": (0x00181000, "LO"),
    "SoftwareVersions": (0x00181020, "LO"),
    "ProtocolName": (0x00181030, "LO"),
    "ContrastBolusVolume": (0x00181041, "DS"),
    "ContrastBolusStartTime": (0x00181042, "TM"),
    "ContrastBolusTotalDose": (0x00181044, "DS"),
    "ContrastBolusIngredient": (0x00181048, "CS"),
    "ContrastBolusIngredientConcentration": (0x00181049, "DS"),
    "FrameTime": (0x00181063, "DS"),
    "RadiopharmaceuticalVolume": (0x00181071, "DS"),
    "RadiopharmaceuticalStartTime": (0x00181072, "TM"),
    "RadionuclideTotalDose": (0x00181074, "DS"),
    "RadionuclideHalfLife": (0x00181075, "DS"),
    "RadiopharmaceuticalStartDateTime": (0x00181078, "DT"),
    "ExposureTime": (0x00181150, "IS"),
    "XRayTubeCurrent": (0x00181151, "IS"),
    "Exposure": (0x00181152, "IS"),
    "ExposureInuAs": (0x00181153, "IS"),
    "ActualFrameDuration": (0x00181242, "IS"),
    "AcquisitionDeviceProcessingDescription": (0x00181400, "LO"),
    "PulseSequenceName": (0x00189005, "SH"),
    "EchoPlanarPulseSequence": (0x00189018, "CS"),
    "ParallelReductionFactorInPlane": (0x00189069, "FD"),
    "AcquisitionDuration": (0x00189073, "FD"),
    "FrameAcquisitionDateTime": (0x00189074, "DT"),
    "EffectiveEchoTime": (0x00189082, "FD"),
    "MRTimingAndRelatedParametersSequence": (0x00189112, "SQ"),
    "MREchoSequence": (0x00189114, "SQ"),
    "FrameAcquisitionDuration": (0x00189220, "FD"),
    "CTExposureSequence": (0x00189321, "SQ"),
    "CTXRayDetailsSequence": (0x00189325, "SQ"),
    "ExposureTimeInms": (0x00189328, "FD"),
    "XRayTubeCurrentInmA": (0x00189330, "FD"),
    "ExposureInmAs": (0x00189332, "FD"),
    "ContrastBolusIngredientCodeSequence": (0x00189338, "SQ"),
    "ContrastAdministrationProfileSequence": (0x00189340, "SQ"),
    "CTDIvol": (0x00189345, "FD"),
    "StudyInstanceUID": (0x0020000D, "UI"),
    "SeriesInstanceUID": (0x0020000E, "UI"),
    "FrameContentSequence": (0x00209111, "SQ"),
    "SamplesPerPixel": (0x00280002, "US"),
    "NumberOfFrames": (0x00280008, "IS"),
    "Rows": (0x00280010, "US"),
    "Columns": (0x00280011, "US"),
    "BitsAllocated": (0x00280100, "US"),
    "QualityControlImage": (0x00280300, "CS"),
    "LocalNamespaceEntityID": (0x00400031, "UT"),
    "UniversalEntityID": (0x00400032, "UT"),
    "ConceptNameCodeSequence": (0x0040A043, "SQ"),
    "TotalPixelMatrixColumns": (0x00480006, "UL"),
    "TotalPixelMatrixRows": (0x00480007, "UL"),
    "NumberOfEnergyWindows": (0x00540011, "US"),
    "RadiopharmaceuticalInformationSequence": (0x00540016, "SQ"),
    "NumberOfDetectors": (0x00540021, "US"),
    "RotationInformationSequence": (0x00540052, "SQ"),
    "NumberOfRRIntervals": (0x00540061, "US"),
    "NumberOfTimeSlots": (0x00540071, "US"),
    "RadiopharmaceuticalCodeSequence": (0x00540304, "SQ"),
    "SharedFunctionalGroupsSequence": (0x52009229, "SQ"),
    "PerFrameFunctionalGroupsSequence": (0x52009230, "SQ"),
}

# (creator, group, low byte of the element): (name under which it is kept, VR). The block is the creator's to choose.
PRIVATE: dict[tuple[str, int, int], tuple[str, str]] = {
    ("GEMS_ACQU_01", 0x0019, 0x5A): ("GE AcquisitionDuration", "FL"),
    ("Philips MR Imaging DD 001", 0x2005, 0x33): ("Philips AcquisitionDuration", "FL"),
    ("Philips Imaging DD 001", 0x2005, 0x33): ("Philips ScanDuration", "FL"),
    ("SIEMENS MR HEADER", 0x0051, 0x0A): ("Siemens AcquisitionText", "SH"),
}
PRIVATE_GROUPS = frozenset(group for _, group, _ in PRIVATE)
VR_OF_PRIVATE = dict(PRIVATE.values())

PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
FIRST_PIXEL_DATA = 0x7FE00008
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
MAX_DEPTH = 32
MAX_VALUE_BYTES = 65536  # no wanted value is longer; one that is, is not what it says

_CODE = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
_ISSUER = ("LocalNamespaceEntityID", "UniversalEntityID")
_FUNCTIONAL_GROUPS: dict[str, Any] = {
    "MRTimingAndRelatedParametersSequence": ("RepetitionTime",),
    "MREchoSequence": ("EffectiveEchoTime",),
    "CTExposureSequence": ("ExposureTimeInms", "XRayTubeCurrentInmA", "ExposureInmAs", "CTDIvol"),
    "CTXRayDetailsSequence": ("KVP",),
    "FrameContentSequence": ("FrameAcquisitionDateTime", "FrameAcquisitionDuration"),
}
_NESTED: dict[str, Any] = {
    "IssuerOfAccessionNumberSequence": _ISSUER,
    "IssuerOfPatientIDQualifiersSequence": ("UniversalEntityID",),
    "AnatomicRegionSequence": _CODE,
    "PatientSpeciesCodeSequence": _CODE,
    "ConceptNameCodeSequence": _CODE,
    "ContrastBolusAgentSequence": {
        **dict.fromkeys(_CODE),
        "ContrastBolusVolume": None,
        "ContrastBolusIngredientConcentration": None,
        "ContrastBolusIngredientCodeSequence": _CODE,
        "ContrastAdministrationProfileSequence": ("ContrastBolusVolume", "ContrastBolusStartTime"),
    },
    "RadiopharmaceuticalInformationSequence": {
        **dict.fromkeys(
            (
                "Radiopharmaceutical",
                "RadiopharmaceuticalVolume",
                "RadiopharmaceuticalStartTime",
                "RadiopharmaceuticalStartDateTime",
                "RadionuclideTotalDose",
                "RadionuclideHalfLife",
            )
        ),
        "RadiopharmaceuticalCodeSequence": _CODE,
    },
    "RotationInformationSequence": ("ActualFrameDuration",),
    "SharedFunctionalGroupsSequence": _FUNCTIONAL_GROUPS,
    "PerFrameFunctionalGroupsSequence": _FUNCTIONAL_GROUPS,
}
# These mean something only inside a sequence: at the root they would be somebody else's.
_NOT_AT_ROOT = frozenset({*_CODE, *_ISSUER, "FrameAcquisitionDateTime", "FrameAcquisitionDuration"})


def _tree(names: Any) -> Wanted:
    """Tags of the given keywords; every level may say its own character set (PS3.5 6.1.2.3)."""
    inner = names if isinstance(names, dict) else dict.fromkeys(names)
    tree: dict[int, Wanted | None] = {ELEMENTS["SpecificCharacterSet"][0]: None}
    for keyword, below in inner.items():
        tree[ELEMENTS[keyword][0]] = None if below is None else _tree(below)
    return tree


WANTED: Wanted = _tree({key: _NESTED.get(key) for key in ELEMENTS if key not in _NOT_AT_ROOT})
VR_OF_TAG = dict(ELEMENTS.values())
