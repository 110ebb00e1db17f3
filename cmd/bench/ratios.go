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
	add := func(name string, a, b spread, most, least float64) {
		v := a.over(b)
		met := (most == 0 || v.Min <= most) && v.Min >= least
		rs = append(rs, ratio{n.name, e[0].Batch, name, v, most, least, met})
	}
	epoch := map[string]spread{}
	for _, t := range e {
		epoch[cmp.Or(t.Level, string(t.Ops))] = t.Epoch
	}
	fused := e[0]
	if n.goal > 0 {
		add("fused / limit", fused.Epoch, spread{fused.Limit, fused.Limit}, n.goal, 0)
	}
	if avx512, ok := epoch["avx512"]; ok {
		add("avx2 / avx512", epoch["avx2"], avx512, 1.35, 0)
	}
	add("gorgonia / generic", epoch["gorgonia"], epoch["generic"], 0, 4)
	add("gorgonia / fused", epoch["gorgonia"], fused.Epoch, 0, 45)
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
