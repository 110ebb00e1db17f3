package keras

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// class is a layer of Keras, and the name of its group.
type class struct{ name, group string }

var classes = map[graph.Kind]class{
	graph.KindConv2d: {"Conv2D", "conv2d"}, graph.KindRectify: {"ReLU", "re_lu"}, graph.KindMaxPool2D: {"MaxPooling2D", "max_pooling2d"},
	graph.KindFlatten: {"Flatten", "flatten"}, graph.KindDense: {"Dense", "dense"}, graph.KindDropout: {"Dropout", "dropout"},
	graph.KindSoftMax: {"Softmax", "softmax"},
}

// activations are the layers that another layer can have as its activation.
var activations = map[graph.Kind]string{graph.KindRectify: "relu", graph.KindSoftMax: "softmax"}

// WeightsName is the name that the weights have in a .keras file.
const WeightsName = "model.weights.h5"

// WriteModel writes the network and its parameters as a .keras file, which
// keras.models.load_model of Keras 3 makes a Sequential of, not compiled. Equal
// networks and weights have equal bytes. A MaxPool2D with a padding that is not
// Keras's "same" is an error unless no value that it reads can be negative: Keras has
// only zeros for it, which would win.
func WriteModel(w io.Writer, net *graph.Network, values []float32) error {
	var weights bytes.Buffer
	if err := Write(&weights, net, values); err != nil {
		return err
	}
	m, err := model(net)
	if err != nil {
		return err
	}
	config, err := json.Marshal(m)
	if err != nil {
		return errors.WithStack(err)
	}
	z := zip.NewWriter(w)
	for _, file := range []struct {
		name string
		text []byte
	}{
		{"metadata.json", []byte(`{"keras_version": "3.0.5"}`)}, // the oldest that it was tried with
		{"config.json", config},
		{WeightsName, weights.Bytes()},
	} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = f.Write(file.text)
		}
		if err != nil {
			return errors.WithStack(err)
		}
	}
	return errors.WithStack(z.Close())
}

// object is a layer or model as Keras describes it.
type object struct {
	Module string         `json:"module"`
	Class  string         `json:"class_name"`
	Config map[string]any `json:"config"`
}

// model describes a network with what differs from Keras's defaults, so that many
// versions of Keras take it.
func model(net *graph.Network) (object, error) {
	shape := []any{nil} // of any number of images
	for _, n := range channelsLast(net.In) {
		shape = append(shape, n)
	}
	layers := []object{{"keras.layers", "InputLayer", map[string]any{"name": "input", "batch_shape": shape, "dtype": "float32"}}}
	for i, l := range net.Layers {
		last := layers[len(layers)-1].Config
		if activation := activations[l.Kind]; activation != "" && last["activation"] == "linear" {
			last["activation"] = activation
			continue
		}
		config := map[string]any{"name": l.Name, "dtype": "float32"}
		w := l.Window()
		switch {
		case zeroPadded(l):
			if l.Kind == graph.KindMaxPool2D && mayBeNegative(net.Layers[:i]) {
				return object{}, errors.Errorf(`%s, %v: Keras has no such padding for a pool: use Same, or put Rectify before it`, l.Name, l.Layer)
			}
			layers = append(layers, object{"keras.layers", zeroPadding.name, map[string]any{
				"name": l.Name + "_padding", "dtype": "float32", "padding": [][]int{{w.Top, w.Bottom}, {w.Left, w.Right}}, "data_format": "channels_last",
			}})
		case w.Top+w.Bottom+w.Left+w.Right > 0:
			config["padding"] = "same"
		}
		if l.Step != 0 {
			config["strides"] = []int{w.Stride, w.Stride}
		}
		switch l.Kind {
		case graph.KindConv2d:
			config["filters"], config["kernel_size"] = l.Filters, []int{l.Kernel, l.Kernel}
			config["activation"], config["data_format"] = "linear", "channels_last"
		case graph.KindMaxPool2D:
			config["pool_size"], config["data_format"] = []int{l.Pool, l.Pool}, "channels_last"
		case graph.KindFlatten:
			config["data_format"] = "channels_last"
		case graph.KindDense:
			config["units"], config["activation"] = l.Units, "linear"
		case graph.KindDropout:
			config["rate"] = l.Rate
		}
		layers = append(layers, object{"keras.layers", classes[l.Kind].name, config})
	}
	return object{"keras", "Sequential", map[string]any{"name": "tapenet", "layers": layers}}, nil
}

// zeroPadding is the layer before one whose padding Keras does not have: it has
// none, or "same".
var zeroPadding = class{"ZeroPadding2D", "zero_padding2d"}

// zeroPadded reports whether a layer needs it.
func zeroPadded(l graph.NamedLayer) bool {
	same := l
	same.Layer = l.Pad(0).Same()
	return l.Padding > 0 && same.Window() != l.Window()
}

// mayBeNegative reports whether the results of some layers may have values below 0.
func mayBeNegative(layers []graph.NamedLayer) bool {
	for _, l := range slices.Backward(layers) {
		switch l.Kind {
		case graph.KindRectify, graph.KindSoftMax:
			return false
		case graph.KindConv2d, graph.KindDense:
			return true
		}
	}
	return true // as images may be
}

// channelsLast is the shape (H, W, C) of images (C, H, W).
func channelsLast(in graph.Shape) graph.Shape {
	if len(in) != 3 {
		return in
	}
	return graph.Shape{in[1], in[2], in[0]}
}

// unzip returns the weights of a .keras file, or r itself if it is no zip.
func unzip(r io.ReaderAt, size int64, net *graph.Network) (io.ReaderAt, int64, error) {
	start := make([]byte, 2)
	if r.ReadAt(start, 0); string(start) != "PK" {
		return r, size, nil // HDF5, or it is refused as that
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, 0, errors.WithStack(err)
	}
	var names []string
	for _, entry := range z.File {
		names = append(names, entry.Name)
		if entry.Name != WeightsName {
			continue
		}
		f, err := entry.Open()
		if err != nil {
			return nil, 0, errors.Wrap(err, WeightsName)
		}
		defer f.Close()
		// Three moments for each weight, and 16 MB for words.
		most := 4*8*int64(net.NumParams()) + 16<<20
		file, err := io.ReadAll(io.LimitReader(f, most+1)) // to its end, so that zip compares its checksum
		if err == nil && int64(len(file)) > most {
			err = errors.Errorf("got more than %d bytes, want at most as many for this network", most)
		}
		return bytes.NewReader(file), int64(len(file)), errors.Wrap(err, WeightsName)
	}
	return nil, 0, errors.Errorf("not a .keras file: got a zip of %s, want %s", list(names), WeightsName)
}
