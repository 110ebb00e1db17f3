package graph

import (
	"io"
	"strings"

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
	Title   string  // above the picture; blank is "Network"
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
	if strings.TrimSpace(p.Title) == "" {
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
	var boxes []box
	var draw func(s *sketch, d *dot, title string)
	mode := Training
	switch p.Drawing {
	case DrawForward:
		boxes, draw = net.boxes(), (*sketch).forward
		mode, p.Ops = Forward, Gorgonia // it lowers each layer for itself
	case DrawTraining:
		boxes, draw = low.boxes(net), (*sketch).training
	case DrawNodes:
		draw = (*sketch).nodes
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
	draw(newSketch(net, m, boxes), &d, p.Title)
	_, err = d.WriteTo(w)
	return errors.Wrap(err, "picture")
}
