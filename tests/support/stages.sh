# shellcheck shell=bash
# The stages of tests/run. Each leaves its results in a folder that tests/support/tally.py reads.
readonly results=build/results
jobs=$(nproc)
folder= # of the stage that is running
run_with=()
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)

# stage NAME COMMAND...: runs one stage, times it and prints one line about it.
stage() {
  local name=$1 started=$SECONDS status=0
  shift
  folder=$results/$name
  mkdir -p "$folder"
  echo "== $name"
  "$@" || status=$?
  if [ "$status" != 0 ] && ! grep -qs '^failed' "$folder/check.tsv" && [ ! -e "$folder/ctest.xml" ]; then
    printf 'failed\tstage %s\tit ended with status %s\n' "$name" "$status" >>"$folder/check.tsv"
  fi
  printf '%5d s  %s\n' $((SECONDS - started)) "$name" >>"$results/times"
  python3 tests/support/tally.py stage "$folder" || status=1
  return "$status"
}

print_times() {
  printf '\ntime per stage\n'
  cat "$results/times"
}

# Tests that want the machine for themselves: they compare its own numbers, or fill it; thousands of
# control groups, which containers make, are series of every agent beside them; a drill's alerts are
# told after seconds, and of nothing but its own fault.
readonly alone=" unit kernel bench gpu containers fast-drills "

# stage_labels NAME...: the stages of those labels. Servers mostly wait, so two labels of servers run
# side by side; what each says comes when it has ended.
stage_labels() {
  local label
  mkdir -p "$results/said"
  for label in "$@"; do
    if [[ $alone == *" $label "* ]]; then stage "$label" run_label "$label"; fi
  done
  for label in "$@"; do
    [[ $alone != *" $label "* ]] || continue
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
    { stage "$label" run_label "$label" >"$results/said/$label" 2>&1; cat "$results/said/$label"; } &
  done
  wait
}

# record NAME COMMAND...: one test that is a command. Its output is shown when it fails.
record() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'passed\t%s\t\n' "$name" >>"$folder/check.tsv"
    return 0
  fi
  printf '%s\n' "$output" | tail -n 60
  printf 'failed\t%s\tits output stands under stage %s\n' "$name" "${folder##*/}" >>"$folder/check.tsv"
  return 1
}

build_preset() {
  local preset=$1 cache=build/$1/CMakeCache.txt
  shift
  # Of a folder that another compiler filled, CMake would keep the files and forget the preset's settings.
  case $preset in
    asan | fuzz | tidy)
      [ ! -e "$cache" ] || grep -q '^CMAKE_CXX_COMPILER:.*clang++-16$' "$cache" || rm -rf "build/$preset" ;;
  esac
  record "configure $preset" cmake --preset "$preset" && record "build $preset" build_quietly "$preset" "$@"
}

# Ninja's progress goes to a log; only what the compiler complained about is shown.
build_quietly() {
  local log=$folder/build.log
  cmake --build --preset "$@" >"$log" 2>&1 && return 0
  grep -E -A8 'error|FAILED|undefined reference|Error' "$log" | head -n 60
  return 1
}

# run_ctest PRESET ARGUMENTS...: test programs of one build, through the command in `run_with` if it
# is set. Each writes its cases as JUnit XML, so that test cases are counted and not programs; what
# failed is read from there and not from the status.
run_ctest() {
  local preset=$1
  shift
  "${run_with[@]}" env PATH="$PATH" GTEST_OUTPUT="xml:$PWD/$folder/cases/" \
    ctest --test-dir "build/$preset" --no-tests=error --output-on-failure \
    --output-junit "$PWD/$folder/ctest.xml" "$@" >"$folder/ctest.log" 2>&1
}

# The kernel's own files that tests read, as any real host has them mounted.
mount_kernel_filesystems() {
  mountpoint -q /sys/kernel/tracing || "${as_root[@]}" mount -t tracefs tracefs /sys/kernel/tracing
  mountpoint -q /sys/fs/bpf || "${as_root[@]}" mount -t bpf bpf /sys/fs/bpf
}

# has_tests PRESET LABEL
has_tests() {
  ! ctest --test-dir "build/$1" -N -L "^$2\$" | grep -qx 'Total Tests: 0'
}

# Real kernels and servers: what other work on the machine does at that moment can disturb one run of
# a program, not two. What needed its second run is told at the end, with what went wrong in the first.
readonly twice=(--repeat until-pass:2)

run_label() {
  local label=$1
  has_tests dev "$label" || { echo "no test carries the label $label"; return 1; }
  case $label in
    unit) run_ctest dev -L '^unit$' -j "$jobs" ;;
    kernel)
      mount_kernel_filesystems
      run_with=("${as_root[@]}")
      run_ctest dev -L '^kernel$' "${twice[@]}"
      run_with=()
      "${as_root[@]}" chown -R "$(id -u)" "$folder" ;;
    packaging)
      run_with=("${as_root[@]}")
      run_ctest dev -L '^packaging$'
      run_with=() ;;
    *) run_ctest dev -L "^$label\$" "${twice[@]}" ;;
  esac
}

# The real servers that tests meet; building them takes minutes the first time.
build_peers() {
  record "the Collector builds" tests/support/peers/get collector &&
    record "Prometheus builds" tests/support/peers/get prometheus
}

fetch_kafka() {
  record "the Collector builds" tests/support/peers/get collector &&
    record "Kafka 4.3.1 comes" tests/support/kafka/get 4.3.1 &&
    record "Kafka 3.9.2 comes" tests/support/kafka/get 3.9.2
}

# run_sanitizer PRESET TARGET LABEL: the tests with that label, built with a sanitizer.
run_sanitizer() {
  build_preset "$1" --target "$2" || return 1
  run_ctest "$1" -L "^$3\$" -j "$jobs"
}

# run_fuzzers PRESET SECONDS: each starts from its seeds and explores that long; what it finds on the
# way stays in build/fuzz/found, so that a later run goes on from there.
run_fuzzers() {
  local preset=$1 seconds=$2 program name
  build_preset "$preset" --target fuzzers || return 1
  for program in build/"$preset"/fuzz/*_fuzz; do
    name=$(basename "$program")
    mkdir -p "build/fuzz/found/$name"
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
    record "$name explores for $seconds s" "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
      -artifact_prefix="$folder/$name-" "build/fuzz/found/$name" "tests/fuzz/corpus/$name" &
  done
  wait
}

# clang-tidy takes ten minutes for everything, so it has a time to keep: what changed comes first, and
# what it left is told as skipped.
run_tidy() {
  local minutes=$1 status=0
  tests/checks/tidy --minutes "$minutes" >"$folder/tidy.log" 2>&1 || status=$?
  case $status in
    0 | 3) printf 'passed\tclang-tidy finds nothing\t\n' >>"$folder/check.tsv" ;;
    *)
      tail -n 100 "$folder/tidy.log"
      printf 'failed\tclang-tidy finds nothing\tits output stands under stage tidy\n' >>"$folder/check.tsv" ;;
  esac
  [ "$status" != 3 ] ||
    printf 'skipped\tclang-tidy over every file\t%s\n' "$(tail -n 1 "$folder/tidy.log")" >>"$folder/check.tsv"
}

run_checks() {
  record "format is clang-format-16's" tests/checks/format
  record "shellcheck finds nothing in the scripts" tests/checks/scripts
}

# What can be checked once the development build has generated its headers.
run_code_checks() {
  record "includes follow the arrows of ARCHITECTURE.md" tests/checks/includes
  record "documents speak of what exists" tests/checks/docs
}
