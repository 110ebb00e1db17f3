package main

import (
	"bytes"
	"testing"

	"tapenet/cmd/internal/table"
)

// TestTable: names to the left, numbers to the right with three digits, and
// nothing for a 0.
func TestTable(t *testing.T) {
	tab := section{title: "Parts", notes: []string{"A note."}}
	tab.Columns = append(table.Texts(""), table.Numbers("µs", "of peak")...)
	tab.add("∂ conv1.weight", 0.0416, percent(0.466))
	tab.add("step", 1234.5, percent(0))
	tab.add("Adam", 0.0, "")
	tab.add("rest", -27.25, 12)
	var got bytes.Buffer
	if err := tab.write(&got); err != nil {
		t.Fatal(err)
	}
	want := `Parts
                      µs  of peak
  ∂ conv1.weight  0.0416     47 %
  step              1234         
  Adam                           
  rest             -27.2       12
A note.

`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
