"""How to cite headrace, in the three forms that people paste: a line, BibTeX and the Citation File Format.

All are made from ``data/citation.toml`` and the version of the package, so they cannot disagree.
"""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import Any

from headrace import __version__

FORMS = ("text", "bibtex", "cff")


def citation(form: str = "text") -> str:
    """The citation of this version.

    Args:
        form: One of :data:`FORMS`.

    Returns:
        Text without a newline at its end.
    """
    record = tomllib.loads((files("headrace") / "data" / "citation.toml").read_text(encoding="utf-8"))
    return {"text": _text, "bibtex": _bibtex, "cff": _cff}[form](record)


def _text(record: dict[str, Any]) -> str:
    authors = ", ".join(record["authors"])
    year = record["released"].year
    return f"{authors} ({year}). {_title(record)} (version {__version__}) [software]. Licence {record['licence']}."


def _bibtex(record: dict[str, Any]) -> str:
    return "\n".join(
        [
            "@software{headrace,",
            f"  author  = {{{{{' and '.join(record['authors'])}}}}},",
            f"  title   = {{{_title(record)}}},",
            f"  version = {{{__version__}}},",
            f"  year    = {{{record['released'].year}}},",
            f"  license = {{{record['licence']}}},",
            "}",
        ]
    )


def _cff(record: dict[str, Any]) -> str:
    def quoted(text: str) -> str:
        return json.dumps(" ".join(text.split()), ensure_ascii=False)

    return "\n".join(
        [
            "cff-version: 1.2.0",
            'message: "If you use headrace, please cite it as below."',
            "type: software",
            f"title: {quoted(_title(record))}",
            "authors:",
            *(f"  - name: {quoted(author)}" for author in record["authors"]),
            f"version: {__version__}",
            f"date-released: {record['released'].isoformat()}",
            f"license: {record['licence']}",
            f"abstract: {quoted(record['abstract'])}",
            "keywords:",
            *(f"  - {quoted(word)}" for word in record["keywords"]),
        ]
    )


def _title(record: dict[str, Any]) -> str:
    return f"{record['title']}: {record['subtitle']}"
