"""Which addresses may be asked, and where the sources are: settings with the public address as default.

A setting lets a test or a mirror serve the same documents. It may name https anywhere, and http on this machine alone.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from headrace.errors import FetchError, unknown_name

BASE_URLS = {
    "HEADRACE_SEC_URL": "https://data.sec.gov",
    "HEADRACE_SEC_WWW_URL": "https://www.sec.gov",
    "HEADRACE_FRED_URL": "https://fred.stlouisfed.org",
    "HEADRACE_EIA_URL": "https://api.eia.gov",
    "HEADRACE_EPOCH_URL": "https://epoch.ai",
    "HEADRACE_PRICES_URL": "",
}
"""Environment variable, and the address that counts when it is not set; empty where there is no public one."""

_SEC = ("HEADRACE_SEC_URL", "HEADRACE_SEC_WWW_URL")


def base_url(setting: str) -> str:
    """The address that a setting names, without a slash at its end.

    Args:
        setting: A key of :data:`BASE_URLS`.

    Raises:
        FetchError: The environment gives an address that may not be asked, or there is none at all.
    """
    if setting not in BASE_URLS:
        raise unknown_name("setting", setting, BASE_URLS)
    url = (os.environ.get(setting) or BASE_URLS[setting]).rstrip("/")
    if not url:
        raise FetchError(f"{setting} is not set and has no default; set it to the address of the service")
    check_url(url, setting)
    return url


def check_url(url: str, where: str = "URL") -> None:
    """Refuse an address that is not https, or http on this machine.

    Args:
        url: The address.
        where: Setting or place that gave it, named in the error.

    Raises:
        FetchError: Another scheme, no host, a user name or password in it, or characters that no address has.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as fault:
        raise FetchError(f"{where}: no address: {fault}; wanted https://host/path") from None
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise FetchError(f"{where}: the address holds blanks, control characters or letters beyond ASCII; encode them")
    if parts.username is not None or parts.password is not None:
        raise FetchError(f"{where}: the address of {host} holds a user name or password; leave it out")
    if not host:
        raise FetchError(f"{where}: {_shown(url)!r} names no host; wanted https://host/path")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise FetchError(
            f"{where}: {_shown(url)!r} has the scheme {parts.scheme!r}; wanted https, or http on this machine alone"
        )


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_sec(url: str) -> bool:
    """Whether ``url`` is served by the SEC or by what the settings name in its place."""
    host = urlsplit(url).hostname or ""
    mirrors = {urlsplit(os.environ.get(setting) or BASE_URLS[setting]).netloc for setting in _SEC}
    return host == "sec.gov" or host.endswith(".sec.gov") or urlsplit(url).netloc in mirrors


def _shown(url: str) -> str:
    """The address without its query, where a key may stand."""
    return url.partition("?")[0][:200]
