// Package weights keeps the parameters of a network in a file of the safetensors
// format, with PyTorch's names and layout, so that PyTorch's load_state_dict
// takes what [Save] writes and [Load] takes what PyTorch writes.
//
// [Save] also says in the file which network the weights are of. So [Open] needs
// nothing but the file, and Load can tell where the file's network differs from
// the caller's.
//
//	err := weights.Save(w, net, values)
//	…
//	net, values, err := weights.Open(r)
//
// A [File] holds more: several vectors of all parameters, such as an optimiser's
// beside the weights, and words about them. Every file that this package writes
// has a checksum. A file that it reads may come from anywhere: one that is damaged,
// or made to do damage, is refused, and takes no more memory than a few times its
// length.
package weights

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// The keys of the words that say which network a file is of.
const (
	layersKey = "tapenet.layers" // the list of layers, as graph.Parse reads it
	inputKey  = "tapenet.input"  // the shape of one image: 1, 28, 28
)

// Save writes the vector of all parameters of net, one F32 tensor for each, and
// which network they are of.
func Save(w io.Writer, net *graph.Network, values []float32) error {
	meta := map[string]string{
		"format":  "pt", // PyTorch's mark, which transformers insists on
		layersKey: net.Sequential().String(), inputKey: net.In.Join(", "),
	}
	return File{Meta: meta, Vectors: map[string][]float32{"": values}}.Write(w, net)
}

// Load reads a vector of all parameters of net, as Save or PyTorch writes it.
// It has the errors of Read.
func Load(r io.Reader, net *graph.Network) ([]float32, error) {
	f, err := Read(r, net, "")
	return f.Vectors[""], err
}

// Open reads a file that Save wrote, and builds the network that the file says it
// is of: at most 1000 layers and 1000 tensors. It has the errors of Read, and one
// for a file that does not name its network, such as PyTorch's.
func Open(r io.Reader) (*graph.Network, []float32, error) {
	h, err := readHeader(r, 0)
	if err != nil {
		return nil, nil, err
	}
	net, err := h.network()
	if err != nil {
		return nil, nil, err
	}
	f, err := h.read(r, net, "")
	if err != nil {
		return nil, nil, err
	}
	return net, f.Vectors[""], nil
}

// network builds the network that the words of the file describe.
func (h header) network() (*graph.Network, error) {
	layers, ok := h.meta[layersKey]
	if !ok {
		return nil, errors.Errorf("the file does not say of which network it is: no word %s", quote(layersKey))
	}
	list, err := graph.Parse(layers)
	if err != nil {
		return nil, errors.WithMessage(err, layersKey)
	}
	var in []int
	for _, part := range strings.SplitN(h.meta[inputKey], ",", maxDims) {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, errors.Errorf("%s: got %s, want numbers such as 1, 28, 28", inputKey, quote(h.meta[inputKey]))
		}
		in = append(in, n)
	}
	net, err := list.Build(in...)
	return net, errors.WithMessage(err, "the file's network")
}

// of returns an error if the words of the file say that it is of another network.
func (h header) of(net *graph.Network) error {
	layers, ok := h.meta[layersKey]
	if !ok || layers == net.Sequential().String() && h.meta[inputKey] == net.In.Join(", ") {
		return nil
	}
	other, err := h.network()
	if err != nil {
		return err
	}
	if !slices.Equal(other.In, net.In) {
		return errors.Errorf("the file is of another network: got input (%s), want (%s)", other.In.Join(", "), net.In.Join(", "))
	}
	end := graph.Layer{Kind: "the end"} // so that a shorter list differs too
	got, want := append(other.Sequential(), end), append(net.Sequential(), end)
	for i := range got {
		if got, want := got[i].String(), want[i].String(); got != want {
			return errors.Errorf("the file is of another network: layer %d, got %s, want %s", i+1, got, want)
		}
	}
	return nil
}
