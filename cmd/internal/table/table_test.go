package table

import (
	"slices"
	"strings"
	"testing"
)

// parts has a wide cell, an empty one, and letters of more than one byte.
func parts() Table {
	t := Table{Columns: slices.Concat(Texts("part"), Numbers("µs", "of peak"))}
	t.Add("∂ conv1.weight", 0.0416, "47 %")
	t.Add("Adam", "", 3)
	return t
}

// TestWrite: text to the left, numbers to the right.
func TestWrite(t *testing.T) {
	want := `
  part                µs  of peak
  ∂ conv1.weight  0.0416     47 %
  Adam                          3
`
	var got strings.Builder
	if err := parts().Write(&got); err != nil {
		t.Fatal(err)
	}
	if "\n"+got.String() != want {
		t.Errorf("got\n%s\nwant%s", got.String(), want)
	}
}

func TestSelect(t *testing.T) {
	got := parts().Select("of peak", "part")
	want := [][]string{{"∂ conv1.weight", "47 %"}, {"Adam", "3"}}
	if len(got.Columns) != 2 || got.Columns[1].Name != "of peak" || !slices.EqualFunc(got.Rows, want, slices.Equal) {
		t.Errorf("got %v, want the columns part and of peak of %v", got, want)
	}
}

// TestWriteBoxed: a column is as wide as it is asked to be, or wider.
func TestWriteBoxed(t *testing.T) {
	tab := parts().Select("part", "µs")
	tab.Columns[1].MinWidth = 8
	want := `
┏━━━━━━━━━━━━━━━━┳━━━━━━━━━━┓
┃ part           ┃       µs ┃
┡━━━━━━━━━━━━━━━━╇━━━━━━━━━━┩
│ ∂ conv1.weight │   0.0416 │
├────────────────┼──────────┤
│ Adam           │          │
└────────────────┴──────────┘
`
	var got strings.Builder
	if err := tab.WriteBoxed(&got); err != nil {
		t.Fatal(err)
	}
	if "\n"+got.String() != want {
		t.Errorf("got\n%s\nwant%s", got.String(), want)
	}
}
