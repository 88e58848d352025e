"""dyadkit: analyse paired survey data, from raw export to report.

Start with ``dyadkit.read_study``, ``dyadkit.load`` and ``dyadkit.analyze``, or with
``dyadkit.DyadFrame.from_individual`` when the data are a DataFrame already.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dyadkit.agreement.agreement import assess_agreement
    from dyadkit.agreement.points import plot_agreement_points
    from dyadkit.description.descriptives import describe
    from dyadkit.description.flow import describe_flow
    from dyadkit.description.missingness import assess_missingness
    from dyadkit.description.nonindependence import assess_nonindependence
    from dyadkit.errors import DataError, DyadKitError, FitError, Refused, StudyError
    from dyadkit.frame import DyadFrame
    from dyadkit.loading import load, score_scales
    from dyadkit.measurement.dyadic_factors import fit_dyadic_factors
    from dyadkit.measurement.factor_models import compare_factor_models
    from dyadkit.measurement.invariance import assess_invariance
    from dyadkit.measurement.reliability import assess_reliability
    from dyadkit.models.comparison import compare_models, compare_nonnested
    from dyadkit.models.mixed_models import fit_mixed
    from dyadkit.models.products import product_indicators
    from dyadkit.models.structural import fit_sem
    from dyadkit.models.zero_variances import compare_zero_variances
    from dyadkit.multilevel.apim import fit_apim
    from dyadkit.multilevel.diary import fit_diary
    from dyadkit.multilevel.one_with_many import fit_one_with_many
    from dyadkit.multilevel.teams import fit_teams
    from dyadkit.panel.panel import fit_panel
    from dyadkit.pipeline import analyze
    from dyadkit.study import Study, read_study

__version__ = "0.1.0"

_HOMES = {
    "DataError": "dyadkit.errors",
    "DyadFrame": "dyadkit.frame",
    "DyadKitError": "dyadkit.errors",
    "FitError": "dyadkit.errors",
    "Refused": "dyadkit.errors",
    "Study": "dyadkit.study",
    "StudyError": "dyadkit.errors",
    "analyze": "dyadkit.pipeline",
    "compare_factor_models": "dyadkit.measurement.factor_models",
    "compare_models": "dyadkit.models.comparison",
    "compare_nonnested": "dyadkit.models.comparison",
    "compare_zero_variances": "dyadkit.models.zero_variances",
    "assess_agreement": "dyadkit.agreement.agreement",
    "assess_invariance": "dyadkit.measurement.invariance",
    "assess_missingness": "dyadkit.description.missingness",
    "assess_nonindependence": "dyadkit.description.nonindependence",
    "assess_reliability": "dyadkit.measurement.reliability",
    "describe": "dyadkit.description.descriptives",
    "describe_flow": "dyadkit.description.flow",
    "fit_apim": "dyadkit.multilevel.apim",
    "fit_diary": "dyadkit.multilevel.diary",
    "fit_dyadic_factors": "dyadkit.measurement.dyadic_factors",
    "fit_mixed": "dyadkit.models.mixed_models",
    "fit_one_with_many": "dyadkit.multilevel.one_with_many",
    "fit_panel": "dyadkit.panel.panel",
    "fit_sem": "dyadkit.models.structural",
    "fit_teams": "dyadkit.multilevel.teams",
    "load": "dyadkit.loading",
    "plot_agreement_points": "dyadkit.agreement.points",
    "product_indicators": "dyadkit.models.products",
    "read_study": "dyadkit.study",
    "score_scales": "dyadkit.loading",
}

__all__ = [
    "DataError",
    "DyadFrame",
    "DyadKitError",
    "FitError",
    "Refused",
    "Study",
    "StudyError",
    "analyze",
    "assess_agreement",
    "assess_invariance",
    "assess_missingness",
    "assess_nonindependence",
    "assess_reliability",
    "compare_factor_models",
    "compare_models",
    "compare_nonnested",
    "compare_zero_variances",
    "describe",
    "describe_flow",
    "fit_apim",
    "fit_diary",
    "fit_dyadic_factors",
    "fit_mixed",
    "fit_one_with_many",
    "fit_panel",
    "fit_sem",
    "fit_teams",
    "load",
    "plot_agreement_points",
    "product_indicators",
    "read_study",
    "score_scales",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dyadkit' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
