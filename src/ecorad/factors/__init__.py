"""The factor book: every number from outside, with source, interval, boundary and licence; typed look-ups."""

from .adapt import Adapted, adapted
from .beside import Estimate, side_by_side
from .book import FactorBook, book
from .boundary import Boundary
from .clinical import background_days, decayed_mbq, dose_k, half_life_h, pack_volumes_ml, sf6_vial_kg_co2e
from .distribution import Bounds, Distribution, Shape
from .factor import Evidence, Factor
from .gases import gases_kg_co2e, spend_kg_co2e
from .grid import GridAnswer, grid_average, grid_marginal, grid_marginal_hours, marginal_or_average
from .intensity import (
    AverageEmissions,
    AverageIntensity,
    MarginalEmissions,
    MarginalIntensity,
    emissions_kg_co2e,
)
from .lookups import add_footprints, cooling_ratio, equipment_life, exam_footprint, gwp, power_states
from .table import FactorTable, Source
from .zones import canonical_zone, country_name

__all__ = [
    "Adapted",
    "AverageEmissions",
    "AverageIntensity",
    "Boundary",
    "Bounds",
    "Distribution",
    "Estimate",
    "Evidence",
    "Factor",
    "FactorBook",
    "FactorTable",
    "GridAnswer",
    "MarginalEmissions",
    "MarginalIntensity",
    "Shape",
    "Source",
    "adapted",
    "add_footprints",
    "background_days",
    "book",
    "canonical_zone",
    "cooling_ratio",
    "country_name",
    "decayed_mbq",
    "dose_k",
    "emissions_kg_co2e",
    "equipment_life",
    "exam_footprint",
    "gases_kg_co2e",
    "grid_average",
    "grid_marginal",
    "grid_marginal_hours",
    "gwp",
    "half_life_h",
    "marginal_or_average",
    "pack_volumes_ml",
    "power_states",
    "sf6_vial_kg_co2e",
    "side_by_side",
    "spend_kg_co2e",
]
