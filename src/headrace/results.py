"""Results as one Dataset in the schema of history, with the recipe of its World, and their way to disk and back."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.errors import OutputError
from headrace.periods import quarter_index, quarter_label, quarter_range
from headrace.variables import BUILDERS, PLAYERS, STATUSES, table

SIMULATED_QUALITY = "C"
"""A simulated figure carries the weakest basis of its inputs, and judgements are among the inputs of each."""


def assemble(
    outputs: Mapping[str, NDArray[np.float64]],
    closure: Mapping[str, NDArray[np.float64]],
    world: Mapping[str, Any],
    title: str,
) -> xr.Dataset:
    """The Dataset of a run.

    Args:
        outputs: By variable name, (draw, quarter, *axes), any of the table; a builder axis may hold the players alone.
        closure: How the start was closed, (draw, ...).
        world: Recipe: as_of, scenario, settings, seed, draws, quarters, start_quarter, precision, version.
        title: For a person.

    Returns:
        Dims (draw, quarter, *dims of the table), coordinates ``status_*`` and ``quality_*`` of each variable, and
        the closure as coordinates ``start_*``.
    """
    first = quarter_label(quarter_index(str(world["start_quarter"])) + 1)
    quarters = quarter_range(first, int(world["quarters"]))
    coordinates: dict[str, Any] = {"draw": np.arange(int(world["draws"])), "quarter": quarters}
    values: dict[str, Any] = {}
    for variable in (row for row in table().values() if row.name in outputs):
        dims = ("quarter", *variable.dims)
        array = outputs[variable.name]
        has_rest = True
        if "builder" in variable.dims and array.shape[2] == len(PLAYERS):
            gap = np.full((*array.shape[:2], len(BUILDERS) - len(PLAYERS)), np.nan, array.dtype)
            array, has_rest = np.concatenate([array, gap], axis=2), False
        values[variable.name] = (("draw", *dims), array, variable.attributes)
        coordinates |= {dim: list(labels) for dim, labels in variable.coordinate_of.items()}
        status = np.full(array.shape[1:], "scenario", dtype="<U10")
        quality = np.full(array.shape[1:], SIMULATED_QUALITY, dtype="<U1")
        if not has_rest:
            status[:, len(PLAYERS) :] = "unresolved"
            quality[:, len(PLAYERS) :] = ""
        coordinates |= {f"status_{variable.name}": (dims, status), f"quality_{variable.name}": (dims, quality)}
    for name, array in closure.items():
        coordinates[f"start_{name}"] = (("draw", "builder")[: array.ndim], array)
    return xr.Dataset(values, coordinates, {"title": title, "as_of": world["as_of"], "world": json.dumps(dict(world))})


def save(dataset: xr.Dataset, path: str | os.PathLike[str]) -> Path:
    """Write a Dataset as one Zarr zip store, whole or not at all: floating values in 32 bits, compressed.

    Args:
        dataset: A history or a future.
        path: The file to make or to replace.

    Raises:
        OutputError: It cannot be written; what was there is untouched.
    """
    target = Path(path)
    members = _zarr_members(dataset)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        aside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for member in sorted(members):
                    archive.writestr(member, members[member])
            aside.chmod(0o644)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as fault:
        raise OutputError(
            f"{target}: cannot be written ({fault.strerror or fault}); what was there is untouched"
        ) from fault
    return target


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a Dataset that :func:`save` wrote.

    Raises:
        OutputError: There is no such file, or it is not a headrace result.
    """
    from zarr.storage import ZipStore

    source = Path(path)
    if not source.is_file():
        raise OutputError(f"{source}: no such file; wanted a results.zarr that headrace wrote")
    try:
        with ZipStore(source, mode="r") as store:
            dataset = _unpacked(xr.open_zarr(store, consolidated=False, chunks=None).load())
        known = recipe(dataset) if "world" in dataset.attrs else {}
    except Exception as fault:
        raise OutputError(f"{source}: cannot be read as a headrace result ({type(fault).__name__}: {fault})") from fault
    if not known:
        raise OutputError(f"{source}: has no recipe of its World; wanted a results.zarr that headrace wrote")
    return dataset


def recipe(dataset: xr.Dataset) -> dict[str, Any]:
    """The World that a Dataset came from."""
    read: dict[str, Any] = json.loads(dataset.attrs["world"])
    return read


_WORDS = {"status": STATUSES, "quality": ("", "A", "B", "C")}
"""Words that are stored as the number of their place, with the words in the attributes."""


def _zarr_members(dataset: xr.Dataset) -> dict[str, bytes]:
    from zarr.codecs import ZstdCodec
    from zarr.storage import MemoryStore

    stored: dict[str, Any] = {}
    quick = [ZstdCodec(level=1)]  # as small as the default level on these values, in two thirds of its time
    encoding = {
        name: {"dtype": "float32" if values.dtype.kind == "f" else values.dtype, "compressors": quick}
        for name, values in dataset.data_vars.items()
    }
    _packed(dataset).to_zarr(
        MemoryStore(store_dict=stored), mode="w", encoding=encoding, zarr_format=3, consolidated=False
    )
    return {name: held.to_bytes() for name, held in stored.items()}


def _packed(dataset: xr.Dataset) -> xr.Dataset:
    """The Dataset with the words of all variables that share axes in one coded array: few arrays are quick to write."""
    packed: dict[str, Any] = {}
    gone: list[str] = []
    for kind, words in _WORDS.items():
        for dims in dict.fromkeys(tuple(map(str, dataset[name].dims[1:])) for name in dataset.data_vars):
            members = [str(name) for name in dataset.data_vars if dataset[name].dims[1:] == dims]
            values = np.stack([dataset[f"{kind}_{name}"].values for name in members])
            codes = sum(np.where(values == word, place, 0) for place, word in enumerate(words))
            row = f"variable_by_{'_'.join(dims)}"
            meaning = {"flag_values": [*range(len(words))], "flag_meanings": [word or "none" for word in words]}
            packed[row] = np.array(members, dtype=np.dtypes.StringDType())
            packed[f"{kind}_by_{'_'.join(dims)}"] = ((row, *dims), np.asarray(codes, dtype=np.int8), meaning)
            gone += [f"{kind}_{name}" for name in members]
    texts = {
        name: np.array(values.values, dtype=np.dtypes.StringDType())
        for name, values in dataset.coords.items()
        if values.dtype.kind == "U" and name not in gone
    }
    return dataset.drop_vars(gone).assign_coords(texts).assign_coords(packed)


def _unpacked(stored: xr.Dataset) -> xr.Dataset:
    words: dict[str, Any] = {}
    for kind, meanings in _WORDS.items():
        for name in [str(name) for name in stored.coords if str(name).startswith(f"{kind}_by_")]:
            row, *dims = stored[name].dims
            for member, codes in zip(stored[row].values.tolist(), stored[name].values, strict=True):
                words[f"{kind}_{member}"] = (dims, np.array(meanings)[codes])
    rows = [dim for dim in stored.dims if str(dim).startswith("variable_by_")]
    texts = {
        name: np.array(values.values.tolist()) for name, values in stored.coords.items() if values.dtype.kind in "TO"
    }
    return stored.assign_coords(texts).drop_dims(rows).assign_coords(words)
