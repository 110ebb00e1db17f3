package onnx

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
)

// sample is a network with images to try it on.
type sample struct {
	name   string
	net    *graph.Network
	values []float32
	about  About
	x      []float32 // (N, ...)
}

// samples are the trained networks on MNIST's test images, an edited one without
// pooling on images of three channels, two that are no classifiers, and those with
// padding and strides.
func samples(t *testing.T) (list []sample) {
	t.Helper()
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, len(test.Pixels))
	for i, p := range test.Pixels {
		x[i] = float32(p) / 255
	}
	digits := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	for _, name := range models.Names() {
		net, values, err := pretrained.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sample{name, net, values, About{digits, pretrained.Accuracy(name)}, x})
	}
	add := func(name string, layers graph.Sequential, in ...int) {
		net := build(t, layers, in...)
		rng := rand.New(rand.NewPCG(1, 1))
		images := 2000
		if len(net.Out()) == 1 && net.In.Size() == 784 {
			images = 200 // in float64, one takes a tenth of a second
		}
		x := make([]float32, images*net.In.Size())
		for i := range x {
			x[i] = rng.Float32()
		}
		list = append(list, sample{name, net, models.Init(net, 1), About{}, x})
	}
	add("edited", graph.Sequential{
		graph.Conv2d(8, 3), graph.Rectify, graph.Conv2d(6, 3), graph.Rectify, graph.Flatten, graph.Dense(20), graph.Rectify, graph.Dense(5), graph.SoftMax,
	}, 3, 12, 11)
	add("rows", graph.Sequential{graph.Flatten, graph.Dense(7), graph.SoftMax, graph.Rectify, graph.Dense(4)}, 6)
	add("images", graph.Sequential{graph.Conv2d(3, 2), graph.MaxPool2D(3), graph.Rectify, graph.Conv2d(2, 2)}, 2, 9, 11)
	for _, l := range graphtest.Lists() {
		add(l.Name, l.Layers, l.In...)
	}
	return list
}

// recording is what testdata/onnxruntime/record.py wrote.
type recording struct {
	Models map[string]struct {
		SHA256        string
		Shapes        map[string][]any // by shape inference: batch and numbers, for each result of a layer
		Producer      string
		Metadata      map[string]string
		Images        int
		MaxDifference float64 `json:"max_difference"` // of any result from float64
		OtherWinners  int     `json:"other_winners"`  // images with another greatest result
	}
}

// TestRecorded: the models that Write writes are those that ONNX's checker passed,
// and that gave in ONNX Runtime what the float64 loops give. With TAPENET_ONNX_DIR
// it writes what record.py needs into that folder, and checks nothing.
func TestRecorded(t *testing.T) {
	if dir := os.Getenv("TAPENET_ONNX_DIR"); dir != "" {
		for _, s := range samples(t) {
			s.write(t, dir)
		}
		return
	}
	data, err := os.ReadFile("testdata/onnxruntime/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	list := samples(t)
	if len(r.Models) != len(list) {
		t.Errorf("got %d models, want %d", len(r.Models), len(list))
	}
	for _, s := range list {
		got := r.Models[s.name]
		sum := sha256.Sum256(write(t, s.net, s.values, s.about))
		if want := hex.EncodeToString(sum[:]); got.SHA256 != want {
			t.Errorf("%s: recorded for a model of SHA-256 %s, now it is %s: run record.py", s.name, got.SHA256, want)
		}
		if want := len(s.x) / s.net.In.Size(); got.Images != want {
			t.Errorf("%s: got %d images, want %d", s.name, got.Images, want)
		}
		// Float32 programs differ by up to 2.5e-6 from float64, by the order of their sums.
		if !(got.MaxDifference > 0 && got.MaxDifference <= 4e-6) || got.OtherWinners != 0 {
			t.Errorf("%s: got a difference of %v and %d other winners, want at most 4e-6 and 0", s.name, got.MaxDifference, got.OtherWinners)
		}
		shapes, last := map[string][]any{}, ""
		for _, l := range s.net.Layers {
			if l.Kind == graph.KindDropout {
				continue
			}
			shape := []any{"batch"}
			for _, d := range l.Out {
				shape = append(shape, float64(d)) // as JSON has them
			}
			shapes[l.Name], last = shape, l.Name
		}
		output := parse(t, write(t, s.net, s.values, s.about)).outputs[0].name
		shapes[output] = shapes[last]
		delete(shapes, last)
		if !reflect.DeepEqual(got.Shapes, shapes) {
			t.Errorf("%s: got shapes %v, want %v", s.name, got.Shapes, shapes)
		}
		if got.Producer != "tapenet "+producerVersion {
			t.Errorf("%s: got producer %q", s.name, got.Producer)
		}
		if acc := got.Metadata["accuracy"]; s.name == "onelayer" && (acc != "0.9887" || got.Metadata["classes"] != `["0","1","2","3","4","5","6","7","8","9"]`) {
			t.Errorf("%s: got metadata %v", s.name, got.Metadata)
		}
	}
}

// write writes the model, the images in float32 and the float64 results.
func (s sample) write(t *testing.T, dir string) {
	t.Helper()
	y := graphtest.Outputs(s.net, s.values, s.x)
	path := filepath.Join(dir, s.name)
	for ending, data := range map[string]any{".onnx": write(t, s.net, s.values, s.about), ".x": s.x, ".y": y} {
		b, err := binary.Append(nil, binary.LittleEndian, data)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+ending, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
