package chart

import (
	"fmt"
	"io"

	"tapenet/cmd/compare/internal/result"
)

// Accuracy draws the accuracy after each epoch, in training and in validation,
// of all configurations that have runs. Lines are means over a configuration's
// runs; a band goes from the lowest to the highest in validation.
func Accuracy(w io.Writer, runs []result.Run) error {
	return plot{
		title: "Accuracy", training: true,
		x: perEpoch, xAxis: epochAxis, xText: epochText,
		y: accuracy, yAxis: accuracyAxis, yText: accuracyText,
	}.write(w, runs)
}

// Loss draws the loss after each epoch, as Accuracy does the accuracy.
func Loss(w io.Writer, runs []result.Run) error {
	return plot{
		title: "Loss", training: true,
		x: perEpoch, xAxis: epochAxis, xText: epochText,
		y:     func(m result.Metrics) float64 { return m.Loss },
		yAxis: lossAxis,
		yText: func(loss float64) string { return fmt.Sprintf("%.4f", loss) },
	}.write(w, runs)
}

// Time draws the accuracy in validation after each epoch against the seconds
// that the training took until then, of all configurations that have runs. Both
// are means over a configuration's runs.
func Time(w io.Writer, runs []result.Run) error {
	return plot{
		title: "Accuracy over time",
		x:     secondsUntil, xAxis: secondsAxis, xText: func(s float64) string { return fmt.Sprintf("%.1f s", s) },
		y: accuracy, yAxis: accuracyAxis, yText: accuracyText,
	}.write(w, runs)
}

func accuracy(m result.Metrics) float64 { return m.Accuracy }

func accuracyText(a float64) string { return fmt.Sprintf("%.2f %%", 100*a) }

func perEpoch(_ result.Run, epoch int) float64 { return float64(epoch) }

func epochText(epochs float64) string {
	if epochs == 1 {
		return "1 epoch"
	}
	return fmt.Sprintf("%.0f epochs", epochs)
}

func secondsUntil(r result.Run, epoch int) float64 {
	return result.Run{Epochs: r.Epochs[:epoch]}.Seconds()
}

func epochAxis(values []float64) axis { return linearAxis("training (epochs)", values, 1) }

func secondsAxis(values []float64) axis { return linearAxis("training time (s)", values, 0) }
