// Package kerastext writes epochs, metrics and times as Keras prints them, and the
// score as the notebook does.
package kerastext

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tapenet/train"
)

// Epoch is what Keras prints for an epoch with verbose=2
// (keras/src/utils/progbar.py):
//
//	300/300 - 1s - 3ms/step - accuracy: 0.9207 - loss: 0.2899 - val_accuracy: 0.9738 - val_loss: 0.0869
func Epoch(e train.Epoch) string {
	return fmt.Sprintf("%d/%d - %.0fs - %s%s", e.Steps, e.Steps, e.Time.Seconds(), StepTime(e.StepTime), strings.Join(Metrics(e.Train, e.Val), ""))
}

// Metrics are the last parts of a line of Keras's; val may be nil.
func Metrics(m train.Metrics, val *train.Metrics) []string {
	parts := []string{" - accuracy: " + Value(m.Accuracy()), " - loss: " + Value(m.Loss)}
	if val != nil {
		parts = append(parts, " - val_accuracy: "+Value(val.Accuracy()), " - val_loss: "+Value(val.Loss))
	}
	return parts
}

// Value is a metric as Keras prints it: 0.9207, or 1.0000e-03 if it is small.
func Value(v float64) string {
	if v > 1e-3 {
		return fmt.Sprintf("%.4f", v)
	}
	return fmt.Sprintf("%.4e", v)
}

// StepTime is the time of a step as Keras prints it: 3ms/step.
func StepTime(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s >= 1 || s == 0:
		return fmt.Sprintf("%.0fs/step", s)
	case s >= 1e-3:
		return fmt.Sprintf("%.0fms/step", s*1e3)
	}
	return fmt.Sprintf("%.0fus/step", s*1e6)
}

// Score is what the notebook prints at its end, with the spaces around the
// line break. The error in per cent is counted and not computed from the
// accuracy as 100-100·accuracy, which would show binary noise.
func Score(m train.Metrics) string {
	return fmt.Sprintf("Accuracy: %s \n Error: %s\n",
		Number(m.Accuracy()), Number(float64(m.Images-m.Correct)*100/float64(m.Images)))
}

// Number is v as Python prints it: the shortest text that reads back as v, with
// a point.
func Number(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
