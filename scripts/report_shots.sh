#!/usr/bin/env bash
# Pictures of a report as rendered: three widths, light and dark, and printed. Usage: report_shots.sh REPORT.html FOLDER
set -euo pipefail

report=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "report_shots: no chromium here" >&2
    exit 1
}
height=${HEIGHT:-12000}
frame=$(mktemp --suffix=.html)
trap 'rm -f "$frame"' EXIT

for width in 390 1024 1600; do
    # A window is never narrower than 500 pixels; a frame in it is, and the page's own rules follow the frame.
    printf '<body style="margin:0"><iframe src="file://%s" width="%s" height="%s" style="border:0"></iframe>' \
        "$report" "$width" "$height" >"$frame"
    window=$((width < 500 ? 500 : width))
    for scheme in light dark; do
        flags=(--headless=new --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=10000)
        flags+=("--window-size=$window,$height" "--screenshot=$folder/$width-$scheme.png")
        flags+=("--blink-settings=preferredColorScheme=$([ "$scheme" = dark ] && echo 0 || echo 1)")
        "$browser" "${flags[@]}" "file://$frame" >/dev/null 2>&1
        echo "$folder/$width-$scheme.png"
    done
done
"$browser" --headless=new --no-sandbox --disable-gpu --virtual-time-budget=10000 \
    --no-pdf-header-footer "--print-to-pdf=$folder/printed.pdf" "file://$report" >/dev/null 2>&1
echo "$folder/printed.pdf"
