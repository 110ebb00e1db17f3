package fit

import (
	"flag"
	"math"
	"strconv"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
)

// rate is a flag for a float32 above 0.
func rate(p *float64) flag.Value {
	return command.Value(p, func(word string) (float64, error) {
		f, err := strconv.ParseFloat(word, 64)
		if err != nil || !(f > 0) || float32(f) == 0 || math.IsInf(float64(float32(f)), 0) {
			return 0, errors.New("want a finite number above 0")
		}
		return f, nil
	})
}

// pause is a flag for a length of time above 0.
func pause(p *time.Duration) flag.Value {
	return command.Value(p, func(word string) (time.Duration, error) {
		d, err := time.ParseDuration(word)
		if err != nil || d <= 0 {
			return 0, errors.New("want a duration above 0 such as 30s or 5m")
		}
		return d, nil
	})
}
