"""Documents on disk by their hash, and a note for each address which document it gave last.

A document is believed only when its bytes have the hash under which they lie; whatever is damaged counts as not there.
Notes and documents are put down whole, so any number of processes may use one cache without a lock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from headrace.evidence.batch import Document
from headrace.evidence.storage.generations import faults_named

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class DocumentCache:
    """A folder with ``documents/<sha256>`` and ``index/<sha256 of the address>.json``."""

    folder: Path

    def find(self, url: str) -> Document | None:
        """The last document of an address, or ``None`` where there is none whose bytes are whole.

        Args:
            url: The address without secrets.
        """
        try:
            note = json.loads(self._note(url).read_text(encoding="utf-8"))
            sha256 = note["sha256"]
            if note["url"] != url or not _HASH.fullmatch(sha256):
                return None
            content = self._document(sha256).read_bytes()
            retrieved = dt.datetime.fromisoformat(note["retrieved"])
            etag, last_modified = str(note["etag"]), str(note["last_modified"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if hashlib.sha256(content).hexdigest() != sha256 or retrieved.tzinfo is None:
            return None
        return Document(content, url, sha256, retrieved, etag, last_modified, from_cache=True)

    def keep(self, document: Document) -> None:
        """Put a document down, and note that its address gave it last.

        Raises:
            FetchError: The folder cannot be written.
        """
        note = {
            "url": document.url,
            "sha256": document.sha256,
            "retrieved": document.retrieved.isoformat(),
            "etag": document.etag,
            "last_modified": document.last_modified,
        }
        # The document first: a note never names what is not there yet.
        _put_down(self._document(document.sha256), document.content)
        _put_down(self._note(document.url), json.dumps(note, indent=1).encode())

    def _document(self, sha256: str) -> Path:
        return self.folder / "documents" / sha256

    def _note(self, url: str) -> Path:
        return self.folder / "index" / f"{hashlib.sha256(url.encode()).hexdigest()}.json"


def _put_down(path: Path, content: bytes) -> None:
    # No fsync: after a power cut a document whose bytes are not there has the wrong hash and is fetched again. The
    # name aside is this thread's own, for others may put down the same file; what a kill leaves behind is overwritten
    # or never read.
    aside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    with faults_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content)
        aside.replace(path)
