#!/usr/bin/env bash
# Takes every file of fixtures/p7m through OpenSSL, BouncyCastle and pyHanko and compares what they and we say of the
# mathematics with the table crates/signature/tests/peers/verdicts.txt, which explains each difference. Fails when a line is
# not in it. `scripts/peers.sh write` prints the lines of today.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
here=crates/signature/tests/peers
fixtures=fixtures/p7m
jars=/usr/share/java

for tool in openssl java python3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install openssl default-jdk-headless python3-venv" >&2; exit 1; }
done
for jar in bcprov bcutil bcpkix; do
  [[ -e $jars/$jar.jar ]] || { echo "BouncyCastle is missing: apt-get install libbcpkix-java" >&2; exit 1; }
done
pinned=pyhanko==0.38.0
if [[ "$(cat target/peers/packages 2>/dev/null)" != "$pinned" ]]; then
  python3 -m venv target/peers
  target/peers/bin/pip install -q --disable-pip-version-check "$pinned"
  echo "$pinned" >target/peers/packages
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/files"
# Bare base64 and PEM are ours to read: the others get the bytes they stand for.
for file in "$fixtures"/*.{p7m,p7s,pdf}; do
  name=$(basename "$file")
  case $(head -c 1 "$file") in
    M) { tr -d '\r\n' <"$file" | sed 's/=*$//'; echo ===; } | base64 -d 2>/dev/null >"$work/files/$name" || true ;;
    -) openssl cms -cmsout -in "$file" -inform PEM -outform DER -out "$work/files/$name" ;;
    *) cp "$file" "$work/files/$name" ;;
  esac
done

openssl_says() {
  local file=$1 detached=()
  [[ $file == *.pdf ]] && { echo -; return; }
  [[ $file == *.p7s ]] && detached=(-content "$fixtures/content.txt")
  if ! openssl cms -cmsout -noout -inform DER -in "$file" 2>/dev/null; then
    echo unreadable
  elif openssl cms -verify -noverify -binary -inform DER -in "$file" "${detached[@]}" -out /dev/null 2>"$work/why"; then
    echo intact
  elif grep -q 'no signers' "$work/why"; then
    echo none
  else
    echo not
  fi
}

java -cp "$jars/bcprov.jar:$jars/bcutil.jar:$jars/bcpkix.jar" "$here/Peers.java" "$fixtures/content.txt" \
  $(ls "$work"/files/*.p7[ms]) >"$work/bouncycastle"
target/peers/bin/python "$here/peers.py" "$fixtures/content.txt" "$work"/files/* >"$work/pyhanko"

# What we say is held by a test of its own (`fixtures::every_file_has_its_line`).
ours() {
  awk -v name="$1" '$1 == name {
    if ($3 == "NO_SIGNATURE_FOUND") { print "none"; exit }
    if (NF < 5) { print "unreadable"; exit }
    said = "intact"
    for (i = 5; i <= NF; i++) if ($i ~ /^not-intact/) said = "not"
    print said
  }' "$fixtures/expected.txt"
}

said() { awk -v name="$1" '$1 == name { print $2 }' "$work/$2" | grep . || echo -; }

for file in "$work"/files/*; do
  name=$(basename "$file")
  printf '%-28s %-10s %-10s %-12s %s\n' "$name" "$(ours "$name")" "$(openssl_says "$file")" \
    "$(said "$name" bouncycastle)" "$(said "$name" pyhanko)"
done >"$work/found"

if [[ ${1:-} == write ]]; then
  cat "$work/found"
  exit
fi
# A line of the table is the verdicts, and after # why they differ.
grep -v '^#' "$here/verdicts.txt" | sed 's/ *#.*//' | sed '/^$/d' >"$work/table"
if ! diff -u "$work/table" "$work/found"; then
  echo "the verdicts are not those of $here/verdicts.txt: explain what is new there, or mend it" >&2
  exit 1
fi
unexplained=$(grep -v '^#' "$here/verdicts.txt" | awk -F'#' 'NF { n = split($1, v, " "); d = 0
  for (i = 3; i <= n; i++) if (v[i] != "-" && v[i] != v[2]) d = 1
  if (d && $2 ~ /^ *$/) print v[1] }')
if [[ -n $unexplained ]]; then
  echo "these differ without a reason in $here/verdicts.txt: $unexplained" >&2
  exit 1
fi
echo "openssl $(openssl version | cut -d' ' -f2), BouncyCastle $(basename "$(readlink -f $jars/bcprov.jar)" .jar | sed 's/.*-//'), $pinned: $(wc -l <"$work/found") files as the table has them"
