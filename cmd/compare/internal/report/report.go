// Package report says what the runs of a comparison show: [Build] makes tables,
// pictures and sentences of them, [Report.Markdown] and [Report.HTML] write the
// same content in two forms. Every sentence is a function of the runs, in a
// claims file of this package.
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/chart"
	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
)

// Report is what a reader gets, free of any form.
type Report struct {
	Title    string
	Lead     []string // sentences above all sections
	Summary  Table    // one row a configuration
	Sections []Section
}

// WriteText writes what fits of the summary into the 80 columns of a terminal.
func (r *Report) WriteText(w io.Writer) error {
	return r.Summary.WriteText(w, "#", "network", "batch", "epochs", "notebook", "accuracy", "an epoch", "in all")
}

// Section is a part of the report. Any of its lists may be empty.
type Section struct {
	ID, Title string
	Claims    []string // what the runs show, a sentence or two each
	Tables    []Table
	Figures   []Figure
	Notes     []string // how to read it
}

// Figure is a picture.
type Figure struct {
	Name    string // of its file
	Caption string // what it shows, in words too for those who don't see it
	SVG     []byte
}

// Comparison is what a report is made of.
type Comparison struct {
	Settings result.Settings
	Runs     []result.Run // at least one, as result.Merge sorts them
	Seeds    []uint64     // that were asked for; those of Runs count too
	Images   []uint8      // (N, 28, 28), the test images
	Labels   []uint8      // (N), their digits
}

// Build makes the report.
func Build(c Comparison) (*Report, error) {
	c.Runs = slices.Clone(c.Runs)
	for i := range c.Runs { // a terminal shows the report too
		m := &c.Runs[i].Machine
		m.Processor, m.Kernels = command.Printable(m.Processor), command.Printable(m.Kernels)
	}
	b := &builder{Comparison: c}
	for _, config := range result.Configs {
		b.groups = append(b.groups, group{Config: config, epochs: c.Settings.EpochsOf(config), runs: result.Of(c.Runs, config.K)})
	}
	r := &Report{Title: "The notebook's four trainings, compared", Lead: b.lead(), Summary: b.summary()}
	r.Sections = []Section{
		{ID: "curves", Title: "How they learn", Figures: []Figure{
			b.figure("accuracy.svg", "Accuracy after each epoch, of the training and of the test images.", all(chart.Accuracy)),
			b.figure("loss.svg", "Loss after each epoch, of the training and of the test images.", all(chart.Loss)),
			b.figure("time.svg", "Accuracy on the test images against the time of the training.", all(chart.Time)),
		}},
		{ID: "batch", Title: "What does the batch size do?", Claims: b.batchClaims()},
		{ID: "epochs", Title: "What do more epochs do?", Claims: b.epochsClaims()},
		{ID: "layers", Title: "What does the second layer do?", Claims: b.layersClaims()},
		{ID: "notebook", Title: "How do they compare with the notebook?", Claims: b.notebookClaims()},
		{ID: "overfitting", Title: "When have they learned enough?", Claims: b.overfittingClaims(), Tables: []Table{b.bestEpochs()},
			Notes: []string{
				"The training images are counted while the weights change, so their numbers lag half an epoch behind.",
				"The test of a rise compares the last epoch of each seed with the one where the other seeds have their least loss: a seed's own least would be picked for being low by chance.",
			}},
		b.mistakes(),
		b.filters(),
		b.measured(),
	}
	return r, b.err
}

// builder is a report in the making.
type builder struct {
	Comparison
	groups []group // of result.Configs, some maybe without runs
	err    error   // the first of a picture
}

// all lets a chart of all runs draw what b has.
func all(draw func(io.Writer, []result.Run) error) func(*builder, io.Writer) error {
	return func(b *builder, w io.Writer) error { return draw(w, b.Runs) }
}

// figure is the picture that draw makes.
func (b *builder) figure(name, caption string, draw func(*builder, io.Writer) error) Figure {
	var svg bytes.Buffer
	if err := draw(b, &svg); err != nil && b.err == nil {
		b.err = errors.WithMessage(err, name)
	}
	return Figure{name, caption, svg.Bytes()}
}

// of is the group of configuration k.
func (b *builder) of(k int) group { return b.groups[k-1] }

// present are the groups that have runs.
func (b *builder) present() []group {
	return slices.DeleteFunc(slices.Clone(b.groups), func(g group) bool { return len(g.runs) == 0 })
}

// lack is a sentence if a question needs a configuration that is not there,
// else "".
func (b *builder) lack(question string, configurations ...int) string {
	for _, k := range configurations {
		if len(b.of(k).runs) == 0 {
			return fmt.Sprintf("%s: that needs configurations %d and %d; %s missing.", question, configurations[0], configurations[1], b.without(configurations))
		}
	}
	return ""
}

// without says which of two configurations are not there: "3 is".
func (b *builder) without(configurations []int) string {
	var none []string
	for _, k := range configurations {
		if len(b.of(k).runs) == 0 {
			none = append(none, fmt.Sprint(k))
		}
	}
	if len(none) == 1 {
		return none[0] + " is"
	}
	return list(none) + " are"
}
