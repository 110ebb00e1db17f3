package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tapenet/cmd/compare/internal/result"
)

// summary is the notebook's table, with our numbers beside its own. Numbers of
// several seeds are means ± standard deviations.
func (b *builder) summary() Table {
	notebook := b.Settings.Notebook()
	t := Table{Columns: slices.Concat(numbers("#"), text("network"), numbers("parameters", "batch", "epochs"))}
	if notebook {
		t.Columns = append(t.Columns, numbers("notebook", "its error")...)
	}
	t.Columns = append(t.Columns, numbers("seeds", "accuracy", "error", "loss", "an epoch", "in all")...)
	for _, g := range b.groups {
		row := []any{g.K, g.Network, "", g.Batch, g.epochs}
		if net := b.network(g); net != nil {
			row[2] = count(net.NumParams())
		}
		if notebook {
			accuracy := sample{100 * g.Reference}
			row = append(row, accuracy.percent(), wrong(accuracy))
		}
		if len(g.runs) == 0 {
			row = append(row, 0, "missing", "", "", "", "")
		} else {
			row = append(row, len(g.runs), g.accuracy().percent(), wrong(g.accuracy()), g.loss().format("%.4f"),
				seconds(g.epochSeconds().median()), seconds(g.seconds().mean()))
		}
		t.add(row...)
	}
	return t
}

// wrong is the error that belongs to an accuracy: what both show adds up to
// 100 %.
func wrong(accuracy sample) string {
	shown, _ := strconv.ParseFloat(fmt.Sprintf("%.2f", accuracy.mean()), 64) // always a number
	return sample{100 - shown}.percent()
}

// kernelsClaim says which runs are of which kernels, unless all are of the
// same.
func (b *builder) kernelsClaim() string {
	kernels := result.Kernels(b.Runs)
	if len(kernels) == 1 {
		return ""
	}
	var of []string
	for _, name := range kernels {
		var runs []string
		for _, g := range b.groups {
			var seeds []string
			for _, r := range g.runs {
				if r.Machine.Kernels == name {
					seeds = append(seeds, fmt.Sprint(r.Seed))
				}
			}
			if seeds != nil {
				runs = append(runs, configuration(g, seeds))
			}
		}
		of = append(of, fmt.Sprintf("%s trained %s", name, list(runs)))
	}
	return fmt.Sprintf("The runs are of different kernels, which round differently, so the last digits of a training with the same seed differ: %s.", strings.Join(of, "; "))
}

// measured says how the numbers came about, and what the words mean.
func (b *builder) measured() Section {
	s := Section{ID: "measured", Title: "How this was measured"}
	t := Table{Columns: slices.Concat(text("processor", "kernels"), numbers("workers", "runs"))}
	for _, m := range machines(b.groups...) {
		n := 0
		for _, r := range b.Runs {
			if r.Machine == m {
				n++
			}
		}
		t.add(m.Processor, m.Kernels, m.Workers, n)
	}
	s.Tables = []Table{t}
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
