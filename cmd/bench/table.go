package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// table is a part of the report for people to read.
type table struct {
	title string
	head  []string // of all columns
	rows  [][]string
	notes []string
}

// write prints the first column to the left, the others, numbers, to the right.
func (t table) write(w io.Writer) error {
	width := 0
	lines := append([][]string{t.head}, t.rows...)
	for _, cells := range lines {
		width = max(width, utf8.RuneCountInString(cells[0]))
	}
	fmt.Fprintln(w, t.title)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, cells := range lines {
		fmt.Fprintf(tw, "%-*s\t%s\t\n", width, cells[0], strings.Join(cells[1:], "\t"))
	}
	tw.Flush()
	for _, note := range t.notes {
		fmt.Fprintln(w, note)
	}
	_, err := fmt.Fprintln(w)
	return errors.WithStack(err)
}

// add appends a row. Numbers that are 0 are left out.
func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		if f, ok := c.(float64); ok {
			row[i] = digits(f)
		} else if c != 0 {
			row[i] = fmt.Sprint(c)
		}
	}
	t.rows = append(t.rows, row)
}

// digits is v with three digits, or all that are before the point.
func digits(v float64) string {
	switch {
	case v == 0:
		return ""
	case math.Abs(v) < 100:
		return fmt.Sprintf("%#.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// percent is a share, or nothing if it is 0.
func percent(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// verdict is what a table says about a goal.
func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}
