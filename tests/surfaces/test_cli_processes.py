"""What only a process of its own can show: a whole run, a signal half way, a full disk, a reader who goes away."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
    # The file holds 32-bit numbers.
    code = (
        "import headrace as hr, numpy as np; saved = hr.load('out/baseline/results.zarr'); "
        "again = hr.simulate('baseline', draws=16, seed=11, quarters=4); "
        "print(saved.attrs == again.attrs and set(saved.variables) == set(again.variables) and all("
        "np.allclose(saved[name], again[name], rtol=1e-5, atol=1e-5, equal_nan=True) for name in again.data_vars))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": source()},
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == "True", answer.stderr


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "terminate"])
def test_stopping_while_the_loop_compiles_is_heard_at_once_and_leaves_the_old_result_alone(
    sent: signal.Signals, code: int, tmp_path: Path
) -> None:
    old = tmp_path / "out" / "baseline"
    old.mkdir(parents=True)
    (old / "report.html").write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-m", "headrace", "run", "--draws", "4000"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": source(), "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "nothing compiled yet")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    with process:
        first = process.stderr.readline()
        time.sleep(1)
        process.send_signal(sent)
        start = time.monotonic()
        out, error = process.communicate(timeout=60)
        waited = time.monotonic() - start
    assert "baseline" in first, error
    assert process.returncode == code, error
    assert waited < 3
    assert out == ""
    assert "Traceback" not in error
    if sent == signal.SIGINT:
        assert "stopped; nothing was written, the old result is untouched" in error
    left = [path for path in left_in(tmp_path) if path.startswith("out")]
    assert left == ["out", "out/baseline", "out/baseline/report.html"]
    assert (old / "report.html").read_text() == "old"


def test_a_full_disk_is_one_sentence_and_leaves_nothing(headrace: Command, tiny_disk: Path) -> None:
    done = headrace("run", *SMALL, "--out", str(tiny_disk / "out"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "the disk is full; nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert left_in(tiny_disk) == []


def test_a_reader_who_goes_away_is_no_fault(tmp_path: Path) -> None:
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


@pytest.mark.slow
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
