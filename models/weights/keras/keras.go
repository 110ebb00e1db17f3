// Package keras reads and writes the weights of a network as Keras 3 keeps them: in
// HDF5 (.weights.h5) and, with the network itself, in a zip around it (.keras).
//
// A Sequential of Keras takes [Write]'s file by load_weights if it has the same
// layers, with Rectify and SoftMax as activations or as layers of their own; what
// [WriteModel] writes is the whole Sequential, for keras.models.load_model. Images
// are (rows, columns, channels) there. [Read] takes both files, ours and Keras's,
// of networks with these layers; other layers without weights may be among them.
//
// Keras has a padding "same", as Same has it, and none. A layer with another Pad has
// a ZeroPadding2D before it there.
//
// What Keras keeps where: keras/src/saving/saving_lib.py.
package keras

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models/weights/hdf5"
)

// root is the group of all layers; before Keras 3 it had another name.
const (
	root    = "layers/"
	oldRoot = "_layer_checkpoint_dependencies/"
)

// variable is a parameter as Keras has it.
type variable struct {
	graph.Param
	path  string // below root
	shape []int
	// A view of Keras's values: its axes, the last one fastest, and how far apart
	// the next value along each is in ours.
	axes, strides []int
}

// variables are those of a network in the order of net.Params, and the groups of
// its layers, which have names from their classes and not from their own.
func variables(net *graph.Network) (all []variable, groups []string) {
	count := map[class]int{}
	add := func(c class) (group string) {
		group = c.group
		if n := count[c]; n > 0 {
			group = fmt.Sprint(group, "_", n)
		}
		count[c]++
		group += "/vars"
		groups = append(groups, group)
		return group
	}
	for _, l := range net.Layers {
		if zeroPadded(l) {
			add(zeroPadding)
		}
		group := add(classes[l.Kind])
		for i, p := range l.Params {
			v := variable{Param: p, path: fmt.Sprint(group, "/", i), shape: p.Shape, axes: p.Shape, strides: []int{1}}
			if i == 0 {
				v.shape, v.axes, v.strides = weight(l)
			}
			all = append(all, v)
		}
	}
	return all, groups
}

// weight is how Keras has the weight of a layer: (K, K, C, F) where ours is
// (F, C, K, K), and (D, M) where ours is (M, D). The rows of an image are in order
// row, column, channel, where ours are in channel, row, column.
func weight(l graph.NamedLayer) (shape, axes, strides []int) {
	w := l.Params[0].Shape
	if l.Kind == graph.KindConv2d {
		f, c, k := w[0], w[1], w[2]
		axes = []int{k, k, c, f}
		return axes, axes, []int{k, 1, k * k, c * k * k}
	}
	m, d := w[0], w[1]
	shape = []int{d, m}
	if x := l.Image; x != nil {
		return shape, []int{x[1], x[2], x[0], m}, []int{x[2], 1, x[1] * x[2], d}
	}
	return shape, shape, []int{1, d}
}

// each calls do with the index of every value in Keras's order and in ours.
func (v variable) each(do func(keras, ours int)) {
	at, ours := make([]int, len(v.axes)), 0
	for i := range v.Size {
		do(i, ours)
		for a := len(at) - 1; a >= 0; a-- {
			at[a]++
			if ours += v.strides[a]; at[a] < v.axes[a] {
				break
			}
			ours -= at[a] * v.strides[a]
			at[a] = 0
		}
	}
}

// Write writes all parameters of net as a .weights.h5 file of Keras 3, with a
// checksum. Equal weights have equal bytes.
func Write(w io.Writer, net *graph.Network, values []float32) error {
	all, groups := variables(net)
	datasets := map[string]hdf5.Dataset{
		// A model that is compiled wants an optimiser that has not begun: no steps,
		// and the learning rate.
		"optimizer/vars/0": {Type: "I64", Data: make([]byte, 8)},
		"optimizer/vars/1": {Type: "F32", Data: float32s(0.001)},
	}
	for _, v := range all {
		of, data := v.Of(values), make([]float32, v.Size)
		v.each(func(keras, ours int) { data[keras] = of[ours] })
		datasets[root+v.path] = hdf5.Dataset{Type: "F32", Shape: v.shape, Data: float32s(data...)}
	}
	empty := []string{"vars"} // of the model, which Keras to 3.5 insists on
	for _, g := range groups {
		empty = append(empty, root+g)
	}
	return errors.WithMessage(hdf5.Write(w, datasets, empty...), "HDF5")
}

func float32s(values ...float32) []byte {
	b, _ := binary.Append(nil, binary.LittleEndian, values) // takes any float32s
	return b
}

// Read reads the parameters of net from a .weights.h5 or .keras file of size bytes
// in r, in the order of net.Params and in their shapes and layout. Their types are
// F16, BF16, F32 or F64 as in the file, and their values may be any. It is an error
// if one is missing or has another shape, if the file has weights of other layers,
// or if it is damaged.
func Read(r io.ReaderAt, size int64, net *graph.Network) ([]hdf5.Dataset, error) {
	r, size, err := unzip(r, size, net)
	if err != nil {
		return nil, unreadable(err)
	}
	f, err := hdf5.Open(r, size)
	if err != nil {
		return nil, unreadable(err)
	}
	paths := f.Paths()
	root := root
	if !slices.ContainsFunc(paths, func(path string) bool { return strings.HasPrefix(path, root) }) {
		root = oldRoot
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return !strings.HasPrefix(path, root) }) // an optimiser's
	if len(paths) == 0 && len(net.Params) > 0 {
		return nil, unreadable(errors.Errorf("not the weights of Keras 3: got %s", list(f.Paths())))
	}
	known := map[string]bool{}
	all, _ := variables(net)
	datasets := make([]hdf5.Dataset, len(all))
	for i, v := range all {
		path := root + v.path
		d, ok := f.Header(path)
		if !ok {
			return nil, errors.Errorf("no %s (%s); got %s", path, v.Name, list(paths))
		}
		if !slices.Equal(d.Shape, v.shape) {
			return nil, errors.Errorf("%s (%s): got shape %v, want %v", path, v.Name, d.Shape, v.shape)
		}
		known[path] = true
		if d, err = f.Read(path); err != nil {
			return nil, unreadable(errors.WithMessagef(err, "%s", v.Name))
		}
		if d.Type == "V2" { // as Keras keeps bfloat16
			d.Type = "BF16"
		}
		width := len(d.Data) / v.Size
		ordered := make([]byte, len(d.Data))
		v.each(func(keras, ours int) { copy(ordered[ours*width:(ours+1)*width], d.Data[keras*width:]) })
		datasets[i] = hdf5.Dataset{Type: d.Type, Shape: v.Shape, Data: ordered}
	}
	if others := slices.DeleteFunc(paths, func(path string) bool { return known[path] }); len(others) > 0 {
		return nil, errors.Errorf("got weights of other layers: %s", list(others))
	}
	return datasets, nil
}

// unreadable is the error for a file that would be read if Keras 3 wrote it anew.
func unreadable(err error) error {
	return fmt.Errorf(`%w; in Keras 3, model.save_weights("net.weights.h5") writes a file that can be read`, err)
}

// list is the first paths, and how many more there are.
func list(paths []string) string {
	const most = 5
	if len(paths) <= most {
		return fmt.Sprintf("%.60q", paths)
	}
	return fmt.Sprintf("%.60q and %d more", paths[:most], len(paths)-most)
}
