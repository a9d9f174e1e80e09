"""Compiled programs are shared with the tests, so that a timing never includes a compilation."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["JAX_COMPILATION_CACHE_DIR"] = str(Path(__file__).resolve().parent.parent / ".pytest_cache" / "compiled")
