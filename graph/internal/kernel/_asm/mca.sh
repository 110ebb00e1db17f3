#!/usr/bin/env bash
# Estimates how fast the NEON kernels run, from the processor models of llvm-mca:
#
#	graph/internal/kernel/_asm/mca.sh
#
# It wants Go, llvm-objdump and llvm-mca of LLVM 19 or later: older ones have no model of the Neoverse V2. OBJDUMP and
# MCA name other commands. A loop runs as if all that it reads were in the first-level cache.
set -euo pipefail
cd "$(dirname "$0")/.."
objdump=${OBJDUMP:-llvm-objdump-19} mca=${MCA:-llvm-mca-19}

dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
GOOS=linux GOARCH=arm64 go test -c -o "$dir/kernel.test" .

# Kernel, the loop's floating-point operations, what it is.
kernels='
tile2x3x4NEON 192 tile, 16 columns: dense layers, convolutions
tile2x4x3NEON 192 tile, 12 columns
tile2x6x2NEON 192 tile, 8 columns
tile2x6x1NEON 96 tile, 4 columns
pool1x4NEON 128 tile with a pool, 16 filters
pool3x2NEON 192 tile with a pool, 8 filters
gather5x2NEON 50 gather, 5 rows of 5 columns
gather3x8NEON 192 gather, 3 rows of 32 columns
scatter2x8NEON 128 scatter, 2 rows of 32 columns
adam4 128 Adam, 8 parameters, 4 lanes
'

# loop prints the innermost loop of a function: from the target of its first backward branch to that branch.
loop() {
	"$objdump" -d --no-show-raw-insn --disassemble-symbols="tapenet/graph/internal/kernel.$1.abi0" "$dir/kernel.test" | awk '
		!found && $1 ~ /^[0-9a-f]+:$/ {
			place = "0x" substr($1, 1, length($1) - 1)
			sub(/^[^:]*:[ \t]*/, ""); sub(/ *<.*/, ""); sub(/ *\/\/.*/, "")
			split($0, word, /[ \t]+/)
			if (word[1] == "b.ne" && word[2] in line) {
				print "loop:"
				for (i = line[word[2]]; i <= n; i++) print text[i]
				print "b.ne loop"
				found = 1
			}
			line[place] = ++n; text[n] = $0
		}'
}

# cycles prints the cycles of an iteration of the loop on a processor, estimated over a thousand.
cycles() {
	"$mca" -mtriple=aarch64 -mcpu="$1" -iterations=1000 "$2" 2>/dev/null | awk '/^Total Cycles:/ { print $3 / 1000 }'
}

processors=${*:-neoverse-n1 neoverse-v2 apple-m1}
printf 'estimated by %s\n' "$("$mca" --version | grep -o 'LLVM version [0-9.]*')"
printf '%-16s %-46s' kernel loop
for p in $processors; do printf '  %-21s' "$p"; done
printf '\n'
while read -r name flop what; do
	[ -n "$name" ] || continue
	loop "$name" > "$dir/loop.s"
	[ -s "$dir/loop.s" ] || { echo "$name: no loop found" >&2; exit 1; }
	printf '%-16s %-46s' "$name" "$what"
	for p in $processors; do
		units=4 # that multiply and add
		case $p in
		neoverse-n1) units=2 ;;
		apple-m1) units=3 ;; # LLVM has the model of a much older processor of Apple for it; the M1 has four
		esac
		cycles "$p" "$dir/loop.s" | awk -v flop="$flop" -v units=$units \
			'{ printf "  %4.1f FLOP/cycle %3.0f %%  ", flop / $1, 100 * flop / $1 / (8 * units) }'
	done
	printf '\n'
done <<< "$kernels"
