package report

import (
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
)

// extreme makes a run of the least and the greatest numbers that pass Check,
// picked by chance.
func extreme(rng *rand.Rand, k int, seed uint64, s result.Settings, labels []uint8) result.Run {
	one := func(values ...float64) float64 { return values[rng.IntN(len(values))] }
	metrics := func(images int) result.Metrics {
		right := one(0, 1, float64(images-1), float64(images))
		return result.Metrics{Accuracy: right / float64(images), Loss: one(0, math.SmallestNonzeroFloat64, 1e-5, 2.3, 1e6)}
	}
	r := result.Run{Config: k, Seed: seed, Machine: here, Mistakes: []result.Mistake{}}
	for range s.Configs()[k-1].Epochs {
		seconds := one(1e-9, 1e-3, 1, math.Nextafter(86400, 0))
		r.Epochs = append(r.Epochs, result.Epoch{Seconds: seconds, Train: metrics(s.Train), Val: metrics(s.Test)})
	}
	r.Test = r.Epochs[len(r.Epochs)-1].Val
	for i := range int(math.Round((1 - r.Test.Accuracy) * float64(s.Test))) {
		guess := one(0.1, 0.5, 1)
		truth := int(labels[i])
		r.Mistakes = append(r.Mistakes, result.Mistake{Image: i, Truth: truth, Guess: (truth + 1) % 10, PGuess: guess, PTruth: one(0, min(guess, 1-guess))})
	}
	weight := func() float32 {
		return float32(one(0, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.MaxFloat32, -math.MaxFloat32))
	}
	r.Filters = result.Filters{Side: 1, Kernels: [][]float32{{weight()}, {weight()}}}
	return r
}

// TestExtremes: whatever numbers pass Check, all that is shown of them is finite.
func TestExtremes(t *testing.T) {
	none := regexp.MustCompile(`.{0,60}(NaN|Inf\b|%!).{0,60}`)
	rng := rand.New(rand.NewPCG(3, 4))
	s := result.Settings{Data: result.MNIST, Train: 60000, Test: 20}
	labels := make([]uint8, s.Test)
	for i := range labels {
		labels[i] = uint8(i % 10)
	}
	for range 8 {
		s.Epochs = []int{0, 1, 2}[rng.IntN(3)]
		c := Comparison{Settings: s, Labels: labels, Images: make([]uint8, s.Test*784)}
		seeds := 1 + rng.IntN(3)
		for _, config := range result.Configs {
			for seed := range rng.IntN(seeds + 1) {
				r := extreme(rng, config.K, uint64(seed), s, labels)
				if err := r.Check(s, labels); err != nil {
					t.Fatal(err)
				}
				c.Runs = append(c.Runs, r)
			}
		}
		if c.Runs == nil {
			continue
		}
		r, err := Build(c)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{"report.md": render(t, r.Markdown), "report.html": render(t, r.HTML), "table": render(t, r.WriteText)}
		for _, section := range r.Sections {
			for _, f := range section.Figures {
				texts[f.Name] = string(f.SVG)
			}
		}
		for name, text := range texts {
			if found := none.FindString(text); found != "" {
				t.Fatalf("%s: …%s…", name, found)
			}
		}
	}
}

// TestPrintableMachines: control characters in the name of a machine can't reach
// a terminal.
func TestPrintableMachines(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {99}, 2: {99}})
	for i := range b.Runs {
		r := &b.Runs[i]
		r.Machine.Processor, r.Machine.Kernels = "Fast\x1b]0;pwn\x07\n| µ", "avx2\u202e\u009b"
		r.Machine.Workers += i // two machines, so that a sentence names them
		r.Filters = result.Filters{Side: 1, Kernels: [][]float32{{1}}}
		for e := range r.Epochs {
			r.Epochs[e].Train, r.Epochs[e].Val = r.Test, r.Test
		}
	}
	b.Runs[1].Machine.Kernels += "\xff"
	r, err := Build(b.Comparison)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"report.md": render(t, r.Markdown), "report.html": render(t, r.HTML), "table": render(t, r.WriteText)} {
		if strings.ContainsAny(text, "\x1b\a\u202e\u009b\x7f") || strings.Contains(text, "\xff") {
			t.Errorf("%s has control characters: %q", name, text)
		}
		if name != "table" && !strings.Contains(strings.ReplaceAll(text, `\\`, `\`), `Fast\x1b`) {
			t.Errorf("%s does not show the name", name)
		}
	}
	if slices.ContainsFunc(b.Runs, func(r result.Run) bool { return !strings.Contains(r.Machine.Processor, "\x1b") }) {
		t.Error("the runs themselves were changed")
	}
}
