"""Adoption of AI compute by its long-run users: one diffusion curve, without prices.

Price enters through demand, not through the speed of diffusion.
"""

from __future__ import annotations

from jaxtyping import Array, Float


def adoption_fraction(
    adopted: Float[Array, "*world"], innovation: Float[Array, "*world"], imitation: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Share of long-run users who have adopted by the end of the quarter.

    .. math:: F' = F + (p + q F)(1 - F)

    Valid for :math:`p + q \le 1`: beyond it the discrete form can overshoot 1.

    Args:
        adopted: :math:`F`, share adopted at the start of the quarter [1], 0..1.
        innovation: :math:`p`, coefficient of innovation [1/quarter], >= 0.
        imitation: :math:`q`, coefficient of imitation [1/quarter], >= 0.

    Returns:
        :math:`F'` [1], 0..1.

    Source:
        Bass (1969), Management Science 15(5), 215-227; key ``bass1969``.
    """
    return adopted + (innovation + imitation * adopted) * (1 - adopted)
