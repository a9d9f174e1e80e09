"""One writer at a time, any number of readers meanwhile, in processes of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from headrace.errors import FetchError
from headrace.evidence import facts
from headrace.evidence.storage.local_store import append, newest

HOLD = """
import sys
from pathlib import Path
from headrace.evidence.storage.local_store import opened
with opened(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

READ = """
import sys
from pathlib import Path
from headrace.evidence import facts
store, end = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
ended = False
while not ended:
    ended = end.exists()
    known = facts.load(store=store)
    own = known[known["calendar_quarter"] >= "2031Q1"]
    assert len(own) == 4 and own["value"].nunique() == 1, own
"""


@contextmanager
def another_process(root: Path, code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Runs ``code``; entered when it has said its first word, ended when the block does."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(root / "src")}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() in ("held", "ready")
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def test_a_second_writer_is_told_who_holds_the_store(root: Path, tmp_path: Path, batch: Any) -> None:
    with another_process(root, HOLD, tmp_path / "store") as holder:
        start = time.monotonic()
        with pytest.raises(FetchError) as fault:
            append(batch(), tmp_path / "store", wait=0.1)
        assert time.monotonic() - start < 5
    text = str(fault.value)
    assert f"another writer holds the store: process {holder.pid} since '20" in text
    assert re.search(r"'-c .*store'\. Waited 0\.1 s; let it end", text)


def test_a_second_writer_waits_for_the_first(root: Path, tmp_path: Path, batch: Any) -> None:
    store = tmp_path / "store"
    with another_process(root, HOLD, store) as holder:
        writer = threading.Thread(target=append, args=(batch(), store))
        writer.start()
        time.sleep(0.1)
        assert newest("facts", store) == []
        assert writer.is_alive()
        assert holder.stdin is not None
        holder.stdin.close()
        writer.join(30)
        assert len(newest("facts", store)) == 1


def test_a_killed_writer_holds_nothing(root: Path, tmp_path: Path, batch: Any) -> None:
    store = tmp_path / "store"
    with another_process(root, HOLD, store) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
        assert append(batch(), store, wait=5).path is not None


def test_a_holder_that_does_not_say_who_it_is_still_holds(root: Path, tmp_path: Path, batch: Any) -> None:
    store = tmp_path / "store"
    with another_process(root, HOLD, store):
        (store / "lock").write_text("{")
        with pytest.raises(FetchError, match="one that does not say who it is"):
            append(batch(), store, wait=0.05)


def test_writers_in_threads_give_every_generation_a_number_of_its_own(tmp_path: Path, batch: Any) -> None:
    store = tmp_path / "store"
    batches = [batch(f"{number}", item=f"item_{number}") for number in range(12)]
    threads = [threading.Thread(target=append, args=(one, store)) for one in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.name[:8] for path in newest("facts", store)) == [f"{number:08d}" for number in range(1, 13)]


def test_readers_in_other_processes_see_whole_generations_while_one_writes(
    root: Path, tmp_path: Path, batch: Any
) -> None:
    store = tmp_path / "store"
    append(batch(), store)
    end = tmp_path / "end"
    with another_process(root, READ, store, end) as one, another_process(root, READ, store, end) as two:
        for number in range(2, 14):
            append(batch(f"{number}", float(number)), store)
            known = facts.load(store=store)
            assert set(known.loc[known["calendar_quarter"] >= "2031Q1", "value"]) == {float(number)}
        end.touch()
        for reader in (one, two):
            _, said = reader.communicate()
            assert (reader.returncode, said) == (0, "")
