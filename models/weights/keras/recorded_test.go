package keras_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/models/weights/keras"
)

// sample is a network with images to try it on.
type sample struct {
	name   string
	net    *graph.Network
	values []float32
	x      []float32 // (N, ...)
}

// samples are the trained networks on MNIST's test images and others on random
// ones: an edited one without pooling on images of three channels, one of rows,
// one that gives images, one of so many layers that their names fill more than one
// leaf, and those with padding, strides and Dropout.
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
	for _, name := range models.Names() {
		net, values, err := pretrained.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sample{name, net, values, x})
	}
	many := graph.Sequential{graph.Flatten}
	for range 40 {
		many = append(many, graph.Dense(6))
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
		list = append(list, sample{name, net, models.Init(net, 1), x})
	}
	add("edited", graph.Sequential{
		graph.Conv2d(8, 3), graph.Rectify, graph.Conv2d(6, 3), graph.Rectify, graph.Flatten, graph.Dense(20), graph.Rectify, graph.Dense(5), graph.SoftMax,
	}, 3, 12, 11)
	add("rows", graph.Sequential{graph.Flatten, graph.Dense(7), graph.SoftMax, graph.Rectify, graph.Dense(4)}, 6)
	add("images", graph.Sequential{graph.Conv2d(3, 2), graph.MaxPool2D(3), graph.Rectify, graph.Conv2d(2, 2)}, 2, 9, 11)
	add("many", append(many, graph.SoftMax), 2, 3, 4)
	for _, l := range graphtest.Lists() {
		add(l.Name, l.Layers, l.In...)
	}
	return list
}

func build(t testing.TB, s graph.Sequential, in ...int) *graph.Network {
	t.Helper()
	net, err := s.Build(in...)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// writers are the kinds of files, by the end of their names.
var writers = map[string]func(io.Writer, *graph.Network, []float32) error{".weights.h5": keras.Write, ".keras": keras.WriteModel}

// written is the file of an ending.
func written(t testing.TB, ending string, net *graph.Network, values []float32) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := writers[ending](&file, net, values); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestRecorded: the files are those that Keras loaded without a warning, and that
// gave there what the float64 loops give. With TAPENET_KERAS_DIR it writes what
// testdata/record.py needs into that folder, and checks nothing.
func TestRecorded(t *testing.T) {
	list := samples(t)
	if dir := os.Getenv("TAPENET_KERAS_DIR"); dir != "" {
		for _, s := range list {
			s.write(t, dir)
		}
		return
	}
	for _, version := range []string{"3.0.5", "3.5.0", "3.15.1"} {
		data, err := os.ReadFile(filepath.Join("testdata", "recorded", version+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var recorded struct {
			Keras string
			Files map[string]struct {
				SHA256        string
				Images        int
				MaxDifference float64 `json:"max_difference"`
				OtherWinners  int     `json:"other_winners"`
			}
		}
		if err := json.Unmarshal(data, &recorded); err != nil || recorded.Keras != version {
			t.Fatalf("%s: got version %q, error %v", version, recorded.Keras, err)
		}
		if len(recorded.Files) != 14 { // four in both kinds
			t.Errorf("%s: got %d files, want 14", version, len(recorded.Files))
		}
		for _, s := range list {
			for ending := range writers {
				name := s.name + ending
				got, tried := recorded.Files[name]
				if !tried && ending != ".keras" { // Keras has no list of its layers
					continue
				}
				sum := sha256.Sum256(written(t, ending, s.net, s.values))
				if want := hex.EncodeToString(sum[:]); got.SHA256 != want {
					t.Errorf("Keras %s: %s: recorded for a file of SHA-256 %q, now it is %s: run record.py", version, name, got.SHA256, want)
				}
				if want := len(s.x) / s.net.In.Size(); got.Images != want {
					t.Errorf("Keras %s: %s: got %d images, want %d", version, name, got.Images, want)
				}
				// Float32 programs differ by up to 2.5e-6 from float64, by the order of their sums.
				if !(got.MaxDifference > 0 && got.MaxDifference <= 4e-6) || got.OtherWinners != 0 {
					t.Errorf("Keras %s: %s: got a difference of %v and %d other winners, want at most 4e-6 and 0", version, name, got.MaxDifference, got.OtherWinners)
				}
			}
		}
	}
}

// write writes the files, the images in float32, their shape and the float64
// results.
func (s sample) write(t *testing.T, dir string) {
	t.Helper()
	y := graphtest.Outputs(s.net, s.values, s.x)
	for ending, data := range map[string]any{
		".x": s.x, ".y": y, ".shape": []byte("[" + s.net.In.Join(", ") + "]"),
		".weights.h5": written(t, ".weights.h5", s.net, s.values), ".keras": written(t, ".keras", s.net, s.values),
	} {
		b, err := binary.Append(nil, binary.LittleEndian, data)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, s.name+ending), b, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
