package command

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/pkg/errors"
)

// Value is a flag that sets p to what read makes of its value. The error of read
// says what is wanted; package flag puts the flag's name and the value before it.
func Value[T any](p *T, read func(word string) (T, error)) flag.Value {
	return value[T]{p: p, read: read}
}

type value[T any] struct {
	p     *T
	read  func(string) (T, error)
	words []string // all that read takes, if they are few
}

func (v value[T]) String() string {
	if v.p == nil {
		v.p = new(T) // flag compares a default with the zero value
	}
	return fmt.Sprint(*v.p)
}

func (v value[T]) Set(word string) error {
	x, err := v.read(word)
	if err != nil {
		return err
	}
	*v.p = x
	return nil
}

// Words are what a shell can complete the value to.
func (v value[T]) Words() []string { return v.words }

// IsBoolFlag makes a flag for a bool need no value.
func (v value[T]) IsBoolFlag() bool {
	_, ok := any(v.p).(*bool)
	return ok
}

// Count is a flag for a whole number, at least least.
func Count(p *int, least int) flag.Value {
	return Value(p, func(word string) (int, error) {
		n, err := strconv.Atoi(word)
		if err != nil || n < least {
			return 0, errors.Errorf("want a whole number, at least %d", least)
		}
		return n, nil
	})
}

// Seed is a flag for a whole number of 64 bits.
func Seed(p *uint64) flag.Value {
	return Value(p, func(word string) (uint64, error) {
		n, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			return 0, errors.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
		}
		return n, nil
	})
}

// Number is a flag for a number that ok takes; want says which those are.
func Number(p *float64, want string, ok func(float64) bool) flag.Value {
	return Value(p, func(word string) (float64, error) {
		f, err := strconv.ParseFloat(word, 64)
		if err != nil || !ok(f) {
			return 0, errors.New("want " + want)
		}
		return f, nil
	})
}

// Rate is a flag for a learning rate.
func Rate(p *float64) flag.Value { return Number(p, "a finite number above 0", IsRate) }

// IsRate is whether f is above 0 and finite, as a float32 too.
func IsRate(f float64) bool { return float32(f) > 0 && float32(f) <= math.MaxFloat32 }

// Duration is a flag for a length of time above 0.
func Duration(p *time.Duration) flag.Value {
	return Value(p, func(word string) (time.Duration, error) {
		d, err := time.ParseDuration(word)
		if err != nil || d <= 0 {
			return 0, errors.New("want a duration above 0 such as 30s or 5m")
		}
		return d, nil
	})
}

// Toggle is a flag for true or false; without a value it is true.
func Toggle(p *bool) flag.Value {
	return value[bool]{p, func(word string) (bool, error) {
		b, err := strconv.ParseBool(word)
		if err != nil {
			return false, errors.New("want true or false")
		}
		return b, nil
	}, []string{"true", "false"}}
}

// Name is a flag for the name of a file or folder.
func Name(p *string) flag.Value {
	return Value(p, func(word string) (string, error) {
		if word == "" {
			return "", errors.New("want a name")
		}
		return word, nil
	})
}

// Choice is a flag for one of a few words.
func Choice[T ~string](p *T, words ...T) flag.Value {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return value[T]{p, func(word string) (T, error) {
		if !slices.Contains(texts, word) {
			return "", errors.Errorf("want %s", list(texts))
		}
		return T(word), nil
	}, texts}
}

// list joins words as in a sentence: a, b or c.
func list(words []string) string {
	text := words[0]
	for i, w := range words[1:] {
		sep := ", "
		if i == len(words)-2 {
			sep = " or "
		}
		text += sep + w
	}
	return text
}
