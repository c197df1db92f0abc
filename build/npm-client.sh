#!/usr/bin/env bash
# Installs the npm package openai that the runtime's tests drive, by its lock file. Needs node and npm (Debian and Ubuntu: apt-get install npm).
# Idempotent; prints nothing when it is there. Without it the tests that need it are skipped and say so.
set -u
cd "$(dirname "$0")/../tests/AttentionOperator.Runtime.Tests/NpmClient" || exit 1
[ -f node_modules/openai/package.json ] && [ node_modules -nt package-lock.json ] && exit 0
command -v npm >/dev/null || { echo "npm is missing: the tests with the npm client are skipped (apt-get install npm)" >&2; exit 0; }
npm ci --silent --no-audit --no-fund >/dev/null 2>&1 && touch node_modules \
  || echo "the package openai could not be fetched with npm: the tests with the npm client are skipped" >&2
exit 0
