// Package report says what the runs of a comparison show: [Build] makes tables,
// pictures and sentences of them, [Report.Markdown] and [Report.HTML] write the
// same content in two forms. Every sentence is computed from the runs, in a
// claims file of this package.
package report

import (
	"slices"
	"strconv"

	"tapenet/cmd/compare/internal/chart"
	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/graph"
)

// Comparison is what a report is made of.
type Comparison struct {
	Settings result.Settings
	Runs     []result.Run // at least one, as result.Merge sorts them
	Seeds    []uint64     // that were asked for; those of Runs count too
	Images   []uint8      // (N, C, H, W), the test images
	Labels   []uint8      // (N), their classes
	Names    []string     // of the classes, nil if they have none
	Origin   Origin
}

// Origin is how the report itself came about. Its empty fields are left out.
type Origin struct {
	Command string // the command line
	Date    string
	Program string // versions of the module and of what it stands on
}

// Build makes the report.
func Build(c Comparison) (*Report, error) {
	b, err := newBuilder(c)
	if err != nil {
		return nil, err
	}
	networks, err := b.networks()
	if err != nil {
		return nil, err
	}
	r := &Report{Title: "The notebook's four trainings, compared", Lead: b.lead(), Summary: Table{"The four configurations", b.summary()}, Sections: []Section{
		b.curves(),
		{ID: "batch", Title: "What does the batch size do?", Claims: b.batchClaims()},
		{ID: "epochs", Title: "What do more epochs do?", Claims: b.epochsClaims()},
		{ID: "layers", Title: "What does the second layer do?", Claims: b.layersClaims()},
		{ID: "notebook", Title: "How do they compare with the notebook?", Claims: b.notebookClaims()},
		b.overfitting(),
		b.mistakes(),
		b.filters(),
		b.numbers(),
		networks,
		b.measured(),
	}}
	r.number()
	return r, nil
}

// curves returns the section of the curves.
func (b *builder) curves() Section {
	present := b.present()
	s := Section{ID: "curves", Title: "How do they learn?"}
	for _, f := range []struct {
		name, caption string
		draw          func([]result.Group, chart.Size) []byte
	}{
		{"accuracy.svg", "Accuracy after each epoch, of the training and of the test images.", chart.Accuracy},
		{"loss.svg", "Loss after each epoch, of the training and of the test images.", chart.Loss},
		{"time.svg", "Accuracy on the test images against the time of the training.", chart.Time},
	} {
		s.Figures = append(s.Figures, Figure{Name: f.name, Caption: f.caption, SVG: f.draw(present, chart.Wide), Narrow: f.draw(present, chart.Narrow)})
	}
	return s
}

// builder is what the parts of a report are made from.
type builder struct {
	Comparison
	groups []result.Group   // of result.Configs, some maybe without runs
	nets   []*graph.Network // of the groups
	set    chart.Set        // the test images, with names that can be shown
	words
}

// words are what a class is, and what was done with a wrong one.
type words struct{ class, classes, readAs string }

func newBuilder(c Comparison) (*builder, error) {
	c.Runs = slices.Clone(c.Runs)
	for i := range c.Runs { // a terminal shows the report too
		m := &c.Runs[i].Machine
		m.Processor, m.Kernels = command.Printable(m.Processor), command.Printable(m.Kernels)
	}
	b := &builder{Comparison: c, groups: c.Settings.Groups(c.Runs), set: set(c), words: words{"class", "classes", "taken for"}}
	if b.set.Digits {
		b.words = words{"digit", "digits", "read as"}
	}
	for _, g := range b.groups {
		net, err := c.Settings.Build(g.Config)
		if err != nil {
			return nil, err
		}
		b.nets = append(b.nets, net)
	}
	return b, nil
}

// set returns the test images of c. Classes without names have their numbers.
func set(c Comparison) chart.Set {
	shape, classes := c.Settings.Images()
	s := chart.Set{Images: c.Images, Shape: shape, Labels: c.Labels, Digits: c.Settings.Data == result.MNIST}
	for class := range classes {
		name := strconv.Itoa(class)
		if c.Names != nil {
			name = command.Printable(c.Names[class])
		}
		s.Names = append(s.Names, name)
	}
	return s
}

// of returns the group of configuration k.
func (b *builder) of(k int) result.Group { return b.groups[k-1] }

// present returns the groups that have runs.
func (b *builder) present() []result.Group {
	return slices.DeleteFunc(slices.Clone(b.groups), func(g result.Group) bool { return len(g.Runs) == 0 })
}
