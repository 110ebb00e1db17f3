// Package draw writes pictures of a network, for Graphviz or as SVG.
//
// A picture is made from the nodes of the ExprGraph that Network.Compile builds:
// two boxes are joined because nodes of theirs are. Equal networks give equal
// bytes.
package draw

import (
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/graph/draw/internal/figure"
)

// Drawing names what a picture of a network shows.
type Drawing string

// The drawings of a network. Training and Nodes need SoftMax as the last layer
// and a layer with parameters.
const (
	Forward  Drawing = "forward"  // the network as written: a box for each layer
	Fused    Drawing = "fused"    // the network as graph.Fused runs it: a box for each op, with its layers in it
	Training Drawing = "training" // one training step: values go down, gradients come back up
	Nodes    Drawing = "nodes"    // every node of the ExprGraph of a training step, by layer
)

// Drawings lists all there are, the default first.
func Drawings() []Drawing { return []Drawing{Forward, Fused, Training, Nodes} }

// Picture says how a network is drawn.
type Picture struct {
	Title    string         // above the picture, lines and tabs as they are given; blank says what the network is: its layers with parameters
	Drawing  Drawing        // "" is the first of Drawings
	Lowering graph.Lowering // for Training and Nodes: "" is graph.DefaultLowering. Forward and Fused look the same for all
	Values   *Values        // a Summary in each box that has one; nil shows none
	Command  string         // what writes the picture, for the header of DOT; "" says nothing
}

// DOT writes a picture of the network for Graphviz's dot. The errors are those
// of Network.Compile, of w, and of a Picture with a wrong name.
func DOT(w io.Writer, net *graph.Network, p Picture) error {
	return write(w, net, p, (*figure.Figure).DOT)
}

// SVG writes the same picture as an SVG file that needs nothing else: no
// Graphviz, no fonts. It follows the viewer's light or dark scheme. The ids of
// boxes are those of DOT.
func SVG(w io.Writer, net *graph.Network, p Picture) error {
	return write(w, net, p, (*figure.Figure).SVG)
}

func write(w io.Writer, net *graph.Network, p Picture, format func(*figure.Figure) []byte) error {
	f, err := picture(net, p)
	if err != nil {
		return err
	}
	_, err = w.Write(format(f))
	return errors.Wrap(err, "picture")
}

// images is how many a machine that is drawn takes at a time. With one, an axis
// of length one would look like the batch.
const images = 2

// picture draws a picture that has no format yet.
func picture(net *graph.Network, p Picture) (*figure.Figure, error) {
	if strings.TrimSpace(p.Title) == "" {
		p.Title = nameOf(net)
	}
	if p.Drawing == "" {
		p.Drawing = Drawings()[0]
	}
	// A wrong lowering is refused even where it is not drawn.
	if _, err := net.Pack(p.Lowering, make([]float32, net.NumParams())); err != nil {
		return nil, err
	}
	var draw func(*figure.Figure, *graph.Network, []graph.Node, *Values)
	mode := graph.Training
	switch p.Drawing {
	case Forward:
		draw, mode, p.Lowering = forward, graph.Forward, graph.Gorgonia // which lowers each layer by itself
	case Fused:
		draw, mode, p.Lowering = forward, graph.Forward, graph.Fused
	case Training:
		draw = training
	case Nodes:
		if p.Lowering == "" {
			p.Lowering = graph.DefaultLowering
		}
		draw = func(f *figure.Figure, net *graph.Network, nodes []graph.Node, v *Values) {
			everyNode(f, net, p.Lowering, nodes, v)
		}
	default:
		return nil, errors.Errorf("unknown drawing %q, want one of %q", p.Drawing, Drawings())
	}
	weights, err := net.Pack(p.Lowering, make([]float32, net.NumParams()))
	if err != nil {
		return nil, err
	}
	m, err := net.Compile(p.Lowering, images, weights, mode)
	if err != nil {
		return nil, err
	}
	f := &figure.Figure{Name: string(p.Drawing), Title: p.Title, Command: p.Command}
	draw(f, net, m.Nodes(), p.Values)
	if p.Values != nil {
		f.Subtitle += "\n" + p.Values.subtitle()
	}
	return f, nil
}

// nameOf says what a network is: "Conv2d(16, 5), Dense(100), Dense(10)". Of more than
// four layers with parameters, it names the first two and the last one.
func nameOf(net *graph.Network) string {
	var layers []string
	for _, l := range net.Layers {
		if len(l.Params) > 0 {
			layers = append(layers, l.Layer.String())
		}
	}
	switch n := len(layers); {
	case n == 0:
		return "Network"
	case n > 4:
		return fmt.Sprintf("%s, %s, …, %s", layers[0], layers[1], layers[n-1])
	}
	return strings.Join(layers, ", ")
}
