package graph

import "fmt"

// training draws a step. Each op has a row: the parameters it reads, the op,
// its ∂, the gradients of the parameters. Values go down from op to op,
// gradients come up from ∂ to ∂, and a dashed line is what an op keeps for its
// ∂.
func (s *sketch) training(d *dot, title string) {
	d.begin("training", title+", one training step",
		fmt.Sprintf("values go down · gradients come back up · %s parameters, each with its gradient", thousands(s.net.NumParams())),
		"nodesep=0.3, ranksep=0.46")
	d.box("x", kindData, "x", "images")
	for _, b := range s.boxes {
		d.row(append(s.left(d, b), s.right(d, b)...)...)
	}
	d.box("loss", kindResult, "loss", "one number")
	d.box(gradName(seed.group), kindGrad, seed.group, "∂ loss / ∂ loss")
	d.row("loss", gradName(seed.group))
	d.flow(s.parts[s.m.cost].group, "loss", "sum over the batch", edgeValue)
	for _, l := range s.links {
		from, to := l.from.group, l.to.group
		switch {
		case s.shapes[to] == nil: // a read
		case l.from == seed:
			d.edge(gradName(to), gradName(from), edgeGrad)
		case l.from.grad:
			d.flow(gradName(to), gradName(from), "∂ "+s.shapes[to].String(), edgeGrad)
		case s.shapes[from] == nil: // drawn by left
		case !l.to.grad:
			d.flow(from, to, s.shapes[from].String(), edgeValue)
		case from != to && !s.joined(l.from, part{group: to}): // not kept by the op itself
			d.edge(from, gradName(to), edgeKeep)
		}
	}
	d.end()
}

// left draws an op with what it reads from the side, and returns their names.
func (s *sketch) left(d *dot, b box) (row []string) {
	if params := s.params(b); len(params) > 0 {
		var titles, sizes []string
		for _, p := range params {
			titles, sizes = append(titles, p.Name), append(sizes, p.Shape.String())
		}
		name := b.name + "_p"
		row = append(row, name)
		d.table(name, kindParam, titles, sizes)
		d.edge(name, b.name, edgeParam)
	}
	if s.joined(part{group: "y"}, part{group: b.name}) {
		row = append(row, "y")
		d.box("y", kindData, "y", "one-hot classes")
		d.edge("y", b.name, edgeData)
	}
	d.box(b.name, b.kind, b.title, b.lines...)
	return append(row, b.name)
}

// right draws an op's ∂ with its gradients of parameters, and returns their
// names.
func (s *sketch) right(d *dot, b box) (row []string) {
	if !s.differentiated(b) {
		return nil
	}
	back := gradName(b.name)
	row = append(row, back)
	d.box(back, kindGrad, "∂ "+b.title)
	if s.keeps(b) {
		d.edge(b.name, back, "label=<keeps<br/>"+escape(b.keeps)+">, "+edgeKeep)
	} else {
		d.edge(b.name, back, edgeHidden)
	}
	var titles []string
	for _, p := range s.grads(b) {
		titles = append(titles, "∂ "+p.Name)
	}
	if len(titles) > 0 {
		name := b.name + "_g"
		row = append(row, name)
		d.table(name, kindParamGrad, titles, nil)
		d.edge(back, name, edgeParamGrad)
	}
	return row
}

// gradName is the name of a box's ∂ in a picture.
func gradName(box string) string { return "d_" + box }
