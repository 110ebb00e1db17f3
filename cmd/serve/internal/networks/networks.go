// Package networks knows the networks that the server shows, each by its key, with
// their weights after each epoch.
package networks

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/export"
	"tapenet/cmd/serve/internal/answer"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
)

// The keys of networks that are not pretrained.
const (
	File    = "file"    // of the weights that the server was started with
	Trained = "trained" // of the latest training
	list    = "list:"   // then a seed, a colon, and a list of layers: not trained
)

// Network is a network with weights.
type Network struct {
	Key, Title string
	Version    string // differs if the weights of an equal key do
	*graph.Network
	Classes  []string // their names
	Accuracy float64  // on MNIST's test images, 0 to 1; 0: not known

	// Epochs are those whose weights are kept, in order; none if only the last
	// weights are. After returns those of one of them, in the order of Params; of any
	// other number, the last.
	Epochs []int
	After  func(epoch int) ([]float32, error)
}

// Set is all networks of a server. Any number of goroutines may use it.
type Set struct {
	mu    sync.RWMutex
	fixed []*Network // in the order in which the page lists them
}

// New returns a Set of the pretrained networks.
func New() (*Set, error) {
	s := &Set{}
	for _, name := range models.Names() {
		model, _ := models.ByName(name)
		net, values, err := pretrained.Open(name)
		if err != nil {
			return nil, err
		}
		s.Put(&Network{
			Key: name, Title: model.Title, Version: Version(values), Network: net, Classes: export.Digits(), Accuracy: pretrained.Accuracy(name),
			After: func(int) ([]float32, error) { return values, nil },
		})
	}
	return s, nil
}

// Put adds a network, or replaces the one of an equal key.
func (s *Set) Put(n *Network) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.fixed, func(f *Network) bool { return f.Key == n.Key }); i >= 0 {
		s.fixed[i] = n
		return
	}
	s.fixed = append(s.fixed, n)
}

// All returns all networks but those of edited lists.
func (s *Set) All() []*Network {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.fixed)
}

// Open returns the network of a key. The errors are of type *answer.Error.
func (s *Set) Open(key string) (*Network, error) {
	for _, n := range s.All() {
		if n.Key == key {
			return n, nil
		}
	}
	seed, text, ok := strings.Cut(strings.TrimPrefix(key, list), ":")
	if !ok || !strings.HasPrefix(key, list) {
		return nil, &answer.Error{Status: http.StatusNotFound, Message: fmt.Sprintf("got network %.40q, want one of GET /api/networks or list:SEED:LAYERS", key), Field: "net"}
	}
	number, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return nil, &answer.Error{Status: http.StatusBadRequest, Message: fmt.Sprintf("got seed %.40q, want a whole number", seed), Field: "net"}
	}
	net, err := Build(text)
	if err != nil {
		return nil, err
	}
	return &Network{
		Key: key, Title: "Edited network", Version: version([]byte(key)), Network: net, Classes: classes(net),
		After: func(int) ([]float32, error) { return models.Init(net, number), nil },
	}, nil
}

// Version is a short text that differs if the weights do.
func Version(values []float32) string {
	bytes, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		panic(err) // a slice of float32s has a fixed size
	}
	return version(bytes)
}

func version(bytes []byte) string {
	sum := sha256.Sum256(bytes)
	return hex.EncodeToString(sum[:4])
}

// mostNames is how many classes of an edited network get names.
const mostNames = 256

// classes are the names of an edited network's results: digits, if there are ten.
func classes(net *graph.Network) []string {
	n := net.Out().Size()
	if n == mnist.Classes {
		return export.Digits()
	}
	var names []string
	for i := range min(n, mostNames) {
		names = append(names, strconv.Itoa(i))
	}
	return names
}

// The bounds of an edited list. The notebook's networks have 2^18 parameters, 2^19
// products and 2^15 values.
const (
	maxText     = 2000
	maxParams   = 1 << 22
	maxProducts = 1 << 29 // for one image
	maxValues   = 1 << 21 // for one image
)

// Build makes the network of a list of layers for MNIST's images. The errors are of
// type *answer.Error.
func Build(text string) (*graph.Network, error) {
	if len(text) > maxText {
		return nil, answer.Errorf("got a list of %d bytes, want at most %d", len(text), maxText)
	}
	layers, err := graph.Parse(text)
	if err != nil {
		return nil, fault(err)
	}
	net, err := layers.Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return nil, fault(err)
	}
	if n := net.NumParams(); n > maxParams {
		return nil, answer.Errorf("got %d parameters, want at most %d", n, maxParams)
	}
	if n := Products(net); n > maxProducts {
		return nil, answer.Errorf("got %d products for an image, want at most %d", n, maxProducts)
	}
	if n := values(net); n > maxValues {
		return nil, answer.Errorf("got %d values for an image, want at most %d", n, maxValues)
	}
	return net, nil
}

// fault is an error of Parse or Build, with its layer, as one for the client.
func fault(err error) error {
	e := answer.Errorf("%v", err)
	var at *graph.LayerError
	if errors.As(err, &at) {
		e.Layer = at.Layer
	}
	return e
}

// Products is how many products the network computes for one image; a layer without
// any counts one for each of its results.
func Products(net *graph.Network) int {
	n := 0
	for _, l := range net.Layers {
		for _, p := range l.Params {
			n += p.Size / p.Shape[0] * l.Out.Size()
		}
		n += l.Out.Size()
	}
	return n
}

// values is how many values Gorgonia's ops compute for one image: the results of the
// layers, and all windows of each convolution.
func values(net *graph.Network) int {
	n := 0
	for _, l := range net.Layers {
		n += l.Out.Size()
		if l.Kind == graph.KindConv2d {
			n += l.In[0] * l.Kernel * l.Kernel * l.Out[1:].Size()
		}
	}
	return n
}
