package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// Table is rows of text under their columns' names.
type Table struct {
	Columns []Column
	Rows    [][]string
}

// Column is the head of a column.
type Column struct {
	Name   string
	Number bool // to the right
}

// text and numbers are columns of the names.
func text(names ...string) []Column { return columns(false, names) }

func numbers(names ...string) []Column { return columns(true, names) }

func columns(number bool, names []string) []Column {
	var cs []Column
	for _, name := range names {
		cs = append(cs, Column{name, number})
	}
	return cs
}

// add appends a row of values as fmt prints them.
func (t *Table) add(cells ...any) {
	var row []string
	for _, c := range cells {
		row = append(row, fmt.Sprint(c))
	}
	t.Rows = append(t.Rows, row)
}

// WriteText writes the columns of these names for a terminal.
func (t Table) WriteText(w io.Writer, names ...string) error {
	var shown []int
	for i, c := range t.Columns {
		if slices.Contains(names, c.Name) {
			shown = append(shown, i)
		}
	}
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Name
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range append([][]string{head}, t.Rows...) {
		for _, i := range shown {
			cell := row[i]
			if !t.Columns[i].Number { // tabwriter aligns all columns alike
				cell += strings.Repeat(" ", t.width(i)-utf8.RuneCountInString(cell))
			}
			fmt.Fprint(tw, cell, "\t")
		}
		fmt.Fprintln(tw)
	}
	return errors.WithStack(tw.Flush())
}

// width is that of the widest cell of a column.
func (t Table) width(i int) int {
	width := utf8.RuneCountInString(t.Columns[i].Name)
	for _, row := range t.Rows {
		width = max(width, utf8.RuneCountInString(row[i]))
	}
	return width
}
