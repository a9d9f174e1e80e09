"""A Dataset survives its way to disk and back, and a file that is none is refused."""

from __future__ import annotations

import errno
import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace import results
from headrace.errors import OutputError
from headrace.variables import BUILDERS, PLAYERS, table

pytestmark = pytest.mark.xdist_group("future")


@pytest.fixture(scope="module")
def small(future: xr.Dataset) -> xr.Dataset:
    return future.isel(draw=slice(0, 5), quarter=slice(0, 7))


@pytest.fixture(scope="module")
def stored(small: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return results.save(small, tmp_path_factory.mktemp("stored") / "results.zarr")


@pytest.fixture(scope="module")
def read(stored: Path) -> xr.Dataset:
    return results.load(stored)


def test_numbers_come_back_as_the_nearest_32_bit_numbers(small: xr.Dataset, read: xr.Dataset) -> None:
    for name in table():
        wanted = small[name].values
        if wanted.dtype.kind == "f":
            wanted = wanted.astype(np.float32)
        assert read[name].dtype == wanted.dtype, name
        assert np.array_equal(read[name].values, wanted, equal_nan=wanted.dtype.kind == "f"), name


def test_axes_labels_and_words_come_back(small: xr.Dataset, read: xr.Dataset) -> None:
    assert dict(read.sizes) == dict(small.sizes)
    assert set(read.coords) == set(small.coords)
    for name, coordinate in small.coords.items():
        assert read[name].dims == coordinate.dims, name
        assert np.array_equal(read[name].values, coordinate.values), name


def test_attributes_and_the_recipe_come_back(small: xr.Dataset, read: xr.Dataset) -> None:
    assert read.attrs == small.attrs
    assert results.recipe(read) == json.loads(small.attrs["world"])
    for name in table():
        known = {key: value for key, value in read[name].attrs.items() if key != "flag_values"}
        assert known == {key: value for key, value in small[name].attrs.items() if key != "flag_values"}, name
        assert list(read[name].attrs.get("flag_values", [])) == list(small[name].attrs.get("flag_values", [])), name


def test_history_comes_back_with_what_is_unresolved(past: xr.Dataset, tmp_path: Path) -> None:
    read = results.load(results.save(past, tmp_path / "history.zarr"))
    for name in ("capital_expenditure_usd_bn", "operating_cash_flow_usd_bn", "tightness"):
        assert np.array_equal(np.isnan(read[name].values), np.isnan(past[name].values)), name
        for kind in ("status", "quality"):
            assert read[f"{kind}_{name}"].values.tolist() == past[f"{kind}_{name}"].values.tolist(), name


def test_what_is_read_can_be_saved_again_and_is_the_same(read: xr.Dataset, tmp_path: Path) -> None:
    assert results.load(results.save(read, tmp_path / "again.zarr")).identical(read)


def test_a_variable_without_filings_of_the_rest_of_the_world_is_unresolved_there(small: xr.Dataset) -> None:
    name = "operating_cash_flow_usd_bn"
    assert np.isnan(small[name].sel(builder="rest_of_world").values).all()
    assert not np.isnan(small[name].sel(builder=list(PLAYERS)).values).any()
    assert set(small[f"status_{name}"].sel(builder="rest_of_world").values) == {"unresolved"}
    assert set(small[f"quality_{name}"].sel(builder="rest_of_world").values) == {""}


def test_every_simulated_cell_is_a_scenario_of_quality_c(small: xr.Dataset) -> None:
    for name, row in table().items():
        status = small[f"status_{name}"].where(~np.isnan(small[name].isel(draw=0)), "scenario")
        assert set(np.unique(status.values)) == {"scenario"}, name
        if "builder" not in row.dims:
            assert set(np.unique(small[f"quality_{name}"].values)) == {"C"}, name


def test_builders_are_in_the_order_of_the_table(read: xr.Dataset) -> None:
    assert tuple(read["builder"].values) == BUILDERS


def test_a_save_that_fails_midway_leaves_the_old_file_and_nothing_beside_it(
    small: xr.Dataset, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored.read_bytes()
    written: list[str] = []

    def full(self: zipfile.ZipFile, name: str, data: bytes) -> None:
        written.append(name)
        if len(written) > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OutputError, match=r"results\.zarr: cannot be written \(No space left on device\)"):
        results.save(small, stored)
    assert len(written) == 4
    assert stored.read_bytes() == before
    assert [path.name for path in stored.parent.iterdir()] == ["results.zarr"]


def test_an_interrupted_save_leaves_the_old_file_and_nothing_beside_it(
    small: xr.Dataset, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored.read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "writestr", interrupted)
    with pytest.raises(KeyboardInterrupt):
        results.save(small, stored)
    assert stored.read_bytes() == before
    assert [path.name for path in stored.parent.iterdir()] == ["results.zarr"]


def test_a_folder_that_is_not_there_is_named(small: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"none.results\.zarr: cannot be written"):
        results.save(small, tmp_path / "none" / "results.zarr")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"gone\.zarr: no such file"):
        results.load(tmp_path / "gone.zarr")


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04" + b"\x00" * 40])
def test_a_file_that_is_no_zip_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "results.zarr"
    path.write_bytes(content)
    with pytest.raises(OutputError, match=r"results\.zarr: cannot be read as a headrace result"):
        results.load(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(share: float, stored: Path, tmp_path: Path) -> None:
    whole = stored.read_bytes()
    path = tmp_path / "results.zarr"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(OutputError, match="cannot be read"):
        results.load(path)


def test_a_damaged_chunk_is_refused(stored: Path, tmp_path: Path) -> None:
    members = members_of(stored)
    chunk = next(name for name in members if name.startswith("capital_expenditure_usd_bn/c/"))
    with pytest.raises(OutputError, match="cannot be read"):
        results.load(zipped(tmp_path / "results.zarr", members | {chunk: b"\x00" * 7}))


def test_a_zip_of_other_things_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be read"):
        results.load(zipped(tmp_path / "results.zarr", {"readme.txt": b"hello"}))


def test_a_store_without_a_recipe_is_refused(stored: Path, tmp_path: Path) -> None:
    root = json.loads(members_of(stored)["zarr.json"])
    del root["attributes"]["world"]
    path = zipped(tmp_path / "results.zarr", members_of(stored) | {"zarr.json": json.dumps(root).encode()})
    with pytest.raises(OutputError, match="has no recipe of its World"):
        results.load(path)


def test_a_store_whose_recipe_is_no_recipe_is_refused(stored: Path, tmp_path: Path) -> None:
    root = json.loads(members_of(stored)["zarr.json"])
    root["attributes"]["world"] = "not json"
    path = zipped(tmp_path / "results.zarr", members_of(stored) | {"zarr.json": json.dumps(root).encode()})
    with pytest.raises(OutputError):
        results.load(path)


def test_a_code_that_stands_for_no_word_is_refused(stored: Path, tmp_path: Path) -> None:
    members = members_of(stored)
    metadata = json.loads(members["status_by_quarter/zarr.json"])
    metadata["codecs"] = [{"name": "bytes", "configuration": {"endian": "little"}}]
    shape = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    chunks = {name: bytes([99]) * int(np.prod(shape)) for name in members if name.startswith("status_by_quarter/c/")}
    assert chunks
    members |= chunks | {"status_by_quarter/zarr.json": json.dumps(metadata).encode()}
    with pytest.raises(OutputError):
        results.load(zipped(tmp_path / "results.zarr", members))


class Harmful:
    """Makes a folder when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


@pytest.mark.parametrize("dtype", ["|O", "<f4"])
@pytest.mark.parametrize("role", ["filters", "compressor"])
def test_a_store_that_would_run_code_is_refused_and_runs_none(dtype: str, role: str, tmp_path: Path) -> None:
    codec = {"id": "pickle", "protocol": 5}
    array = {"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": dtype, "fill_value": None, "order": "C"}
    array |= {"filters": None, "compressor": None} | {role: [codec] if role == "filters" else codec}
    members = {
        ".zgroup": json.dumps({"zarr_format": 2}),
        ".zattrs": json.dumps({"world": "{}"}),
        "a/.zarray": json.dumps(array),
        "a/.zattrs": json.dumps({"_ARRAY_DIMENSIONS": ["draw"]}),
    }
    path = zipped(
        tmp_path / "results.zarr",
        {name: text.encode() for name, text in members.items()} | {"a/0": pickle.dumps(Harmful(tmp_path / "ran"))},
    )
    with pytest.raises(OutputError, match="cannot be read"):
        results.load(path)
    assert not (tmp_path / "ran").exists()


def test_a_store_that_claims_more_than_memory_holds_is_refused(stored: Path, tmp_path: Path) -> None:
    members = members_of(stored)
    metadata = json.loads(members["adoption_fraction/zarr.json"])
    metadata["shape"] = [10**13, 7]
    members["adoption_fraction/zarr.json"] = json.dumps(metadata).encode()
    with pytest.raises(OutputError, match="cannot be read"):
        results.load(zipped(tmp_path / "results.zarr", members))
