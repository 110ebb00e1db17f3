package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/table"
	"tapenet/models"
	"tapenet/train"
)

// stepBatch is the batch of the step that is taken apart.
const stepBatch = 200

// partRest is the part of a step that is in no other part.
const partRest = "rest: tape machine"

// part is an op of a step, or something else that takes time.
type part struct {
	Name   string  `json:"name"`
	FLOP   int     `json:"flop_per_image,omitempty"`
	Micros spread  `json:"us_per_image"`
	GFLOPS float64 `json:"gflops,omitempty"` // at the minimum
	OfPeak float64 `json:"of_peak,omitempty"`
}

// step is where the time of a training step goes, with one worker.
type step struct {
	Network string `json:"network"`
	Parts   []part `json:"parts"` // the last is the step itself
}

// measureStep measures the parts of a training step.
func (b *bench) measureStep(ctx context.Context, n network) error {
	taken := samples{}
	if err := b.trainFor(ctx, n, stepBatch, 1, taken.add); err != nil {
		return err
	}
	s := &step{n.name, n.parts(taken, b.Processor.Peak)}
	b.Steps = append(b.Steps, s)
	return s.section().write(b.text)
}

// trainFor trains n for the time b.step, at least a step. After each it calls add with
// the times of its parts, which add clears.
func (b *bench) trainFor(ctx context.Context, n network, batch, workers int, add func(times map[string]time.Duration)) error {
	enough := errors.New("measured for long enough")
	end := time.Now().Add(b.step)
	times := map[string]time.Duration{}
	t, err := train.New(n.Network, models.Init(n.Network, 1), train.Config{
		Batch: batch, Epochs: math.MaxInt, Workers: workers, Times: times,
		OnStep: func(train.Progress) error {
			add(times)
			if time.Now().After(end) {
				return enough
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	if _, err := t.Fit(ctx, b.data, train.Data{}); !errors.Is(err, enough) {
		return err
	}
	return nil
}

// samples are the times of each part in every step, in µs an image.
type samples map[string][]float64

// add adds the times of one step, and clears them for the next.
func (s samples) add(times map[string]time.Duration) {
	rest := 2 * times[train.TimeStep] // once for the step itself, which is in times
	for _, t := range times {
		rest -= t
	}
	times[partRest] = rest
	for part, t := range times {
		s[part] = append(s[part], t.Seconds()*1e6/stepBatch)
	}
	clear(times)
}

// parts returns the parts of a step in the order of their work, with the rate of
// each; peak is that of one worker, in GFLOP/s.
func (n network) parts(s samples, peak float64) []part {
	noOps := []string{train.TimeImages, train.TimeAdam, partRest, train.TimeStep}
	order := slices.SortedFunc(maps.Keys(s), func(a, b string) int {
		i, _ := n.opWork(a)
		j, _ := n.opWork(b)
		return cmp.Or(i-j, slices.Index(noOps, a)-slices.Index(noOps, b), cmp.Compare(a, b))
	})
	var parts []part
	for _, name := range order {
		// These ops only return what the op before them has computed.
		if strings.HasPrefix(name, "∂ ") && (strings.HasSuffix(name, ".bias") || strings.HasSuffix(name, " loss")) {
			continue
		}
		p := part{Name: name, Micros: spreadOf(s[name])}
		if _, p.FLOP = n.opWork(name); name == train.TimeStep {
			p.FLOP = n.stepFLOP()
		}
		p.GFLOPS = float64(p.FLOP) / p.Micros.Min / 1e3
		p.OfPeak = p.GFLOPS / peak
		parts = append(parts, p)
	}
	return parts
}

func (s *step) section() *section {
	t := &section{title: fmt.Sprintf("Training step of %s: 1 worker, batch %d", s.Network, stepBatch)}
	t.Columns = append(table.Texts(""), table.Numbers("FLOP/image", "µs/image", "median", "GFLOP/s", "of peak")...)
	for _, p := range s.Parts {
		t.add(p.Name, p.FLOP, p.Micros.Min, p.Micros.Median, p.GFLOPS, percent(p.OfPeak))
	}
	t.notes = []string{"The first convolution does less than is counted: it leaves out the blank parts of MNIST's digits."}
	return t
}
