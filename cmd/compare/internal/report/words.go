package report

import (
	"fmt"
	"math"
	"strconv"
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
	if s >= 100 {
		return fmt.Sprintf("%.1f min", s/60)
	}
	return digits(s) + " s"
}

// digits writes a number above 0 with three digits, or with all before the point.
func digits(v float64) string {
	return strconv.FormatFloat(v, 'f', max(0, 2-int(math.Floor(math.Log10(v)))), 64)
}

// ranges writes rising numbers: 1 to 5, 7 and 9.
func ranges(numbers []uint64) string {
	var words []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		switch j - i {
		case 0:
			words = append(words, fmt.Sprint(numbers[i]))
		case 1:
			words = append(words, fmt.Sprint(numbers[i]), fmt.Sprint(numbers[j]))
		default:
			words = append(words, fmt.Sprintf("%d to %d", numbers[i], numbers[j]))
		}
		i = j + 1
	}
	return list(words)
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
