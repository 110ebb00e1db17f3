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
func writeSummary(w io.Writer, title string, net *graph.Network) error {
	t := table.Table{Columns: []table.Column{ // as wide as Keras's at 80 columns
		{Name: "Layer (type)", MinWidth: 31}, {Name: "Output Shape", MinWidth: 22}, {Name: "Param #", MinWidth: 13, Number: true},
	}}
	for _, l := range net.Layers {
		t.Add(fmt.Sprintf("%s (%s)", l.Name, l.Kind), fmt.Sprintf("(None, %s)", l.Out.Join(", ")), ink.Thousands(l.NumParams()))
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
