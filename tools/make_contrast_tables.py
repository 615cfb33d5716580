"""Contrast products and the packs they come in, transcribed from labels and from what quotes them.

A strength or a size is nominal: it is what the label promises, so its bounds are exact. Rows whose label nobody has
read stay disabled.
"""

from __future__ import annotations

from factor_table_files import Sidecar, row, write

SCRIPT = "tools/make_contrast_tables.py"
FACTS = "Apache-2.0 (the table); the figures are facts, cited"
READ = "2026-11-23"
# Molar mass of gadolinium. [g/mol]
GADOLINIUM = 157.25

# Source: citation, year, country, kind of evidence.
SOURCES = {
    "omnipaque_us": ("OMNIPAQUE (iohexol) injection, US prescribing information, GE Healthcare", 2024, "US", "primary"),
    "visipaque_ca": (
        "VISIPAQUE (iodixanol injection USP), product monograph, GE Healthcare Canada",
        2017,
        "CA",
        "primary",
    ),
    "ultravist_us": ("Ultravist (iopromide) injection, product page, Bayer", 2025, "US", "secondary"),
    "ultravist_za": ("ULTRAVIST 300 and 370, South African package insert, Schering", 2024, "ZA", "primary"),
    "optiray_us": ("OPTIRAY (ioversol) injection, US prescribing information, Mallinckrodt", 2015, "US", "primary"),
    "iomeron_pl": ("Iomeron 200 to 400, summary of product characteristics, Poland", 2024, "PL", "primary"),
    "iomeron_dk": ("Iomeron 150 to 400, package leaflet, Denmark", 2024, "DK", "secondary"),
    "xenetix_leaflet": ("Xenetix 250, 300 and 350, UK package leaflet, Guerbet", 2015, "GB", "primary"),
    "xenetix_300": ("XENETIX 300 (300 mgI/ml), UK summary of product characteristics", 2024, "GB", "primary"),
    "xenetix_350": ("XENETIX 350 (350 mgI/ml), UK summary of product characteristics", 2024, "GB", "primary"),
    "isovue_us": (
        "ISOVUE (iopamidol) pharmacy bulk package, US prescribing information, Bracco",
        2024,
        "US",
        "primary",
    ),
    "iopamidol_ahfs": ("AHFS, handbook on injectable drugs, iopamidol", 2024, "US", "secondary"),
    "gadovist_gb": ("Gadovist 1.0 mmol/ml, UK summary of product characteristics", 2024, "GB", "primary"),
    "gadobutrol_drugs": ("Drugs.com, gadobutrol, dosage forms; Gadavist, dosage", 2024, "US", "secondary"),
    "vueway_eu": ("Vueway 0.5 mmol/mL, summary of product characteristics", 2024, "", "primary"),
    "gadopiclenol_medscape": ("Medscape, Elucirem and Vueway (gadopiclenol), dosage forms", 2024, "US", "secondary"),
    "gadolinium_brands": (
        "Reg Anesth Pain Med, prescribing information of different brands of gadolinium, table 2",
        2024,
        "US",
        "secondary",
    ),
    "dotarem_sg": (
        "DOTAREM injection, product information, Health Sciences Authority of Singapore",
        2024,
        "SG",
        "primary",
    ),
    "dotarem_us": ("Dotarem (gadoterate meglumine), how supplied, Guerbet US; eMPR", 2024, "US", "secondary"),
    "multihance_medscape": ("Medscape, MultiHance (gadobenate), dosing", 2024, "US", "secondary"),
    "multihance_drugs": ("Drugs.com, gadobenate dimeglumine, dosage forms", 2024, "US", "secondary"),
    "gadoxetate_dosage": ("The Meditary, gadoxetate disodium, dosage information", 2024, "", "secondary"),
    "labels": ("product labels", 2024, "", "memory"),
}

# Agent and its names, source by strength. [mg I/mL]
IODINE = [
    (
        "iohexol",
        "Omnipaque/Accupaque",
        {180: "omnipaque_us", 240: "omnipaque_us", 300: "omnipaque_us", 350: "omnipaque_us"},
    ),
    ("iodixanol", "Visipaque", {270: "visipaque_ca", 320: "visipaque_ca"}),
    ("iopromide", "Ultravist", {240: "ultravist_us", 300: "ultravist_za", 370: "ultravist_za"}),
    ("iomeprol", "Iomeron", {150: "iomeron_dk", **dict.fromkeys((200, 250, 300, 350, 400), "iomeron_pl")}),
    ("ioversol", "Optiray", dict.fromkeys((240, 300, 320, 350), "optiray_us")),
    ("iobitridol", "Xenetix", {250: "xenetix_leaflet", 300: "xenetix_300", 350: "xenetix_350"}),
    ("iopamidol", "Isovue/Iopamiro", {200: "iopamidol_ahfs", **dict.fromkeys((250, 300, 370), "isovue_us")}),
]
# Agent, names, strength [mmol/mL], printed strength [mg Gd/mL] or nothing, its source, dose [mmol/kg], its source.
GADOLINIUM_AGENTS = [
    ("gadobutrol", "Gadovist", 1.0, 157.25, "gadovist_gb", 0.1, "gadobutrol_drugs"),
    ("gadoterate", "Dotarem/Clariscan", 0.5, None, "gadolinium_brands", 0.1, "dotarem_sg"),
    ("gadoteridol", "ProHance", 0.5, None, "gadolinium_brands", 0.1, "labels"),
    ("gadopiclenol", "Elucirem/Vueway", 0.5, 78.6, "vueway_eu", 0.05, "vueway_eu"),
    ("gadobenate", "MultiHance", 0.5, None, "gadolinium_brands", 0.1, "multihance_medscape"),
    ("gadoxetate", "Primovist", 0.25, None, "gadolinium_brands", 0.025, "gadoxetate_dosage"),
    ("gadodiamide", "Omniscan", 0.5, None, "gadolinium_brands", 0.1, "labels"),
    ("gadopentetate", "Magnevist", 0.5, None, "gadolinium_brands", 0.1, "labels"),
]
# Agent with strength where it has several, source, place, note, sizes. [mL]
PACKS = [
    ("iobitridol.300", "xenetix_300", "section 2", "", (20, 50, 60, 75, 100, 150, 200, 500)),
    ("iobitridol.350", "xenetix_350", "section 2", "", (20, 50, 60, 75, 100, 150, 200, 500)),
    ("iopromide.300", "ultravist_za", "iodine content by vial and bottle", "", (20, 50, 75, 100, 200)),
    ("iopromide.370", "ultravist_za", "iodine content by vial and bottle", "", (50, 100, 200)),
    ("iohexol.300", "omnipaque_us", "imaging bulk package, section 3", "for many patients, by an injector", (500,)),
    ("iohexol.350", "omnipaque_us", "imaging bulk package, section 3", "for many patients, by an injector", (500,)),
    (
        "iopamidol.300",
        "iopamidol_ahfs",
        "products, imaging bulk packages",
        "for many patients, by an injector",
        (200, 500),
    ),
    (
        "iopamidol.370",
        "iopamidol_ahfs",
        "products, imaging bulk packages",
        "for many patients, by an injector",
        (200, 500),
    ),
    ("gadobutrol", "gadobutrol_drugs", "dosage forms", "the two largest are bulk packages", (2, 7.5, 10, 15, 30, 65)),
    ("gadobutrol", "gadovist_gb", "section 2", "syringes and cartridges", (5, 7.5, 10, 15, 20, 30)),
    ("gadoterate", "dotarem_us", "how supplied", "the largest is a bulk package", (5, 10, 15, 20, 100)),
    (
        "gadopiclenol",
        "gadopiclenol_medscape",
        "dosage forms",
        "from 30 mL on bulk packages",
        (3, 7.5, 10, 15, 30, 50, 100),
    ),
    ("gadobenate", "multihance_drugs", "dosage forms", "from 50 mL on bulk packages", (5, 10, 15, 20, 50, 100)),
]
EVIDENCE = {"primary": "abstract_or_primary", "secondary": "secondary", "memory": "memory"}


def nominal(factor_id: str, quantity: str, value: float, unit: str, source: str, **cells: object) -> dict[str, str]:
    """A row of a nominal figure: exact, from a source of the list above."""
    _, year, region, checked = SOURCES[source]
    told = {
        "year": year,
        "region": region,
        "evidence": EVIDENCE[checked],
        "source_id": source,
        "bounds": "exact",
        "origin": "default" if checked == "memory" else "reported",
    }
    if checked == "memory":
        cells |= {"locator": "not seen", "note": "not checked on the label"}
    return row(factor_id, quantity, value, unit, **(told | cells))


def products() -> list[dict[str, str]]:
    rows = [
        nominal(
            f"contrast.iodine.{agent}.{mg}",
            "iodine_concentration",
            mg,
            "mg/mL",
            source,
            scope=f"{agent} ({names}) {mg}",
            locator=f"{mg} mg of iodine per mL",
        )
        for agent, names, strengths in IODINE
        for mg, source in strengths.items()
    ]
    for agent, names, mmol, printed, source, dose, dose_source in GADOLINIUM_AGENTS:
        scope = f"{agent} ({names})"
        strength = round(mmol * GADOLINIUM, 4) if printed is None else printed
        place = f"{mmol:g} mol/L x {GADOLINIUM} g/mol" if printed is None else "section 2"
        identifier = f"contrast.gadolinium.{agent}"
        rows.append(
            nominal(identifier, "gadolinium_concentration", strength, "mg/mL", source, scope=scope, locator=place)
        )
        rows.append(
            nominal(
                f"contrast.gadolinium.dose.{agent}",
                "gadolinium_dose",
                dose,
                "mmol/kg",
                dose_source,
                scope=scope,
                locator="recommended dose of an adult",
            )
        )
    return rows


def packs() -> list[dict[str, str]]:
    return [
        nominal(
            f"contrast.pack.{agent}.{SOURCES[source][2].lower()}.{size:g}ml",
            "pack_volume",
            size,
            "mL/{item}",
            source,
            scope=f"{agent.partition('.')[0]}|{size:g} mL",
            locator=place,
            note=note,
            flags=("consumables",),
        )
        for agent, source, place, note, sizes in PACKS
        for size in sizes
    ]


def sidecar(title: str, boundary: str, rows: list[dict[str, str]]) -> Sidecar:
    used = sorted({cells["source_id"] for cells in rows})
    return Sidecar(
        title=title,
        licence=FACTS,
        attribution="The labels and pages in [sources]",
        boundary=boundary,
        script=SCRIPT,
        sources={name: {"citation": SOURCES[name][0], "retrieved": READ} for name in used},
    )


def main() -> None:
    found = products()
    boundary = (
        "Nominal strengths and recommended doses, as the labels print them; three doses were not read and are off"
    )
    write("contrast_products", found, sidecar("Contrast products: iodine and gadolinium", boundary, found))
    found = packs()
    boundary = "Nominal sizes of the packs of some products; what is sold differs by country and is not complete"
    write("contrast_packs", found, sidecar("Packs that contrast agents come in", boundary, found))


if __name__ == "__main__":
    main()
