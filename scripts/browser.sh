#!/usr/bin/env bash
# The journeys in a real browser (Debian's Chromium), with script and without, and axe on every page.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked
cd tests/browser
if [[ ! -d node_modules || package-lock.json -nt node_modules ]]; then
  PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
  touch node_modules
fi
npm test
