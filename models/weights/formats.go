package weights

import (
	"archive/zip"
	"encoding/binary"
	"io"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models/weights/keras"
	"tapenet/models/weights/npz"
)

// formats are what Export writes, by the end of a name.
var formats = []struct {
	ending string
	write  func(w io.Writer, net *graph.Network, values []float32) error
}{
	{".safetensors", Save}, {".npz", saveNPZ}, {".weights.h5", keras.Write}, {".keras", keras.WriteModel},
}

// Endings are the ends of names that Export knows.
func Endings() (all []string) {
	for _, f := range formats {
		all = append(all, f.ending)
	}
	return all
}

// Export writes the vector of all parameters of net in the format that the end of
// the name stands for:
//
//   - .safetensors: as Save.
//   - .npz: for NumPy, with PyTorch's names, layout and order.
//   - .weights.h5: for load_weights of Keras 3.
//   - .keras: the network too, for load_model of Keras 3.
//
// Equal weights have equal bytes. A name without one of these ends is an error, and
// so are the errors of Save.
func Export(w io.Writer, name string, net *graph.Network, values []float32) error {
	if err := check(net, "", values); err != nil {
		return err
	}
	for _, f := range formats {
		if strings.HasSuffix(name, f.ending) {
			return f.write(w, net, values)
		}
	}
	return errors.Errorf("got the name %q, want one that ends in %s", name, strings.Join(Endings(), ", "))
}

func saveNPZ(w io.Writer, net *graph.Network, values []float32) error {
	var arrays []npz.Named
	for _, p := range net.Params {
		data, _ := binary.Append(nil, binary.LittleEndian, p.Of(values)) // takes any float32s
		arrays = append(arrays, npz.Named{Name: p.Name, Array: npz.Array{Type: "<f4", Shape: p.Shape, Data: data}})
	}
	return npz.Write(w, arrays)
}

// Import reads a vector of all parameters of net from a file of size bytes in r, of
// any format that Export writes: Save's or PyTorch's, as Load; Keras 3's, with or
// without an optimiser; and NumPy's, with the names that Load takes. What the file
// is, its content says. Types are as for Load. It has the errors of Load.
func Import(r io.ReaderAt, size int64, net *graph.Network) ([]float32, error) {
	load, err := reader(r, size)
	if err != nil {
		return nil, err
	}
	if load == nil {
		return Load(io.NewSectionReader(r, 0, size), net)
	}
	values, err := load(r, size, net)
	if other := (MismatchError{}); errors.As(err, &other) {
		err = other.error // LoadPartial does not read the file
	}
	return values, err
}

// reader returns what reads a file, or nil if that is Load.
func reader(r io.ReaderAt, size int64) (func(io.ReaderAt, int64, *graph.Network) ([]float32, error), error) {
	start := make([]byte, 8)
	n, err := r.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, errors.WithStack(err)
	}
	switch start := string(start[:n]); {
	case start == "\x89HDF\r\n\x1a\n":
		return loadKeras, nil
	case !strings.HasPrefix(start, "PK"):
		return nil, nil
	}
	z, err := zip.NewReader(r, size)
	if errors.Is(err, zip.ErrFormat) {
		return nil, errors.New("got a zip archive that is cut short or damaged")
	}
	if err != nil {
		return nil, errors.WithStack(err)
	}
	arrays := len(z.File) == 0 // NumPy's without any, of a network without parameters
	for _, f := range z.File {
		if f.Name == keras.WeightsName {
			return loadKeras, nil
		}
		arrays = arrays || strings.HasSuffix(f.Name, ".npy")
	}
	if arrays {
		return loadNPZ, nil
	}
	return nil, nil
}

func loadKeras(r io.ReaderAt, size int64, net *graph.Network) ([]float32, error) {
	datasets, err := keras.Read(r, size, net)
	if err != nil {
		return nil, err
	}
	h, data := header{tensors: map[string]tensor{}}, map[string][]byte{}
	for i, p := range net.Params {
		h.tensors[p.Name] = tensor{DType: datasets[i].Type, Shape: p.Shape}
		data[p.Name] = datasets[i].Data
	}
	want := vectors(net, "")
	if err := h.check(want); err != nil {
		return nil, err
	}
	return h.values(net, want, data)
}

// npzTypes are NumPy's types that decoders know.
var npzTypes = map[string]string{"<f2": "F16", "<f4": "F32", "<f8": "F64"}

func loadNPZ(r io.ReaderAt, size int64, net *graph.Network) ([]float32, error) {
	f, err := npz.Open(r, size)
	if err != nil {
		return nil, err
	}
	h := header{tensors: map[string]tensor{}}
	names := f.Names()
	if most := len(net.Params) + maxForeign; len(names) > most {
		return nil, errors.Errorf("got %d arrays, want at most %d", len(names), most)
	}
	for _, name := range names {
		a, err := f.Header(name)
		if err != nil {
			return nil, err
		}
		if known := npzTypes[a.Type]; known != "" {
			a.Type = known
		}
		h.tensors[name] = tensor{DType: a.Type, Shape: a.Shape}
	}
	want, err := h.places(net)
	if err != nil {
		return nil, err
	}
	if err := h.check(want); err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for _, p := range want {
		a, err := f.Read(p.tensor)
		if err != nil {
			return nil, err
		}
		data[p.tensor] = a.Data
	}
	return h.values(net, want, data)
}

// values is the vector of all parameters in data.
func (h header) values(net *graph.Network, want []place, data map[string][]byte) ([]float32, error) {
	values := make([]float32, net.NumParams())
	for _, p := range want {
		if err := h.decode(p, data, values); err != nil {
			return nil, err
		}
	}
	return values, nil
}
