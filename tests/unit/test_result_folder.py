"""A folder of results is replaced whole or not at all, whatever goes wrong."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.errors import OutputError
from headrace.result_folder import replaced_whole, require_writable


def write_both(aside: Path, text: str) -> None:
    (aside / "report.html").write_text(text)
    (aside / "results.zarr").write_text(text)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_files_take_their_place_together(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "baseline"
    with replaced_whole(folder) as aside:
        write_both(aside, "new")
        assert [path.name for path in folder.iterdir()] == [aside.name]
    assert contents(folder) == {"report.html": "new", "results.zarr": "new"}


def test_an_old_result_is_replaced_and_what_else_lies_there_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "report.html").write_text("old")
    with replaced_whole(tmp_path) as aside:
        write_both(aside, "new")
    assert contents(tmp_path) == {"notes.txt": "mine", "report.html": "new", "results.zarr": "new"}


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError])
def test_a_fault_half_way_leaves_the_old_result_alone(fault: type[BaseException], tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old")

    def fail_half_way() -> None:
        with replaced_whole(tmp_path) as aside:
            (aside / "report.html").write_text("new")
            raise fault

    with pytest.raises(fault):
        fail_half_way()
    assert contents(tmp_path) == {"report.html": "old"}


def test_a_fault_in_a_new_folder_leaves_no_folder(tmp_path: Path) -> None:
    def fail() -> None:
        with replaced_whole(tmp_path / "out" / "baseline"):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_is_a_sentence_and_leaves_the_old_result_alone(wrapped: bool, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old")

    def fill_the_disk() -> None:
        with replaced_whole(tmp_path) as aside:
            (aside / "report.html").write_text("ne")
            try:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                if wrapped:
                    raise OutputError("cannot be written") from None
                raise

    with pytest.raises(OutputError, match=r"disk is full; nothing was written.*--out"):
        fill_the_disk()
    assert contents(tmp_path) == {"report.html": "old"}


def test_a_folder_that_cannot_be_made_is_a_sentence_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file/baseline: cannot write there \(not a directory\).*--out"):
        require_writable(tmp_path / "file" / "baseline")


def test_asking_whether_a_folder_can_be_written_leaves_no_trace(tmp_path: Path) -> None:
    require_writable(tmp_path / "out" / "baseline")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f".unfinished-{dead.pid}"
    left.mkdir()
    (left / "report.html").write_text("half")
    with replaced_whole(tmp_path) as aside:
        write_both(aside, "new")
    assert contents(tmp_path) == {"report.html": "new", "results.zarr": "new"}


def test_what_a_running_neighbour_writes_is_left_to_it(tmp_path: Path) -> None:
    neighbour = tmp_path / f".unfinished-{os.getppid()}"
    neighbour.mkdir()
    with replaced_whole(tmp_path) as aside:
        write_both(aside, "new")
    assert neighbour.is_dir()


def test_ctrl_c_works_again_afterwards(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with replaced_whole(tmp_path) as aside:
        write_both(aside, "new")
    assert signal.getsignal(signal.SIGINT) is before
