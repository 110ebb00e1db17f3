package draw_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"
)

// area is a rectangle of a picture, in pixels.
type area struct{ left, top, right, bottom float64 }

func (a area) meets(b area) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

func (a area) holds(b area) bool {
	return a.left <= b.left && b.right <= a.right && a.top <= b.top && b.bottom <= a.bottom
}

// holdsPoint reports whether a point is inside a, or less than the given pixels
// outside.
func (a area) holdsPoint(p [2]float64, outside float64) bool {
	return a.left-outside < p[0] && p[0] < a.right+outside && a.top-outside < p[1] && p[1] < a.bottom+outside
}

// rim reports whether a point is on the border of a.
func (a area) rim(p [2]float64) bool { return a.holdsPoint(p, 0.5) && !a.holdsPoint(p, -0.5) }

func rectArea(e *element) area {
	x, y := e.number("x"), e.number("y")
	return area{x, y, x + e.number("width"), y + e.number("height")}
}

var pathStep = regexp.MustCompile(`([MLHVCQ])([^MLHVCQ]*)`)

// trace returns points along a path, a few for each of its steps.
func trace(t *testing.T, path string) (points [][2]float64) {
	t.Helper()
	var at [2]float64
	for _, m := range pathStep.FindAllStringSubmatch(path, -1) {
		var n []float64
		for _, s := range strings.Fields(m[2]) {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatalf("path %q: %v", path, err)
			}
			n = append(n, f)
		}
		corners := [][2]float64{at}
		switch m[1] {
		case "H":
			corners = append(corners, [2]float64{n[0], at[1]})
		case "V":
			corners = append(corners, [2]float64{at[0], n[0]})
		default:
			for ; len(n) > 1; n = n[2:] {
				corners = append(corners, [2]float64{n[0], n[1]})
			}
		}
		if m[1] == "M" {
			corners = corners[1:]
		}
		at = corners[len(corners)-1]
		const steps = 20
		for i := range steps + 1 {
			points = append(points, bezier(corners, float64(i)/steps))
		}
	}
	return points
}

// bezier is the point of a curve at t in [0, 1], by de Casteljau.
func bezier(corners [][2]float64, t float64) [2]float64 {
	if len(corners) == 1 {
		return corners[0]
	}
	var next [][2]float64
	for i, b := range corners[1:] {
		a := corners[i]
		next = append(next, [2]float64{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
	}
	return bezier(next, t)
}

// TestSVGLayout: nothing overlaps, nothing is clipped, every edge leads from
// the border of one box to that of the other, and through none.
func TestSVGLayout(t *testing.T) {
	eachPicture(t, func(t *testing.T, p draw.Picture, _, svg string) {
		root := parseSVG(t, svg)
		page := area{0, 0, root.number("width"), root.number("height")}
		if want := fmt.Sprintf("0 0 %g %g", page.right, page.bottom); root.attrs["viewBox"] != want {
			t.Errorf("viewBox: got %q, want %q", root.attrs["viewBox"], want)
		}
		letters := newLettering(t, root)
		boxes, frames := map[string]area{}, map[string]area{}
		labels, titles := map[string]area{}, map[string]bool{}
		for i, e := range root.children {
			switch {
			case e.name == "text":
				labels[fmt.Sprint(i, " ", e.text)] = letters.area(e)
				titles[fmt.Sprint(i, " ", e.text)] = e.has("frame-title")
			case e.name == "g" && strings.HasPrefix(e.attrs["id"], "cluster_"):
				frames[e.attrs["id"]] = rectArea(e.children[0])
			case e.name == "g":
				box := rectArea(e.children[1])
				boxes[e.attrs["id"]] = box
				for _, c := range e.children[2:] {
					if c.name == "text" && !box.holds(letters.area(c)) {
						t.Errorf("%s at %v: its text %q needs %v", e.attrs["id"], box, c.text, letters.area(c))
					}
					if c.name == "rect" && !box.holds(rectArea(c)) {
						t.Errorf("%s at %v: a layer in it at %v", e.attrs["id"], box, rectArea(c))
					}
				}
			}
		}
		disjoint(t, boxes)
		disjoint(t, frames)
		for name, box := range boxes {
			homes := 0
			for _, f := range frames {
				if f.holds(box) {
					homes++
				}
			}
			if !page.holds(box) || len(frames) > 0 && homes != 1 {
				t.Errorf("%s at %v is in %d frames, the page is %v", name, box, homes, page)
			}
		}
		for text, label := range labels {
			if !page.holds(label) {
				t.Errorf("%q needs %v, the page is %v", text, label, page)
			}
			for name, box := range boxes {
				if label.meets(box) {
					t.Errorf("%q at %v is over %s at %v", text, label, name, box)
				}
			}
		}
		disjoint(t, labels)
		for _, e := range root.children {
			if e.name != "path" {
				continue
			}
			checkEdge(t, e, boxes, page)
			for text, label := range labels {
				if titles[text] { // it has a rim of the frame's colour
					continue
				}
				for _, at := range trace(t, e.attrs["d"]) {
					if label.holdsPoint(at, 0) {
						t.Errorf("path %q goes through %q at %v", e.attrs["d"], text, label)
						break
					}
				}
			}
		}
	})
}

// disjoint wants areas that do not overlap.
func disjoint(t *testing.T, areas map[string]area) {
	t.Helper()
	for a, at := range areas {
		for b, other := range areas {
			if a < b && at.meets(other) {
				t.Errorf("%s at %v overlaps %s at %v", a, at, b, other)
			}
		}
	}
}

func checkEdge(t *testing.T, e *element, boxes map[string]area, page area) {
	t.Helper()
	from, to := boxes[e.attrs["data-from"]], boxes[e.attrs["data-to"]]
	points := trace(t, e.attrs["d"])
	if !from.rim(points[0]) || !to.rim(points[len(points)-1]) {
		t.Errorf("path %q does not lead from %v to %v", e.attrs["d"], from, to)
	}
	for _, p := range points {
		if !page.holdsPoint(p, 0) {
			t.Errorf("path %q leaves the page", e.attrs["d"])
			return
		}
		for name, box := range boxes {
			if box.holdsPoint(p, -0.5) {
				t.Errorf("path %q from %s to %s goes through %s at %v", e.attrs["d"], e.attrs["data-from"], e.attrs["data-to"], name, box)
				return
			}
		}
	}
}

// Both notebook networks must stay legible in a column of 1000 px.
func TestSVGSize(t *testing.T) {
	const widest, largest = 1060, 20 << 10
	for name, layers := range notebook {
		for _, drawing := range draw.Drawings() {
			for _, lowering := range graph.Lowerings() {
				text := svg(t, build(t, layers, 1, 28, 28), draw.Picture{Title: name, Drawing: drawing, Lowering: lowering})
				if w := parseSVG(t, text).number("width"); w > widest || math.IsNaN(w) {
					t.Errorf("%s %s %s: got a width of %g px, want at most %d", name, drawing, lowering, w, widest)
				}
				if drawing != draw.Nodes && len(text) > largest {
					t.Errorf("%s %s %s: got %d bytes, want at most %d", name, drawing, lowering, len(text), largest)
				}
			}
		}
	}
}

// TestDashedLanesAreDistinct: no two dashed edges of the notebook's networks lie on
// one another, level or upright.
func TestDashedLanesAreDistinct(t *testing.T) {
	type stretch struct {
		upright      bool
		at, from, to float64
		edge         string
	}
	for name, layers := range notebook {
		eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
			root := parseSVG(t, svg(t, build(t, layers, 1, 28, 28), draw.Picture{Drawing: draw.Nodes, Lowering: lowering}))
			var all []stretch
			for _, e := range root.children {
				if e.name != "path" || !e.has("keep") {
					continue
				}
				edge := e.attrs["data-from"] + " -> " + e.attrs["data-to"]
				points := trace(t, e.attrs["d"])
				for i, p := range points[1:] {
					a, b := points[i], p
					s := stretch{at: a[1], from: min(a[0], b[0]), to: max(a[0], b[0]), edge: edge}
					if a[0] == b[0] {
						s = stretch{upright: true, at: a[0], from: min(a[1], b[1]), to: max(a[1], b[1]), edge: edge}
					} else if a[1] != b[1] {
						continue
					}
					for _, other := range all {
						if other.edge != edge && other.upright == s.upright && math.Abs(other.at-s.at) < 3 && min(s.to, other.to)-max(s.from, other.from) > 1 {
							t.Fatalf("%s: %s and %s lie on one another at %v", name, edge, other.edge, p)
						}
					}
					all = append(all, s)
				}
			}
		})
	}
}
