package fit

import (
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/table"
	"tapenet/graph"
	"tapenet/graph/draw/ink"
)

// writeSummary writes the table of layers as Keras's model.summary() does: name,
// kind, shape of the result and number of parameters of each layer, and the
// number and size of all. A shape has the batch first, None as it may have any
// size, then Tapenet's order:
//
//	(None, C, H, W) or (None, D)   where Keras has (None, H, W, C)
//
// The table is as wide as Keras's on a terminal with this many columns, if what is
// in it fits.
func writeSummary(w io.Writer, title string, net *graph.Network, columns int) error {
	// The columns end at 0.45, 0.8 and 1 of the table, and give up what the lines
	// between them take (keras/src/utils/summary_utils.py).
	length := min(88, max(columns, leastColumns)-4)
	first, second := length*45/100, length*80/100
	widths := []int{first - 3, second - first - 4, length - second - 3}
	t := table.Table{Columns: []table.Column{{Name: "Layer (type)"}, {Name: "Output Shape"}, {Name: "Param #", Number: true}}}
	for _, l := range net.Layers {
		t.Add(fmt.Sprintf("%s (%s)", l.Name, l.Kind), fmt.Sprintf("(None, %s)", l.Out.Join(", ")), ink.Thousands(l.NumParams()))
		for i, cell := range t.Rows[len(t.Rows)-1][1:] {
			widths[i+1] = max(widths[i+1], len(cell))
		}
	}
	widths[0] = min(widths[0], max(columns, leastColumns)-10-widths[1]-widths[2]) // room for the others
	for i, n := range widths {
		t.Columns[i].MinWidth = n
	}
	var boxed strings.Builder
	if err := t.WriteBoxed(&boxed); err != nil {
		return err
	}
	size := fmt.Sprintf("%s (%s)", ink.Thousands(net.NumParams()), bytesOf(net.NumParams()))
	_, err := fmt.Fprintf(w, `Model: "%s"
%s Total params: %s
 Trainable params: %[3]s
 Non-trainable params: 0 (0.00 B)
 Shapes: (batch, channels, rows, columns)
`, title, boxed.String(), size)
	return errors.WithStack(err)
}

// leastColumns are the fewest that the table is made for.
const leastColumns = 60

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
