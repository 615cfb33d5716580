"""Tables transcribed by hand from the place each row names, and rows that follow from rows of other tables."""

from __future__ import annotations

from factor_table_files import RETRIEVED, TABLES, Sidecar, row, write

from ecorad.factors.table import parse_table

SCRIPT = "tools/make_transcribed_tables.py"
FACTS = "Apache-2.0 (the table); the figures are facts, cited"

PHARMACOPOEIA = {
    "citation": "European Pharmacopoeia 5.7, physical characteristics of radionuclides, 01/2008:50700",
    "doi": "",
    "retrieved": RETRIEVED,
}
JNM_2022 = {
    "citation": "SPECT and PET radionuclides in cardiovascular imaging, J Nucl Med 2022;63:649-658",
    "doi": "10.2967/jnumed.121.263506",
    "retrieved": RETRIEVED,
}
FALZONE = {
    "citation": "Falzone et al. 2015, as given in Front Pharmacol 2018;9:996",
    "doi": "10.3389/fphar.2018.00996",
    "retrieved": RETRIEVED,
}
WJSO = {
    "citation": "Radioguided surgery with gamma detection probes, World J Surg Oncol 2009;7:11",
    "doi": "10.1186/1477-7819-7-11",
    "retrieved": RETRIEVED,
}

# Nuclide, half-life in hours, half width of its interval in hours, source, place. The width is twice the published
# standard uncertainty, or half of the last printed digit.
HALF_LIVES = [
    ("C-11", 20.385 / 60, 0.040 / 60, "pharmacopoeia", "row Carbon-11, 20.385 (20) min"),
    ("N-13", 9.965 / 60, 0.008 / 60, "pharmacopoeia", "row Nitrogen-13, 9.965 (4) min"),
    ("O-15", 122.24 / 3600, 0.32 / 3600, "pharmacopoeia", "row Oxygen-15, 122.24 (16) s"),
    ("F-18", 109.77 / 60, 0.10 / 60, "pharmacopoeia", "row Fluorine-18, 109.77 (5) min"),
    ("Cu-64", 12.7, 0.05, "jnm_2022", "table 3, 12.7 h"),
    ("Ga-68", 68 / 60, 0.5 / 60, "jnm_2022", "table 3, 68 min"),
    ("Rb-82", 1.3 / 60, 0.05 / 60, "jnm_2022", "table 3, 1.3 min"),
    ("Zr-89", 78.4, 0.05, "jnm_2022", "table 3, 78.4 h"),
    ("Tc-99m", 6.0, 0.05, "jnm_2022", "table 3, 6.0 h"),
    ("I-123", 13.2, 0.05, "jnm_2022", "table 3, 13.2 h"),
    ("I-124", 100.2, 0.05, "jnm_2022", "table 3, 100.2 h"),
    ("Tl-201", 73.1, 0.1, "jnm_2022", "table 3, 73.1 h"),
    ("Cu-67", 2.58 * 24, 0.12, "falzone", "table 1, 2.58 d"),
    ("Ga-67", 3.26 * 24, 0.12, "falzone", "table 1, 3.26 d"),
    ("In-111", 2.80 * 24, 0.12, "falzone", "table 1, 2.80 d"),
    ("Sm-153", 1.93 * 24, 0.12, "falzone", "table 1, 1.93 d"),
    ("Tb-161", 6.89 * 24, 0.12, "falzone", "table 1, 6.89 d"),
    ("Lu-177", 6.65 * 24, 0.12, "falzone", "table 1, 6.65 d"),
    ("I-125", 60.14 * 24, 1.5, "wjso_2009", "table 3, 60.14 d"),
    ("I-131", 193.0, 0.5, "wjso_2009", "table 3, 193.0 h"),
    ("Co-57", 271.8 * 24, 1.2, "wjso_2009", "table 3, 271.8 d"),
]


def half_lives() -> None:
    rows = [
        row(
            f"half_life.{name}",
            "half_life",
            round(hours, 6),
            "h",
            scope=name,
            source_id=source,
            locator=place,
            evidence="abstract_or_primary",
            bounds="95",
            distribution="normal",
            low=round(hours - width, 6),
            high=round(hours + width, 6),
        )
        for name, hours, width, source, place in HALF_LIVES
    ]
    write(
        "radionuclides",
        rows,
        Sidecar(
            title="Half-lives of radionuclides used in imaging",
            licence=FACTS,
            attribution="The publications in [sources]",
            boundary="Physical half-life; excretion not counted",
            script=SCRIPT,
            sources={"pharmacopoeia": PHARMACOPOEIA, "jnm_2022": JNM_2022, "falzone": FALZONE, "wjso_2009": WJSO},
        ),
    )


HEYE = {"citation": "Heye T et al. Radiology 2020", "doi": "10.1148/radiol.2020192084", "retrieved": RETRIEVED}
CARBON_ZERO = {"citation": "cest-sources, mr_carbon_zero, README", "doi": "", "retrieved": RETRIEVED}
PATIENTS = 40276  # of the Basel fleet in 2015, as quoted with the fleet's energy


def exam_energy() -> None:
    name = "device_annual_energy"
    texts = ((TABLES / f"{name}.{end}").read_text("utf-8") for end in ("csv", "toml"))
    fleet = {factor.factor_id: factor.value for factor in parse_table(name, *texts).factors}
    common = {
        "region": "CH",
        "year": 2015,
        "origin": "modelled",
        "evidence": "derived",
        "accounting": "attributional",
        "source_id": "heye_2020",
        "scope": "CT and MR fleet",
    }
    rows = [
        row(
            "exam_energy.fleet.scanners.basel",
            "exam_energy",
            round(fleet["annual.fleet.scanners.heye"] / PATIENTS, 3),
            "kW.h/{exam}",
            flags=("active", "standby"),
            **common,
            locator="614,825 kWh over 40,276 patients",
            note="patients, not exams; three CT and four MRI together",
        ),
        row(
            "exam_energy.fleet.total.basel",
            "exam_energy",
            round(fleet["annual.fleet.total.heye"] / PATIENTS, 3),
            "kW.h/{exam}",
            flags=("active", "standby", "cooling"),
            **common,
            locator="1,107,450 kWh over 40,276 patients",
            note="patients, not exams; cooling counted",
        ),
        row(
            "exam_energy.mr.carbon_zero",
            "exam_energy",
            20,
            "kW.h/{exam}",
            scope="MR",
            flags=("active", "standby"),
            accounting="attributional",
            origin="reported",
            evidence="secondary",
            source_id="mr_carbon_zero",
            low=12,
            high=34,
            bounds="range",
            locator="README, energy of an examination",
            note="20 ± 5, range 12 to 34; carries no reference of its own",
        ),
        row(
            "daily_energy.mr.1_5t.heye",
            "daily_energy",
            363,
            "kW.h/d",
            scope="MR 1.5 T",
            flags=("active", "standby"),
            origin="reported",
            evidence="secondary",
            source_id="heye_2020",
            region="CH",
            year=2015,
            locator="as quoted in mr_carbon_zero",
            note="a day of 13 hours of work",
        ),
        row(
            "daily_energy.mr.3t.heye",
            "daily_energy",
            530,
            "kW.h/d",
            scope="MR 3 T",
            flags=("active", "standby"),
            origin="reported",
            evidence="secondary",
            source_id="heye_2020",
            region="CH",
            year=2015,
            locator="as quoted in mr_carbon_zero",
            note="a day of 13 hours of work",
        ),
    ]
    write(
        "exam_energy",
        rows,
        Sidecar(
            title="Published electricity of an exam or a day of scanning",
            licence=FACTS,
            script=SCRIPT,
            attribution="The publications in [sources]",
            boundary="Scanner feeds; cooling only where the flag says so",
            sources={"heye_2020": HEYE, "mr_carbon_zero": CARBON_ZERO},
        ),
    )


VENDOR = {
    "citation": "Siemens Healthineers and ESR, joint release on sustainable imaging",
    "doi": "",
    "retrieved": RETRIEVED,
}


def equipment_claims() -> None:
    common = {
        "flags": ("embodied",),
        "accounting": "consequential",
        "origin": "claimed",
        "evidence": "secondary",
        "source_id": "vendor_release",
        "year": 2023,
    }
    rows = [
        row(
            "equipment.mr.upgrade.saving.vendor",
            "equipment_saving",
            33400,
            "kg{CO2e}",
            scope="MR",
            **common,
            locator="release text",
            note="instead of a new scanner; called up to 71 %; boundary not stated",
        ),
        row(
            "equipment.ct.refurbished.saving.vendor",
            "equipment_saving",
            24000,
            "kg{CO2e}",
            scope="CT",
            **common,
            locator="release text",
            note="material of a refurbished scanner; called up to 86 %; boundary not stated",
        ),
    ]
    write(
        "equipment_claims",
        rows,
        Sidecar(
            title="What makers claim for upgrades and refurbished scanners",
            licence=FACTS,
            script=SCRIPT,
            attribution="The release in [sources]",
            boundary="Not stated by the maker; a claim, never a default",
            sources={"vendor_release": VENDOR},
        ),
    )


RIMAG = {
    "citation": "RIMAG imaging network journal, December 2022",
    "doi": "",
    "retrieved": RETRIEVED,
}
# Agent, hours after the injection, share in the urine, low, high, place. The source gives one set of points for both
# agents; the point of one hour fits what GREENWATER measured for iodine and not for gadolinium, so iodine alone has it.
EXCRETED = [
    (
        "iodine",
        1,
        0.50,
        0.292,
        0.779,
        "kidneys section; bounds: quartiles of the first urine within an hour, GREENWATER",
    ),
    ("iodine", 4, 0.75, 0.5, 0.9, "kidneys section"),
    ("iodine", 24, 0.96, 0.93, 0.99, "kidneys section, 93 to 99 %"),
    ("gadolinium", 4, 0.75, 0.5, 0.9, "kidneys section"),
    ("gadolinium", 24, 0.96, 0.93, 0.99, "kidneys section, 93 to 99 %"),
]


def paper_sheets() -> None:
    """The two figures for a sheet that circulate; the low one is the reviewed one (claim SF074)."""
    quoted = "as quoted in the ESR eBook, chapter on sustainable imaging"
    rows = [
        row(
            f"paper.sheet.{name}",
            "item_footprint",
            value,
            "kg{CO2e}/{item}",
            scope="sheet A4",
            year=year,
            flags=("consumables",),
            accounting="attributional",
            origin="reported" if name == "dias" else "claimed",
            source_id=source,
            evidence="secondary",
            locator=quoted,
            note=note,
        )
        for name, value, year, source, note in (
            ("dias", 0.0045, 2012, "dias_2012", "low end of the reviewed range"),
            ("offset_seller", 0.060, 2023, "offset_seller", "a seller of offsets; 13 times the reviewed figure"),
        )
    ]
    write(
        "paper_quoted",
        rows,
        Sidecar(
            title="A sheet of paper, as quoted in imaging",
            licence=FACTS,
            attribution="The studies named in [sources]",
            boundary="Making the paper; printing is left out",
            script=SCRIPT,
            sources={
                "dias_2012": {
                    "citation": "Dias & Arroja 2012, J Clean Prod 24:30",
                    "retrieved": RETRIEVED,
                },
                "offset_seller": {"citation": "8billiontrees, paper calculator", "retrieved": RETRIEVED},
            },
        ),
    )


def excretion() -> None:
    rows = [
        row(
            f"contrast.{agent}.excreted.{hours}h",
            "share_excreted",
            share,
            "1",
            scope=agent,
            region="CN",
            year=2022,
            evidence="secondary",
            bounds="range",
            distribution="uniform",
            low=low,
            high=high,
            source_id="rimag_2022",
            locator=place,
            note="healthy kidneys",
        )
        for agent, hours, share, low, high, place in EXCRETED
    ]
    write(
        "contrast_excretion",
        rows,
        Sidecar(
            title="Contrast agents in the urine, by time after the injection",
            licence=FACTS,
            attribution="The publication in [sources]",
            boundary="Healthy kidneys; what leaves through other ways is not counted",
            script=SCRIPT,
            sources={"rimag_2022": RIMAG},
        ),
    )


READ = "2026-11-23"
# Device, DICOM modalities, years of life at high, middle and low use.
CAR_LIVES = [
    ("radiography", "DX|CR", 10, 12, 14),
    ("radiography_mobile", "DX mobile", 10, 12, 14),
    ("fluoroscopy", "RF", 8, 10, 12),
    ("interventional", "XA", 8, 10, 12),
]


def equipment_life() -> None:
    """Lives that were recommended or assumed; none was observed."""
    rows = [
        row(
            f"life.{device}.car",
            "equipment_life",
            middle,
            "a",
            scope=scope,
            region="CA",
            year=2013,
            evidence="secondary",
            bounds="range",
            low=high_use,
            high=low_use,
            source_id="car_2013",
            locator="as quoted in ESR 2014, table of life expectancy by use",
            note="recommended, not observed; middle use, from high to low use",
        )
        for device, scope, high_use, middle, low_use in CAR_LIVES
    ]
    plain = {"quantity": "equipment_life", "unit": "a"}
    rows += [
        row(
            "life.imaging.esr",
            value=10,
            **plain,
            scope="CT|MR|PT|NM|MG|US",
            year=2014,
            evidence="secondary",
            bounds="assumed",
            low=7,
            high=15,
            source_id="esr_2014",
            locator="as quoted in AuntMinnieEurope, September 2014",
            note="older equipment must be replaced; width declared, up to the 15 years that CAR calls the most",
        ),
        row(
            "life.imaging.most.car",
            value=15,
            **plain,
            scope="most",
            region="CA",
            year=2013,
            bounds="exact",
            evidence="secondary",
            source_id="car_2013",
            locator="as quoted by CADTH, imaging inventory 2022-2023",
            note="the most that any equipment should reach; a recommendation",
        ),
        row(
            "life.imaging.thiel",
            value=10,
            **plain,
            scope="department",
            region="US",
            year=2024,
            bounds="exact",
            evidence="abstract_or_primary",
            source_id="thiel_2024",
            locator="abstract",
            note="an assumption of that study, behind its shares of production",
        ),
        row(
            "life.server.ccf",
            value=4,
            **plain,
            scope="server",
            year=2021,
            bounds="exact",
            source_id="cloud_carbon",
            locator="SERVER_EXPECTED_LIFESPAN, 35,040 h",
            note="an assumption of that tool",
        ),
    ]
    write(
        "equipment_life",
        rows,
        Sidecar(
            title="How long equipment is in use, as recommended or assumed",
            licence=FACTS,
            attribution="The publications in [sources]",
            boundary="Years in service; a recommendation or an assumption, never an observed life",
            script=SCRIPT,
            sources={
                "car_2013": {
                    "citation": "Canadian Association of Radiologists, lifecycle guidance for medical imaging, 2013",
                    "retrieved": READ,
                },
                "esr_2014": {
                    "citation": "ESR. Renewal of radiological equipment. Insights Imaging 2014",
                    "doi": "10.1007/s13244-014-0345-1",
                    "retrieved": READ,
                },
                "thiel_2024": {
                    "citation": "Thiel CL et al. Radiology 2024",
                    "doi": "10.1148/radiol.240398",
                    "retrieved": READ,
                },
                "cloud_carbon": CLOUD_CARBON,
            },
        ),
    )


CLOUD_CARBON = {
    "citation": "Cloud Carbon Footprint (Apache-2.0), AwsFootprintEstimationConstants.ts at 0656d55",
    "retrieved": READ,
}
HOURS_PER_YEAR = 8760


def storage() -> None:
    """Raw disks: the two coefficients of Cloud Carbon Footprint. [Wh/TBh]"""
    rows = [
        row(
            f"storage.{name}.raw",
            "storage_energy",
            round(wh_per_tbh * HOURS_PER_YEAR / 1000, 4),
            "kW.h/(TB.a)",
            scope=name,
            flags=("data",),
            accounting="attributional",
            year=2021,
            bounds="assumed",
            low=round(wh_per_tbh * HOURS_PER_YEAR / 2000, 4),
            high=round(wh_per_tbh * HOURS_PER_YEAR / 500, 4),
            source_id="cloud_carbon",
            locator=f"{constant}, {wh_per_tbh} Wh/TBh",
            note="raw, before copies, RAID and cooling; width declared: one figure for the disks of one provider",
        )
        for name, constant, wh_per_tbh in (("disk", "HDDCOEFFICIENT", 0.65), ("flash", "SSDCOEFFICIENT", 1.2))
    ]
    write(
        "storage_raw",
        rows,
        Sidecar(
            title="Electricity of raw disks",
            licence=FACTS,
            attribution="The project in [sources]",
            boundary="The disk alone, before copies, RAID and cooling",
            script=SCRIPT,
            sources={"cloud_carbon": CLOUD_CARBON},
        ),
    )


# Country, source, dose [mSv/a], year, evidence, place, note, own bounds or nothing.
BACKGROUNDS = [
    (
        *("NL", "rivm", 2.1, 2021, "secondary", "as quoted at vzinfo.nl"),
        "value is the middle of 1.7 (coefficients of UNSCEAR) and 2.5 (of ICRP) for radon",
        (1.7, 2.5),
    ),
    ("GB", "phe", 2.3, 2010, "abstract_or_primary", "abstract", "ubiquitous radiation in the environment", None),
    (
        *("DE", "bfs", 2.1, 2024, "secondary", "as quoted by the environment ministry of Baden-Württemberg"),
        "1 to 10 by place and way of life; mean of the population",
        None,
    ),
    ("FR", "irsn", 2.9, 2015, "abstract_or_primary", "abstract", "natural sources of 4.5 in all", None),
    ("BE", "belv", 2.1, 2024, "secondary", "frequent questions, 17", "natural part of 4.1 in all", None),
    ("AT", "at_ministry", 2.8, 2023, "secondary", "as quoted in VBG, September 2023", "", None),
    (
        *("CA", "cnsc", 1.8, 2020, "abstract_or_primary", "quick facts"),
        "Health Canada printed about 3 with more for radon; upper width declared",
        (1.44, 3.0),
    ),
    ("JP", "moe", 2.1, 2022, "abstract_or_primary", "section 2.5", "a later review gives 2.2", None),
    ("AU", "nhmrc", 2.0, 1999, "abstract_or_primary", "section 7.5.3", "called approximate there", None),
]
AUTHORITIES = {
    "rivm": "Smetsers RCGM, Bekhuis PDBM. RIVM report 2021-0032",
    "phe": "Public Health England, Ionising radiation exposure of the UK population, 2010 review, PHE-CRCE-026",
    "bfs": "Bundesamt für Strahlenschutz",
    "irsn": "IRSN, Exposition de la population française aux rayonnements ionisants, 2015",
    "belv": "BELV, frequent questions on CT",
    "at_ministry": "Austrian ministry of health",
    "cnsc": "Canadian Nuclear Safety Commission, fact sheet on natural background radiation, November 2020",
    "moe": "Ministry of the Environment of Japan, booklet on health effects of radiation, 3rd edition",
    "nhmrc": "NHMRC, Australian drinking water guidelines, part 2, after Webb et al. 1999",
}


def backgrounds() -> None:
    """Natural background by country; the row of the USA and that of the world stand with the literature."""
    rows = [
        row(
            f"dose.background.{country}.{source}",
            "background_dose",
            dose,
            "mSv/a",
            scope="natural",
            region=country,
            year=year,
            evidence=checked,
            source_id=source,
            locator=place,
            note=note,
            **({} if ends is None else {"low": ends[0], "high": ends[1]}),
            bounds="range" if country == "NL" else "assumed",
        )
        for country, source, dose, year, checked, place, note, ends in BACKGROUNDS
    ]
    write(
        "background_dose_national",
        rows,
        Sidecar(
            title="Natural background dose by country",
            licence=FACTS,
            attribution="The authorities in [sources]",
            boundary="Average of a population: cosmic, terrestrial, food and radon; medical exposure is not in it",
            script=SCRIPT,
            sources={name: {"citation": text, "retrieved": READ} for name, text in AUTHORITIES.items()},
        ),
    )


# Examination, scope, kind, middle, ends as printed (None: "about"), note.
REFERENCE_VOLUMES = [
    ("ct_angiography", "CT angiography", 40.0, None, "printed as about 40; width declared"),
    ("mr", "MR", 12.5, (10.0, 15.0), "routine examinations; strength and weight are not said"),
    ("mr_pituitary", "MR pituitary", 6.5, (5.0, 8.0), "half a dose"),
]


def reference_volumes() -> None:
    """Volumes of contrast agent that one journal calls usual; that of a routine CT stands in ``contrast_use``."""
    rows = [
        row(
            f"contrast.reference.{name}",
            "reference_volume",
            value,
            "mL/{exam}",
            scope=scope,
            region="CN",
            year=2022,
            evidence="secondary",
            bounds="assumed" if ends is None else "range",
            **({"low": value * 0.75, "high": value * 1.25} if ends is None else {"low": ends[0], "high": ends[1]}),
            source_id="rimag_2022",
            locator="volumes of contrast agents in use",
            note=note,
        )
        for name, scope, value, ends, note in REFERENCE_VOLUMES
    ]
    write(
        "contrast_reference",
        rows,
        Sidecar(
            title="Usual volumes of contrast agent by examination",
            licence=FACTS,
            attribution="RIMAG imaging network journal, December 2022",
            boundary="One journal's habit, not a limit and no recommendation; a site's own protocols stand above it",
            script=SCRIPT,
            sources={"rimag_2022": RIMAG},
        ),
    )


if __name__ == "__main__":
    reference_volumes()
    equipment_life()
    storage()
    backgrounds()
    excretion()
    paper_sheets()
    half_lives()
    exam_energy()
    equipment_claims()
