#!/usr/bin/env bash
# Scans, annotates, and writes the reports; ends with the scan's own code. Everything from outside comes in variables.
set -uo pipefail

reports="$RUNNER_TEMP/apiposture"
mkdir -p "$reports"

options=()
[ -n "${FAIL_ON:-}" ] && options+=("--fail-on=$FAIL_ON")
[ -n "${BASELINE:-}" ] && options+=("--baseline=$BASELINE")
if [ "${DIFF:-}" = auto ]; then
  [ -n "${BASE_REF:-}" ] && options+=("--diff=origin/$BASE_REF")
elif [ -n "${DIFF:-}" ]; then
  options+=("--diff=$DIFF")
fi

apiposture scan ${options[@]+"${options[@]}"} \
  --format github \
  --format "markdown:$reports/summary.md" \
  --format "comment:$reports/comment.md" \
  --format "sarif:$reports/apiposture.sarif" \
  --format "html:$reports/apiposture.html" \
  -- "${SCAN_PATH:-.}"
code=$?

{
  echo "exit-code=$code"
  [ -f "$reports/comment.md" ] && echo "comment=$reports/comment.md"
  [ -f "$reports/apiposture.sarif" ] && echo "sarif=$reports/apiposture.sarif"
  [ -f "$reports/apiposture.html" ] && echo "html=$reports/apiposture.html"
} >> "$GITHUB_OUTPUT"
[ -f "$reports/summary.md" ] && cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"
exit "$code"
