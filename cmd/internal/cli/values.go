package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// The flag values of this file refuse what is not allowed while the command
// line is read, and say what is: flag adds the flag's name and the value.

// count is a whole number of at least min.
type count struct {
	p   *int
	min int
}

func (c count) String() string {
	if c.p == nil {
		return "" // flag asks a zero value too
	}
	return strconv.Itoa(*c.p)
}

func (c count) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < c.min {
		return errors.Errorf("want a whole number, at least %d", c.min)
	}
	*c.p = n
	return nil
}

// seed is a whole number of 64 bits.
type seed struct{ p *uint64 }

func (v seed) String() string {
	if v.p == nil {
		return ""
	}
	return strconv.FormatUint(*v.p, 10)
}

func (v seed) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return errors.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	*v.p = n
	return nil
}

// rate is a float32 above 0.
type rate struct{ p *float64 }

func (v rate) String() string {
	if v.p == nil {
		return ""
	}
	return strconv.FormatFloat(*v.p, 'g', -1, 64)
}

func (v rate) Set(s string) error {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f > 0) || float32(f) == 0 || math.IsInf(float64(float32(f)), 0) {
		return errors.New("want a finite number above 0")
	}
	*v.p = f
	return nil
}

// choice is one of a few words.
type choice[T ~string] struct {
	p       *T
	choices []T
}

func (c choice[T]) String() string {
	if c.p == nil {
		return ""
	}
	return string(*c.p)
}

func (c choice[T]) Set(s string) error {
	if !slices.Contains(c.choices, T(s)) {
		return errors.Errorf("want %s", c.list())
	}
	*c.p = T(s)
	return nil
}

// list is the choices as a sentence has them: a, b or c.
func (c choice[T]) list() string {
	words := make([]string, len(c.choices))
	for i, w := range c.choices {
		words[i] = string(w)
	}
	if n := len(words); n > 1 {
		return fmt.Sprintf("%s or %s", strings.Join(words[:n-1], ", "), words[n-1])
	}
	return words[0]
}

// toggle is true or false.
type toggle struct{ p *bool }

func (v toggle) String() string {
	if v.p == nil {
		return ""
	}
	return strconv.FormatBool(*v.p)
}

func (v toggle) Set(s string) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return errors.New("want true or false")
	}
	*v.p = b
	return nil
}

// IsBoolFlag lets the flag stand without a value.
func (toggle) IsBoolFlag() bool { return true }

// pause is a length of time above 0.
type pause struct{ p *time.Duration }

func (v pause) String() string {
	if v.p == nil || *v.p == 0 {
		return ""
	}
	return v.p.String()
}

func (v pause) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("want a duration above 0 such as 30s or 5m")
	}
	*v.p = d
	return nil
}
