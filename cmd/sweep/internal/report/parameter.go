package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tapenet/cmd/internal/runs/training"
	"tapenet/cmd/internal/stats"
)

// parameter is a setting that a sweep may vary.
type parameter struct {
	name   string
	number bool
	of     func(training.Settings) string
	value  func(training.Settings) float64 // of a number
}

func number(name string, value func(training.Settings) float64) parameter {
	return parameter{name, true, func(s training.Settings) string { return strconv.FormatFloat(value(s), 'g', -1, 64) }, value}
}

// parameters are all there are.
var parameters = []parameter{
	{"network", false, func(s training.Settings) string { return s.Network }, nil},
	number("batch", func(s training.Settings) float64 { return float64(s.Batch) }),
	number("lr", func(s training.Settings) float64 { return s.LR }),
	number("epochs", func(s training.Settings) float64 { return float64(s.Epochs) }),
	{"ops", false, func(s training.Settings) string { return string(s.Ops) }, nil},
	number("train", func(s training.Settings) float64 { return float64(s.Train) }),
}

// values returns those of a parameter, each once: numbers from the least on.
func (p parameter) values(all []config) []string {
	seen := map[string]float64{}
	for _, c := range all {
		seen[p.of(c.Settings)] = 0
		if p.number {
			seen[p.of(c.Settings)] = p.value(c.Settings)
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int { return cmp.Or(cmp.Compare(seen[a], seen[b]), cmp.Compare(a, b)) })
}

// varied returns the parameters of which the configurations have several values.
func varied(all []config) []parameter {
	return slices.DeleteFunc(slices.Clone(parameters), func(p parameter) bool { return len(p.values(all)) < 2 })
}

// effect is a value of a parameter with its accuracy: for each seed the mean of all
// configurations that have the value.
type effect struct {
	value string
	stats.Sample
	difference stats.Difference // from the best
}

// effects returns the values of a parameter, the best first. ok is false if they do
// not compare: not every combination was trained with the same seeds, or a training
// failed.
func (p parameter) effects(all []config) (effects []effect, ok bool) {
	cells := 1
	for _, q := range varied(all) {
		cells *= len(q.values(all))
	}
	if cells != len(all) {
		return nil, false
	}
	seeds := func(c config) (s []uint64) {
		for _, r := range c.runs {
			s = append(s, r.seed)
		}
		return s
	}
	sums := map[string]stats.Sample{}
	for _, c := range all {
		if c.failed() > 0 || !slices.Equal(seeds(c), seeds(all[0])) {
			return nil, false
		}
		value := p.of(c.Settings)
		if sums[value] == nil {
			sums[value] = make(stats.Sample, len(c.runs))
		}
		for i, a := range c.accuracies() {
			sums[value][i] += a / float64(cells/len(p.values(all)))
		}
	}
	for _, value := range p.values(all) {
		effects = append(effects, effect{value: value, Sample: sums[value]})
	}
	slices.SortStableFunc(effects, func(a, b effect) int { return cmp.Compare(b.Mean(), a.Mean()) })
	return effects, true
}

// label names the varied parameters of a configuration: batch 200, lr 0.001.
func label(c config, of []parameter) string {
	var words []string
	for _, p := range of {
		words = append(words, strings.TrimPrefix(p.name+" "+p.of(c.Settings), "network "))
	}
	if len(words) == 0 {
		return c.Settings.String()
	}
	return strings.Join(words, ", ")
}

// plural writes n of a thing: 1 seed, 2 seeds.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
