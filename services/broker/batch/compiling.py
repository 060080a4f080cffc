"""How Numba compiles: nothing that lets it reorder or approximate, and no lock of Python held."""

from typing import Any

from numba import njit


def compiled(function: Any) -> Any:
    """Compile on first use and keep the outcome for later runs, where there is a place that can be written."""
    try:
        return njit(error_model="numpy", nogil=True, cache=True)(function)
    except RuntimeError:
        return njit(error_model="numpy", nogil=True)(function)
