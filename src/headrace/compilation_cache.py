"""Where compiled programs are kept between two runs, so that the second one starts at once.

JAX reads these settings from the environment when it is first imported; so this must run before that, and it must not
import JAX. Only the command line calls it: a library leaves the settings of its process alone.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

_FOLDER = "JAX_COMPILATION_CACHE_DIR"
_KEEP_EVERYTHING = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


def keep_compiled_programs(environment: MutableMapping[str, str] | None = None) -> Path | None:
    """Point JAX at a folder for compiled programs, unless the user has chosen one.

    Args:
        environment: What to set it in; the environment of this process by default.

    Returns:
        The folder in use, or None where no folder can be written: the run then compiles anew.
    """
    environment = os.environ if environment is None else environment
    if _FOLDER in environment:
        return Path(environment[_FOLDER])
    folder = _default_folder()
    if folder is None:
        return None
    environment[_FOLDER] = str(folder)
    for name, value in _KEEP_EVERYTHING.items():
        environment.setdefault(name, value)
    return folder


def _default_folder() -> Path | None:
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("headrace", appauthor=False)) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
