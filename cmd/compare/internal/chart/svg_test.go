package chart

import (
	"encoding/xml"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
	"tapenet/graph/draw/ink"
)

// element is an element of a picture, read back.
type element struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Inside  []element  `xml:",any"`
	Text    string     `xml:",chardata"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) number(name string) float64 {
	v, err := strconv.ParseFloat(e.attr(name), 64)
	if err != nil {
		panic(fmt.Sprintf("%s %s: %v", e.XMLName.Local, name, err))
	}
	return v
}

func (e element) has(class string) bool {
	return slices.Contains(strings.Fields(e.attr("class")), class)
}

// fixed returns the paths that no group moves.
func (e element) fixed() []element {
	var paths []element
	for _, in := range e.Inside {
		if in.XMLName.Local == "path" {
			paths = append(paths, in)
		}
		if in.attr("transform") == "" {
			paths = append(paths, in.fixed()...)
		}
	}
	return paths
}

// words returns the text of an element and of all inside it.
func (e element) words() string {
	text := e.Text
	for _, in := range e.Inside {
		text += " " + in.words()
	}
	return strings.TrimSpace(text)
}

// all returns the elements of a kind and class, "" for any, in order.
func (e element) all(kind, class string) []element {
	var found []element
	for _, in := range e.Inside {
		if (kind == "" || in.XMLName.Local == kind) && (class == "" || in.has(class)) {
			found = append(found, in)
		}
		found = append(found, in.all(kind, class)...)
	}
	return found
}

// box is where something is.
type box struct{ left, top, right, bottom float64 }

func (b box) overlaps(c box) bool {
	return b.left < c.right && c.left < b.right && b.top < c.bottom && c.top < b.bottom
}

// upwards is the start of a line that is written upwards.
var upwards = regexp.MustCompile(`^translate\((\S+) (\S+)\)rotate\(-90\)$`)

// box is the room of a line of text.
func (e element) box() box {
	size, width := 13.0, 0.0
	if e.has("small") {
		size = 12
	}
	for _, part := range append([]element{{Text: e.Text}}, e.Inside...) {
		width += ink.Width(part.Text, ink.Plain*size)
		if dx := part.attr("dx"); dx != "" {
			width += part.number("dx")
		}
	}
	if m := upwards.FindStringSubmatch(e.attr("transform")); m != nil {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		return box{x - 0.75*size, y - width, x + 0.2*size, y}
	}
	left := e.number("x")
	switch {
	case e.has("mid"):
		left -= width / 2
	case e.has("end"):
		left -= width
	}
	y := e.number("y")
	return box{left, y - 0.75*size, left + width, y + 0.2*size}
}

var pair = regexp.MustCompile(`[ML](-?[\d.e-]+) (-?[\d.e-]+)`)

// absolute returns the points of a path that are given as they are, not as the
// way from the point before.
func (e element) absolute() []svg.Point {
	var points []svg.Point
	for _, m := range pair.FindAllStringSubmatch(e.attr("d"), -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		points = append(points, svg.Point{X: x, Y: y})
	}
	return points
}

// drawing is a picture of this package.
type drawing []byte

func (d drawing) parse(t *testing.T) element {
	t.Helper()
	var root element
	if err := xml.Unmarshal(d, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// groups are the configurations that have runs.
func groups(runs []result.Run) []result.Group {
	return slices.DeleteFunc(result.Settings{}.Groups(runs), func(g result.Group) bool { return len(g.Runs) == 0 })
}

// curves are the pictures of curves of the runs.
func curves(runs []result.Run) map[string]drawing {
	groups := groups(runs)
	return map[string]drawing{"accuracy": Accuracy(groups, Wide), "loss": Loss(groups, Wide), "time": Time(groups, Wide)}
}

// pictures are all pictures of the runs, some of the last configuration alone.
func pictures(runs []result.Run, labels, images []uint8) map[string]drawing {
	all, groups := curves(runs), groups(runs)
	last := groups[len(groups)-1]
	set := digits(images, labels)
	all["confusion"], all["mistakes"] = Confusion(last, set, MostConfused(groups, set), Wide), Mistakes(last, set, Wide)
	all["filters"], all["activations"] = Filters(rows(last), "seed 1", Wide), Activations(rows(last), set, 0, "seed 1", Wide)
	return all
}

// narrow are the pictures of the runs for a phone.
func narrow(runs []result.Run, labels, images []uint8) map[string]drawing {
	groups := groups(runs)
	last, set := groups[len(groups)-1], digits(images, labels)
	return map[string]drawing{
		"narrow accuracy": Accuracy(groups, Narrow), "narrow loss": Loss(groups, Narrow), "narrow time": Time(groups, Narrow),
		"narrow confusion": Confusion(last, set, MostConfused(groups, set), Narrow), "narrow mistakes": Mistakes(last, set, Narrow),
		"narrow filters": Filters(rows(last), "seed 1", Narrow), "narrow activations": Activations(rows(last), set, 0, "seed 1", Narrow),
	}
}

// rows are the filters of a group's first run, and those of a start.
func rows(g result.Group) []Row {
	f := g.Runs[0].Filters
	f.Biases = make([]float32, len(f.Kernels))
	return []Row{{g.Network, "before the training", f}, {"4 " + g.Network, "batch 1024, 25 epochs", f}}
}

// cases are the kinds of runs that a chart may get.
func cases(t *testing.T) map[string][]result.Run {
	set := testSet(t)
	three, one := synthetic(3, set.Labels), synthetic(1, set.Labels)
	cases := map[string][]result.Run{
		"three seeds": three, "one seed": one, "seeds differ": three[:8], "one run": one[3:], "ten epochs": three[:9],
		"first and last": slices.Concat(three[:3], three[9:]),
	}
	edit := func(name string, change func(r *result.Run)) {
		for _, r := range synthetic(2, set.Labels) {
			change(&r)
			cases[name] = append(cases[name], r)
		}
	}
	edit("one epoch", func(r *result.Run) { r.Epochs = r.Epochs[:1] })
	edit("all right", func(r *result.Run) {
		r.Mistakes = nil
		for i := range r.Epochs {
			r.Epochs[i].Train, r.Epochs[i].Val = result.Metrics{Accuracy: 1}, result.Metrics{Accuracy: 1}
		}
	})
	edit("nothing learnt", func(r *result.Run) {
		for i := range r.Epochs {
			r.Epochs[i] = result.Epoch{Seconds: 0.01, Train: result.Metrics{Accuracy: 0.1, Loss: 2.3}, Val: result.Metrics{Accuracy: 0, Loss: 800}}
		}
		r.Filters = result.Filters{Side: 3, Kernels: [][]float32{make([]float32, 9)}}
	})
	edit("slow and wide", func(r *result.Run) {
		for i := range r.Epochs {
			r.Epochs[i].Seconds = 4000
			r.Epochs[i].Train = result.Metrics{Accuracy: float64(i) / 24, Loss: 0.3 / float64(1+i*i*i*i)}
		}
	})
	return cases
}

// eachPicture tests every picture of every case.
func eachPicture(t *testing.T, test func(t *testing.T, draw drawing)) {
	set := testSet(t)
	for name, runs := range cases(t) {
		all := pictures(runs, set.Labels, set.Pixels)
		maps.Copy(all, narrow(runs, set.Labels, set.Pixels))
		for what, draw := range all {
			t.Run(name+"/"+what, func(t *testing.T) { test(t, draw) })
		}
	}
	for name, draw := range otherPictures() {
		t.Run(name, func(t *testing.T) { test(t, draw) })
	}
}

// photo is the address of an image that is in the picture.
var photo = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]+`)

// A picture must need nothing beside it, and not disturb others in a page.
func TestPicturesStandAlone(t *testing.T) {
	eachPicture(t, func(t *testing.T, draw drawing) {
		file := string(photo.ReplaceAll(draw, nil))
		for _, foreign := range []string{"url(", "var(", "@import", "NaN", "Inf", "%!"} {
			if strings.Contains(file, foreign) {
				t.Errorf("the file has %q", foreign)
			}
		}
		if n := strings.Count(file, "://"); n != 1 { // the name of SVG
			t.Errorf("%d addresses, want 1", n)
		}
		root := draw.parse(t)
		if root.XMLName.Local != "svg" || root.attr("role") != "img" || root.attr("class") != "tapenet-chart" {
			t.Errorf("root %v %v", root.XMLName, root.Attrs)
		}
		if root.Inside[0].XMLName.Local != "title" || root.Inside[0].words() == "" || root.Inside[1].XMLName.Local != "desc" || root.Inside[1].words() == "" {
			t.Errorf("it starts with %+v, want title and desc", root.Inside[:2])
		}
		style := root.all("style", "")[0].Text
		for selector := range strings.SplitSeq(strings.ReplaceAll(style, "@media (prefers-color-scheme:dark){\n", ""), "}") {
			if s := strings.TrimSpace(selector); s != "" && !strings.HasPrefix(s, ".tapenet-chart") {
				t.Errorf("style for more than the picture: %s", s)
			}
		}
		for _, e := range root.all("", "") {
			if e.XMLName.Local == "script" {
				t.Error("the file has a script")
			}
			for _, a := range e.Attrs {
				inside := e.XMLName.Local == "image" && photo.FindString(a.Value) == a.Value
				if name := a.Name.Local; name == "id" || name == "href" && !inside || name == "style" || strings.HasPrefix(name, "on") {
					t.Errorf("%s has %s", e.XMLName.Local, name)
				}
			}
			for _, class := range strings.Fields(e.attr("class")) {
				if !strings.Contains(style, "."+class) && e.XMLName.Local != "g" && class != "xname" && class != "yname" && class != "label" {
					t.Errorf("no style for %s of %s", class, e.XMLName.Local)
				}
			}
		}
	})
}

// Nothing may be cut off, and no text may lie on another.
func TestTextHasRoom(t *testing.T) {
	eachPicture(t, func(t *testing.T, draw drawing) {
		root := draw.parse(t)
		width, height := root.number("width"), root.number("height")
		if want := fmt.Sprintf("0 0 %v %v", width, height); root.attr("viewBox") != want {
			t.Errorf("viewBox %q, want %q", root.attr("viewBox"), want)
		}
		inside := func(b box, what string) {
			if b.left < 0 || b.top < 0 || b.right > width || b.bottom > height {
				t.Errorf("%s: %v is out of the picture, %vx%v", what, b, width, height)
			}
		}
		texts := root.all("text", "")
		var boxes []box
		for i, e := range texts {
			b := e.box()
			inside(b, e.words())
			for j, other := range boxes {
				if b.overlaps(other) {
					t.Errorf("%q %v lies on %q %v", texts[i].words(), b, texts[j].words(), other)
				}
			}
			boxes = append(boxes, b)
		}
		for _, e := range slices.Concat(root.all("rect", ""), root.all("image", "")) {
			x, y := e.number("x"), e.number("y")
			b := box{x, y, x + e.number("width"), y + e.number("height")}
			inside(b, "rect")
			if !e.has("photo") && !e.has("zero") {
				continue
			}
			for i, other := range boxes {
				if b.overlaps(other) {
					t.Errorf("%q %v lies on an image %v", texts[i].words(), other, b)
				}
			}
		}
		for _, e := range root.fixed() {
			for _, p := range e.absolute() {
				inside(box{p.X - 5, p.Y - 5, p.X + 5, p.Y + 5}, "path")
			}
		}
	})
}
