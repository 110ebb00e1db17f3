package graph

import "fmt"

// forward draws the layers one below the other, each weight to the left of its
// layer and each bias to the right.
func (s *sketch) forward(d *dot, title string) {
	d.begin("forward", title, fmt.Sprintf("forward, as written · %s parameters", thousands(s.net.NumParams())), "nodesep=0.28, ranksep=0.34")
	d.box("x", kindData, "x", "images")
	for _, b := range s.boxes {
		d.box(b.name, b.kind, b.title, b.lines...)
		row := []string{b.name}
		for i, p := range s.params(b) {
			size := p.Shape.String()
			if len(p.Shape) > 1 {
				size += " · " + thousands(p.Size)
			}
			d.box(p.Name, kindParam, p.Name, size)
			if i == 0 {
				row = []string{p.Name, b.name}
				d.edge(p.Name, b.name, edgeParam)
			} else {
				row = append(row, p.Name)
				d.edge(b.name, p.Name, "dir=back, "+edgeParam)
			}
		}
		d.row(row...)
	}
	result := "result"
	if s.net.Layers[len(s.net.Layers)-1].Op == OpSoftMax {
		result = "probabilities"
		d.box(result, kindResult, result, "one for each class")
	} else {
		d.box(result, kindResult, result)
	}
	for _, l := range s.links {
		from, to := l.from.group, l.to.group
		if to == "read" {
			to = result
		}
		if shape := s.shapes[from]; shape != nil {
			d.flow(from, to, shape.String(), edgeValue)
		}
	}
	d.end()
}
