package models

import (
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Summary writes the table of layers that Keras 3 prints for
// model.summary(): name, type, shape of the result and number of parameters
// of each layer, and the number and size of all. A shape has the batch first,
// None as it may have any size, then Tapenet's order:
//
//	(None, C, H, W) or (None, D)   where Keras has (None, H, W, C)
func Summary(w io.Writer, title string, net *graph.Network) error {
	t := table{{"Layer (type)", "Output Shape", "Param #"}}
	for _, l := range net.Layers {
		params := 0
		for _, p := range l.Params {
			params += p.Size
		}
		t = append(t, [3]string{fmt.Sprintf("%s (%s)", l.Name, l.Kind), batchOf(l.Out), thousands(params)})
	}
	size := fmt.Sprintf("%s (%s)", thousands(net.NumParams()), bytesOf(net.NumParams()))
	_, err := fmt.Fprintf(w, `Model: "%s"
%s Total params: %s
 Trainable params: %[3]s
 Non-trainable params: 0 (0.00 B)
 Shapes: (batch, channels, rows, columns)
`, title, t, size)
	return errors.WithStack(err)
}

// table is rows of layer, shape and parameters; the first is their heading.
type table [][3]string

// String draws the table with Keras's lines, as wide as Keras does at 80
// columns or as the longest texts need.
func (t table) String() string {
	widths := [3]int{31, 22, 13}
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var b strings.Builder
	rule := func(left, line, middle, right string) {
		var parts []string
		for _, n := range widths {
			parts = append(parts, strings.Repeat(line, n+2))
		}
		b.WriteString(left + strings.Join(parts, middle) + right + "\n")
	}
	cells := func(bar string, row [3]string) {
		fmt.Fprintf(&b, "%s %-*s %s %-*s %s %*s %s\n", bar, widths[0], row[0], bar, widths[1], row[1], bar, widths[2], row[2], bar)
	}
	rule("┏", "━", "┳", "┓")
	cells("┃", t[0])
	rule("┡", "━", "╇", "┩")
	for i, row := range t[1:] {
		if i > 0 {
			rule("├", "─", "┼", "┤")
		}
		cells("│", row)
	}
	rule("└", "─", "┴", "┘")
	return b.String()
}

// batchOf is the shape of a batch of x as Python writes it.
func batchOf(x graph.Shape) string {
	s := "(None"
	for _, d := range x {
		s += fmt.Sprint(", ", d)
	}
	return s + ")"
}

// thousands is n with a comma every three digits.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bytesOf is the size of n float32 values, in Keras's units of 1024.
func bytesOf(n int) string {
	size := float64(4 * n)
	for _, unit := range []string{"B", "KB", "MB"} {
		if size < 1024 {
			return fmt.Sprintf("%.2f %s", size, unit)
		}
		size /= 1024
	}
	return fmt.Sprintf("%.2f GB", size)
}
