package processor

import (
	"runtime"
	"testing"
)

func TestModelName(t *testing.T) {
	const other = runtime.GOOS + "/" + runtime.GOARCH
	for cpuinfo, want := range map[string]string{
		"":                                     other,
		"processor\t: 0\nBogoMIPS\t: 50.00\n":  other,
		"model name\t:\nmodel name\t: Fast 1":  "Fast 1",
		"model name\t: A: B\nmodel name\t: C":  "A: B",
		"vendor_id\t: x\nmodel name\t: Slow\n": "Slow",
	} {
		if got := modelName(cpuinfo); got != want {
			t.Errorf("%q: got %q, want %q", cpuinfo, got, want)
		}
	}
	if Name() == "" {
		t.Error("this processor has no name")
	}
}
