package report

import (
	"fmt"
	"math"
	"strings"

	"tapenet/graph/draw/ink"
)

// list joins words as a sentence does: a, b and c.
func list(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// plural writes n of a thing: 1 seed, 2 seeds.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return ink.Thousands(n) + " " + thing + "s"
}

// points writes the size of a difference of percentages.
func points(d float64) string { return fmt.Sprintf("%.2f points", math.Abs(d)) }

// signed writes a difference of percentages.
func signed(d float64) string { return strings.Replace(fmt.Sprintf("%+.2f points", d), "-", "−", 1) }

// seconds writes a time with three digits.
func seconds(s float64) string {
	switch {
	case s >= 100:
		return fmt.Sprintf("%.1f min", s/60)
	case s >= 10:
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%.*f s", max(2, 2-int(math.Floor(math.Log10(s)))), s)
}

// pValue writes the p of a test.
func pValue(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// longer says how the time a compares with b: "13 % shorter", "2.3 times as
// long".
func longer(a, b float64) string {
	switch r := a / b; {
	case r >= 2:
		return fmt.Sprintf("%.1f times as long", r)
	case math.Abs(r-1) < 0.005:
		return "as long"
	case r > 1:
		return fmt.Sprintf("%.0f %% longer", 100*(r-1))
	}
	return fmt.Sprintf("%.0f %% shorter", 100*(1-a/b))
}
