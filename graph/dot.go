package graph

import (
	"io"

	"github.com/pkg/errors"
)

// Drawing names what a picture of a network shows.
type Drawing string

// The drawings of a network.
const (
	DrawForward  Drawing = "forward"  // the network as written: one box a layer
	DrawTraining Drawing = "training" // one training step: values go down, gradients come back up
	DrawNodes    Drawing = "nodes"    // every node of the ExprGraph of a training step, by layer
)

// Drawings are all values of Drawing, the default first.
var Drawings = []Drawing{DrawForward, DrawTraining, DrawNodes}

// Picture says how WriteDOT draws a network.
type Picture struct {
	Title   string  // above the picture; "" is "Network"
	Drawing Drawing // "" is the first of Drawings
	Ops     Ops     // the lowering that is drawn, "" is the first of Lowerings; DrawForward looks the same for all
}

// drawnImages are the images of one run of a machine that is drawn. With one,
// an axis of length one would look like the batch.
const drawnImages = 2

// WriteDOT writes a picture of the network for Graphviz's dot. It is made from
// the ExprGraph that Compile builds: two boxes are joined because nodes of
// theirs are. Equal networks give equal bytes. What Compile says about modes
// and concurrency holds here too: all but DrawForward need SoftMax as the last
// layer.
func (net *Network) WriteDOT(w io.Writer, p Picture) error {
	if p.Title == "" {
		p.Title = "Network"
	}
	if p.Drawing == "" {
		p.Drawing = Drawings[0]
	}
	if p.Ops == "" {
		p.Ops = Lowerings[0]
	}
	low, err := p.Ops.lowering()
	if err != nil {
		return err
	}
	mode := Training
	var draw func(d *dot, m *Machine)
	switch p.Drawing {
	case DrawForward:
		mode, p.Ops = Forward, Gorgonia // the lowering with every layer for itself
		draw = func(d *dot, m *Machine) { newSketch(net, m, net.boxes()).forward(d, p.Title) }
	case DrawTraining:
		draw = func(d *dot, m *Machine) { newSketch(net, m, low.boxes(net)).training(d, p.Title) }
	case DrawNodes:
		draw = func(d *dot, m *Machine) { newSketch(net, m, nil).nodes(d, p.Title) }
	default:
		return errors.Errorf("unknown drawing %q, want one of %q", p.Drawing, Drawings)
	}
	_, size, err := net.layout(p.Ops)
	if err != nil {
		return err
	}
	m, err := net.Compile(p.Ops, drawnImages, make([]float32, size), mode)
	if err != nil {
		return err
	}
	var d dot
	draw(&d, m)
	_, err = d.WriteTo(w)
	return errors.Wrap(err, "picture")
}
