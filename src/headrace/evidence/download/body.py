"""Is what arrived the whole document, and a document at all: compression, limits, cut JSON, pages in place of data.

Bytes come in as a server sends them and go out as the document; nothing here knows where they come from.
"""

from __future__ import annotations

import zlib

import msgspec

from headrace.errors import FetchError
from headrace.evidence.download.answers import PassingError

_GZIP = zlib.MAX_WBITS | 16
_MARKS = ("\ufeff".encode(), "\ufeff".encode("utf-16-le"), "\ufeff".encode("utf-16-be"))


class Unpacked:
    """A body as it arrives, decompressed, within a limit for what is sent and for what it becomes."""

    def __init__(self, encoding: str, max_bytes: int, where: str) -> None:
        """Nothing has arrived yet.

        Args:
            encoding: The header Content-Encoding.
            max_bytes: Limit on either side of the decompression.
            where: Address, named in errors.

        Raises:
            FetchError: The encoding is none that was asked for.
        """
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise FetchError(f"{where}: sent as {encoding[:40]!r}, wanted gzip or no compression")
        self._gzip = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
        self._most, self._where = max_bytes, where
        self._sent = 0
        self._parts: list[bytes] = []
        self._size = 0

    def expect(self, length: str) -> None:
        """Take note of the header Content-Length.

        Raises:
            FetchError: It announces too much.
        """
        if length.isascii() and length.isdigit() and int(length[:20]) > self._most:
            raise FetchError(f"{self._where}: announces {int(length[:20]):,} bytes, the limit is {self._most:,}")

    def add(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            FetchError: Too many of them, or no gzip.
        """
        self._sent += len(chunk)
        if self._sent > self._most:
            raise FetchError(f"{self._where}: sends more than {self._most:,} bytes; that is no such document")
        if self._gzip is None:
            self._keep(chunk)
            return
        while chunk:
            if self._gzip.eof:  # a gzip file may be several, one after the other
                self._gzip = zlib.decompressobj(_GZIP)
            try:
                self._keep(self._gzip.decompress(chunk, self._most - self._size + 1))
            except zlib.error as fault:
                raise PassingError(f"{self._where}: damaged gzip: {fault}") from None
            chunk = self._gzip.unconsumed_tail or self._gzip.unused_data

    def whole(self) -> bytes:
        """The document.

        Raises:
            PassingError: The gzip has no end.
            FetchError: Nothing at all arrived.
        """
        if self._gzip is not None and not self._gzip.eof:
            raise PassingError(f"{self._where}: the gzip is cut short after {self._sent:,} bytes")
        if not self._size:
            raise FetchError(f"{self._where}: an empty answer; wanted a document")
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._most:
            raise FetchError(
                f"{self._where}: {self._sent:,} bytes unpack to more than {self._most:,}; that is no such document"
            )
        self._parts.append(part)


def check_document(content: bytes, content_type: str, where: str, is_json: bool) -> None:
    """Refuse a page in place of data, and JSON that is cut or none.

    Args:
        content: The document.
        content_type: The header Content-Type.
        where: Address, named in errors.
        is_json: Whether the address promises JSON; the header may, too.

    Raises:
        FetchError: It is a page.
        PassingError: The JSON ends early or is damaged.
    """
    kind = content_type.partition(";")[0].strip().lower()
    start = content[:200]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    if kind in ("text/html", "application/xhtml+xml") or start.replace(b"\0", b"").lstrip().startswith(b"<"):
        raise FetchError(
            f"{where}: answers with a page, not with data: {_title(content)!r}; open it in a browser to read why"
        )
    if is_json or kind == "application/json" or kind.endswith("+json"):
        try:
            msgspec.json.decode(content, type=msgspec.Raw)
        except (msgspec.DecodeError, RecursionError) as fault:
            raise PassingError(f"{where}: no whole JSON: {fault}; {len(content):,} bytes came") from None


def _title(content: bytes) -> str:
    text = content[:4000].decode("utf-8", errors="replace")
    lowered = text.lower()
    start = lowered.find("<title")
    start = text.find(">", start) + 1 if start >= 0 else 0
    end = lowered.find("</title", start)
    inside = text[start : end if end >= 0 else start + 60]
    return "".join(letter for letter in " ".join(inside.split()) if letter.isprintable())[:60]
