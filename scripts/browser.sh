#!/usr/bin/env bash
# In a real browser (Debian's Chromium): every page with every sample, then the journeys, with script and without. axe each time.
set -euo pipefail
cd "$(dirname "$0")/.."

preview=$PWD/target/preview
PLICO_PREVIEW=$preview cargo test --quiet --locked -p plico-locale --test pages
cargo build --quiet --locked
cd tests/browser
if [[ ! -d node_modules || package-lock.json -nt node_modules ]]; then
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
  touch node_modules
fi
node preview.mjs "$preview"
npm test --if-present
