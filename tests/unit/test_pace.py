"""The line before a host: how far apart its requests are, whoever makes them."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from headrace.evidence.download.pace import LONGEST_HOLD, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1.8e9

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_second_holds_more_than_its_share(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace(tmp_path, 9.0, clock, clock.sleep)
    turns = []
    for _ in range(40):
        pace.wait("data.sec.gov")
        turns.append(clock.now)
    assert min(later - earlier for earlier, later in pairwise(turns)) > 1 / 9 - 1e-6
    assert max(sum(start <= turn < start + 1 for turn in turns) for start in turns) <= 9
    assert clock.now - turns[0] < 40 / 9


def test_hosts_do_not_wait_for_one_another(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace(tmp_path, 1.0, clock, clock.sleep)
    for host in ("a.example", "b.example", "127.0.0.1:8000", "../../escape"):
        pace.wait(host)
    assert clock.now == 1.8e9
    assert not (tmp_path.parent / "escape").exists()


def test_two_fetches_share_one_line(tmp_path: Path) -> None:
    clock = Clock()
    for pace in (Pace(tmp_path, 1.0, clock, clock.sleep), Pace(tmp_path, 1.0, clock, clock.sleep)) * 2:
        pace.wait("a.example")
    assert clock.now == pytest.approx(1.8e9 + 3)


def test_a_held_host_is_not_asked_before_its_time(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace(tmp_path, 9.0, clock, clock.sleep)
    pace.hold("a.example", 30)
    pace.hold("a.example", 5)
    pace.wait("b.example")
    assert clock.now == 1.8e9
    pace.wait("a.example")
    assert clock.now == pytest.approx(1.8e9 + 30)


@pytest.mark.parametrize("text", [repr(1.8e9 + LONGEST_HOLD + 1), "", "nan", "half a numb"])
def test_a_moment_of_another_clock_or_of_a_killed_writer_holds_nobody(tmp_path: Path, text: str) -> None:
    clock = Clock()
    (tmp_path / "a.example").write_text(text)
    Pace(tmp_path, 9.0, clock, clock.sleep).wait("a.example")
    assert clock.now == 1.8e9


def test_threads_stand_in_one_line(tmp_path: Path) -> None:
    pace, turns, lock = Pace(tmp_path, 200.0), [], threading.Lock()

    def ask() -> None:
        for _ in range(5):
            pace.wait("a.example")
            with lock:
                turns.append(time.time())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turns) == 40
    assert max(turns) - min(turns) > 38 / 200
