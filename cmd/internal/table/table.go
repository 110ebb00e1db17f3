// Package table writes the tables that commands print.
package table

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// Table is rows of text below the names of their columns.
type Table struct {
	Columns []Column
	Rows    [][]string // each has a cell for every column
}

// Column describes a column.
type Column struct {
	Name     string
	Number   bool // its cells are aligned to the right, else to the left
	MinWidth int  // in characters; the widest cell may need more
}

// Texts are columns of text.
func Texts(names ...string) []Column { return columns(false, names) }

// Numbers are columns of numbers.
func Numbers(names ...string) []Column { return columns(true, names) }

func columns(number bool, names []string) []Column {
	all := make([]Column, len(names))
	for i, name := range names {
		all[i] = Column{Name: name, Number: number}
	}
	return all
}

// Add appends a row of values as fmt prints them, one for each column.
func (t *Table) Add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.Rows = append(t.Rows, row)
}

// Select is the table with these columns alone, in the table's order.
func (t Table) Select(names ...string) Table {
	shown := Table{Rows: make([][]string, len(t.Rows))}
	for i, c := range t.Columns {
		if !slices.Contains(names, c.Name) {
			continue
		}
		shown.Columns = append(shown.Columns, c)
		for j, row := range t.Rows {
			shown.Rows[j] = append(shown.Rows[j], row[i])
		}
	}
	return shown
}

// Write writes the table with two spaces before each column.
func (t Table) Write(w io.Writer) error {
	var b strings.Builder
	widths := t.widths()
	for _, row := range t.lines() {
		for i, cell := range row {
			b.WriteString("  " + t.Columns[i].pad(cell, widths[i]))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return errors.WithStack(err)
}

// WriteBoxed writes the table with Keras's lines around all cells.
func (t Table) WriteBoxed(w io.Writer) error {
	var b strings.Builder
	widths := t.widths()
	rule := func(left, line, middle, right string) {
		parts := make([]string, len(widths))
		for i, n := range widths {
			parts[i] = strings.Repeat(line, n+2)
		}
		b.WriteString(left + strings.Join(parts, middle) + right + "\n")
	}
	cells := func(bar string, row []string) {
		for i, cell := range row {
			b.WriteString(bar + " " + t.Columns[i].pad(cell, widths[i]) + " ")
		}
		b.WriteString(bar + "\n")
	}
	lines := t.lines()
	rule("┏", "━", "┳", "┓")
	cells("┃", lines[0])
	for i, row := range lines[1:] {
		if i == 0 {
			rule("┡", "━", "╇", "┩")
		} else {
			rule("├", "─", "┼", "┤")
		}
		cells("│", row)
	}
	rule("└", "─", "┴", "┘")
	_, err := io.WriteString(w, b.String())
	return errors.WithStack(err)
}

// lines are the names of the columns and the rows below them.
func (t Table) lines() [][]string {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Name
	}
	return append([][]string{head}, t.Rows...)
}

// widths are those of the columns, in characters.
func (t Table) widths() []int {
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = c.MinWidth
	}
	for _, row := range t.lines() {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// pad fills a cell with blanks up to the width of its column.
func (c Column) pad(cell string, width int) string {
	space := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
	if c.Number {
		return space + cell
	}
	return cell + space
}
