package draw

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Values are what a network computed, for Picture: a Summary for each tensor that
// has a place in the pictures.
type Values struct {
	Of        string             // whose they are, for the subtitle: "the first 100 test images"; "" is their number
	Images    int                // that were looked at
	Results   map[string]Summary // of "x" and of each layer, by name, over all images
	Params    map[string]Summary // by name
	Gradients map[string]Summary // of the loss, by the results of layers up to the logits and by parameters; empty without SoftMax at the end
	Loss      float64            // the mean cross-entropy of an image; 0 without SoftMax at the end
}

// Summary is what the values of a tensor are like.
type Summary struct {
	Mean, Min, Max float64
	Zeros          float64 // the share of exact zeros, in [0, 1]
}

// Measure runs a network with these weights, in the order of Network.Params, on
// images (N, C, H, W) or (N, D) of these classes, with Gorgonia's ops, one image at
// a time. The loss is the sum over the images, as in a training step: a gradient of
// a parameter is that of the sum, one of a layer's result that of each image. The
// errors are those of Network.Probe and Probe.Run, and of sizes that do not fit.
func Measure(net *graph.Network, weights, images []float32, classes []uint8) (*Values, error) {
	size := net.In.Size()
	if len(classes) == 0 || len(images) != size*len(classes) {
		return nil, errors.Errorf("got %d values of images and %d classes, want %d values for each of at least 1", len(images), len(classes), size)
	}
	probe, err := net.Probe(weights)
	if err != nil {
		return nil, err
	}
	m := newMeter(net)
	for i, class := range classes {
		copy(probe.X, images[i*size:])
		if err := m.look(probe, int(class)); err != nil {
			return nil, errors.WithMessagef(err, "image %d", i)
		}
	}
	return m.values(net, weights, len(classes)), nil
}

// meter sums up what it sees.
type meter struct {
	last      graph.NamedLayer
	results   map[string]*sum
	gradients map[string]*sum
	params    map[string][]float64 // gradients, summed over the images
	loss      float64
}

func newMeter(net *graph.Network) *meter {
	m := &meter{last: net.Layers[len(net.Layers)-1], results: map[string]*sum{"x": newSum()}, gradients: map[string]*sum{}, params: map[string][]float64{}}
	for _, l := range net.Layers {
		m.results[l.Name], m.gradients[l.Name] = newSum(), newSum()
	}
	for _, p := range net.Params {
		m.params[p.Name] = make([]float64, p.Size)
	}
	return m
}

// look adds the values of the image in the probe.
func (m *meter) look(probe *graph.Probe, class int) error {
	if err := probe.Run(nil); err != nil {
		return err
	}
	if m.last.Kind == graph.KindSoftMax {
		selector := slices.Clone(probe.Result(m.last.Name))
		if class >= len(selector) {
			return errors.Errorf("got class %d, want one below %d", class, len(selector))
		}
		m.loss -= math.Log(max(float64(selector[class]), math.SmallestNonzeroFloat32))
		selector[class]--
		if err := probe.Run(selector); err != nil {
			return err
		}
	}
	for name, s := range m.results {
		add(s, probe.Result(name))
	}
	for name, s := range m.gradients {
		add(s, probe.Gradient(name))
	}
	for name, total := range m.params {
		for i, g := range probe.Gradient(name) {
			total[i] += float64(g)
		}
	}
	return nil
}

func (m *meter) values(net *graph.Network, weights []float32, images int) *Values {
	v := &Values{Images: images, Results: map[string]Summary{}, Params: map[string]Summary{}, Gradients: map[string]Summary{}, Loss: m.loss / float64(images)}
	for name, s := range m.results {
		v.Results[name] = s.summary()
	}
	for name, s := range m.gradients {
		if s.n > 0 {
			v.Gradients[name] = s.summary()
		}
	}
	for _, p := range net.Params {
		s := newSum()
		add(s, p.Of(weights))
		v.Params[p.Name] = s.summary()
		if m.last.Kind == graph.KindSoftMax {
			s := newSum()
			add(s, m.params[p.Name])
			v.Gradients[p.Name] = s.summary()
		}
	}
	return v
}

// sum is a Summary under way.
type sum struct {
	n, zeros        int
	total, min, max float64
}

func newSum() *sum { return &sum{min: math.Inf(1), max: math.Inf(-1)} }

func add[F float32 | float64](s *sum, values []F) {
	for _, value := range values {
		v := float64(value)
		s.n++
		s.total, s.min, s.max = s.total+v, min(s.min, v), max(s.max, v)
		if v == 0 {
			s.zeros++
		}
	}
}

func (s *sum) summary() Summary {
	n := float64(s.n)
	return Summary{Mean: s.total / n, Min: s.min, Max: s.max, Zeros: float64(s.zeros) / n}
}

// lines are the summary in small print: the range, and the mean with the share of
// zeros.
func (s Summary) lines() []string {
	return []string{
		short(s.Min) + " to " + short(s.Max),
		fmt.Sprintf("mean %s · %.0f %% zero", short(s.Mean), 100*s.Zeros),
	}
}

// short is a number in three digits.
func short(x float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(x, 'g', 3, 64), "-", "−")
}

// result, param and gradient are the lines of a summary, if there is one.
func (v *Values) result(name string) []string {
	if v == nil {
		return nil
	}
	return linesOf(v.Results, name)
}

func (v *Values) param(name string) []string {
	if v == nil {
		return nil
	}
	return linesOf(v.Params, name)
}

func (v *Values) gradient(name string) []string {
	if v == nil {
		return nil
	}
	return linesOf(v.Gradients, name)
}

func linesOf(all map[string]Summary, name string) []string {
	if s, ok := all[name]; ok {
		return s.lines()
	}
	return nil
}

// subtitle says whose values a picture shows.
func (v *Values) subtitle() string {
	of := v.Of
	if of == "" {
		of = fmt.Sprintf("%d images", v.Images)
	}
	return "in the boxes: range, mean and share of zeros over " + of
}
