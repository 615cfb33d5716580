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


if __name__ == "__main__":
    excretion()
    paper_sheets()
    half_lives()
    exam_energy()
    equipment_claims()
