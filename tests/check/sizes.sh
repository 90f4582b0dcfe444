#!/bin/bash
# sizes.sh: files of at most 700 lines, functions of at most 90 (bodies, from { to } at the margin).
set -u
cd "$(dirname "$0")/../.." || exit 1
git ls-files -co --exclude-standard -- '*.c' '*.h' | while read -r f; do [ -f "$f" ] && echo "$f"; done |
    grep -v '^core/text_width' | xargs awk '
    FNR == 1 { if (file && lines > 700) { print file ": " lines " lines, more than 700"; bad++ } file = FILENAME }
    { lines = FNR }
    /^\{/ { at = FNR }
    /^\}/ { if (at && FNR - at - 1 > 90) { print FILENAME ":" at ": function of " FNR - at - 1 " lines, more than 90"; bad++ } at = 0 }
    END { if (lines > 700) { print file ": " lines " lines, more than 700"; bad++ } exit bad > 0 }'
