"""Grid intensity tables and the zone names, from the files of a data folder: ``make_grid_tables.py DATA``."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
from pathlib import Path
from statistics import mean

import openpyxl
from factor_table_files import TABLES, Sidecar, file_source, row, write

SCRIPT = "tools/make_grid_tables.py"
KG_PER_LB = 0.45359237  # exact by definition
UNIT = "kg{CO2e}/kW.h"

# Country names of the energy files that differ from those of the tz database's iso3166.tab (public domain).
SAME_COUNTRY = {
    "American Samoa": "AS",
    "Antigua and Barbuda": "AG",
    "Bosnia and Herzegovina": "BA",
    "Central African Republic": "CF",
    "Cote d'Ivoire": "CI",
    "Democratic Republic of Congo": "CD",
    "Congo": "CG",
    "Czechia": "CZ",
    "United Kingdom": "GB",
    "Saint Kitts and Nevis": "KN",
    "South Korea": "KR",
    "Saint Lucia": "LC",
    "Macao": "MO",
    "Myanmar": "MM",
    "North Korea": "KP",
    "Reunion": "RE",
    "Saint Helena": "SH",
    "Saint Pierre and Miquelon": "PM",
    "Sao Tome and Principe": "ST",
    "Eswatini": "SZ",
    "Turks and Caicos Islands": "TC",
    "Trinidad and Tobago": "TT",
    "Saint Vincent and the Grenadines": "VC",
    "British Virgin Islands": "VG",
    "United States Virgin Islands": "VI",
    "Samoa": "WS",
    "Kosovo": "XK",
}


def zone_names(data: Path) -> dict[str, str]:
    """Write zones.csv; give alpha-3 to alpha-2."""
    tab = Path("/usr/share/zoneinfo/iso3166.tab").read_text("utf-8").splitlines()
    names = dict(line.split("\t") for line in tab if not line.startswith("#"))
    by_name = {name: code for code, name in names.items()} | SAME_COUNTRY
    owid = json.loads((data / "carbon/codecarbon_global_energy_mix.json").read_text("utf-8"))
    ember = json.loads((data / "carbon/ember_average-intensities.json").read_text("utf-8"))
    alpha3 = {entry["country_code"]: entry["country_or_region"] for entry in ember.values() if entry["country_code"]}
    alpha3 |= {key: entry["country_name"] for key, entry in owid.items()}
    three_to_two = {three: by_name[name] for three, name in alpha3.items()}
    threes = {two: three for three, two in three_to_two.items()}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["alpha2", "alpha3", "name", "other_names"])
    for two in sorted({*names, "XK"}):
        plain = alpha3.get(threes.get(two, ""), names.get(two, ""))
        other = names.get(two, "") if names.get(two, "") != plain else ""
        writer.writerow([two, threes.get(two, ""), plain, other])
    (TABLES.parent / "zones.csv").write_text(out.getvalue(), "utf-8")
    return three_to_two


def owid(data: Path, codes: dict[str, str]) -> None:
    path = data / "carbon/codecarbon_global_energy_mix.json"
    entries = json.loads(path.read_text("utf-8"))
    rows = [
        row(
            f"grid.average.{codes[three]}.{entry['year']}.owid",
            "grid_intensity",
            entry["carbon_intensity"] / 1000,
            UNIT,
            region=codes[three],
            year=entry["year"],
            grid_kind="average",
            source_id="codecarbon_owid",
            locator=f"key {three}, carbon_intensity",
        )
        for three, entry in entries.items()
        if entry["carbon_intensity"]
    ]
    write(
        "grid_intensity_owid",
        rows,
        Sidecar(
            title="Average carbon intensity of electricity by country, Our World in Data",
            licence="CC-BY-4.0 (data), MIT (compilation in CodeCarbon)",
            attribution="Our World in Data (Ember, Energy Institute), compiled in CodeCarbon",
            boundary="Life-cycle emissions of generation in the country, yearly mean; no transmission loss, no imports",
            script=SCRIPT,
            sources={
                "codecarbon_owid": file_source(
                    path,
                    "Our World in Data, Carbon intensity of electricity, as compiled"
                    " in CodeCarbon: global_energy_mix.json",
                    "mlco2/codecarbon@b05965e43b69",
                )
            },
        ),
    )
    per_source = data / "carbon/codecarbon_carbon_intensity_per_source.json"
    fuels = json.loads(per_source.read_text("utf-8"))
    names = ("coal", "petroleum", "natural_gas", "geothermal", "hydroelectricity", "nuclear", "solar", "wind")
    rows = [
        row(
            f"generation.{fuel}.codecarbon",
            "generation_intensity",
            fuels[fuel] / 1000,
            UNIT,
            scope=fuel,
            source_id="codecarbon_fuels",
            locator=f"key {fuel}",
            evidence="secondary",
            low=fuels[fuel] / 1500,
            high=fuels[fuel] * 1.5 / 1000,
        )
        for fuel in names
    ]
    write(
        "generation_intensity",
        rows,
        Sidecar(
            title="Carbon intensity of electricity by way of generation",
            licence="MIT",
            attribution="CodeCarbon contributors",
            boundary="Fuels: plant emissions; the others: life cycle. Used as bounds only",
            script=SCRIPT,
            sources={
                "codecarbon_fuels": file_source(
                    per_source, "CodeCarbon, carbon_intensity_per_source.json", "mlco2/codecarbon@b05965e43b69"
                )
            },
        ),
    )


def ember(data: Path, codes: dict[str, str]) -> None:
    path = data / "carbon/ember_average-intensities.json"
    entries = json.loads(path.read_text("utf-8"))
    rows = [
        row(
            f"grid.average.{codes[three]}.{entry['year']}.ember",
            "grid_intensity",
            entry["emissions_intensity_gco2_per_kwh"] / 1000,
            UNIT,
            region=codes[three],
            year=entry["year"],
            grid_kind="average",
            source_id="ember_co2js",
            locator=f"key {three}",
        )
        for three, entry in entries.items()
        if entry["country_code"] and entry["emissions_intensity_gco2_per_kwh"]
    ]
    write(
        "grid_intensity_ember",
        rows,
        Sidecar(
            title="Average carbon intensity of electricity by country, Ember by way of CO2.js",
            licence="CC-BY-SA-4.0",
            attribution="Ember, Yearly electricity data; compiled by the Green Web Foundation in CO2.js",
            boundary="Life-cycle emissions of generation in the country, yearly mean; no transmission loss, no imports",
            share_alike=True,
            script=SCRIPT,
            sources={
                "ember_co2js": file_source(
                    path,
                    "Ember, Yearly electricity data, as compiled in CO2.js: average-intensities.json",
                    "thegreenwebfoundation/co2.js@27cbe8328aea",
                )
            },
        ),
    )


def electricity_maps(data: Path) -> None:
    rows, sources = [], {}
    for year in (2023, 2024):
        path = data / f"carbon/electricitymaps_yearly_{year}.json"
        key = f"electricity_maps_{year}"
        sources[key] = file_source(
            path,
            f"Electricity Maps, yearly carbon intensity {year}, as compiled in CO2.js",
            "thegreenwebfoundation/co2.js@27cbe8328aea",
        )
        for zone, entry in json.loads(path.read_text("utf-8")).items():
            rows.append(
                row(
                    f"grid.average.{zone}.{year}.electricity_maps",
                    "grid_intensity",
                    entry["carbonIntensity"]["value"] / 1000,
                    UNIT,
                    region=zone,
                    year=year,
                    grid_kind="average",
                    source_id=key,
                    locator=f"key {zone}",
                    scope="",
                )
            )
    write(
        "grid_intensity_electricity_maps",
        rows,
        Sidecar(
            title="Average carbon intensity of electricity by zone, Electricity Maps",
            licence="ODbL-1.0",
            attribution="Electricity Maps; compiled by the Green Web Foundation in CO2.js",
            boundary="Life-cycle emissions of the electricity consumed in the zone, imports counted; yearly mean",
            share_alike=True,
            script=SCRIPT,
            sources=sources,
        ),
    )


def uk_official(data: Path) -> None:
    path = data / "lca/uk_ghg_conversion_factors_2024.xlsx"
    workbook = openpyxl.load_workbook(path, read_only=True)
    power = _value(workbook["UK electricity"], ("Electricity generated", "Electricity: UK", "kWh", 2024))
    loss = _value(workbook["Transmission and distribution"], ("T&D- UK electricity", "Electricity: UK", "kWh", 2024))
    common = {"region": "GB", "year": 2024, "source_id": "desnz_2024"}
    rows = [
        row(
            "grid.average.GB.2024.uk_official",
            "grid_intensity",
            power,
            UNIT,
            grid_kind="average",
            **common,
            locator="sheet UK electricity, Electricity generated",
            note="for use with reporting year 2024; scope 2",
        ),
        row(
            "grid.loss.GB.2024.uk_official",
            "grid_loss_intensity",
            loss,
            UNIT,
            **common,
            locator="sheet Transmission and distribution",
            note="scope 3, beside the generation row",
        ),
    ]
    write(
        "grid_intensity_uk_official",
        rows,
        Sidecar(
            title="UK electricity, official factors for company reporting 2024",
            licence="OGL-UK-3.0",
            attribution="UK Department for Energy Security and Net Zero; Crown copyright",
            boundary="Combustion in UK generation, net imports counted; no fuel supply chain; AR5 GWPs; losses in a row"
            " of their own",
            script=SCRIPT,
            sources={
                "desnz_2024": file_source(
                    path,
                    "UK Government GHG conversion factors for company reporting 2024, condensed set, version 1.1",
                    "conversion-factors-2024.xlsx",
                )
            },
        ),
    )


def _value(sheet: object, wanted: tuple[object, ...]) -> float:
    """The number right of the cells ``wanted``, which follow one another in a row."""
    for cells in sheet.iter_rows(values_only=True):  # type: ignore[attr-defined]
        kept = [cell for cell in cells if cell is not None]
        if tuple(kept[: len(wanted)]) == wanted:
            return float(kept[len(wanted)])
    raise LookupError(f"no row {wanted}")


def us_states(data: Path) -> None:
    path = data / "carbon/codecarbon_usa_emissions_2016.json"
    entries = json.loads(path.read_text("utf-8"))
    rows = [
        row(
            f"grid.average.US-{entry['regionCode']}.2016.us_egrid",
            "grid_intensity",
            round(entry["emissions"] * KG_PER_LB / 1000, 6),
            UNIT,
            region=f"US-{entry['regionCode']}",
            year=2016,
            grid_kind="average",
            source_id="egrid_2016",
            locator=f"key {state}",
            note="CO2 only, no CH4 and N2O",
        )
        for state, entry in entries.items()
        if re.fullmatch("[A-Z]{2}", entry.get("regionCode", ""))
    ]
    write(
        "grid_intensity_us_egrid",
        rows,
        Sidecar(
            title="Average carbon intensity of electricity by state of the USA, eGRID 2016",
            licence="US government work; MIT (compilation in CodeCarbon)",
            attribution="US EPA eGRID 2016, compiled in CodeCarbon",
            boundary="CO2 of combustion in the state's plants; no fuel supply chain, no imports, no losses",
            script=SCRIPT,
            sources={
                "egrid_2016": file_source(
                    path,
                    "US EPA, eGRID2016 state total output emission rates, as compiled in"
                    " CodeCarbon: 2016/usa_emissions.json",
                    "mlco2/codecarbon@b05965e43b69",
                )
            },
        ),
    )


AVERT_ZONES = {"CA": "US-CAL-CISO", "NE": "US-NE-ISNE", "TX": "US-TEX-ERCO", "SE": "US-SE-SOCO"}


def avert(data: Path) -> None:
    path = data / "carbon/avert_hourly_co2.csv.gz"
    hours = list(csv.DictReader(gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()))
    rows, profile = [], []
    for region, zone in AVERT_ZONES.items():
        values = [float(hour[region]) * KG_PER_LB for hour in hours]
        ordered = sorted(values)
        low, high = ordered[round(0.025 * len(ordered))], ordered[round(0.975 * len(ordered))]
        rows.append(
            row(
                f"grid.marginal.{zone}.avert",
                "grid_intensity",
                round(mean(values), 4),
                UNIT,
                region=zone,
                grid_kind="marginal",
                origin="modelled",
                source_id="avert",
                bounds="95",
                low=round(low, 4),
                high=round(high, 4),
                locator=f"column {region}, mean of {len(values)} hours",
                scope=f"AVERT region {region}",
                note="bounds hold 95 % of the hours; CO2 only; year of release not in the file",
            )
        )
        for hour_of_day in range(24):
            some = sorted(v for v, h in zip(values, hours, strict=True) if int(h["Timestamp"]) % 24 == hour_of_day)
            profile.append(
                row(
                    f"grid.marginal.{zone}.avert.h{hour_of_day:02d}",
                    "grid_intensity_hour",
                    round(mean(some), 4),
                    UNIT,
                    region=zone,
                    grid_kind="marginal",
                    origin="modelled",
                    source_id="avert",
                    bounds="95",
                    scope=f"hour {hour_of_day}",
                    low=round(some[round(0.025 * len(some))], 4),
                    high=round(some[min(round(0.975 * len(some)), len(some) - 1)], 4),
                    locator=f"column {region}, mean of {len(some)} days",
                )
            )
    side = Sidecar(
        title="Marginal carbon intensity of electricity in four US regions, AVERT",
        licence="BSD-3-Clause (compilation in REopt), US government work (data)",
        attribution="US EPA AVERT, as compiled in NREL REopt",
        boundary="CO2 of the plants that answer a change of load; no fuel supply chain, no losses",
        script=SCRIPT,
        sources={
            "avert": file_source(
                path,
                "US EPA, AVoided Emissions and geneRation Tool (AVERT), hourly CO2 factors as compiled in REopt",
                "NREL/REopt_API@97734588a536",
            )
        },
    )
    write("grid_marginal_avert", rows, side)
    side.title += ", by hour of the day (local standard time)"
    write("grid_marginal_avert_hours", profile, side)


def main(data: Path) -> None:
    codes = zone_names(data)
    owid(data, codes)
    ember(data, codes)
    electricity_maps(data)
    uk_official(data)
    us_states(data)
    avert(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
