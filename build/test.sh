#!/usr/bin/env bash
# Builds the solution, runs every test project and prints the totals as its last line: "N passed, N failed, N skipped".
# Usage: build/test.sh [name-part ...]   only the test projects whose name contains one of the parts
set -u
cd "$(dirname "$0")/.." || exit 1
configuration=${CONFIGURATION:-Release}
results=artifacts/test-results
rm -rf "$results"; mkdir -p "$results"
build/prerequisites.sh || { echo "0 passed, 1 failed"; exit 1; }
build/npm-client.sh
dotnet build AttentionOperator.sln -c "$configuration" --nologo -v quiet || { echo "the build failed"; echo "0 passed, 1 failed"; exit 1; }

total=0 failed=0 skipped=0 notes=()
# What operator and gateway ask of the API server in all tests is compared with their roles at the end.
export SANDBOX_ACCESS_LOG=$PWD/artifacts/access
rm -rf "$SANDBOX_ACCESS_LOG"
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  case $name in *.Tests | *.Conformance | *.EndToEnd) ;; *) continue ;; esac # else a program that tests start
  if [ $# -gt 0 ]; then
    wanted=false; for part in "$@"; do [[ $name == *"$part"* ]] && wanted=true; done
    $wanted || continue
  fi
  program="$(dirname "$project")/bin/$configuration/net10.0/$name"
  [ -x "$program" ] || { echo "$name was not built"; failed=$((failed + 1)); total=$((total + 1)); continue; }
  echo "== $name"
  # A hang is a failure: each project is bounded.
  timeout --kill-after=30 "${TEST_TIMEOUT:-1500}" "$program" -noColor -result-xml "$results/$name.xml" 2>&1 | tee "$results/$name.log"
  code=${PIPESTATUS[0]}
  counts=$(grep -oE '<assembly [^>]*' "$results/$name.xml" 2>/dev/null | head -1)
  number() { grep -oE " $1=\"[0-9]+\"" <<<"$counts" | grep -oE '[0-9]+'; }
  t=$(number total); f=$(number failed); s=$(number skipped); e=$(number errors); n=$(number not-run)
  if [ -z "$t" ]; then
    # xUnit exits with 8 and writes no result where a project holds no test yet.
    if [ "$code" -eq 8 ] || grep -qE 'Total: 0' "$results/$name.log"; then continue; fi
    notes+=("$name ended with exit code $code and no result: $(tail -n 3 "$results/$name.log" | tr '\n' ' ' | cut -c 1-400)"); t=1 f=1
  elif [ "$code" -ne 0 ] && [ "${f:-0}" -eq 0 ] && [ "${e:-0}" -eq 0 ] && [ "$t" -gt 0 ]; then
    notes+=("$name ended with exit code $code although no test failed"); f=1; t=$((t + 1))
  fi
  [ "${f:-0}" -eq 0 ] && [ "${e:-0}" -eq 0 ] || notes+=("$name: ${f:-0} failed, ${e:-0} errors outside tests, exit code $code")
  total=$((total + t)); failed=$((failed + ${f:-0} + ${e:-0})); skipped=$((skipped + ${s:-0} + ${n:-0}))
done
if [ $# -eq 0 ]; then
  for program in operator gateway; do
    roles=(config/rbac/$program.yaml); [ $program = operator ] && roles+=(config/rbac/operator-cluster.yaml config/rbac/serving.yaml build/access/system-auth-delegator.yaml); [ $program = gateway ] && roles+=(config/api-keys/rbac.yaml)
    total=$((total + 1))
    "tools/AttentionOperator.Packaging/bin/$configuration/net10.0/attention-packaging" access --program attention-$program --roles "${roles[@]}" --calls "$SANDBOX_ACCESS_LOG" ${ACCESS_AUDIT_FLAGS---allow-unused} || failed=$((failed + 1))
  done
fi
# Again at the end, where whoever sees only the last lines finds them: what failed, and what else made a project's result a failure.
grep -hE -A 12 '\[FAIL\]|Cleanup Failure|Test (process|framework|runner) .*rror|Unhandled exception' "$results"/*.log 2>/dev/null | cut -c 1-300 | head -150
printf '%s\n' "${notes[@]}"
# The names alone once more: long logs push them out of the last lines.
grep -hE '\[FAIL\]' "$results"/*.log 2>/dev/null | sort -u | cut -c 1-200 | head -15
echo "$((total - failed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$total" -gt 0 ]
