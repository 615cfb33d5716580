"""The factor book: every number from outside, with source, interval, boundary and licence; typed look-ups."""

from .book import FactorBook, book
from .boundary import Boundary
from .distribution import Bounds, Distribution, Shape
from .factor import Evidence, Factor
from .grid import GridAnswer, grid_average, grid_marginal, marginal_or_average
from .intensity import (
    AverageEmissions,
    AverageIntensity,
    MarginalEmissions,
    MarginalIntensity,
    emissions_kg_co2e,
)
from .lookups import add_footprints, cooling_ratio, exam_footprint, gwp, power_states
from .table import FactorTable, Source
from .zones import canonical_zone, country_name

__all__ = [
    "AverageEmissions",
    "AverageIntensity",
    "Boundary",
    "Bounds",
    "Distribution",
    "Evidence",
    "Factor",
    "FactorBook",
    "FactorTable",
    "GridAnswer",
    "MarginalEmissions",
    "MarginalIntensity",
    "Shape",
    "Source",
    "add_footprints",
    "book",
    "canonical_zone",
    "cooling_ratio",
    "country_name",
    "emissions_kg_co2e",
    "exam_footprint",
    "grid_average",
    "grid_marginal",
    "gwp",
    "marginal_or_average",
    "power_states",
]
