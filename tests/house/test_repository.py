"""The repository speaks of headrace alone: no address of a registry, no path of a machine; and its papers agree."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import headrace
from headrace.citation import FORMS, citation

MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|tmp|opt|home|Users|mnt)/")
REGISTRY_HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|(?<!emit-)index-url\b|(?<!emit-)find-links\b|https?://\S+/simple(/|\s|$)"
)
ADDRESS_WITH_SECRET = re.compile(r"https?://[^/\s:@]+:[^/\s@]+@")

BINARY = {".parquet", ".png", ".zip", ".zarr", ".woff2", ".ico"}
THIS_FILE = "tests/house/test_repository.py"


def tracked_text(root: Path) -> dict[str, str]:
    """Text of every file under version control, and of every new one not ignored; without git, of all of ours."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = listing.stdout.splitlines() if listing.returncode == 0 else _names_without_git(root)
    paths = [root / name for name in names if name != THIS_FILE]
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path.is_file() and path.suffix not in BINARY
    }


def _names_without_git(root: Path) -> list[str]:
    """Files of the folders that hold what we write, and those beside them, as in an unpacked release."""
    folders = (root / name for name in ("src", "tests", "scripts", "benchmarks", "docs", ".ci"))
    inside = (path for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return [path.relative_to(root).as_posix() for path in (*inside, *root.iterdir()) if path.is_file()]


def test_without_git_the_same_files_are_read(root: Path) -> None:
    with_git = tracked_text(root)
    without = {name for name in _names_without_git(root) if (root / name).suffix not in BINARY}
    ours = {name for name in with_git if name.split("/")[0] in {"src", "tests", "scripts", "benchmarks", "docs"}}
    assert len(ours) > 200
    assert ours <= without


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRY_HOSTS, ADDRESS_WITH_SECRET])
def test_no_address_of_a_registry_and_no_path_of_a_machine(pattern: re.Pattern[str], root: Path) -> None:
    found = [
        f"{path}:{number}: {line.strip():.100}"
        for path, text in tracked_text(root).items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_a_machine_path_or_a_registry_would_be_found() -> None:
    assert MACHINE_PATHS.search('open("/tmp/x")')
    assert MACHINE_PATHS.search("see /home/someone/notes")
    assert not MACHINE_PATHS.search("https://example.org/work/paper")
    assert REGISTRY_HOSTS.search("--extra-index-url https://example.org/simple")
    assert ADDRESS_WITH_SECRET.search("https://name:word@example.org/")


def test_constraints_are_versions_and_nothing_else(root: Path) -> None:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []


def test_every_direct_dependency_is_pinned_and_only_capped_where_it_must_be(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = {line.split("==")[0] for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    names = {re.split(r"[<>=\[]", text)[0].strip() for text in asked}
    assert names - pinned == set()
    assert {re.split(r"[<>=]", text)[0] for text in asked if "<" in text} == {"duckdb", "pandas", "zarr"}


def test_public_names_are_those_of_all(root: Path) -> None:
    assert set(headrace.__all__) <= set(dir(headrace))
    assert sorted(headrace.__all__) == headrace.__all__
    for name in headrace.__all__:
        assert getattr(headrace, name) is not None


def test_a_name_that_is_not_public_is_refused_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match="simulate"):
        headrace.simulat  # noqa: B018


def test_changelog_has_this_version(root: Path) -> None:
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(headrace.__version__)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE)


def test_citation_file_is_what_the_command_prints(root: Path) -> None:
    text = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert text == citation("cff") + "\n"
    record = yaml.safe_load(text)
    assert record["cff-version"] == "1.2.0"
    assert record["version"] == headrace.__version__
    assert record["authors"][0]["name"]
    assert record["license"] == "Apache-2.0"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_citation_names_version_and_title(form: str) -> None:
    assert headrace.__version__ in citation(form)
    assert "AI infrastructure build-out" in citation(form)


def test_licence_is_apache_2(root: Path) -> None:
    text = (root / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_readme_is_one_screen_and_says_what_it_is_not(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    assert "not investment advice" in text
    assert "no price targets" in text
    assert "make run" in text
    assert "make test" in text
