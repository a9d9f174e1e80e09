#!/usr/bin/env bash
# Pictures of a report as rendered: three widths, light and dark. Usage: report_shots.sh REPORT.html FOLDER
set -euo pipefail

report=$(realpath "$1")
folder=$2
mkdir -p "$folder"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "report_shots: no chromium here" >&2
    exit 1
}

for width in 390 1024 1600; do
    for scheme in light dark; do
        flags=(--headless=new --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=10000)
        flags+=("--window-size=$width,9000" "--screenshot=$folder/$width-$scheme.png")
        if [ "$scheme" = dark ]; then
            flags+=(--blink-settings=preferredColorScheme=0)
        fi
        "$browser" "${flags[@]}" "file://$report" 2>/dev/null
        echo "$folder/$width-$scheme.png"
    done
done
