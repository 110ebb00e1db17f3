package main

import (
	"fmt"
	"io"
	"math"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/table"
)

// section is a table of the report, with a title above it and notes below.
type section struct {
	title string
	table.Table
	notes []string
}

// add appends a row. Numbers have three digits; a 0 is left out.
func (s *section) add(cells ...any) {
	for i, c := range cells {
		if f, ok := c.(float64); ok {
			cells[i] = digits(f)
		} else if c == 0 {
			cells[i] = ""
		}
	}
	s.Add(cells...)
}

func (s *section) write(w io.Writer) error {
	fmt.Fprintln(w, s.title)
	if err := s.Write(w); err != nil {
		return err
	}
	for _, note := range s.notes {
		fmt.Fprintln(w, note)
	}
	_, err := fmt.Fprintln(w)
	return errors.WithStack(err)
}

// digits returns v with three digits, or with all those before the point; "" for 0.
func digits(v float64) string {
	switch {
	case v == 0:
		return ""
	case math.Abs(v) < 100:
		return fmt.Sprintf("%#.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// percent returns a share of 1 in per cent; "" for 0.
func percent(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}
