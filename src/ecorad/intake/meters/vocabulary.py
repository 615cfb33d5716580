"""Words for columns and units of meter files, in English, German, Dutch, French and Chinese."""

from __future__ import annotations

import re
from typing import Literal

from ecorad.model.site import MeterKind

Role = Literal["time", "date", "end", "meter_id", "unit", "series", "hour", "factor"]

# Factor from the written unit to kW or kWh.
POWER_UNITS = {"W": 1e-3, "kW": 1.0, "MW": 1e3}
ENERGY_UNITS = {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "J": 1 / 3.6e6, "kJ": 1 / 3.6e3, "MJ": 1 / 3.6, "GJ": 1e3 / 3.6}
UNITS = POWER_UNITS | ENERGY_UNITS
_SPELLINGS = {
    **{unit.lower(): unit for unit in UNITS if unit != "MW"},
    **{"watt": "W", "watts": "W", "kilowatt": "kW", "kilowatts": "kW", "watthour": "Wh", "wattstunden": "Wh"},
    **{"kilowattstunden": "kWh", "kilowatthours": "kWh", "kw.h": "kWh", "kw*h": "kWh", "kw h": "kWh", "joule": "J"},
    **{
        "kwhs": "kWh",
        "whs": "Wh",
        "kw-h": "kWh",
        "kilowatt-hour": "kWh",
        "kilowatt-hours": "kWh",
        "kilowattuur": "kWh",
    },
    **{"瓦": "W", "千瓦": "kW", "瓦时": "Wh", "千瓦时": "kWh", "度": "kWh", "joules": "J"},
}
ROLES: dict[Role, frozenset[str]] = {
    "time": frozenset(
        "time timestamp datetime date/time ts dt utc local from start start_time starttime interval_start period_start "
        "time_utc timestamp_utc reading_time recorded_at measured_at last_changed last_updated zeitstempel zeitpunkt "
        "zeit von beginn tijd tijdstip tijdstempel datumtijd begin van horodatage horodate heure debut début 时间 "
        "日期时间 采集时间 时间戳 fra fra_dato alkuaika inicio desde startzeit time_bucket date_time vanaf moment "
        "messzeitpunkt van_datum from_date von_datum start_date/time start_interval_date/time local_time_stamp "
        "fecha_hora energy_consumption_time_period mtu zeitraum".split()
    ),
    "date": frozenset(
        "date datum day dag tag jour 日期 fecha giorno settlement_date usage_date reading_date opnamedatum".split()
    ),
    "end": frozenset(
        "end bis tot to until ende einde fin end_time endtime interval_end period_end 结束 结束时间 til til_dato stop "
        "hasta endzeit time_ending tot_datum until_date bis_datum end_date".split()
    ),
    "meter_id": frozenset(
        "meter_id meterid meter meter_no meter_number entity_id zählernummer zähler_id zaehlernummer meternummer "
        "compteur_id 表号 电表号 电表编号".split()
    ),
    "unit": frozenset(
        "unit units uom unit_of_measurement einheit eenheid unité unite unidad unità måleenhed yksikkötyyppi "
        "enhet 单位".split()
    ),
    # Whose reading, or of what, stands in the row: two values of it are two series.
    "series": frozenset(
        "device device_id device_name deviceid sensor sensor_id sensor_name sensorid channel channel_id kanal series "
        "metric instance topic plug outlet socket appliance source field measurement register parameter variable "
        "quantity grootheid messgröße obis obis_code obis-code tag_name tagname point point_name signal object circuit "
        "feeder name type commodity direction slave ean ean_code eancode eancodeasn mpan mprn nmi cups zählpunkt "
        "zaehlpunkt målepunktsid mittauspisteen_tunnus serial serial_number prm statistic_id asset location room "
        "measurement_quantity data_type 设备 通道 名称 类型 数据类型".split()
    ),
    # What a reading is to be multiplied with, unless that was done already.
    "factor": frozenset(
        "multiplier factor ratio ct_ratio ct_factor ct_multiplier meter_multiplier meter_constant faktor wandlerfaktor "
        "wandlerkonstante meetfactor transformatiefactor vermenigvuldigingsfactor coefficient 倍率 综合倍率".split()
    ),
    # Which part of the day, by number.
    "hour": frozenset(
        "hour hr hours hora heure uur stunde std ora hour_ending he hour_of_day settlement_period period periode "
        "periodo time_period interval_number block 时 小时".split()
    ),
}
_KINDS: tuple[tuple[MeterKind, re.Pattern[str]], ...] = (
    (
        "register",
        re.compile(
            r"register|counter|z(ä|ae)hlerstand|meterstand|\bstand|cumul|kumul|\bindex\b|lifetime|meter.?reading|"
            r"tellerstand|表码|读数|示数|累计"
        ),
    ),
    (
        "power",
        re.compile(
            r"power|\bpwr\b|leistung|vermogen|puissance|\bload\b|demand|\bwatts?\b|kilowatts?\b|\bp\b|功率|负荷"
        ),
    ),
    (
        "interval",
        re.compile(
            r"energ|[eé]nergie|verbrauch|consum|consomm|verbruik|afname|usage|\barbeit|wirkarbeit|bezug|"
            r"lastgang|forbruk|förbruk|kulutus|consumo|电量|电能|用电|耗电"
        ),
    ),
)
_ELSEWHERE = re.compile(
    r"reactive|blind|reactief|apparent|schein|schijnbaar|voltage|spannung|\bspanning|tension|\bcurrent\b|\bampere|"
    r"stroomsterkte|frequen|temp|humid|feuchte|price|preis|prijs|cost|kosten|factor|cos|co2|export|einspeis|"
    r"teruglever|feed.?in|inje[ck]|invoeding|retou?r|reverse|produ[ckz]|erzeug|opwek|status|quality|\bflag|"
    r"\bpower[qs]\b|\bpf\b|\bk?var?h?\b|无功|视在|电压|电流|频率|温度|湿度|价|发电"
)
# A price or an intensity, not an amount: EUR/kWh, g CO2 per kWh, kWh/m2.
_FOR_EACH = re.compile(
    r"(?:€|\$|£|\beur|\bct|\bcents?|\brp|\bp|\bgbp|\busd|\bchf|\bk?g|co2)\W*(?:/|\bper\b|\bpro\b|\bpar\b)\s*[km]?wh?\b|"
    r"\b[km]?wh?\s*(?:/|per )\s*(?:m2|m²|ft2|person|unit)"
)
_OTHER_UNITS = frozenset("a v hz var kvar va kva °c c f % eur € m3 l kg k ppm lux varh kvarh ma mv".split())
_GENERIC = re.compile(
    r"^(value|val|state|wert|messwert|waarde|meetwaarde|valeur|valor|mean|average|avg|mittelwert|gemiddelde|volume|"
    r"mængde|määrä|值|数值)\b"
)
_EXTREME = re.compile(r"\bp? ?(?:max|min)(?:imum)?\b|peak|spitze|\bpiek|最大|最小")
_WHOLE = re.compile(
    r"total|\bp?(?:sum|tot|ges)\b|gesamt|summe|\bsum\b|totaal|\bpt\b|import|\bactive|wirk|delivered|geleverd|"
    r"offtake|afname|总|合计|有功"
)
_SUMMED = re.compile(r"total|\bp?(?:sum|tot|ges)\b|gesamt|summe|totaal|\bpt\b|总|合计")
_PHASE = re.compile(r"\b[lp][123]\b|phase|\bfase\b|\bphs|[abc]相|\bpowerp [abc]\b")
_BRACKETED = re.compile(r"^(.*?)[\[(（]\s*([^\])）]*?)\s*[\])）]\s*$")
# consumptionKWh, activePowerW
_GLUED = re.compile(r"[a-z](kWh|KWh|KWH|MWh|Wh|kW|KW)$")
TOTAL_ROW = re.compile(
    r"^\W*(total|sum|summe|gesamt|totaal|som|somme|subtotal|average|mittelwert|gemiddelde|合计|总计|小计)"
)


def known_unit(text: str) -> str | None:
    """The unit a text names, spelled our way.

    >>> known_unit("KWH"), known_unit("千瓦"), known_unit("MW"), known_unit("V")
    ('kWh', 'kW', 'MW', None)
    """
    cell = text.strip()
    return "MW" if cell == "MW" else _SPELLINGS.get(cell.lower())


def name_and_unit(header: str) -> tuple[str, str]:
    """A header cell as its name in lower case and its unit as written (empty when it has none).

    A remark in brackets may stand behind the unit, and an export may put the unit anywhere (``kWh.first``).

    >>> name_and_unit("Power [kW]"), name_and_unit("register_kwh"), name_and_unit("Verbrauch in Wh")
    (('power', 'kW'), ('register', 'kwh'), ('verbrauch', 'Wh'))
    >>> name_and_unit("Active energy Wh (A)"), name_and_unit("AE_kWh"), name_and_unit("Tariff (ct/kWh)")
    (('active energy', 'Wh'), ('ae', 'kWh'), ('tariff', 'ct/kWh'))
    """
    cell = header.strip().strip('"').strip()
    if found := _BRACKETED.match(cell):
        before = found[1].strip()
        if known_unit(found[2]) or not known_unit(_last_word(before)[1]):
            return before.lower(), found[2]
        cell = before
    head, last = _last_word(cell)
    if known_unit(last):
        return re.sub(r"[\s_]+in$", "", head.lower().strip(" _,-/")), last
    return cell.lower(), _unit_within(cell)


def _unit_within(cell: str) -> str:
    """The one unit of two letters or more that stands somewhere in a header cell, empty when there is none."""
    if found := _GLUED.search(cell):
        return found[1]
    words = {word for word in re.split(r"[^A-Za-z]+", cell) if len(word) > 1 and known_unit(word)}
    return words.pop() if len(words) == 1 and not _FOR_EACH.search(cell.lower()) else ""


def role_words(header: str) -> str:
    """A header cell as it stands in :data:`ROLES`: lower case, words joined by ``_``, without brackets."""
    return re.sub(r"[\s\-]+", "_", name_and_unit(header)[0]).strip("_")


def header_kind(header: str) -> MeterKind | None:
    """What kind of reading a header cell announces."""
    name, unit = name_and_unit(header)
    spaced = name.replace("_", " ")
    written = known_unit(unit or name)
    for kind, words in _KINDS:
        if words.search(spaced):
            return "interval" if kind == "power" and written in ENERGY_UNITS else kind
    return "power" if written in POWER_UNITS else None


def value_score(header: str) -> float:
    """How well a header cell fits the column of readings; negative when it is something else."""
    name, unit = name_and_unit(header)
    spaced = name.replace("_", " ").strip()
    if _ELSEWHERE.search(spaced) or _FOR_EACH.search(header.lower()):
        return -1.0
    if unit.lower() in _OTHER_UNITS or (name in _OTHER_UNITS and not unit):
        return -1.0
    score = 2.0 * (header_kind(header) is not None) + 1.0 * (known_unit(unit or name) is not None)
    if not name and not unit:
        return -1.0  # a column without a header beside others that have one, such as a running number
    if not score:
        return 1.0 if _GENERIC.match(spaced) else 0.0
    score += 0.5 * (_WHOLE.search(spaced) is not None) - 0.25 * _is_one_phase(spaced)
    return score - 2.0 * (_EXTREME.search(spaced) is not None)


def _is_one_phase(spaced: str) -> bool:
    return _PHASE.search(spaced) is not None and _SUMMED.search(spaced) is None


def _last_word(cell: str) -> tuple[str, str]:
    parts = re.split(r"[\s_,/]+", cell)
    return (cell[: len(cell) - len(parts[-1])], parts[-1]) if len(parts) > 1 else ("", cell)
