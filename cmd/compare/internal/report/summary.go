package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/table"
	"tapenet/graph/draw/ink"
)

// summary returns the notebook's table with our numbers beside its own. Numbers of
// several seeds are means ± standard deviations.
func (b *builder) summary() table.Table {
	notebook := b.Settings.Notebook()
	t := table.Table{Columns: slices.Concat(table.Numbers("#"), table.Texts("network"), table.Numbers("parameters", "batch", "epochs"))}
	if notebook {
		t.Columns = append(t.Columns, table.Numbers("notebook", "its error")...)
	}
	t.Columns = append(t.Columns, table.Numbers("seeds", "accuracy", "error", "loss", "an epoch", "in all")...)
	for i, g := range b.groups {
		row := []any{g.K, g.Network, ink.Thousands(b.nets[i].NumParams()), g.Batch, g.Epochs}
		if notebook {
			printed := sample{100 * g.Reference}
			row = append(row, printed.percent(), wrong(printed))
		}
		if len(g.Runs) == 0 {
			row = append(row, 0, "missing", "", "", "", "")
		} else {
			loss := sample(g.Each(func(r result.Run) float64 { return r.Test.Loss }))
			row = append(row, len(g.Runs), accuracy(g).percent(), wrong(accuracy(g)), loss.format("%.4f"),
				seconds(epochSeconds(g).median()), seconds(trainingSeconds(g).mean()))
		}
		t.Add(row...)
	}
	return t
}

// wrong writes the error rate of an accuracy so that the two, as they are shown,
// add up to 100 %.
func wrong(accuracy sample) string {
	shown, _ := strconv.ParseFloat(fmt.Sprintf("%.2f", accuracy.mean()), 64) // always a number
	return sample{100 - shown}.percent()
}

// kernelsClaim says which kernels trained which runs; "" if all are the same.
func (b *builder) kernelsClaim() string {
	kernels := result.Kernels(b.Runs)
	if len(kernels) == 1 {
		return ""
	}
	var trained []string
	for _, name := range kernels {
		runs := b.nameRuns(func(g result.Group) (seeds []uint64) {
			for _, r := range g.Runs {
				if r.Machine.Kernels == name {
					seeds = append(seeds, r.Seed)
				}
			}
			return seeds
		})
		trained = append(trained, name+" trained "+runs)
	}
	return fmt.Sprintf("The runs are of different kernels, which round differently, so the last digits of a training with the same seed differ: %s.", strings.Join(trained, "; "))
}

// measured says how the numbers came about, and what the words mean.
func (b *builder) measured() Section {
	s := Section{ID: "measured", Title: "How this was measured"}
	t := table.Table{Columns: slices.Concat(table.Texts("processor", "kernels"), table.Numbers("workers", "runs"))}
	for _, m := range machines(b.groups...) {
		n := 0
		for _, r := range b.Runs {
			if r.Machine == m {
				n++
			}
		}
		t.Add(m.Processor, m.Kernels, m.Workers, n)
	}
	s.Tables = []table.Table{t}
	if claim := b.kernelsClaim(); claim != "" {
		s.Claims = []string{claim}
	}
	s.Notes = []string{
		fmt.Sprintf("Accuracy, error and loss are of %s, which are the validation images too; each training saw %s. SHA-256 of the data: %s.",
			plural(len(b.Labels), "test image"), plural(b.Settings.Train, "image"), b.Settings.Data),
		"A number with ± is the mean of the seeds with their sample standard deviation. The seed fixes the initial weights and the order of the images.",
		fmt.Sprintf("A difference between configurations is called clear if Welch's t-test gives p < %v: were there none, trainings with other seeds would be so far apart less often than one time in %.0f. Seeds that configurations share are not paired: what they have in common is left out.",
			significance, 1/significance),
		"Where a side has one seed, there is no such test. The least noise is then that of the test images: two standard errors of the difference, each image counted as an independent trial.",
		"The time of an epoch is the median of all epochs, the time in all the mean of the trainings, both with the validation after each epoch. Times of different machines or numbers of workers are taken together in the table, but not compared.",
	}
	return s
}
