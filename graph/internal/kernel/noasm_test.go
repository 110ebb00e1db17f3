//go:build (!amd64 && !arm64) || noasm

package kernel

import "testing"

func TestLevelWithoutAssembly(t *testing.T) {
	if got := Level(); got != "generic" || len(levels) != 1 {
		t.Errorf("got level %q of %d, want generic alone", got, len(levels))
	}
}
