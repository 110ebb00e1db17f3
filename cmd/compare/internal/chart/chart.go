// Package chart draws the pictures of the comparison: curves of the trainings,
// what a network got wrong, and its filters.
//
// Each function returns one SVG that needs nothing beside it: no font, no
// script, no other file. It has colours for light and dark, of which the reader's
// system takes its own. It can be in a page, also several times in the same
// page: it has no ids, and all its styles are below one class. Equal runs in
// equal order give equal bytes. Runs must pass result's Check.
//
// The curves are not drawn by gonum/plot, which would lose the dark colours, the
// descriptions for those who don't see them and the labels at the ends, and add
// 9 modules and 9 MB; nor by go-echarts, whose pages are blank offline.
package chart

import (
	"fmt"

	"tapenet/cmd/compare/internal/result"
)

// name is a configuration with its number: 2 TwoLayer, batch 200.
func name(c result.Config) string { return fmt.Sprint(c.K, " ", c) }

// meanOf says what numbers of n runs are.
func meanOf(n int) string {
	if n == 1 {
		return "one run"
	}
	return fmt.Sprintf("mean of %d runs", n)
}
