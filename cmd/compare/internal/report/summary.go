package report

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/stats"
	"tapenet/cmd/internal/table"
	"tapenet/graph/draw"
	"tapenet/graph/draw/ink"
)

// summary returns the notebook's table with our numbers beside its own. Numbers of
// several seeds are means ± standard deviations, times are medians.
func (b *builder) summary() table.Table {
	notebook := b.Settings.Notebook()
	t := table.Table{Columns: slices.Concat(table.Numbers("#"), table.Texts("network"), table.Numbers("batch", "epochs"))}
	if notebook {
		t.Columns = append(t.Columns, table.Numbers("notebook")...)
	}
	t.Columns = append(t.Columns, table.Numbers("accuracy", "s/epoch (median)", "total s")...)
	for _, g := range b.groups {
		row := []any{g.K, g.Network, g.Batch, g.Epochs}
		if notebook {
			row = append(row, percent(stats.Sample{100 * g.Reference}))
		}
		if len(g.Runs) == 0 {
			row = append(row, "missing", "", "")
		} else {
			row = append(row, percent(accuracy(g)), digits(epochSeconds(g).Median()), digits(trainingSeconds(g).Median()))
		}
		t.Add(row...)
	}
	return t
}

// numbers returns what the summary leaves out: sizes, errors and losses, and how
// far the times spread.
func (b *builder) numbers() Section {
	notebook := b.Settings.Notebook()
	rest := table.Table{Columns: table.Numbers("#", "parameters", "seeds")}
	if notebook {
		rest.Columns = append(rest.Columns, table.Numbers("notebook error")...)
	}
	rest.Columns = append(rest.Columns, table.Numbers("error", "loss")...)
	times := table.Table{Columns: table.Numbers("#", "s/epoch, min", "median", "max", "total s, min", "median", "max")}
	for i, g := range b.groups {
		row := []any{g.K, ink.Thousands(b.nets[i].NumParams()), len(g.Runs)}
		if notebook {
			row = append(row, wrong(stats.Sample{100 * g.Reference}))
		}
		if len(g.Runs) == 0 {
			rest.Add(append(row, "missing", "")...)
			times.Add(g.K, "missing", "", "", "", "", "")
			continue
		}
		loss := stats.Sample(g.Each(func(r result.Run) float64 { return r.Test.Loss }))
		rest.Add(append(row, wrong(accuracy(g)), loss.Format("%.4f"))...)
		cells := []any{g.K}
		for _, s := range []stats.Sample{epochSeconds(g), trainingSeconds(g)} {
			cells = append(cells, digits(s.Quantile(0)), digits(s.Median()), digits(s.Quantile(1)))
		}
		times.Add(cells...)
	}
	return Section{ID: "numbers", Title: "The other numbers", Tables: []Table{
		{"Parameters, errors and losses on the test images", rest}, {"Times in seconds, with the validation after each epoch", times},
	}}
}

// busy says that other work slowed the epochs of some groups down; "" if it did
// not: at a time when nothing else runs, three quarters of the epochs take at most
// a third more than the shortest.
func busy(groups ...result.Group) string {
	const most = 4. / 3
	for _, g := range groups {
		if s := epochSeconds(g); s.Quantile(.75) > most*s.Quantile(0) {
			return fmt.Sprintf("the machine was busy with other work, or its cores were shared; epochs of configuration %d took %s to %s.", g.K, seconds(s.Quantile(0)), seconds(s.Quantile(1)))
		}
	}
	return ""
}

// wrong writes the error rate of an accuracy so that the two, as they are shown,
// add up to 100 %.
func wrong(accuracy stats.Sample) string {
	shown, _ := strconv.ParseFloat(fmt.Sprintf("%.2f", accuracy.Mean()), 64) // always a number
	return percent(stats.Sample{100 - shown})
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

// networks returns the section that draws the networks.
func (b *builder) networks() (Section, error) {
	s := Section{ID: "networks", Title: "The networks"}
	for i, g := range b.groups {
		name := strings.ToLower(g.Network) + ".svg"
		if slices.ContainsFunc(s.Figures, func(f Figure) bool { return f.Name == name }) {
			continue
		}
		var svg bytes.Buffer
		if err := draw.SVG(&svg, b.nets[i], draw.Picture{Title: g.Network, Drawing: draw.Forward}); err != nil {
			return s, err
		}
		s.Figures = append(s.Figures, Figure{Name: name, Caption: fmt.Sprintf("%s, layer by layer, with the shapes between and the parameters of each.", g.Network), SVG: svg.Bytes(), Print: "half"})
	}
	return s, nil
}

// measured says how the numbers came about, how to get them again, and what the
// words mean.
func (b *builder) measured() Section {
	s := Section{ID: "measured", Title: "How this was measured"}
	t := table.Table{Columns: slices.Concat(table.Texts("processor", "system", "Go", "kernels"), table.Numbers("cores", "workers", "runs"))}
	for _, m := range machines(b.groups...) {
		n := 0
		for _, r := range b.Runs {
			if r.Machine == m {
				n++
			}
		}
		kept := func(s string) string { return cmp.Or(s, "not kept") }
		cores := "not kept"
		if m.Cores > 0 {
			cores = fmt.Sprint(m.Cores)
		}
		workers := fmt.Sprint(m.Workers)
		if m.Jobs > 1 {
			workers += fmt.Sprintf(", of %d at once", m.Jobs)
		}
		t.Add(m.Processor, kept(m.System), kept(m.Go), m.Kernels, cores, workers, n)
	}
	s.Tables = []Table{{"What is needed to get the same numbers again", b.recipe()}, {"Where the runs were trained", t}}
	if claim := b.kernelsClaim(); claim != "" {
		s.Claims = []string{claim}
	}
	s.Notes = []string{
		fmt.Sprintf("Accuracy, error and loss are of %s, which are the validation images too; each training saw %s.",
			plural(len(b.Labels), "test image"), plural(b.Settings.Train, "image")),
		"A number with ± is the mean of the seeds with their sample standard deviation. The guess for an image is the class with the greatest probability (argmax). The loss of one image in the pictures takes a probability of less than 1e-7 as 1e-7.",
		fmt.Sprintf("All claims have the same ladder. Two accuracies cannot be told apart if a t-test gives p ≥ %v: were there no difference, trainings with other seeds would be so far apart that often. Of those with a smaller p, a difference is slight if it is within two standard errors of the %s, each counted as an independent trial, and clear if it is not. The tests are Welch's, which leaves out what seeds have in common, but for configurations 3 and 4: each seed of 3 is compared with its own continuation in 4. At the top, where each two of the configurations are compared, p is corrected for the number of pairs (Holm); elsewhere it is not.",
			stats.Significance, plural(len(b.Labels), "test image")),
		"Where a side has one seed, there is no such test. The least noise is then that of the test images: two standard errors of the difference.",
		"Times are with the validation after each epoch. They can be told apart if the middle halves of the epochs do not overlap, and differ slightly if by at most 10 %. They are not compared between machines or numbers of workers, nor where the machine was busy: where more than a quarter of the epochs took a third longer than the shortest.",
	}
	return s
}

// recipe is what a reader needs to get the numbers again.
func (b *builder) recipe() table.Table {
	t := table.Table{Columns: table.Texts("what", "value")}
	seeds := map[uint64]bool{}
	for _, r := range b.Runs {
		seeds[r.Seed] = true
	}
	for _, row := range [][2]string{
		{"command line", b.Origin.Command},
		{"date of the report", b.Origin.Date},
		{"program", b.Origin.Program},
		{"optimiser", "Adam, learning rate 0.001, β1 0.9, β2 0.999, ε 1e-7, no schedule"},
		{"initialisation", "weights uniform in ±√(6/(fan in + fan out)) (Glorot), biases 0"},
		{"loss", "categorical cross-entropy of the SoftMax, the mean over a batch"},
		{"seeds", ranges(slices.Sorted(maps.Keys(seeds))) + "; a seed fixes the initial weights and the order of the images"},
		{"data (SHA-256)", b.Settings.Data},
	} {
		if row[1] != "" {
			t.Add(row[0], command.Printable(row[1]))
		}
	}
	return t
}
