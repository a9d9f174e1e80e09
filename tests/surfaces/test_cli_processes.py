"""What only a process of its own can show: a whole run, a signal half way, a full disk, a reader who goes away."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Command = Callable[..., "subprocess.CompletedProcess[str]"]

SMALL = ["--draws", "16", "--quarters", "4"]

RESULT = ["out", "out/baseline", "out/baseline/report.html", "out/baseline/results.zarr"]


def left_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_run_writes_report_and_results_and_prints_five_headlines(headrace: Command, tmp_path: Path) -> None:
    done = headrace("run", *SMALL)
    assert done.returncode == 0, done.stderr
    assert left_in(tmp_path) == RESULT
    first, second, blank, *headlines = done.stdout.splitlines()
    assert first.split() == ["report", "out/baseline/report.html"]
    assert second.split() == ["results", "out/baseline/results.zarr"]
    assert blank == ""
    labelled = [line for line in headlines if not line.startswith(" ")]
    assert len(labelled) == 5
    columns = {re.match(r".*?\S  +(?=\S)", line).end() for line in labelled}
    assert len(columns) == 1
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert "baseline:" in done.stderr


def test_a_saved_run_is_the_run_again(headrace: Command, tmp_path: Path) -> None:
    done = headrace("run", *SMALL, "--seed", "11")
    assert done.returncode == 0, done.stderr
    code = (
        "import headrace as hr; saved = hr.load('out/baseline/results.zarr'); "
        "again = hr.simulate('baseline', draws=16, seed=11, quarters=4); "
        "print(saved.identical(again) or saved.equals(again))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": source()},
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == "True", answer.stderr


def test_ctrl_c_half_way_leaves_the_old_result_alone(tmp_path: Path, compiled_programs: Path) -> None:
    stopped(signal.SIGINT, 130, tmp_path, compiled_programs)


def test_being_told_to_end_leaves_no_half_written_file(tmp_path: Path, compiled_programs: Path) -> None:
    stopped(signal.SIGTERM, 143, tmp_path, compiled_programs)


def stopped(sent: signal.Signals, code: int, folder: Path, compiled_programs: Path) -> None:
    old = folder / "out" / "baseline"
    old.mkdir(parents=True)
    (old / "report.html").write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-m", "headrace", "run", "--draws", "4000"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": source(), "JAX_COMPILATION_CACHE_DIR": str(compiled_programs)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    first = process.stderr.readline()
    assert "baseline" in first
    time.sleep(0.2)
    process.send_signal(sent)
    out, error = process.communicate(timeout=60)
    assert process.returncode == code, error
    assert out == ""
    assert "Traceback" not in error
    if sent == signal.SIGINT:
        assert "stopped; nothing was written, the old result is untouched" in error
    assert left_in(folder) == ["out", "out/baseline", "out/baseline/report.html"]
    assert (old / "report.html").read_text() == "old"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a tiny disk, and not everywhere")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_sentence_and_leaves_nothing(headrace: Command, tiny_disk: Path) -> None:
    done = headrace("run", *SMALL, "--out", str(tiny_disk / "out"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "the disk is full; nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert left_in(tiny_disk) == []


def test_a_reader_who_goes_away_is_no_fault(compiled_programs: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "headrace", "cite"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": source()},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_cache_that_cannot_be_written_does_not_stop_a_run(headrace: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = {"JAX_COMPILATION_CACHE_DIR": str(tmp_path / "file" / "cache")}
    done = headrace("run", *SMALL, environment=environment)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_python_dash_m_is_the_same_command(headrace: Command) -> None:
    assert headrace("--version").stdout.startswith("headrace, version 0.")


def source() -> str:
    return str(Path(__file__).resolve().parents[2] / "src")
