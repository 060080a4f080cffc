"""The engines: the two kernels, and the rule itself for every row (``scalar``)."""

from importlib.util import find_spec
from typing import Literal, Protocol

from services.broker.batch.columns import Columns, Schedules
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.errors import Invalid

Engine = Literal["auto", "numpy", "numba", "scalar"]


class EngineMissing(Invalid):
    """Numba is not installed."""


class Kernel(Protocol):
    """Fills in the schedules of plain cases that share their parameters."""

    def __call__(self, cases: Columns, parameters: SchemeParameters, into: Schedules) -> None:
        """Fill in the schedules."""


def kernel(engine: Engine) -> Kernel | None:
    """Return the kernel of an engine, none for ``scalar``; ``auto`` is Numba where it is installed.

    :raises EngineMissing: Numba was asked for and is not installed.
    """
    if engine == "scalar":
        return None
    has_numba = find_spec("numba") is not None
    if engine == "numba" and not has_numba:
        raise EngineMissing(
            "Numba is not installed; install the extra fast, or take --engine numpy.", field="engine", expected="numpy"
        )
    if engine == "numpy" or not has_numba:
        from services.broker.batch import numpy_kernel

        return numpy_kernel.fill
    from services.broker.batch import numba_kernel

    return numba_kernel.fill
