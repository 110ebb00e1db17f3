package weights

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// A checkpoint of a training is a File with the word Checkpoint under FormatKey.
// It has the weights under their own names, and Adam's moments under prefixes.
const (
	FormatKey  = "format"
	Checkpoint = "tapenet checkpoint 1"

	AdamM = "adam.m." // first moments
	AdamV = "adam.v." // second moments
)

// places are where the file has the parameters of net: under their own names or
// under those after one prefix. Layers that it does not have under such a name are
// those that it has beyond them, in order, if they are as many and of such kinds.
func (h header) places(net *graph.Network) ([]place, error) {
	own := map[string]bool{}
	var layers []string      // with parameters, in order
	dims := map[string]int{} // of the weights of each
	for _, p := range net.Params {
		own[p.Name] = true
		_, layer, param := split(p.Name)
		if !slices.Contains(layers, layer) {
			layers = append(layers, layer)
		}
		if param == ".weight" {
			dims[layer] = len(p.Shape)
		}
	}
	known := map[string]int{}  // how many tensors are the network's after a prefix
	others := map[string]int{} // the layers of the file, with dimensions as in dims
	for name, t := range h.tensors {
		prefix, layer, param := split(name)
		if own[layer+param] {
			known[prefix]++
		}
		if layer == "" {
			continue
		}
		if others[prefix+layer] += 0; param == ".weight" {
			others[prefix+layer] = len(t.Shape)
		}
	}
	var prefix string
	for _, p := range slices.Sorted(maps.Keys(known)) {
		if known[p] > known[prefix] {
			prefix = p
		}
	}
	called := map[string]string{} // what the file calls a layer
	var missing []string
	for _, layer := range layers {
		called[layer] = prefix + layer
		if _, ok := others[prefix+layer]; !ok {
			missing = append(missing, layer)
		}
		delete(others, prefix+layer)
	}
	ordered := inOrder(others)
	if len(known) == 0 && len(ordered) > 0 && len(ordered) != len(layers) {
		return nil, errors.Errorf("got %d layers with parameters, want %d: %s; got %s",
			len(ordered), len(layers), list(layers), list(slices.Collect(maps.Keys(h.tensors))))
	}
	if slices.EqualFunc(ordered, missing, func(a, b string) bool { return others[a] == dims[b] }) {
		for i, layer := range missing {
			called[layer] = ordered[i]
		}
	}
	var places []place
	for _, p := range net.Params {
		_, layer, param := split(p.Name)
		places = append(places, place{p, "", called[layer] + param})
	}
	return places, nil
}

// inOrder sorts layers of a file, given the dimensions of their weights: those
// whose names differ only in numbers by the numbers, such as 0 and 3 of an
// nn.Sequential, or fc1 and fc2; other names by the dimensions, because a network
// has its convolutions before its dense layers. If that leaves two of a kind, such
// as the dense layers hidden and out, there is no order.
func inOrder(dims map[string]int) (layers []string) {
	alike := map[string][]string{} // by the name without digits
	for name := range dims {
		letters := strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return -1
			}
			return r
		}, name)
		alike[letters] = append(alike[letters], name)
	}
	groups := slices.Collect(maps.Values(alike))
	for _, g := range groups {
		slices.SortFunc(g, natural)
	}
	slices.SortFunc(groups, func(a, b []string) int { return dims[b[0]] - dims[a[0]] })
	for i, g := range groups {
		if i > 0 && dims[g[0]] == dims[groups[i-1][0]] {
			return nil
		}
		layers = append(layers, g...)
	}
	return layers
}

// natural compares names, and the numbers in them as numbers: fc2 is before fc10.
func natural(a, b string) int {
	number := func(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
	for a != "" && b != "" {
		m, n := number(a), number(b)
		if m == "" || n == "" {
			m, n = a[:1], b[:1]
		}
		if c := cmp.Or(len(m)-len(n), strings.Compare(m, n)); c != 0 {
			return c
		}
		a, b = a[len(m):], b[len(n):]
	}
	return len(a) - len(b)
}

// split splits the name of a tensor: "module.", "conv1" and ".weight".
func split(name string) (prefix, layer, param string) {
	dot := max(0, strings.LastIndexByte(name, '.'))
	start := strings.LastIndexByte(name[:dot], '.') + 1
	return name[:start], name[start:dot], name[dot:]
}
