#!/usr/bin/env bash
# Every check and test that CI runs, cheapest first. `make test` calls it after setup and assets.
set -euo pipefail
cd "$(dirname "$0")/.."

# Tests that keep an archive: they run on both engines.
on_postgres='package(plico-database) | binary(archive) | binary(desk)
  | (package(plico) & test(/^(address|api|backup|beside|between|certificate|citizen|clock|copy|counter|daily|delegation|desk|destruction|domicile|dossier|exchange|keys|kill|leaving|letter_mail|mailbox|matrix|notice|order|outgoing|deposit|preserver|register|scheme|sent|signing|staff|store|sweep|vendors|verdict|visitor|vouch)::/))'

step() { printf '\n== %s\n' "$*"; "$@"; }

step cargo fmt --all --check
step cargo clippy --workspace --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" step cargo doc --workspace --no-deps --document-private-items --locked
if command -v cargo-nextest >/dev/null; then
  step cargo nextest run --workspace --locked
  step cargo test --workspace --doc --locked
else
  step cargo test --workspace --locked
fi
if command -v cargo-nextest >/dev/null; then
  TEST_ENGINE=postgres step cargo nextest run --workspace --locked -E "$on_postgres"
else
  for package in plico-database plico-archive plico-desk plico; do
    TEST_ENGINE=postgres step cargo test --package "$package" --locked
  done
fi
if [[ -f tests/browser/package.json ]]; then
  step ./scripts/browser.sh
fi
