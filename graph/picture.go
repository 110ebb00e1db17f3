package graph

import (
	"io"
	"strings"

	"tapenet/graph/internal/figure"

	"github.com/pkg/errors"
)

// Drawing names what a picture of a network shows.
type Drawing string

// The drawings of a network.
const (
	DrawForward  Drawing = "forward"  // the network as written: one box a layer
	DrawFused    Drawing = "fused"    // the network as the lowering Fused runs it: one box an op, with the layers in it
	DrawTraining Drawing = "training" // one training step: values go down, gradients come back up
	DrawNodes    Drawing = "nodes"    // every node of the ExprGraph of a training step, by layer
)

// Drawings are all values of Drawing, the default first.
var Drawings = []Drawing{DrawForward, DrawFused, DrawTraining, DrawNodes}

// Picture says how a network is drawn.
type Picture struct {
	Title    string   // above the picture; blank is "Network"
	Drawing  Drawing  // "" is the first of Drawings
	Lowering Lowering // the lowering that is drawn, "" is DefaultLowering; DrawForward and DrawFused look the same for all
}

// drawnImages are the images of one run of a machine that is drawn. With one,
// an axis of length one would look like the batch.
const drawnImages = 2

// WriteDOT writes a picture of the network for Graphviz's dot. It is made from
// the ExprGraph that Compile builds: two boxes are joined because nodes of
// theirs are. Equal networks give equal bytes. What Compile says about modes
// and concurrency holds here too: DrawTraining and DrawNodes need SoftMax as
// the last layer and a parameter.
func (net *Network) WriteDOT(w io.Writer, p Picture) error {
	return net.write(w, p, (*figure.Figure).DOT)
}

// WriteSVG writes the same picture as an SVG file that needs nothing else: no
// Graphviz, no fonts. It follows the viewer's light or dark scheme. The ids of
// boxes are those of WriteDOT.
func (net *Network) WriteSVG(w io.Writer, p Picture) error {
	return net.write(w, p, (*figure.Figure).SVG)
}

func (net *Network) write(w io.Writer, p Picture, format func(*figure.Figure) []byte) error {
	f, err := net.figure(p)
	if err != nil {
		return err
	}
	_, err = w.Write(format(f))
	return errors.Wrap(err, "picture")
}

// figure is the picture before it has a format.
func (net *Network) figure(p Picture) (*figure.Figure, error) {
	if strings.TrimSpace(p.Title) == "" {
		p.Title = "Network"
	}
	if p.Drawing == "" {
		p.Drawing = Drawings[0]
	}
	if p.Lowering == "" {
		p.Lowering = DefaultLowering
	}
	low, err := p.Lowering.lowerer()
	if err != nil {
		return nil, err
	}
	boxes := func() []box { return nil } // asked for once the network has been compiled
	var draw func(s *sketch, f *figure.Figure)
	mode := Training
	switch p.Drawing {
	case DrawForward:
		boxes, draw = net.boxes, (*sketch).forward
		mode, p.Lowering = Forward, Gorgonia // it lowers each layer for itself
	case DrawFused:
		boxes, draw = func() []box { return fusedBoxes(net) }, (*sketch).fused
		mode, p.Lowering = Forward, Fused
	case DrawTraining:
		boxes, draw = func() []box { return low.boxes(net) }, (*sketch).training
	case DrawNodes:
		draw = (*sketch).nodes
	default:
		return nil, errors.Errorf("unknown drawing %q, want one of %q", p.Drawing, Drawings)
	}
	_, size, err := net.layout(p.Lowering)
	if err != nil {
		return nil, err
	}
	m, err := net.Compile(p.Lowering, drawnImages, make([]float32, size), mode)
	if err != nil {
		return nil, err
	}
	f := &figure.Figure{Name: string(p.Drawing), Title: p.Title}
	draw(newSketch(net, m, boxes()), f)
	return f, nil
}
