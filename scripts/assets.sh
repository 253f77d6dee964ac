#!/usr/bin/env bash
# Builds assets/dist, once: again only when something that it is made of is newer.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ! -f assets/package.json ]]; then
  echo "no assets here"
  exit 0
fi
stamp=assets/dist/plico.css.br
if [[ -f $stamp && -z $(find assets templates locales/it locales/en Cargo.toml -path assets/node_modules -prune -o -path assets/dist -prune -o -type f -newer "$stamp" -print -quit) ]]; then
  exit 0
fi
cd assets
if [[ ! -d node_modules || package-lock.json -nt node_modules ]]; then
  npm ci --no-audit --no-fund
  touch node_modules
fi
npm run --silent build
