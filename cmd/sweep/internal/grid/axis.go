package grid

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// number is what a parameter can be.
type number interface{ int | float64 }

// axis is what a parameter takes: each of its values, or, with -sample, a random one
// from a range.
type axis[T number] struct {
	values   []T
	from, to T // the ends of the range, if there are no values
}

func (a *axis[T]) isRange() bool { return a.values == nil }

// String is what Set reads.
func (a *axis[T]) String() string {
	if a.isRange() {
		return fmt.Sprintf("%v:%v", a.from, a.to)
	}
	words := make([]string, len(a.values))
	for i, v := range a.values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ",")
}

// parameter is the flag of an axis.
type parameter[T number] struct {
	*axis[T]
	want string // which values it takes, in words
	read func(word string) (value T, ok bool)
}

// String is the flag's value; package flag asks for that of a zero parameter too.
func (p parameter[T]) String() string {
	if p.axis == nil {
		return ""
	}
	return p.axis.String()
}

// Set reads values with commas between them, or the ends of a range with a colon.
func (p parameter[T]) Set(text string) error {
	wrong := errors.Errorf("want %s, different ones with commas between them, or a range such as LOW:HIGH for -sample", p.want)
	sep := ","
	if strings.Contains(text, ":") {
		sep = ":"
	}
	var values []T
	for word := range strings.SplitSeq(text, sep) {
		v, ok := p.read(strings.TrimSpace(word))
		if !ok || slices.Contains(values, v) {
			return wrong
		}
		values = append(values, v)
	}
	if sep == "," {
		*p.axis = axis[T]{values: values}
		return nil
	}
	if len(values) != 2 || values[0] > values[1] {
		return wrong
	}
	*p.axis = axis[T]{from: values[0], to: values[1]}
	return nil
}

// readCount reads a whole number from 1 on.
func readCount(word string) (int, bool) {
	n, err := strconv.Atoi(word)
	return n, err == nil && n >= 1
}

// random returns a value of a, or one of its range in which each factor is as
// probable: 0.001 to 0.01 as 0.01 to 0.1. It has three digits, so that people can
// read it, and so that no processor's logarithm makes it another.
func (a *axis[T]) random(rng *rand.Rand) T {
	if !a.isRange() {
		return a.values[rng.IntN(len(a.values))]
	}
	lo, hi := math.Log(float64(a.from)), math.Log(float64(a.to))
	v := math.Exp(lo + rng.Float64()*(hi-lo))
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if n := T(v); float64(n) != v {
		v = math.Round(v)
	}
	return min(max(T(v), a.from), a.to)
}
