package figure

import (
	"fmt"
	"strings"

	"tapenet/graph/draw/ink"
	"tapenet/graph/draw/internal/layered"
)

// dotSides are the hidden points above the sides of the picture. They hold the
// sides in place.
var dotSides = [2]string{"values", "gradients"}

// bands writes the boxes of each frame, and the frames.
func (d *dot) bands() {
	for _, b := range d.Bands {
		for _, fr := range b {
			if len(fr.Nodes) == 0 {
				continue
			}
			d.section("Frame " + fr.Title)
			for _, n := range fr.Nodes {
				d.node(n)
			}
		}
	}
	for side, point := range dotSides {
		d.section("The frames of " + point)
		fmt.Fprintf(d, "  subgraph { node [style=invis, label=\"\", width=0, height=0, group=%s]; %[1]s; }\n", point)
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
		d.hide(point, top)
	}
	d.measure()
	d.hide(dotSides[leftSide], dotSides[rightSide])
}

// heights are the boxes, labels and points that are side by side, from the top: the
// points above the sides, and for each band its labels and its rows.
func (d *dot) heights() [][]string {
	bands, edges := d.layered()
	row, first := layered.Rows(bands, edges)
	all := make([][]string, 1+len(bands)+first[len(bands)])
	all[0] = dotSides[:]
	for i, b := range d.Bands {
		label := 1 + i + first[i]
		for _, fr := range b {
			if len(fr.Nodes) > 0 {
				all[label] = append(all[label], id(fr.label()))
			}
			for _, n := range fr.Nodes {
				at := 2 + i + row[n.Name]
				all[at] = append(all[at], id(n.Name))
			}
		}
	}
	return all
}

// ruler writes a hidden line of points, one for each height. It comes first: dot
// keeps the direction of edges that it meets first, and draws gradients back up.
func (d *dot) ruler() {
	d.section("A hidden ruler, from the top")
	d.WriteString("  subgraph ruler { node [style=invis, label=\"\", width=0, height=0]; edge [style=invis]; ")
	for i := range d.heights() {
		if i > 0 {
			d.WriteString(" -> ")
		}
		fmt.Fprintf(d, "row%d", i)
	}
	d.WriteString("; }\n")
}

// measure puts everything at its height on the ruler.
func (d *dot) measure() {
	d.section("What is beside each point of the ruler")
	for i, beside := range d.heights() {
		fmt.Fprintf(d, "  { rank=same; row%d; %s; }\n", i, strings.Join(beside, "; "))
	}
}

func (d *dot) frame(f Frame, point string) {
	var names []string
	for _, n := range f.Nodes {
		names = append(names, id(n.Name))
	}
	fmt.Fprintf(d, `  subgraph cluster_%s { label=""; peripheries=1; style="rounded,filled"; color=%q; fillcolor=%q; margin=8;
    %s [shape=plain, style="", label=<<b>%s</b>>, fontcolor=%q, group=%s];
    %s; }
`, id(f.Name), ink.Hairline.Light, ink.Well.Light, id(f.label()), dotEscape(f.Title), ink.Muted.Light, point, strings.Join(names, "; "))
}

// hide joins two boxes for the layout alone.
func (d *dot) hide(from, to string) { d.hidden = append(d.hidden, [2]string{id(from), id(to)}) }

// label is the name of a frame's title. It is a node: edges cross the label that
// dot gives to a frame, and a node holds the frame in place.
func (f Frame) label() string { return "label_" + f.Name }
