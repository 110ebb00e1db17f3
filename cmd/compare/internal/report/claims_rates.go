package report

import (
	"cmp"
	"fmt"
	"slices"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/table"
	"tapenet/graph/draw/ink"
)

// mostClasses are as many as the tables of recall and precision have rows. Of more
// classes they show those with the lowest recall.
const mostClasses = 26

// rates returns the recall and the precision of each class and configuration.
func (b *builder) rates() []Table {
	classes := b.rated()
	of := "each " + b.class
	if len(classes) < len(b.set.Names) {
		of = fmt.Sprintf("the %d %s with the lowest recall", len(classes), b.classes)
	}
	columns := b.classColumns(b.class)
	columns = append(columns, table.Numbers("images")...)
	for _, g := range b.present() {
		columns = append(columns, table.Numbers(fmt.Sprint(g.K))...)
	}
	recalls, precisions := table.Table{Columns: columns}, table.Table{Columns: columns}
	times := make([][][]int, len(b.groups))
	for _, g := range b.present() {
		times[g.K-1] = result.Confusion(g.Runs, b.Labels, len(b.set.Names))
	}
	for _, class := range classes {
		r, p := []any{b.name(class), ink.Thousands(b.images(class))}, []any{b.name(class), ink.Thousands(b.images(class))}
		for _, g := range b.present() {
			recall, precision := rate(times[g.K-1], class)
			r, p = append(r, recall), append(p, precision)
		}
		recalls.Add(r...)
		precisions.Add(p...)
	}
	return []Table{
		{fmt.Sprintf("Recall in %% of %s by configuration: the share of its images that were found", of), recalls},
		{fmt.Sprintf("Precision in %% of %s by configuration: the share that it really is of what was %s it", of, b.readAs), precisions},
	}
}

// classColumns are columns of names of classes.
func (b *builder) classColumns(names ...string) []table.Column {
	if b.Names != nil {
		return table.Texts(names...)
	}
	return table.Numbers(names...)
}

// rated returns the classes that the tables of rates show.
func (b *builder) rated() []int {
	classes := make([]int, len(b.set.Names))
	for i := range classes {
		classes[i] = i
	}
	if len(classes) <= mostClasses {
		return classes
	}
	classes = slices.DeleteFunc(classes, func(class int) bool { return b.images(class) == 0 })
	times := result.Confusion(b.Runs, b.Labels, len(b.set.Names))
	found := func(class int) float64 { return float64(times[class][class]) / float64(b.images(class)) }
	slices.SortStableFunc(classes, func(a, b int) int { return cmp.Compare(found(a), found(b)) })
	return classes[:min(len(classes), mostClasses)]
}

// rate returns the recall and the precision of a class in a confusion, in %; "–" if
// there is nothing that they could be a share of.
func rate(times [][]int, class int) (recall, precision string) {
	truth, guess := 0, 0
	for other := range times {
		truth += times[class][other]
		guess += times[other][class]
	}
	share := func(of int) string {
		if of == 0 {
			return "–"
		}
		return fmt.Sprintf("%.2f", 100*float64(times[class][class])/float64(of))
	}
	return share(truth), share(guess)
}
