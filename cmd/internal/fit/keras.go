package fit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tapenet/train"
)

// epochLine is what Keras prints for an epoch with verbose=2
// (keras/src/utils/progbar.py):
//
//	300/300 - 1s - 3ms/step - accuracy: 0.9207 - loss: 0.2899 - val_accuracy: 0.9738 - val_loss: 0.0869
func epochLine(e train.Epoch) string {
	return fmt.Sprintf("%d/%d - %.0fs - %s%s", e.Steps, e.Steps, e.Time.Seconds(), stepTime(e.StepTime), strings.Join(metrics(e.Train, e.Val), ""))
}

// metrics are the last parts of a line of Keras's; val may be nil.
func metrics(m train.Metrics, val *train.Metrics) []string {
	parts := []string{" - accuracy: " + value(m.Accuracy()), " - loss: " + value(m.Loss)}
	if val != nil {
		parts = append(parts, " - val_accuracy: "+value(val.Accuracy()), " - val_loss: "+value(val.Loss))
	}
	return parts
}

// value is a metric as Keras prints it: 0.9207, or 1.0000e-03 if it is small.
func value(v float64) string {
	if v > 1e-3 {
		return fmt.Sprintf("%.4f", v)
	}
	return fmt.Sprintf("%.4e", v)
}

// stepTime is the time of a step as Keras prints it: 3ms/step.
func stepTime(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s >= 1 || s == 0:
		return fmt.Sprintf("%.0fs/step", s)
	case s >= 1e-3:
		return fmt.Sprintf("%.0fms/step", s*1e3)
	}
	return fmt.Sprintf("%.0fus/step", s*1e6)
}

// scoreLines is what the notebook prints at its end, with the spaces around the
// line break. The error in per cent is counted and not computed from the
// accuracy as 100-100·accuracy, which would show binary noise.
func scoreLines(m train.Metrics) string {
	return fmt.Sprintf("Accuracy: %s \n Error: %s\n",
		number(m.Accuracy()), number(float64(m.Images-m.Correct)*100/float64(m.Images)))
}

// number is v as Python prints it: the shortest text that reads back as v, with
// a point.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
