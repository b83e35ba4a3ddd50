#!/usr/bin/env bash
# documentation.sh BUILD SITE MODULE…: one documentation site of modules that are compiled already.
#
# BUILD is the folder of a build, such as .build/tests/release. A module comes after those that it links to. Symbols are
# read from the compiled modules, so nothing is compiled for the site. A broken link is an error. Parameters that a name
# explains need no sentence, so DocC does not ask for one.
set -euo pipefail
build=$1 site=$2
shift 2
bin=$(dirname "$(realpath "$(command -v "${SWIFT:-swift}")")")
tool() { xcrun --find "$1" 2>/dev/null || echo "$bin/$1"; }
docc=$(tool docc)
extract=("$(tool swift-symbolgraph-extract)" -minimum-access-level public -emit-extension-block-symbols
  -target "$("$(tool swiftc)" -print-target-info | sed -n 's/.*"triple": "\(.*\)".*/\1/p' | head -n 1)"
  -I "$build/Modules" -I "$build/CLanes.build" -I Sources/CGSL -I Sources/CZlib
  -I "$(dirname "$build")/checkouts/GRDB.swift/Sources/GRDBSQLite")
if [ "$(uname)" = Darwin ]; then extract+=(-sdk "$(xcrun --show-sdk-path)"); fi
work=$(dirname "$site")/documented
rm -rf "$site" "$work"
archives=() links=()
for module in "$@"; do
  mkdir -p "$work/$module"
  "${extract[@]}" -module-cache-path "$work/cache" -module-name "$module" -output-dir "$work/$module"
  input=(--additional-symbol-graph-dir "$work/$module")
  if [ -d "Sources/$module/$module.docc" ]; then input=("Sources/$module/$module.docc" "${input[@]}"); fi
  "$docc" convert "${input[@]}" --fallback-display-name "$module" --fallback-bundle-identifier "$module" \
    --enable-experimental-external-link-support ${links[@]+"${links[@]}"} --emit-lmdb-index \
    --transform-for-static-hosting --warnings-as-errors --disable-parameters-and-returns-validation \
    --output-path "$work/$module.doccarchive"
  archives+=("$work/$module.doccarchive")
  links+=(--dependency "$work/$module.doccarchive")
done
"$docc" merge "${archives[@]}" --output-path "$site" \
  --synthesized-landing-page-name Metastable --synthesized-landing-page-kind Package
