"""Plain arithmetic from a text, and nothing but arithmetic: no names, no attributes, no imports."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ecorad.model import InputError

LONGEST = 500
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.BitAnd: operator.and_,
    }
)
_CALLS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"round": round, "len": len, "max": max, "min": min, "ceil": math.ceil, "floor": math.floor}
)


def evaluate(formula: str) -> tuple[float, ...]:
    """The value of a formula, or the values of a list of formulas.

    Allowed are numbers, ``+ - * / // **``, brackets, ``round len max min ceil floor``, lists, and the intersection of
    two sets of texts (to count what two lists share). Exponents stop at 64, so that no formula can take long.

    Parameters
    ----------
    formula : str
        Arithmetic, at most 500 characters.

    Returns
    -------
    tuple of float
        One number, or one for each entry of a list.

    Raises
    ------
    InputError
        For anything else, or a division by zero.

    Examples
    --------
    >>> evaluate("17.5/0.5")
    (35.0,)
    >>> evaluate("[10/2, 15/2]")
    (5.0, 7.5)
    """
    if len(formula) > LONGEST:
        raise InputError("the formula is too long")
    try:
        body = ast.parse(formula, mode="eval").body
        parts = body.elts if isinstance(body, ast.List) else [body]
        return tuple(float(_value(part)) for part in parts)
    except (SyntaxError, TypeError, ValueError, ZeroDivisionError, OverflowError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the formula cannot be computed: {type(error).__name__}") from None


def _value(node: ast.expr) -> Any:
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | str)
        and not isinstance(node.value, bool)
    ):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(part) for part in node.elts]
    if isinstance(node, ast.Set):
        return {_value(part) for part in node.elts}
    if isinstance(node, ast.BinOp):
        return _binary(node)
    if isinstance(node, ast.Call):
        return _call(node)
    raise InputError(f"a formula may not contain {type(node).__name__}")


def _binary(node: ast.BinOp) -> Any:
    left, right = _value(node.left), _value(node.right)
    if isinstance(left, str) or isinstance(right, str):
        raise InputError("texts are only counted, never combined")
    if isinstance(node.op, ast.Pow):
        if abs(right) > 64 or abs(left) > 1e6:
            raise InputError("the exponent is too large")
        return left**right
    if isinstance(left, list | set) != isinstance(right, list | set) or isinstance(left, list):
        raise InputError("lists are only counted, never combined")
    if type(node.op) not in _BINARY:
        raise InputError(f"a formula may not contain {type(node.op).__name__}")
    return _BINARY[type(node.op)](left, right)


def _call(node: ast.Call) -> Any:
    if not isinstance(node.func, ast.Name) or node.func.id not in _CALLS or node.keywords:
        raise InputError(f"a formula may only call {', '.join(sorted(_CALLS))}")
    return _CALLS[node.func.id](*(_value(argument) for argument in node.args))
