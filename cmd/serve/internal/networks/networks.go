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

	"tapenet/cmd/internal/export"
	"tapenet/cmd/serve/internal/answer"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/models/pretrained/epochs"
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
	Version    string // differs if anything else of an equal key does
	*graph.Network
	Classes  []string // their names
	Accuracy float64  // on MNIST's test images, 0 to 1; 0: not known

	// Epochs are those whose weights are kept, in order; none if only the last
	// weights are. After returns those of one of them, in the order of Params; of any
	// other number, the last. The caller leaves them as they are.
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
		n := &Network{Key: name, Title: model.Title, Network: net, Classes: export.Digits(), Accuracy: pretrained.Accuracy(name)}
		var after []func() ([]float32, error) // by epoch, each reads its file once
		for epoch := range epochs.Last + 1 {
			n.Epochs = append(n.Epochs, epoch)
			after = append(after, sync.OnceValues(func() ([]float32, error) {
				_, values, err := epochs.After(name, epoch)
				return values, err
			}))
		}
		n.Version = Version(net, n.Epochs, values)
		n.After = func(epoch int) ([]float32, error) {
			if epoch < 0 || epoch > epochs.Last {
				epoch = epochs.Last
			}
			return after[epoch]()
		}
		s.Put(n)
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
		return nil, answer.Wrong("net", "got seed %.40q, want a whole number", seed)
	}
	net, err := Build(text)
	if err != nil {
		return nil, err
	}
	return &Network{
		Key: key, Title: "Edited network", Version: seed, Network: net, Classes: classes(net),
		After: func(int) ([]float32, error) { return models.Init(net, number), nil },
	}, nil
}

// Version is a short text for a network with these weights, kept after these epochs. It
// differs if one of the three does.
func Version(net *graph.Network, epochs []int, values []float32) string {
	sum := sha256.New()
	fmt.Fprintln(sum, net.Sequential(), epochs)
	binary.Write(sum, binary.LittleEndian, values) // no hash fails, and a float32 has a fixed size
	return hex.EncodeToString(sum.Sum(nil)[:6])
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
