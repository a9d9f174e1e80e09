"""What a future does, in ten sentences with figures, from spending to the regions where compute stands.

Each sentence is computed from the draws and says the opposite when the figures do. Worlds that ended are left out.
"""

from __future__ import annotations

import xarray as xr

from headrace._types import Headline
from headrace.analyses import behaviour_build_out, behaviour_spending
from headrace.analyses.endings import running
from headrace.analyses.shapes import require

BEHAVIOUR_VARIABLES = (*behaviour_spending.VARIABLES, *behaviour_build_out.VARIABLES)
"""What a future must hold for its behaviour to be told; simulating only these is faster."""


def behaviour(future: xr.Dataset) -> list[Headline]:
    """Ten headlines, in the order of the loop.

    Args:
        future: Simulated to 2031Q4 at least, with :data:`BEHAVIOUR_VARIABLES`.

    Raises:
        RequestError: A variable or a quarter is missing.
        EndedError: No world runs to the end.
    """
    require(future, BEHAVIOUR_VARIABLES)
    whole = running(future)
    return [*behaviour_spending.sentences(whole), *behaviour_build_out.sentences(whole)]
