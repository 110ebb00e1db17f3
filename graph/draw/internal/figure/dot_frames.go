package figure

import (
	"fmt"

	"tapenet/graph/draw/ink"
)

// dotSides are the hidden points above the sides of the picture. They hold the
// sides in place.
var dotSides = [2]string{"values", "gradients"}

// frames writes the nodes of each band in two frames, and around all frames of a
// side one without a line, which keeps the sides apart. The order of the two hidden
// points says which side is to the left: dot does not cross edges within a group of
// nodes, here from a point to the labels of its side.
func (d *dot) frames() {
	for side, point := range dotSides {
		fmt.Fprintf(d, "  %s [style=invis, label=\"\", width=0, height=0, group=%s];\n", point, point)
		fmt.Fprintf(d, "  subgraph cluster_%s { label=\"\"; peripheries=0;\n", point)
		top := ""
		for _, b := range d.Bands {
			if len(b[side].Nodes) == 0 {
				continue
			}
			d.frame(b[side], point)
			if top == "" {
				top = b[side].label()
			}
		}
		d.WriteString("  }\n")
		d.hide(point, top, "")
	}
	d.sameRank(dotSides[leftSide], dotSides[rightSide])
	d.hide(dotSides[leftSide], dotSides[rightSide], "")
	for _, b := range d.Bands {
		if left, right := b[leftSide].label(), b[rightSide].label(); len(b[rightSide].Nodes) > 0 {
			d.sameRank(left, right)
			d.hide(left, right, "") // draws them towards each other, off the ways down and up
		}
	}
}

func (d *dot) frame(f Frame, point string) {
	fmt.Fprintf(d, `  subgraph cluster_%s { label=""; peripheries=1; style="rounded,filled"; color=%q; fillcolor=%q; margin=8;
  %s [shape=plain, style="", label=<<b>%s</b>>, fontcolor=%q, group=%s];
`, id(f.Name), ink.Hairline.Light, ink.Well.Light, id(f.label()), dotEscape(f.Title), ink.Muted.Light, point)
	for _, n := range f.Nodes {
		d.node(n)
	}
	d.WriteString("  }\n")
}

// label is the name of a frame's title. It is a node: edges cross the label that
// dot gives to a frame, and a node holds the frame in place.
func (f Frame) label() string { return "label_" + f.Name }

// fences keeps the bands apart: a label is above the nodes of its frame and
// below all of the band before.
func (d *dot) fences() {
	const light = "weight=0, "
	for i, b := range d.Bands {
		for _, fr := range b {
			holds := map[string]bool{}
			for _, n := range fr.Nodes {
				holds[n.Name] = true
			}
			below, above := map[string]bool{}, map[string]bool{} // boxes below another one of the frame, or above
			for _, e := range d.Edges {
				if e.Back {
					e.From, e.To = e.To, e.From
				}
				if holds[e.From] && holds[e.To] {
					above[e.From], below[e.To] = true, true
				}
			}
			for _, n := range fr.Nodes {
				if !below[n.Name] {
					d.hide(fr.label(), n.Name, light)
				}
				if i+1 < len(d.Bands) && !above[n.Name] {
					d.hide(n.Name, d.Bands[i+1][leftSide].label(), light)
				}
			}
		}
	}
}
