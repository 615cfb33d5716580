"""Words for columns and units of meter files, in English, German, Dutch, French and Chinese."""

from __future__ import annotations

import re
from typing import Literal

from ecorad.model.site import MeterKind

Role = Literal["time", "date", "end", "meter_id"]

# Factor from the written unit to kW or kWh.
POWER_UNITS = {"W": 1e-3, "kW": 1.0, "MW": 1e3}
ENERGY_UNITS = {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "J": 1 / 3.6e6, "kJ": 1 / 3.6e3, "MJ": 1 / 3.6, "GJ": 1e3 / 3.6}
UNITS = POWER_UNITS | ENERGY_UNITS
_SPELLINGS = {
    **{unit.lower(): unit for unit in UNITS if unit != "MW"},
    **{"watt": "W", "watts": "W", "kilowatt": "kW", "kilowatts": "kW", "watthour": "Wh", "wattstunden": "Wh"},
    **{"kilowattstunden": "kWh", "kilowatthours": "kWh", "kw.h": "kWh", "kw*h": "kWh", "kw h": "kWh", "joule": "J"},
    **{"瓦": "W", "千瓦": "kW", "瓦时": "Wh", "千瓦时": "kWh", "度": "kWh", "joules": "J"},
}
ROLES: dict[Role, frozenset[str]] = {
    "time": frozenset(
        "time timestamp datetime date/time ts dt utc local from start start_time starttime interval_start period_start "
        "time_utc timestamp_utc reading_time recorded_at measured_at last_changed last_updated zeitstempel zeitpunkt "
        "zeit von beginn tijd tijdstip tijdstempel datumtijd begin van horodatage horodate heure debut début 时间 "
        "日期时间 采集时间 时间戳".split()
    ),
    "date": frozenset("date datum day dag tag jour 日期".split()),
    "end": frozenset(
        "end bis tot to until ende einde fin end_time endtime interval_end period_end 结束 结束时间".split()
    ),
    "meter_id": frozenset(
        "meter_id meterid meter meter_no meter_number entity_id zählernummer zähler_id zaehlernummer meternummer "
        "compteur_id 表号 电表号 电表编号".split()
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
    ("power", re.compile(r"power|leistung|vermogen|puissance|\bload\b|demand|\bwatts?\b|kilowatts?\b|\bp\b|功率|负荷")),
    (
        "interval",
        re.compile(
            r"energ|[eé]nergie|verbrauch|consum|consomm|verbruik|afname|usage|\barbeit|wirkarbeit|bezug|"
            r"lastgang|电量|电能|用电|耗电"
        ),
    ),
)
_ELSEWHERE = re.compile(
    r"reactive|blind|reactief|apparent|schein|schijnbaar|voltage|spannung|\bspanning|tension|\bcurrent\b|\bampere|"
    r"stroomsterkte|frequen|temp|humid|feuchte|price|preis|prijs|cost|kosten|factor|cos|co2|export|einspeis|"
    r"teruglever|feed.?in|injection|status|quality|\bflag|无功|视在|电压|电流|频率|温度|湿度|价"
)
_OTHER_UNITS = frozenset("a v hz var kvar va kva °c c f % eur € m3 l kg k ppm lux varh kvarh ma mv".split())
_GENERIC = re.compile(r"^(value|val|state|wert|messwert|waarde|meetwaarde|valeur|值|数值)\b")
_EXTREME = re.compile(r"\bp? ?(?:max|min)(?:imum)?\b|peak|spitze|\bpiek|最大|最小")
_WHOLE = re.compile(
    r"total|\bp?(?:sum|tot|ges)\b|gesamt|summe|\bsum\b|totaal|import|\bactive|wirk|delivered|geleverd|总|合计|有功"
)
_PHASE = re.compile(r"\bl[123]\b|phase|\bfase\b|[abc]相")
_BRACKETED = re.compile(r"^(.*?)[\[(（]\s*([^\])）]*?)\s*[\])）]\s*$")
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

    >>> name_and_unit("Power [kW]"), name_and_unit("register_kwh"), name_and_unit("Verbrauch in Wh")
    (('power', 'kW'), ('register', 'kwh'), ('verbrauch', 'Wh'))
    """
    cell = header.strip().strip('"').strip()
    if found := _BRACKETED.match(cell):
        return found[1].strip().lower(), found[2]
    head, last = _last_word(cell)
    if known_unit(last):
        return re.sub(r"[\s_]+in$", "", head.lower().strip(" _,-/")), last
    return cell.lower(), ""


def role_words(header: str) -> str:
    """A header cell as it stands in :data:`ROLES`: lower case, words joined by ``_``, without brackets."""
    return re.sub(r"[\s\-]+", "_", name_and_unit(header)[0]).strip("_")


def header_kind(header: str) -> MeterKind | None:
    """What kind of reading a header cell announces."""
    name, unit = name_and_unit(header)
    spaced = name.replace("_", " ")
    for kind, words in _KINDS:
        if words.search(spaced):
            return kind
    written = known_unit(unit or name)
    return "power" if written in POWER_UNITS else None


def value_score(header: str) -> float:
    """How well a header cell fits the column of readings; negative when it is something else."""
    name, unit = name_and_unit(header)
    spaced = name.replace("_", " ")
    if _ELSEWHERE.search(spaced) or unit.lower() in _OTHER_UNITS or (name in _OTHER_UNITS and not unit):
        return -1.0
    score = 2.0 * (header_kind(header) is not None) + 1.0 * (known_unit(unit or name) is not None)
    if not name and not unit:
        return -1.0  # a column without a header beside others that have one, such as a running number
    if not score:
        return 1.0 if _GENERIC.match(spaced) else 0.0
    score += 0.5 * (_WHOLE.search(spaced) is not None) - 0.25 * (_PHASE.search(spaced) is not None)
    return score - 1.0 * (_EXTREME.search(spaced) is not None)


def _last_word(cell: str) -> tuple[str, str]:
    parts = re.split(r"[\s_,/]+", cell)
    return (cell[: len(cell) - len(parts[-1])], parts[-1]) if len(parts) > 1 else ("", cell)
