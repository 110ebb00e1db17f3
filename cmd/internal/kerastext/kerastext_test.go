package kerastext

import (
	"math"
	"testing"
	"time"

	"tapenet/train"
)

// TestEpochLine: the wanted lines are what Keras 3's progress bar prints for
// the same numbers.
func TestEpochLine(t *testing.T) {
	e := train.Epoch{
		Steps: 300, Time: 1400 * time.Millisecond, StepTime: 3400 * time.Microsecond,
		Train: train.Metrics{Loss: 0.28994, Correct: 55242, Images: 60000},
		Val:   &train.Metrics{Loss: 0.08691, Correct: 9738, Images: 10000},
	}
	want := "300/300 - 1s - 3ms/step - accuracy: 0.9207 - loss: 0.2899 - val_accuracy: 0.9738 - val_loss: 0.0869"
	if got := Epoch(e); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	e.Val = nil
	if got, want := Epoch(e), "300/300 - 1s - 3ms/step - accuracy: 0.9207 - loss: 0.2899"; got != want {
		t.Errorf("without validation: got %s, want %s", got, want)
	}
}

func TestValue(t *testing.T) {
	for v, want := range map[float64]string{
		0.98765: "0.9877", 1: "1.0000", 12.3: "12.3000", 0.0011: "0.0011",
		0.001: "1.0000e-03", 0.00012345: "1.2345e-04", 0: "0.0000e+00", math.Inf(1): "+Inf",
	} {
		if got := Value(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
}

func TestStepTime(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s/step", 2 * time.Second: "2s/step", time.Second: "1s/step", 999 * time.Millisecond: "999ms/step",
		139 * time.Millisecond: "139ms/step", time.Millisecond: "1ms/step", 850 * time.Microsecond: "850us/step",
	} {
		if got := StepTime(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

// TestScoreLines: 1-0.9892 is 0.010800000000000032 in binary; the error is 1.08.
func TestScoreLines(t *testing.T) {
	for correct, want := range map[int]string{
		9892:  "Accuracy: 0.9892 \n Error: 1.08\n",
		9875:  "Accuracy: 0.9875 \n Error: 1.25\n",
		10000: "Accuracy: 1.0 \n Error: 0.0\n",
		0:     "Accuracy: 0.0 \n Error: 100.0\n",
	} {
		if got := Score(train.Metrics{Correct: correct, Images: 10000}); got != want {
			t.Errorf("%d of 10000: got %q, want %q", correct, got, want)
		}
	}
}
