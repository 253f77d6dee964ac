#!/usr/bin/env bash
# In a real browser (Debian's Chromium): every page with every sample, then every page of the filled town as each kind of person,
# then the journeys, with script and without. axe each time.
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

# A town of its own on a port of its own; both go when the script ends.
program=$(realpath "${CARGO_TARGET_DIR:-../../target}/debug/plico")
town=$(mktemp -d)
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
"$program" demo --listen "127.0.0.1:$port" --data-dir "$town/data" >"$town/log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null; rm -rf "$town"' EXIT
for ((n = 0; n < 120; n += 1)); do
  curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz" && break
  kill -0 "$demo" || { cat "$town/log" >&2; exit 1; }
  sleep 1
done
node crawl.mjs "http://127.0.0.1:$port"
node journeys.mjs "http://127.0.0.1:$port" "$program"
