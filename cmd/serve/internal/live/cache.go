package live

import (
	"slices"
	"sync"

	"tapenet/cmd/serve/internal/networks"
	"tapenet/mnist"
)

// mostModels is how many models are kept.
const mostModels = 8

// cache keeps the models used last. The zero cache is empty.
type cache struct {
	mu    sync.Mutex
	slots []slot // the one used last is the last
}

// slot is a place for the model of one version of a network.
type slot struct {
	key, version string
	open         func() (*model, error) // makes it, once
}

// open returns the model of a network, which it makes if it is not kept. Others can be
// opened meanwhile. Errors are kept too: an equal network would fail again.
func (c *cache) open(n *networks.Network, test mnist.Set) (*model, error) {
	return c.slot(n, test).open()
}

// slot finds or adds the place of a network.
func (c *cache) slot(n *networks.Network, test mnist.Set) slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.slots, func(s slot) bool { return s.key == n.Key && s.version == n.Version })
	s := slot{n.Key, n.Version, sync.OnceValues(func() (*model, error) { return newModel(n, test) })}
	switch {
	case i >= 0:
		s = c.slots[i]
		c.slots = slices.Delete(c.slots, i, i+1)
	case len(c.slots) == mostModels:
		c.slots = slices.Delete(c.slots, 0, 1)
	}
	c.slots = append(c.slots, s)
	return s
}
