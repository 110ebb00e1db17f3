package live

import (
	"slices"
	"sync"

	"tapenet/cmd/serve/internal/networks"
	"tapenet/mnist"
)

// The models that are kept: at most so many, and of at most so many parameters and
// values together. The one used last is always kept.
const (
	mostModels = 8
	mostFloats = 1 << 23
)

// cache keeps the models used last. The zero cache is empty.
type cache struct {
	mu    sync.Mutex
	slots []slot // the one used last is the last

	opening sync.Mutex // held while a model is made: together they could be large
}

// slot is a place for the model of one version of a network.
type slot struct {
	key, version string
	floats       int                    // parameters and values
	open         func() (*model, error) // makes it, once
}

// open returns the model of a network, which it makes if it is not kept. Errors are kept
// too: an equal network would fail again.
func (c *cache) open(n *networks.Network, test mnist.Set) (*model, error) {
	return c.slot(n, test).open()
}

// slot finds or adds the place of a network.
func (c *cache) slot(n *networks.Network, test mnist.Set) slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.slots, func(s slot) bool { return s.key == n.Key && s.version == n.Version })
	if i >= 0 {
		s := c.slots[i]
		c.slots = append(slices.Delete(c.slots, i, i+1), s)
		return s
	}
	s := slot{n.Key, n.Version, n.NumParams() + networks.Values(n.Network), sync.OnceValues(func() (*model, error) {
		c.opening.Lock()
		defer c.opening.Unlock()
		return newModel(n, test)
	})}
	c.slots = append(c.slots, s)
	floats := 0
	for i, s := range slices.Backward(c.slots) {
		if floats += s.floats; len(c.slots)-i > mostModels || floats > mostFloats && i < len(c.slots)-1 {
			c.slots = slices.Delete(c.slots, 0, i+1)
			break
		}
	}
	return s
}
