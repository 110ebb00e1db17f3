//go:build (amd64 || arm64) && !noasm

package kernel

import (
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// readAssembly returns the processor's assembly.
func readAssembly(t *testing.T) string {
	source, err := os.ReadFile("kernel_" + runtime.GOARCH + ".s")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// isOf reports whether a function belongs to a level with assembly, by the end of its name.
func isOf(entry, level string) bool {
	switch entry = strings.TrimSuffix(entry, "Full"); {
	case strings.HasSuffix(entry, "ZMM"), strings.HasSuffix(entry, "YMM"):
		return level == "avx512"
	case strings.HasSuffix(entry, "TMM"), strings.HasSuffix(entry, "BF16AVX512"):
		return level == "avx512" && BF16()
	case strings.HasSuffix(entry, "AVX2"):
		return level == "avx2"
	}
	return level == "avx512" || level == "avx2" || level == "neon"
}

// TestMultiplyAddsFLOP: a round has as many operations as PeakGFLOPS counts. Each lane of an instruction that multiplies
// and adds is two.
func TestMultiplyAddsFLOP(t *testing.T) {
	rounds := regexp.MustCompile(`(?s)TEXT ·(multiplyAdds\w+)\(SB\).*?\nround:\n(.*?)\n\t(?:BNE|JNZ)`).FindAllStringSubmatch(readAssembly(t), -1)
	eachKernel(t, func(t *testing.T) {
		for _, r := range rounds {
			if !isOf(r[1], active.name) {
				continue
			}
			got := 0
			for instruction, lanes := range map[string]int{`VFMADD213PS\s+Z`: 16, `VFMADD213PS\s+Y`: 8, `fmla v\d+\.4s`: 4} {
				got += 2 * lanes * len(regexp.MustCompile(instruction).FindAllString(r[2], -1))
			}
			if want := active.multiplyAddsLen * active.multiplyAddsFLOP; got != want {
				t.Errorf("%s: %d operations a round, counted as %d", r[1], got, want)
			}
			return
		}
		if active != &generic && active != &reference {
			t.Error("no loop found")
		}
	})
}

// TestInCalls: the calls for a row of windows have all of them in order, none more values than a call may have, unless
// that is one window.
func TestInCalls(t *testing.T) {
	for _, row := range []struct{ windows, c, places int }{{1, 1, 1}, {12, 16, 4}, {100_000, 16, 4}, {100_000, 3, 9}, {5, 70_000, 1}, {maxBlocks * 8, 1, 1}, {maxBlocks*8 + 1, 1, 1}} {
		next := 0
		w := windowRow{windows: row.windows, c: row.c}
		w.inCalls(row.places, func(at, windows int) {
			if at != next || windows < 1 || windows > 1 && windows*row.c*row.places > 1<<15 {
				t.Fatalf("%+v: got %d windows from %d on, after those before %d", row, windows, at, next)
			}
			next += windows
		})
		if next != row.windows {
			t.Errorf("%+v: got %d windows", row, next)
		}
	}
}
