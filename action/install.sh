#!/usr/bin/env bash
# Installs this action's own source, with what it needs by hash, into an environment of its own.
set -euo pipefail

venv="$RUNNER_TEMP/apiposture-venv"
python -m venv "$venv"
[ -d "$venv/Scripts" ] && bin="$venv/Scripts" || bin="$venv/bin"
"$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$GITHUB_ACTION_PATH/requirements.txt"
"$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$GITHUB_ACTION_PATH"
echo "$bin" >> "$GITHUB_PATH"
