package main

import (
	"cmp"
	"fmt"
)

// ratio compares two times, of which a goal says how far apart they should be.
type ratio struct {
	Network string  `json:"network"`
	Batch   int     `json:"batch"`
	Name    string  `json:"name"`
	Value   spread  `json:"ratio"`              // of the shortest times, and of the medians
	Most    float64 `json:"at_most,omitempty"`  // the goal, if it is one for small ratios,
	Least   float64 `json:"at_least,omitempty"` // or for large ones
	Met     bool    `json:"met"`                // by the shortest times
}

type ratios []ratio

// ratios are those of one network and batch, as far as all was measured.
func (e epochTimes) ratios(n network) ratios {
	var rs ratios
	epoch := map[string]spread{}
	for _, t := range e {
		epoch[cmp.Or(t.Level, string(t.Lowering))] = t.Epoch
	}
	fused := e[0]
	epoch["fused"], epoch["limit"] = fused.Epoch, spread{fused.Limit, fused.Limit}
	add := func(a, b string, most, least float64) {
		over, under := epoch[a], epoch[b]
		if over.Min == 0 || under.Min == 0 {
			return // this processor does not have both
		}
		v := over.over(under)
		met := (most == 0 || v.Min <= most) && v.Min >= least
		rs = append(rs, ratio{n.name, fused.Batch, a + " / " + b, v, most, least, met})
	}
	if n.goal > 0 {
		add("fused", "limit", n.goal, 0)
	}
	add("avx2", "avx512", 1.35, 0)
	add("gorgonia", "generic", 0, 4)
	add("gorgonia", "fused", 0, 45)
	return rs
}

func (rs ratios) table() table {
	t := table{title: "Ratios of epochs", head: []string{"", "network", "batch", "ratio", "of medians", "goal", ""}}
	for _, r := range rs {
		goal := fmt.Sprint("at most ", r.Most)
		if r.Least > 0 {
			goal = fmt.Sprint("at least ", r.Least)
		}
		t.add(r.Name, r.Network, r.Batch, r.Value.Min, r.Value.Median, goal, verdict(r.Met))
	}
	return t
}
