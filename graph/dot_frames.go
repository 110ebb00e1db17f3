package graph

import (
	"fmt"
	"slices"
)

// The points above the sides of the picture that hold them in place.
var dotSides = [2]string{"values", "gradients"}

// frames writes the nodes of each band in two frames. Two frames without lines
// around all of them keep the sides apart. Which one is to the left is the
// order of two hidden points: dot does not cross edges within a group of nodes,
// here from a point to the labels of its side.
func (d *dot) frames() {
	for side, point := range dotSides {
		fmt.Fprintf(d, "  %s [style=invis, label=\"\", width=0, height=0, group=%s];\n", point, point)
		fmt.Fprintf(d, "  subgraph cluster_%s { label=\"\"; peripheries=0;\n", point)
		top := ""
		for _, b := range d.bands {
			if len(b.sides[side]) == 0 {
				continue
			}
			d.frame(b, side)
			if top == "" {
				top = b.label(side)
			}
		}
		d.WriteString("  }\n")
		d.hide(point, top, "")
	}
	d.sameRank(dotSides[leftSide], dotSides[rightSide])
	d.hide(dotSides[leftSide], dotSides[rightSide], "")
	for _, b := range d.bands {
		if left, right := b.label(leftSide), b.label(rightSide); len(b.sides[rightSide]) > 0 {
			d.sameRank(left, right)
			d.hide(left, right, "") // draws them towards each other, off the ways down and up
		}
	}
}

func (d *dot) frame(b band, side int) {
	fmt.Fprintf(d, `  subgraph cluster_%s { label=""; peripheries=1; style="rounded,filled"; color="#dfe3e8"; fillcolor="#f7f8fa"; margin=8;
  %s [shape=plain, style="", label=<<b>%s</b>>, fontcolor="#5b6675", group=%s];
`, b.frame(side), b.label(side), escape(b.title(side)), dotSides[side])
	for _, n := range b.sides[side] {
		d.node(n)
	}
	d.WriteString("  }\n")
}

// frame is the name of a frame.
func (b band) frame(side int) string {
	if side == rightSide {
		return gradName(id(b.name))
	}
	return id(b.name)
}

// title is what is written at the top of a frame.
func (b band) title(side int) string {
	if side == rightSide {
		return "∂ " + b.name
	}
	return b.name
}

// label is the name of a frame's title: a node, because edges cross the label
// that dot gives to a frame, and to hold the frames in place.
func (b band) label(side int) string { return "label_" + b.frame(side) }

// fences keeps the bands apart: a label is above the nodes of its frame and
// below all of the band before.
func (d *dot) fences() {
	const light = "weight=0, "
	for i, b := range d.bands {
		for side, nodes := range b.sides {
			holds := func(name string) bool {
				return slices.ContainsFunc(nodes, func(n node) bool { return n.name == name })
			}
			for _, n := range nodes {
				above := func(e edge) bool { return e.lower() == n.name && holds(e.upper()) }
				if !slices.ContainsFunc(d.edges, above) {
					d.hide(b.label(side), n.name, light)
				}
				below := func(e edge) bool { return e.upper() == n.name && holds(e.lower()) }
				if i+1 < len(d.bands) && !slices.ContainsFunc(d.edges, below) {
					d.hide(n.name, d.bands[i+1].label(leftSide), light)
				}
			}
		}
	}
}

// upper and lower are the ends of an edge between bands or ranks.
func (e edge) upper() string {
	if e.back {
		return e.to
	}
	return e.from
}

func (e edge) lower() string {
	if e.back {
		return e.from
	}
	return e.to
}
