#!/usr/bin/env bash
# Keeps one comment under a pull request: the one that begins with the marker is replaced, else one is made.
set -euo pipefail

read -r marker < "$COMMENT"
there="$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" \
  --jq ".[] | select(.user.type == \"Bot\") | select(.body | startswith(\"$marker\")) | .id")"
there="${there%%$'\n'*}" # the first, should there be several

if [ -n "$there" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$there" --field "body=@$COMMENT"
else
  gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" --field "body=@$COMMENT"
fi
