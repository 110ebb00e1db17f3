package report

import (
	"fmt"
	"slices"

	"tapenet/cmd/compare/internal/chart"
	"tapenet/cmd/compare/internal/result"
	"tapenet/models"
)

// filters returns the section of the first layer: the filters of one seed, below
// those that they started as, and what they make of a test image.
func (b *builder) filters() Section {
	s := Section{ID: "filters", Title: "What does the first layer look for?"}
	seed := b.present()[0].Runs[0].Seed
	var rows, seen []chart.Row
	for _, g := range b.present() {
		i := max(0, slices.IndexFunc(g.Runs, func(r result.Run) bool { return r.Seed == seed }))
		run := g.Runs[i]
		row := chart.Row{Name: fmt.Sprintf("%d %s", g.K, g.Network), Note: fmt.Sprintf("batch %d, %s", g.Batch, plural(g.Epochs, "epoch")), Filters: run.Filters}
		if run.Seed != seed {
			row.Name += fmt.Sprintf(", seed %d", run.Seed)
		}
		if start := b.start(g, seed); run.Seed == seed && !slices.ContainsFunc(rows, func(r chart.Row) bool { return r.Name == start.Name }) {
			rows = append(rows, start)
		}
		rows = append(rows, row)
		if row.Biases != nil {
			seen = append(seen, row)
		}
	}
	note := fmt.Sprintf("seed %d", seed)
	s.Figures = append(s.Figures, Figure{
		Name: "filters.svg", Caption: "The filters of the first convolution before and after the training; of one network, columns are the same filter from the same start.",
		SVG: chart.Filters(rows, note, chart.Wide), Narrow: chart.Filters(rows, note, chart.Narrow),
	})
	if len(seen) > 0 {
		const image = 0
		s.Figures = append(s.Figures, Figure{
			Name: "activations.svg", Caption: "What each of these filters makes of the first test image, after its bias and Rectify.",
			SVG: chart.Activations(seen, b.set, image, note, chart.Wide), Narrow: chart.Activations(seen, b.set, image, note, chart.Narrow),
		})
	}
	return s
}

// start returns the filters that a group's network starts with.
func (b *builder) start(g result.Group, seed uint64) chart.Row {
	net := b.nets[g.K-1]
	p := net.Params[0] // (F, C, K, K)
	return chart.Row{Name: g.Network, Note: "before the training", Filters: result.Filters{
		Side: p.Shape[3], Kernels: slices.Collect(slices.Chunk(p.Of(models.Init(net, seed)), p.Size/p.Shape[0])),
	}}
}
