#!/usr/bin/env bash
# In a real browser (Debian's Chromium): every page with every sample, then every page of the filled town as each kind of person,
# then the journeys, with script and without, axe each time; cards, and a clerk at the keyboard.
set -euo pipefail
cd "$(dirname "$0")/.."

preview=$PWD/target/preview
PLICO_PREVIEW=$preview cargo test --quiet --locked -p plico-locale --test pages
fixtures=$PWD/target/fixtures
rm -rf "$fixtures"
PLICO_FIXTURES=$fixtures cargo test --quiet --locked --workspace --lib every_fixture_has_its_verdict >/dev/null
cargo build --quiet --locked
cd tests/browser
if [[ ! -d node_modules || package-lock.json -nt node_modules ]]; then
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
  touch node_modules
fi
node preview.mjs "$preview"
node hostile.mjs "$fixtures"
node agreement.mjs "$fixtures"

program=$(realpath "${CARGO_TARGET_DIR:-../../target}/debug/plico")
towns=$(mktemp -d)
running=()
trap 'kill "${running[@]}" 2>/dev/null; wait "${running[@]}" 2>/dev/null; rm -rf "$towns"' EXIT

# Fills a town on a port of its own and sets `base` to where it is; it goes when the script ends.
town() {
  local log=$towns/$1.log port
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  "$program" demo --listen "127.0.0.1:$port" --data-dir "$towns/$1" "${@:2}" >"$log" 2>&1 &
  running+=($!)
  base=http://127.0.0.1:$port
  for ((n = 0; n < 120; n += 1)); do
    curl --silent --fail --output /dev/null "$base/readyz" && return
    kill -0 "${running[-1]}" || break
    sleep 1
  done
  cat "$log" >&2
  exit 1
}

town file
node crawl.mjs "$base"
node journeys.mjs "$base" "$program"
node cards.mjs "$base"
node keys.mjs "$base"

# The journeys once more on PostgreSQL. The server stays as long as its standard input is open.
(cd ../.. && cargo build --quiet --locked --workspace --example postgres)
coproc SERVER { "$(dirname "$program")/examples/postgres" "$towns"; }
read -r -u "${SERVER[0]}" address
town server --database "$address"
node journeys.mjs "$base" "$program"
