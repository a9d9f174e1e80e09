#!/usr/bin/env bash
# Page tests look at the report in Debian's chromium. Install it where that is possible; elsewhere those tests skip.
set -euo pipefail

if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "headrace: no chromium here and no right to install it; the tests that look at the page will be skipped" >&2
    exit 0
fi
echo "headrace: installing chromium for the tests that look at the page" >&2
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; }; then
    echo "headrace: chromium could not be installed; the tests that look at the page will be skipped" >&2
fi
