// Package chart draws the pictures of the comparison: curves of the trainings,
// what a network got wrong, and its filters.
//
// Each function returns one SVG, as package svg writes it. Equal runs in equal order
// give equal bytes. Runs must pass result's Check.
//
// The curves are not drawn by gonum/plot, which would lose the dark colours, the
// descriptions for those who don't see them and the labels at the ends, and add
// 9 modules and 9 MB; nor by go-echarts, whose pages are blank offline.
package chart

import (
	"fmt"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
	"tapenet/graph"
)

// Size is how wide a picture is.
type Size int

const (
	Wide   Size = iota // for a page or a screen
	Narrow             // for a phone, or half a printed page: what is said in fewer columns
)

// Set is the test images of a comparison.
type Set struct {
	Images []uint8     // (N, C, H, W)
	Shape  graph.Shape // (C, H, W) of an image; C is 1 or 3
	Labels []uint8     // (N), their classes
	Names  []string    // of all classes
	Digits bool        // the classes are MNIST's
}

// a names a class in a sentence: a 7, or its name, cut short if it is long.
func (s Set) a(class int) string {
	if s.Digits {
		return "a " + s.Names[class]
	}
	return svg.Shorten(s.Names[class], mostLetters)
}

// mostLetters are as many as a description shows of a name.
const mostLetters = 32

// name is a configuration with its number: 2 TwoLayer, batch 200.
func name(c result.Config) string { return fmt.Sprint(c.K, " ", c) }

// meanOf says what numbers of n runs are.
func meanOf(n int) string {
	if n == 1 {
		return "one run"
	}
	return fmt.Sprintf("mean of %d runs", n)
}
