"""dMACS: how much a difference in loading and intercept moves the answers to an item."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Dmacs:
    """The effect size of an item's non-invariance.

    Attributes
    ----------
    estimate : float
        At least 0, in standard deviations of the item.
    signed : float
        The mean difference of expected answers, focal minus reference: its direction.
    """

    estimate: float
    signed: float

    @property
    def reading(self) -> str:
        """The size in words, by Nye and others' (2019) .2, .4 and .7."""
        size = self.estimate
        if size < 0.2:
            return "negligible"
        return "small" if size < 0.4 else "medium" if size < 0.7 else "large"


def dmacs(
    *,
    loading: tuple[float, float],
    intercept: tuple[float, float],
    mean: float,
    variance: float,
    sd: float,
) -> Dmacs:
    r"""Compute dMACS of an item.

    Parameters
    ----------
    loading, intercept : tuple of float
        In the reference and in the focal place, on one metric of the factor.
    mean, variance : float
        Of the factor in the focal place.
    sd : float
        The item's standard deviation, pooled over both.

    Notes
    -----
    :math:`\sqrt{\int (\Delta\tau + \Delta\lambda\,\eta)^2 f_F(\eta)\,d\eta}/s` (Nye & Drasgow,
    2011), with differences focal minus reference and a normal factor; the integral is
    :math:`(\Delta\tau + \Delta\lambda\mu_F)^2 + \Delta\lambda^2\varphi_F`.

    References
    ----------
    Nye, C. D., Bradburn, J., Olenick, J., Bialko, C., & Drasgow, F. (2019). How big are my effects?
    Examining the magnitude of effect sizes in studies of measurement equivalence. Organizational
    Research Methods, 22, 678-709.

    Nye, C. D., & Drasgow, F. (2011). Effect size indices for analyses of measurement equivalence:
    Understanding the practical importance of differences between groups. Journal of Applied
    Psychology, 96, 966-980.

    Examples
    --------
    >>> found = dmacs(loading=(1.0, 0.8), intercept=(3.0, 3.2), mean=0.5, variance=1.0, sd=1.2)
    >>> round(found.estimate, 4), round(found.signed, 4), found.reading
    (0.1863, 0.0833, 'negligible')
    """
    by_level = intercept[1] - intercept[0] + (loading[1] - loading[0]) * mean
    whole = by_level**2 + (loading[1] - loading[0]) ** 2 * variance
    return Dmacs(sqrt(whole) / sd, by_level / sd)
