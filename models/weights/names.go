package weights

import (
	"maps"
	"slices"
	"strconv"
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

// places are where the file has the parameters of net or, if it lacks them,
// should have them: under their own names, under those after one prefix, or under
// the numbers of an nn.Sequential.
func (h header) places(net *graph.Network) ([]place, error) {
	own := map[string]bool{}
	var layers []string // with parameters, in order
	for _, p := range net.Params {
		own[p.Name] = true
		if _, layer, _ := split(p.Name); !slices.Contains(layers, layer) {
			layers = append(layers, layer)
		}
	}
	known := map[string]int{} // how many tensors are the network's after a prefix
	for name := range h.tensors {
		if prefix, layer, param := split(name); own[layer+param] {
			known[prefix]++
		}
	}
	var prefix string
	for _, p := range slices.Sorted(maps.Keys(known)) {
		if known[p] > known[prefix] {
			prefix = p
		}
	}
	called := map[string]string{} // what the file calls a layer
	if len(known) == 0 {
		var numbers []string
		if prefix, numbers = h.numbered(); len(numbers) > 0 && len(numbers) != len(layers) {
			return nil, errors.Errorf("got %d numbered layers with parameters, want %d: %s; got %s",
				len(numbers), len(layers), list(layers), list(slices.Collect(maps.Keys(h.tensors))))
		}
		for i, number := range numbers {
			called[layers[i]] = number
		}
	}
	var places []place
	for _, p := range net.Params {
		_, layer, param := split(p.Name)
		if name, ok := called[layer]; ok {
			layer = name
		}
		places = append(places, place{p, "", prefix + layer + param})
	}
	return places, nil
}

// numbered is what an nn.Sequential's tensors have in common, and the numbers of
// its layers with parameters, in order. There are none if the file is not all of
// a Sequential.
func (h header) numbered() (prefix string, layers []string) {
	var numbers []int
	for name := range h.tensors {
		before, layer, _ := split(name)
		n, err := strconv.Atoi(layer)
		if err != nil || n < 0 || strconv.Itoa(n) != layer || len(numbers) > 0 && before != prefix {
			return "", nil
		}
		prefix, numbers = before, append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range slices.Compact(numbers) {
		layers = append(layers, strconv.Itoa(n))
	}
	return prefix, layers
}

// split splits the name of a tensor: "module.", "conv1" and ".weight".
func split(name string) (prefix, layer, param string) {
	dot := max(0, strings.LastIndexByte(name, '.'))
	start := strings.LastIndexByte(name[:dot], '.') + 1
	return name[:start], name[start:dot], name[dot:]
}
