"""Who pays for scarcity and who earns it: what is paid above the price in balance, by layer and by builder."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.variables import BRANCH_OF, LAYERS

Array = NDArray[np.float64]


def rents(future: xr.Dataset) -> tuple[Array, Array]:
    r"""What scarcity adds to the price of what is delivered; below 0 where a layer is slack.

    .. math:: \text{rent}_k = V_k (1 - 1 / p_k)

    A builder bears it in proportion to what it pays to the branch of the layer.

    Args:
        future: With ``delivered_usd_bn``, ``scarcity_price``, ``it_payment_usd_bn`` and ``site_payment_usd_bn``.

    Returns:
        By layer (draw, quarter, layer) and by builder (draw, quarter, builder) [USD bn/quarter]; their sums over layers
        and builders are the same.
    """
    earned = np.asarray(future["delivered_usd_bn"].values * (1 - 1 / future["scarcity_price"].values), np.float64)
    paid = 0
    for branch in ("it", "site"):
        layers = [place for place, layer in enumerate(LAYERS) if BRANCH_OF[layer] == branch]
        payment = np.asarray(future[f"{branch}_payment_usd_bn"].values, np.float64)
        whole = payment.sum(axis=-1, keepdims=True)
        share = np.divide(payment, whole, out=np.zeros_like(payment), where=whole > 0)
        paid = paid + share * earned[..., layers].sum(axis=-1, keepdims=True)
    return earned, np.asarray(paid)
