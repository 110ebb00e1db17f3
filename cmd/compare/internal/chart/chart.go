// Package chart draws the pictures of the comparison: curves of the trainings,
// what a network got wrong, and its filters.
//
// Each function writes one SVG that needs nothing beside it: no font, no
// script, no other file. It has colours for light and dark, of which the reader's
// system takes its own. It can stand in a page, also several times in the same
// page: it has no ids, and all its styles are below one class. Equal runs in
// equal order give equal bytes. Runs that don't fit together, or hold numbers
// that can't be, are an error.
package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/result"
)

// group is a configuration with its runs, one a seed.
type group struct {
	result.Config
	runs []result.Run
}

func (g group) String() string { return fmt.Sprint(g.K, " ", g.Config) }

// groupByConfig returns the configurations that have runs, in their order.
func groupByConfig(runs []result.Run) ([]group, error) {
	if len(runs) == 0 {
		return nil, errors.New("no runs to draw")
	}
	groups := make([]group, len(result.Configs))
	for i, c := range result.Configs {
		groups[i].Config = c
	}
	for _, r := range runs {
		i := slices.IndexFunc(groups, func(g group) bool { return g.K == r.Config })
		if i < 0 {
			return nil, errors.Errorf("a run of configuration %d, want one of 1 to %d", r.Config, len(groups))
		}
		groups[i].runs = append(groups[i].runs, r)
	}
	return slices.DeleteFunc(groups, func(g group) bool { return len(g.runs) == 0 }), nil
}

// groupOne returns the configuration that all the runs must be of.
func groupOne(runs []result.Run) (group, error) {
	groups, err := groupByConfig(runs)
	if err != nil {
		return group{}, err
	}
	if len(groups) > 1 {
		return group{}, errors.Errorf("runs of %d configurations, want those of one", len(groups))
	}
	return groups[0], nil
}

// epochs is how many epochs each of the runs has.
func (g group) epochs() (int, error) {
	n := len(g.runs[0].Epochs)
	if n == 0 {
		return 0, errors.Errorf("configuration %d, seed %d: no epochs", g.K, g.runs[0].Seed)
	}
	for _, r := range g.runs {
		if len(r.Epochs) != n {
			return 0, errors.Errorf("configuration %d: %d epochs with seed %d, %d with seed %d",
				g.K, len(r.Epochs), r.Seed, n, g.runs[0].Seed)
		}
		for i, e := range r.Epochs {
			for _, m := range []result.Metrics{e.Train, e.Val} {
				if !(m.Accuracy >= 0 && m.Accuracy <= 1 && m.Loss >= 0 && m.Loss <= math.MaxFloat64) {
					return 0, errors.Errorf("configuration %d, seed %d, epoch %d: accuracy %v and loss %v, want 0 to 1 and 0 or more",
						g.K, r.Seed, i+1, m.Accuracy, m.Loss)
				}
			}
			if !(e.Seconds >= 0 && e.Seconds <= math.MaxFloat64) {
				return 0, errors.Errorf("configuration %d, seed %d, epoch %d: %v seconds", g.K, r.Seed, i+1, e.Seconds)
			}
		}
	}
	return n, nil
}

// meanOf says what numbers of n runs are.
func meanOf(n int) string {
	if n == 1 {
		return "one run"
	}
	return fmt.Sprintf("mean of %d runs", n)
}
