// Package weights keeps the parameters of a network in a file of the safetensors
// format, with PyTorch's names and layout, so that PyTorch's load_state_dict
// takes what [Save] writes and [Load] takes what PyTorch writes.
//
// [Save] also says in the file which network the weights are of. So [Open] needs
// nothing but the file, and Load can tell where the file's network differs from
// the caller's. [LoadPartial] takes what fits of a file that differs.
//
// [Export] and [Import] do the same with the formats of Keras and NumPy.
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
	"maps"
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
		FormatKey: "pt", // PyTorch's mark, which transformers insists on
		layersKey: net.Sequential().String(), inputKey: net.In.Join(", "),
	}
	return File{Meta: meta, Vectors: map[string][]float32{"": values}}.Write(w, net)
}

// Load reads a vector of all parameters of net, as Save or PyTorch writes it.
// The names of the tensors may have one prefix more, such as module. or
// _orig_mod.; layers with other names are taken in order, if their numbers and
// kinds tell it (0, 3, 7 of an nn.Sequential; features.0, features.3, fc1, fc2).
// Types may be F32, F16, BF16 and F64. Of a checkpoint of a training, Load takes
// the weights. It has the errors of Read.
func Load(r io.Reader, net *graph.Network) ([]float32, error) {
	h, err := readHeader(r, 3*len(net.Params)) // as a checkpoint has
	if err != nil {
		return nil, err
	}
	if err := h.of(net); err != nil {
		return nil, err
	}
	return h.load(net)
}

// load reads the weights of net, of which the file is.
func (h header) load(net *graph.Network) ([]float32, error) {
	want, err := h.places(net)
	if err != nil {
		return nil, err
	}
	if h.meta[FormatKey] == Checkpoint {
		want = append(want, vectors(net, AdamM, AdamV)...)
	}
	f, err := h.read(net, want)
	return f.Vectors[""], err
}

// Words reads the words of a file, by key, and not its tensors: a wrong checksum is
// no error here.
func Words(r io.Reader) (map[string]string, error) {
	h, err := readHeader(r, 0)
	return h.meta, err
}

// Partial says what LoadPartial took.
type Partial struct {
	Taken  []string // parameters whose values are the file's
	Left   []string // for each other parameter, why its values are not the file's
	Unused []string // tensors of the file that are not a parameter's
}

// String is all of it in one line.
func (p Partial) String() string {
	text := "taken: " + strings.Join(p.Taken, ", ")
	if len(p.Left) > 0 {
		text += "; not taken: " + strings.Join(p.Left, "; ")
	}
	if len(p.Unused) > 0 {
		text += "; unused: " + list(p.Unused)
	}
	return text
}

// LoadPartial reads those parameters of net that the file has, by name and shape;
// names and types are as for Load. The others have their values of initial. It is
// an error if nothing fits. Another network, or other tensors, are none; else it
// has the errors of Read.
func LoadPartial(r io.Reader, net *graph.Network, initial []float32) ([]float32, Partial, error) {
	h, err := readHeader(r, 3*len(net.Params))
	if err != nil {
		return nil, Partial{}, err
	}
	want, err := h.places(net)
	if err != nil {
		return nil, Partial{}, err
	}
	if len(initial) != net.NumParams() {
		return nil, Partial{}, errors.Errorf("got %d initial values, want %d", len(initial), net.NumParams())
	}
	var fit []place
	var part Partial
	for _, p := range want {
		if err := h.fits(p); err != nil {
			part.Left = append(part.Left, err.Error())
			continue
		}
		fit = append(fit, p)
		part.Taken = append(part.Taken, p.Name)
	}
	if len(fit) == 0 {
		return nil, Partial{}, errors.Errorf("no tensor fits this network: %s; got %s",
			strings.Join(part.Left[:min(3, len(part.Left))], "; "), list(slices.Collect(maps.Keys(h.tensors))))
	}
	part.Unused = slices.DeleteFunc(h.foreign(want), func(name string) bool {
		moment := strings.HasPrefix(name, AdamM) || strings.HasPrefix(name, AdamV)
		return moment && h.meta[FormatKey] == Checkpoint
	})
	data, _, err := h.data(fit)
	if err != nil {
		return nil, Partial{}, err
	}
	values := slices.Clone(initial)
	for _, p := range fit {
		if err := h.decode(p, data, values); err != nil {
			return nil, Partial{}, err
		}
	}
	return values, part, nil
}

// Open reads a file that Save wrote, or one that another program made of it with
// the same words, and builds the network that the file says it is of: at most
// 1000 layers and 1000 tensors. Names and types are as for Load. It has the errors
// of Read, and one for a file that does not name its network, such as PyTorch's.
func Open(r io.Reader) (*graph.Network, []float32, error) {
	h, err := readHeader(r, 0)
	if err != nil {
		return nil, nil, err
	}
	net, err := h.network()
	if err != nil {
		return nil, nil, err
	}
	values, err := h.load(net)
	if err != nil {
		return nil, nil, err
	}
	return net, values, nil
}

// network builds the network that the words of the file describe.
func (h header) network() (*graph.Network, error) {
	layers, ok := h.meta[layersKey]
	if !ok {
		return nil, errors.Errorf("the file does not say which network it is of: no word %s", quote(layersKey))
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
		return mismatchf("the file is of another network: got input (%s), want (%s)", other.In.Join(", "), net.In.Join(", "))
	}
	end := graph.Layer{Kind: "the end"} // so that a shorter list differs too
	got, want := append(other.Sequential(), end), append(net.Sequential(), end)
	for i := range got {
		if got, want := got[i].String(), want[i].String(); got != want {
			return mismatchf("the file is of another network: layer %d, got %s, want %s", i+1, got, want)
		}
	}
	return nil
}
