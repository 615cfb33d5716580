"""Words of stock sheets: kinds, movements and units, in English, Dutch, German, French and Chinese."""

from __future__ import annotations

import re

KINDS = ("contrast", "consumable", "helium", "linen", "paper")
MOVEMENTS = ("received", "opened", "used", "discarded", "recycled", "counted")
_MOVEMENT_WORDS = {
    "received": "receipt delivered delivery purchase purchased top-up refill ontvangen geleverd bijgevuld erhalten "
    "geliefert nachgefüllt reçu livré 收到 入库 到货 补充",
    "opened": "open geopend angebrochen geöffnet ouvert 开启 打开",
    "used": "use usage consumed issued gebruikt verbruikt verbraucht benutzt utilisé 使用 消耗 出库",
    "discarded": "discard waste wasted disposed expired weggegooid afgevoerd verlopen entsorgt verworfen jeté 丢弃 "
    "废弃 报废",
    "recycled": "recycle collected gerecycled ingezameld recycelt gesammelt recyclé 回收",
    "counted": "count inventory level stock voorraad geteld stand niveau gezählt bestand inventur compté 盘点 "
    "库存 液位",
}
_MOVEMENTS = {word: name for name, words in _MOVEMENT_WORDS.items() for word in (name, *words.split())}
_KIND_WORDS = {
    "contrast": "contrastmiddel kontrastmittel produit_de_contraste 造影剂 对比剂",
    "consumable": "consumables verbruiksartikel verbruiksartikelen verbrauchsmaterial consommable 耗材",
    "helium": "he 氦 液氦",
    "linen": "linnen wasgoed wäsche linge 被服 布草",
    "paper": "papier 纸 纸张",
}
_KINDS = {word: name for name, words in _KIND_WORDS.items() for word in (name, *words.split())}
_ITEMS = "{item} item items stk st stuk stuks stück piece pieces pc pcs ea each unit units 个 件 支 只 张"
# Written unit to ours, and the factor that goes with it.
_UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(_ITEMS.split(), ("{item}", 1.0)),
    **dict.fromkeys(("ml", "milliliter", "millilitre", "cc", "毫升"), ("mL", 1.0)),
    **dict.fromkeys(("l", "liter", "litre", "liters", "litres", "ltr", "升"), ("L", 1.0)),
    **{"cl": ("mL", 10.0), "dl": ("mL", 100.0)},
    **dict.fromkeys(("kg", "kilo", "kilogram", "公斤", "千克"), ("kg", 1.0)),
    **dict.fromkeys(("g", "gram", "gr", "克"), ("kg", 1e-3)),
}
# What "how many" means where a sheet gives no unit; not for helium and linen, which are counted in several ways.
COUNTED_IN_ITEMS = frozenset(("contrast", "consumable", "paper"))
TOTAL_ROW = re.compile(r"^\W*(total|sum|summe|gesamt|totaal|som|somme|subtotal|subtotaal|合计|总计|小计)")
_BRACKETED = re.compile(r"[\[(（]\s*([^\])）]*?)\s*[\])）]\s*$")


def movement(text: str) -> str | None:
    """Our word for a movement, or ``None``.

    >>> movement("Geopend"), movement("入库"), movement("lost")
    ('opened', 'received', None)
    """
    return _MOVEMENTS.get(text.strip().lower())


def kind(text: str) -> str | None:
    """Our word for a kind of stock, or ``None``."""
    return _KINDS.get("_".join(text.strip().lower().split()))


def unit(text: str) -> tuple[str, float] | None:
    """Our unit and the factor to it, or ``None``.

    >>> unit("stk."), unit("ML"), unit("g"), unit("box")
    (('{item}', 1.0), ('mL', 1.0), ('kg', 0.001), None)
    """
    return _UNITS.get(text.strip().lower().rstrip("."))


def unit_in_header(header: str) -> tuple[str, float] | None:
    """The unit that a header gives in brackets, or that it is.

    >>> unit_in_header("Restant (mL)"), unit_in_header("kg"), unit_in_header("Aantal")
    (('mL', 1.0), ('kg', 1.0), None)
    """
    found = _BRACKETED.search(header)
    return unit(found[1] if found else header)
