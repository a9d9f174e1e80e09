"""Compiled programs are kept where the user says, else in the user's cache, else nowhere; a run goes on in any case."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace.compilation_cache import keep_compiled_programs


def test_a_folder_the_user_chose_is_left_alone(tmp_path: Path) -> None:
    environment = {"JAX_COMPILATION_CACHE_DIR": str(tmp_path)}
    assert keep_compiled_programs(environment) == tmp_path
    assert environment == {"JAX_COMPILATION_CACHE_DIR": str(tmp_path)}


def test_everything_is_kept_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    environment: dict[str, str] = {}
    folder = keep_compiled_programs(environment)
    assert folder == tmp_path / "cache" / "compiled"
    assert folder.is_dir()
    assert environment == {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def test_a_cache_that_cannot_be_made_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    environment: dict[str, str] = {}
    assert keep_compiled_programs(environment) is None
    assert environment == {}
