package graph

import (
	"fmt"
	"slices"
)

// The sides of the picture, and the names of the points above that hold them in
// place.
const (
	leftSide  = "values"
	rightSide = "gradients"
)

// frames draws the nodes of each part in a frame. Two frames without lines
// around all of them keep the sides apart. Which one is to the left is the
// order of two hidden points: dot does not cross edges within a group of nodes,
// here from a point to the labels of its side.
func (d *dot) frames(bands []string, members map[part][]drawn) {
	for _, side := range []string{leftSide, rightSide} {
		fmt.Fprintf(d, "  %s [style=invis, label=\"\", width=0, height=0, group=%s];\n", side, side)
		fmt.Fprintf(d, "  subgraph cluster_%s { label=\"\"; peripheries=0;\n", side)
		top := ""
		for _, band := range bands {
			p := part{band, side == rightSide}
			if len(members[p]) == 0 {
				continue
			}
			d.frame(p, side, members[p])
			if top == "" {
				top = label(p)
			}
		}
		d.WriteString("  }\n")
		d.edge(side, top, edgeHidden)
	}
	d.row(leftSide, rightSide)
	d.edge(leftSide, rightSide, edgeHidden)
	for _, band := range bands {
		if left, right := (part{band, false}), (part{band, true}); len(members[right]) > 0 {
			d.row(label(left), label(right))
			d.edge(label(left), label(right), edgeHidden) // draws them towards each other, off the ways down and up
		}
	}
}

func (d *dot) frame(p part, side string, members []drawn) {
	name, title := id(p.group), p.group
	if p.grad {
		name, title = gradName(name), "∂ "+title
	}
	fmt.Fprintf(d, `  subgraph cluster_%s { label=""; peripheries=1; style="rounded,filled"; color="#dfe3e8"; fillcolor="#f7f8fa"; margin=8;
  %s [shape=plain, style="", label=<<b>%s</b>>, fontcolor="#5b6675", group=%s];
`, name, label(p), escape(title), side)
	for _, n := range members {
		d.box(n.name, n.kind, n.title, n.shape)
	}
	d.WriteString("  }\n")
}

// label is the name of a frame's label: a node, because edges cross the label
// that dot gives to a frame, and to hold the frames in place.
func label(p part) string {
	if p.grad {
		return "label_" + gradName(id(p.group))
	}
	return "label_" + id(p.group)
}

// fences keeps the bands apart: a label is above the nodes of its frame and
// below all of the band before.
func (d *dot) fences(bands []string, members map[part][]drawn, wires []wire) {
	const hidden = "weight=0, " + edgeHidden
	for i, band := range bands {
		for _, p := range []part{{band, false}, {band, true}} {
			for _, n := range members[p] {
				if !slices.ContainsFunc(wires, func(w wire) bool { return w.to == n && w.from.in == p }) {
					d.edge(label(p), n.name, hidden)
				}
				if i+1 < len(bands) && !slices.ContainsFunc(wires, func(w wire) bool { return w.from == n && w.to.in == p }) {
					d.edge(n.name, label(part{group: bands[i+1]}), hidden)
				}
			}
		}
	}
}
