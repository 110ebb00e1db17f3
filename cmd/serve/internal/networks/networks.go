// Package networks knows the networks that the server shows, each by its key, with
// their weights after each epoch.
package networks

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

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
			Key: name, Title: model.Title, Version: "1", Network: net, Classes: export.Digits(), Accuracy: pretrained.Accuracy(name),
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
		return nil, &answer.Error{Status: http.StatusNotFound, Message: fmt.Sprintf("got network %q, want one of GET /api/networks or list:SEED:LAYERS", key), Field: "net"}
	}
	number, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return nil, answer.Errorf("got seed %q, want a whole number", seed)
	}
	net, err := Build(text)
	if err != nil {
		return nil, err
	}
	return &Network{
		Key: key, Title: "Edited network", Version: "1", Network: net, Classes: export.Digits(),
		After: func(int) ([]float32, error) { return models.Init(net, number), nil },
	}, nil
}

// The bounds of an edited list, a hundred times the notebook's networks.
const (
	maxText   = 2000
	maxParams = 1 << 22
	maxWork   = 1 << 29 // products for one image
)

// Build makes the network of a list of layers for MNIST's images. The errors are of
// type *answer.Error.
func Build(text string) (*graph.Network, error) {
	if len(text) > maxText {
		return nil, answer.Errorf("got a list of %d bytes, want at most %d", len(text), maxText)
	}
	layers, err := graph.Parse(text)
	if err != nil {
		return nil, answer.Errorf("%v", err)
	}
	net, err := layers.Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return nil, answer.Errorf("%v", err)
	}
	if n := net.NumParams(); n > maxParams {
		return nil, answer.Errorf("got %d parameters, want at most %d", n, maxParams)
	}
	work := 0
	for _, l := range net.Layers {
		size := l.Out.Size()
		for _, p := range l.Params {
			work += p.Size / p.Shape[0] * size
		}
		work += size
	}
	if work > maxWork {
		return nil, answer.Errorf("got %d products for an image, want at most %d", work, maxWork)
	}
	return net, nil
}
