package chart

import (
	"fmt"
	"math"

	"tapenet/cmd/internal/svg"
	"tapenet/graph/draw/ink"
)

// levels are the steps of the ramp from zero to either of its ends.
const levels = 16

// shades are the colours of the ramp in light and in dark, from -1 to 1. From
// ink.Zero to ink.Blue and to ink.Orange they lie on straight lines in OKLab, where
// equal steps look equal, at the distances |t|^0.8, so that small values show.
var shades = [2*levels + 1][2]string{
	{"#0072b2", "#56b4e9"}, {"#1d79b6", "#54acde"}, {"#2e7fb9", "#51a4d4"}, {"#3c86bd", "#4f9cc9"},
	{"#498dc1", "#4c94be"}, {"#5594c5", "#498cb3"}, {"#619bc9", "#4784a9"}, {"#6da2cc", "#447b9e"},
	{"#79a9d0", "#417393"}, {"#86b0d4", "#3e6b87"}, {"#92b8d8", "#3b627c"}, {"#9fc0dc", "#375970"},
	{"#acc8e0", "#345065"}, {"#bad1e5", "#304758"}, {"#c9dae9", "#2c3d4c"}, {"#dae5ee", "#27333e"},
	{"#f1f3f5", "#20252c"}, {"#f0e3de", "#343031"}, {"#efd8cd", "#443735"}, {"#eecebe", "#523e38"},
	{"#edc4b0", "#5f453b"}, {"#ebbba3", "#6c4b3d"}, {"#eab296", "#79513f"}, {"#e8a98a", "#855741"},
	{"#e6a07e", "#925d43"}, {"#e59871", "#9e6344"}, {"#e39065", "#aa6845"}, {"#e18759", "#b66e46"},
	{"#de7f4d", "#c17347"}, {"#dc7740", "#cd7848"}, {"#da6f31", "#d97e49"}, {"#d76620", "#e4834a"},
	{"#d55e00", "#f0884a"},
}

// rampCSS is the colour of each class that ramp returns.
var rampCSS = func() string {
	var steps []svg.Paint
	for i, s := range shades {
		steps = append(steps, svg.Fill("."+ramp(float64(i-levels)/levels), ink.Colour{Light: s[0], Dark: s[1]}))
	}
	return svg.Themed(steps...)
}()

// ramp returns the class of a number from -1 to 1: zero is the paper, negative blue,
// positive orange.
func ramp(t float64) string {
	level := int(math.Round(levels * t))
	if level < 0 {
		return fmt.Sprint("n", -level)
	}
	return fmt.Sprint("p", level)
}
