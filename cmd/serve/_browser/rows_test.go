package browser

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tapenet/graph/graphtest"
	"tapenet/mnist"
)

// row is one of the Draw tab's rows: what of the network it shows, and how.
type row struct {
	name, kind string
	weights    bool
}

// rowsOf are the rows of a network in their order.
func rowsOf(j *judge) []row {
	var rows []row
	for _, l := range j.net.Layers {
		kind := strings.Split(l.Layer.String(), "(")[0]
		if kind == "Conv2d" {
			rows = append(rows, row{l.Params[0].Name, kind, true})
		}
		if kind != "Flatten" {
			rows = append(rows, row{l.Name, kind, false})
		}
	}
	return rows
}

// digit is a test image as the network sees it.
func digit(t *testing.T, index int) []float64 {
	t.Helper()
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 784)
	for i := range x {
		x[i] = float64(float32(test.Pixels[784*index+i]) / 255)
	}
	return x
}

// TestRows: the rows show the tensors of a test image.
func TestRows(t *testing.T) {
	b := open(t, "")
	b.settle() // an example is shown first
	const index = 4
	j := newJudge(t, "onelayer", digit(t, index))
	about := shared.model(t, "onelayer")
	rows := rowsOf(j)
	if got := b.text(`return String(document.querySelectorAll(".rows .ln").length)`); got != strconv.Itoa(len(rows)) {
		t.Fatalf("got %s rows, want %d", got, len(rows))
	}
	for i, r := range rows {
		if r.weights {
			p := named(t, about.Parameters, r.name)
			b.showsMaps(i, p.Shape, j.parameter(r.name, j.weights), p.Scale, "value")
			continue
		}
		v := named(t, about.Values, r.name)
		switch values := j.result(r.name); {
		case len(v.Shape) == 3:
			b.showsMaps(i, v.Shape, values, v.Scale, "value")
		case r.kind == "SoftMax":
			b.showsTiles(i, values)
		default:
			b.showsBars(i, values, v.Scale, r.kind != "Rectify", "value")
		}
	}
}

// canvases are those of the rows, but for the strips of biases.
const canvases = ".rows .ln canvas:not(.bias)"

// showsMaps checks 3 values of each map of row i: 16 maps in a line, 3 pixels apart.
func (b *tab) showsMaps(i int, shape []int, values []float64, scale float64, kind string) {
	b.Helper()
	rows, cols := shape[len(shape)-2], shape[len(shape)-1]
	size := len(values) / shape[0]
	columns := min(16, shape[0])
	box := b.box(canvases, i)
	cell := (box[2]+3)/float64(columns) - 3
	side := cell / float64(cols)
	var points [][2]float64
	var cells []int
	for m := range shape[0] {
		for _, k := range []int{size / 3, size / 2, size - 2} {
			r, c := k/cols, k%cols
			points = append(points, [2]float64{
				float64(m%columns)*(cell+3) + (float64(c)+0.5)*side,
				float64(m/columns)*(float64(rows)*side+3) + (float64(r)+0.5)*side,
			})
			cells = append(cells, m*size+k)
		}
	}
	for k, got := range b.pixels(canvases, i, points) {
		if want := ramp(kind, values[cells[k]]/scale); !got.alike(want, 3) {
			b.Errorf("row %d, value %d, %v of ±%v: got %v, want %v", i, cells[k], values[cells[k]], scale, got, want)
			return
		}
	}
}

// showsBars checks where 3 bars of row i end: a bar of the full scale reaches to 2 pixels
// from the edge.
func (b *tab) showsBars(i int, values []float64, scale float64, signed bool, kind string) {
	b.Helper()
	box := b.box(canvases, i)
	width, height := box[2]/float64(len(values)), box[3]
	base := height - 1
	up, down := base-2, 0.0
	if signed {
		base = height / 2
		up, down = base-2, height-base-2
	}
	largest := 0
	for k, v := range values {
		if math.Abs(v) > math.Abs(values[largest]) {
			largest = k
		}
	}
	for _, k := range []int{largest, len(values) / 2, len(values) - 1} {
		t := min(1, max(-1, values[k]/scale))
		length, end, beyond := t*up, ramp(kind, 1), -1.0
		if t < 0 {
			length, end, beyond = t*down, ramp(kind, -1), 1
		}
		if math.Abs(length) < 4 {
			continue // too short to tell
		}
		x, y := (float64(k)+0.5)*width, base-length
		got := b.pixels(canvases, i, [][2]float64{{x, y - 3*beyond}, {x, min(height-0.5, max(0.5, y+1.6*beyond))}})
		if !got[0].alike(end, 3) || got[1].alike(end, 30) && math.Abs(t) < 0.9 {
			b.Errorf("row %d, bar %d, %v of ±%v: got %v at its end and %v beyond, want %v and not so", i, k, values[k], scale, got[0], got[1], end)
		}
	}
}

// showsTiles checks how far the tile of the most probable class is filled: to its
// probability.
func (b *tab) showsTiles(i int, values []float64) {
	b.Helper()
	box := b.box(canvases, i)
	k := slices.Index(values, slices.Max(values))
	x, y := (float64(k)+0.2)*box[2]/float64(len(values)), box[3]*(1-values[k])
	got := b.pixels(canvases, i, [][2]float64{{x, min(box[3]-1, y+1.5)}, {x, max(0.5, y-1.5)}})
	full, empty := ramp("ink", 1), ramp("ink", 0)
	if !got[0].alike(full, 3) || y > 3 && !got[1].alike(empty, 3) {
		b.Errorf("row %d, tile %d, %v: got %v below its end and %v above, want %v and %v", i, k, values[k], got[0], got[1], full, empty)
	}
}

// TestInspector: its sums are those of a value of a map, with the filter's bias.
func TestInspector(t *testing.T) {
	b := open(t, "")
	b.settle()
	j := newJudge(t, "onelayer", digit(t, 4))
	conv, rectified := j.result("conv1"), j.result("relu1")
	bias := j.parameter("conv1.bias", j.weights)
	const filter, r, c = 5, 11, 13
	box := b.box(canvases, 1) // conv1
	cell := (box[2]+3)/16 - 3
	b.do(chromedp.MouseClickXY(box[0]+filter*(cell+3)+(c+0.5)*cell/24, box[1]+(r+0.5)*cell/24))
	if got, want := b.text(`return document.querySelector(".inspector h2").textContent`), "Filter 6, row 12, column 14"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	at := filter*24*24 + r*24 + c
	for name, want := range map[string]float64{
		"Σ w·x": conv[at] - bias[filter], "+ bias": bias[filter], "Conv2d": conv[at], "Rectify": rectified[at],
	} {
		b.says(name, want, 1e-4)
	}

	// The last row before SoftMax has the scores: one of a unit, of the row before.
	scores := j.result("dense2")
	box = b.box(canvases, 6)
	b.do(chromedp.MouseClickXY(box[0]+7.5*box[2]/10, box[1]+box[3]/2))
	if got, want := b.text(`return document.querySelector(".inspector h2").textContent`), "Score of 7"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	b.says("Σ w·x", scores[7]-j.parameter("dense2.bias", j.weights)[7], 2e-4)
	b.says("Dense", scores[7], 2e-4)
}

// says checks a line of the inspector's sum.
func (b *tab) says(name string, want, most float64) {
	b.Helper()
	text := b.text(`
for (const line of document.querySelectorAll(".inspector .sum div"))
  if (line.firstChild.textContent === args[0]) return line.lastChild.textContent;
return "nothing";`, name)
	got, err := strconv.ParseFloat(strings.Replace(text, "−", "-", 1), 64)
	if err != nil || !near(got, want, most) {
		b.Errorf("the inspector says %s %q, want %.4f", name, text, want)
	}
}

// TestBackward: a key shows the gradient of a score, and Escape the values again.
func TestBackward(t *testing.T) {
	b := open(t, "")
	b.settle()
	j := newJudge(t, "onelayer", digit(t, 4))
	values := j.parameter("conv1.weight", j.weights)
	about := shared.model(t, "onelayer")
	scale := named(t, about.Parameters, "conv1.weight").Scale

	b.keys("4")
	b.settle()
	if got := b.text(`return document.querySelector(".rows .ln b").textContent`); got != "∂ conv1.weight" {
		t.Errorf("got a first row of %q, want the gradient of the weights", got)
	}
	// Of each pooling window one pixel, its winner, may have a gradient.
	var lost, passed int
	b.eval(&[]*int{&lost, &passed}, `
const grad = look.current.grad("relu1"), won = look.current.winners("pool1"), winners = new Set();
won.forEach((w, i) => winners.add(Math.floor(i / 144) * 576 + w));
return [[...grad].filter((g, i) => g !== 0 && !winners.has(i)).length, [...grad].filter((g, i) => g !== 0).length];`)
	if lost != 0 || passed < 100 {
		t.Errorf("got %d pixels of Rectify's gradient that are not 0, %d of them no winners, want many and none", passed, lost)
	}

	// "4 rather than 9", against float64.
	b.do(chromedp.KeyEvent("9", chromedp.KeyModifiers(chromedp.ModifierShift)))
	b.settle()
	if got := b.text(`return document.querySelector("select[aria-label*=difference]").selectedOptions[0].textContent`); got != "rather than 9" {
		t.Errorf("got a gradient %q, want rather than 9", got)
	}
	gradient := j.parameter("conv1.weight", j.rather(4, 9))
	b.showsMaps(0, []int{16, 1, 5, 5}, gradient, b.ranged(0, gradient), "grad")
	scores := j.parameter("dense2.bias", j.rather(4, 9))
	for class, g := range b.floats(`return [...look.current.grad("dense2.bias")]`) {
		if !near(g, scores[class], 1e-6) {
			t.Errorf("gradient of score 4 − score 9 by the bias of %d: got %v, want %v", class, g, scores[class])
		}
	}

	b.keys(kb.Escape)
	b.settle()
	if got := b.text(`return document.querySelector(".rows .ln b").textContent`); got != "conv1.weight" {
		t.Errorf("after Escape: got a first row of %q, want the weights", got)
	}
	b.showsMaps(0, []int{16, 1, 5, 5}, values, scale, "value")
}

// ranged is the ± that row i prints. It must be the 99.7 % quantile of |values|, to 7 %.
func (b *tab) ranged(i int, values []float64) float64 {
	b.Helper()
	text := b.text(`return document.querySelectorAll(".rows .ln .lab span:not(.mono)")[args[0]].textContent`, 2*i)
	scale, err := strconv.ParseFloat(strings.TrimPrefix(text, "±"), 64)
	if err != nil {
		b.Fatalf("row %d says %q, want ± its range", i, text)
	}
	sizes := make([]float64, len(values))
	for k, v := range values {
		sizes[k] = math.Abs(v)
	}
	slices.Sort(sizes)
	want := sizes[len(sizes)-1-int(0.003*float64(len(sizes)))]
	if scale < 0.99*want || scale > 1.07*want {
		b.Errorf("row %d: got a range of ±%v, want about ±%v", i, scale, want)
	}
	return scale
}

// TestStep: steps on an image move the weights that are shown, and with them what the
// untrained network makes of the image. Escape takes them back.
func TestStep(t *testing.T) {
	b := open(t, "#epoch=0")
	b.settle()
	j := newJudge(t, "onelayer", digit(t, 4))
	j.weights = shared.weights(t, "onelayer", 0)
	scale := named(t, shared.model(t, "onelayer").Parameters, "conv1.weight").Scale
	before := j.result("softmax1")
	class := slices.Index(before, slices.Max(before))
	const steps = 20
	b.eval(nil, `for (let i = 0; i < args[0]; i++) document.querySelector("button[title^='Adam on this one image']").click();`, steps)
	b.settle()
	untrained := slices.Clone(j.weights)
	j.adam(class, steps)
	after := j.result("softmax1")
	for i, p := range b.floats(`return [...look.current.value("softmax1")]`) {
		if !near(p, after[i], 1e-3) {
			t.Errorf("probability of %d after %d steps as a %d: got %v, want %v", i, steps, class, p, after[i])
		}
	}
	if after[class] < before[class]+0.1 {
		t.Errorf("probability after %d steps as a %d: got %v, want much more than %v", steps, class, after[class], before[class])
	}
	b.showsMaps(0, []int{16, 1, 5, 5}, j.parameter("conv1.weight", j.weights), scale, "value")

	b.keys(kb.Escape)
	b.settle()
	b.showsMaps(0, []int{16, 1, 5, 5}, j.parameter("conv1.weight", untrained), scale, "value")
	if got := b.floats(`return [...look.current.value("softmax1")]`)[class]; !near(got, before[class], 1e-5) {
		t.Errorf("probability of %d after Escape: got %v, want %v as before", class, got, before[class])
	}
}

// adam moves the weights by steps on the judge's image as a class, at a learning rate of
// 0.001.
func (j *judge) adam(class, steps int) {
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-7
	m, v := make([]float64, len(j.weights)), make([]float64, len(j.weights))
	for t := range steps {
		power := float64(t + 1)
		rate := 0.001 * math.Sqrt(1-math.Pow(beta2, power)) / (1 - math.Pow(beta1, power))
		for i, g := range graphtest.Run(j.net, j.weights, j.x, []int{class}).Grad {
			m[i] += (g - m[i]) * (1 - beta1)
			v[i] += (g*g - v[i]) * (1 - beta2)
			j.weights[i] -= rate * m[i] / (math.Sqrt(v[i]) + epsilon)
		}
	}
}

// TestEpochs: the slider shows the same digit by the weights of other epochs.
func TestEpochs(t *testing.T) {
	b := open(t, "")
	b.settle()
	j := newJudge(t, "onelayer", digit(t, 4))
	for _, epoch := range []int{0, 10} {
		b.eval(nil, `
const slider = document.querySelector(".epochs input");
slider.value = args[0];
slider.dispatchEvent(new Event("input"));`, epoch)
		b.settle()
		j.weights = shared.weights(t, "onelayer", epoch)
		want := j.result("softmax1")
		for i, p := range b.floats(`return [...look.current.value("softmax1")]`) {
			if !near(p, want[i], 1e-5) {
				t.Errorf("probability of %d after epoch %d: got %v, want %v", i, epoch, p, want[i])
			}
		}
		if got, want := b.text(`return document.querySelector(".epochs span").textContent`), fmt.Sprintf("after epoch %d", epoch); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestInspectorPastPooling: a value of Dropout after a pooling is the convolution's
// that won the window.
func TestInspectorPastPooling(t *testing.T) {
	b := open(t, "#net=list:1:"+url.QueryEscape("Conv2d(4, 5), Rectify, MaxPool2D(2), Dropout(0.5), Flatten, Dense(10), SoftMax"))
	b.settle()
	var titles []string
	for _, row := range []int{3, 4} { // MaxPool2D, Dropout
		box := b.box(canvases, row)
		b.do(chromedp.MouseClickXY(box[0]+100, box[1]+25))
		titles = append(titles, b.text(`return document.querySelector(".inspector h2").textContent`))
	}
	if titles[0] != titles[1] || !strings.HasPrefix(titles[0], "Filter 2, row 1") {
		t.Errorf("got %q, want twice the same value of filter 2", titles)
	}
}

// TestSpine: the weights of a convolution stand beside the line of the values, which
// goes on to the next layer.
func TestSpine(t *testing.T) {
	b := open(t, "#net=twolayer")
	b.settle()
	var crossed []string
	b.eval(&crossed, `
const boxes = (name) => [...document.querySelectorAll(".spine " + name)].map((el) => el.getBoundingClientRect());
const flows = boxes("path.flow"), weights = boxes("rect.par");
if (flows.length < 8 || weights.length !== 4) return ["got " + flows.length + " arrows and " + weights.length + " squares"];
return weights.filter((w) => flows.some((f) => f.top < w.bottom && w.top < f.bottom && f.left < w.right && w.left < f.right)).map((w) => "the square at " + w.top);`)
	if len(crossed) > 0 {
		t.Errorf("the line of the values goes through %q", crossed)
	}
}
