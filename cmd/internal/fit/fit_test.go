package fit

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"tapenet/models"
)

// TestSummaryFlag: the table comes first, whatever else is printed. Keras
// numbers epochs only if there are several.
func TestSummaryFlag(t *testing.T) {
	net, err := models.TwoLayer(10).Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := writeSummary(&table, "TwoLayer", net); err != nil {
		t.Fatal(err)
	}
	for args, then := range map[string]string{
		"-epochs 0":                       "Accuracy: ",
		"-epochs 1 -limit 100 -verbose 0": "Accuracy: ",
		"-epochs 1 -limit 100 -verbose 2": "1/1 - ",
		"-epochs 2 -limit 100":            "Epoch 1/2\n1/1 - ",
	} {
		var stdout, stderr bytes.Buffer
		err := run(context.Background(), "TwoLayer", models.TwoLayer, strings.Fields("-summary "+args), &stdout, &stderr)
		if err != nil || !strings.HasPrefix(stdout.String(), table.String()+then) || stderr.Len() > 0 {
			t.Errorf("%s: got error %v and\n%s%s", args, err, stdout.String(), stderr.String())
		}
	}
}

// TestLimitLeavesTheTestImages: -limit is for training alone.
func TestLimitLeavesTheTestImages(t *testing.T) {
	var all, limited bytes.Buffer
	for out, args := range map[*bytes.Buffer][]string{&all: {"-epochs", "0"}, &limited: {"-epochs", "0", "-limit", "7"}} {
		if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, out, out); err != nil {
			t.Fatal(err)
		}
	}
	if all.String() != limited.String() {
		t.Errorf("got %q with -limit, %q without", &limited, &all)
	}
}

// TestSeedOfTheWeights: -seed fixes what a training starts from.
func TestSeedOfTheWeights(t *testing.T) {
	j := &job{net: tinyNet(t)}
	for _, seed := range []uint64{1, 7} {
		j.seed = seed
		got, err := j.initial()
		if want := models.Init(j.net, seed); err != nil || !slices.Equal(got, want) {
			t.Errorf("seed %d: got %v, error %v, want %v", seed, got, err, want)
		}
	}
}
