package live

import (
	"math"
	"strings"

	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/mnist"
)

// description is what GET /api/model says of a network: its layers, and where the
// answers to looks and to GET /api/weights have each of its tensors.
type description struct {
	Key      string      `json:"key"`
	Title    string      `json:"title"`
	List     string      `json:"list"`
	Input    graph.Shape `json:"input"`
	Params   int         `json:"params"`
	Accuracy float64     `json:"accuracy"`
	Classes  []string    `json:"classes"`
	Epochs   []int       `json:"epochs"`
	Version  string      `json:"version"`

	Layers     []layer       `json:"layers"`
	Ops        []op          `json:"ops"` // of the fused lowering
	Values     []tensor      `json:"values"`
	Winners    []tensor      `json:"winners"` // in the block of values too, after them
	Grads      []tensor      `json:"grads"`
	Heavy      []tensor      `json:"heavy"` // gradients too
	Parameters []tensor      `json:"parameters"`
	Tape       []instruction `json:"tape"`

	// Blocks is how many float32s each block of an answer has, if it has the block.
	Blocks struct {
		Values  int `json:"values"`
		Tape    int `json:"tape"`
		Grads   int `json:"grads"`
		Heavy   int `json:"heavy"`
		Weights int `json:"weights"`
	} `json:"blocks"`
}

type layer struct {
	Name   string      `json:"name"`
	Text   string      `json:"text"`
	Kind   graph.Kind  `json:"kind"`
	In     graph.Shape `json:"in"`
	Out    graph.Shape `json:"out"`
	Params []string    `json:"params"`
	Op     int         `json:"op"`     // the fused op that it is part of; -1 for a Flatten that is none
	Stored bool        `json:"stored"` // the fused op leaves its result in memory
}

type op struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Layers []string `json:"layers"`
	Keeps  []string `json:"keeps"`
}

// tensor is a part of a block.
type tensor struct {
	Name   string      `json:"name"`
	Shape  graph.Shape `json:"shape"`
	Offset int         `json:"offset"`
	Size   int         `json:"size"`
	Scale  float32     `json:"scale,omitempty"` // what all but 0.5 % of its values keep below, either way from 0
}

// instruction is one of the tape.
type instruction struct {
	Node  int         `json:"node"`
	Op    string      `json:"op"`
	Layer string      `json:"layer"`
	Grad  bool        `json:"grad"`
	Shape graph.Shape `json:"shape"`
	Reads []int       `json:"reads"`
	Last  int         `json:"last"`
	Value string      `json:"value"`
}

// heavyFrom is how many values a parameter has whose gradient is sent on demand only.
const heavyFrom = 20001

// appendTensor adds a tensor after the others, in a block of n values so far.
func appendTensor(list *[]tensor, n *int, name string, shape graph.Shape) {
	size := shape.Size()
	*list = append(*list, tensor{Name: name, Shape: shape, Offset: *n, Size: size})
	*n += size
}

// describe describes the model.
func (m *model) describe(test mnist.Set) (*description, error) {
	d := &description{
		Key: m.Key, Title: m.Title, List: m.Sequential().String(), Input: m.In, Params: m.NumParams(), Accuracy: m.Accuracy,
		Classes: append([]string{}, m.Classes...), Epochs: append([]int{}, m.Epochs...), Version: m.Version,
		Winners: []tensor{}, Heavy: []tensor{}, Parameters: []tensor{},
	}
	b := &d.Blocks
	appendTensor(&d.Values, &b.Values, "x", m.In)
	appendTensor(&d.Grads, &b.Grads, "x", m.In)
	for i, l := range m.Layers {
		appendTensor(&d.Values, &b.Values, l.Name, l.Out)
		if i < len(m.Layers)-1 || l.Kind != graph.KindSoftMax {
			appendTensor(&d.Grads, &b.Grads, l.Name, l.Out)
		}
	}
	for _, l := range m.Layers {
		if l.Kind == graph.KindMaxPool2D {
			appendTensor(&d.Winners, &b.Values, l.Name, l.Out)
		}
	}
	for _, p := range m.Network.Params {
		appendTensor(&d.Parameters, &b.Weights, p.Name, p.Shape)
		if p.Size < heavyFrom {
			appendTensor(&d.Grads, &b.Grads, p.Name, p.Shape)
		} else {
			appendTensor(&d.Heavy, &b.Heavy, p.Name, p.Shape)
		}
	}
	if err := d.addLayers(m.Network.Network); err != nil {
		return nil, err
	}
	d.addTape(m.probe)
	b.Tape = numbersOfInstruction * len(d.Tape)
	return d, m.measure(d, test)
}

// addLayers adds the layers and the fused ops.
func (d *description) addLayers(net *graph.Network) error {
	ops, err := net.FusedOps()
	if err != nil {
		return err
	}
	d.Ops = []op{}
	of := map[string]int{} // the op of a layer
	for i, o := range ops {
		for _, name := range o.Layers {
			of[name] = i
		}
		d.Ops = append(d.Ops, op{Name: o.Layers[0], Layers: o.Layers, Keeps: append([]string{}, o.Keeps...)})
	}
	stored := true
	for _, l := range net.Layers {
		i, ok := of[l.Name]
		if !ok {
			i = -1 // its result is its input, stored or not
		} else {
			o := &d.Ops[i]
			stored = l.Name == o.Layers[len(o.Layers)-1]
			o.Title = strings.TrimPrefix(o.Title+" + "+string(l.Kind), " + ")
		}
		params := []string{}
		for _, p := range l.Params {
			params = append(params, p.Name)
		}
		d.Layers = append(d.Layers, layer{l.Name, l.String(), l.Kind, l.In, l.Out, params, i, stored})
	}
	return nil
}

// addTape adds the instructions.
func (d *description) addTape(p *graph.Probe) {
	nodes := p.Nodes()
	d.Tape = []instruction{}
	for _, i := range p.Tape() {
		n := nodes[i.Node]
		d.Tape = append(d.Tape, instruction{
			Node: i.Node, Op: n.Op, Layer: n.Layer, Grad: n.Grad, Shape: append(graph.Shape{}, n.Shape...),
			Reads: append([]int{}, i.Reads...), Last: i.Last, Value: i.Completes,
		})
	}
}

// The test images that scales are measured on: at most 100, and fewer for a network
// that is so large that its first answer would be late.
const (
	measureImages   = 100
	measureProducts = 1 << 26
)

// measure sets the scales of values and parameters.
func (m *model) measure(d *description, test mnist.Set) error {
	sizes := make([]magnitudes, len(d.Values))
	images := min(max(measureProducts/networks.Products(m.Network.Network), 1), measureImages)
	for i := range images {
		const size = mnist.Rows * mnist.Cols
		m.show(test.Pixels[i*size : (i+1)*size])
		if err := m.probe.Run(nil); err != nil {
			return err
		}
		for j, t := range d.Values {
			sizes[j].add(m.probe.Result(t.Name))
		}
	}
	for j := range d.Values {
		d.Values[j].Scale = sizes[j].scale()
	}
	d.Values[0].Scale = 1
	for j := range d.Parameters {
		t := &d.Parameters[j]
		var sizes magnitudes
		sizes.add(m.values[t.Offset : t.Offset+t.Size])
		t.Scale = sizes.scale()
	}
	return nil
}

// magnitudes counts values by how large they are, either way from 0: one count for
// each sign-less float32 with dropped of its last bits left out.
type magnitudes struct {
	count [1 << (31 - dropped)]uint32
	n     int
}

// dropped leaves six bits behind the point: a step of 1/64.
const dropped = 17

// add counts values.
func (m *magnitudes) add(values []float32) {
	for _, v := range values {
		m.count[math.Float32bits(v)<<1>>(dropped+1)]++
	}
	m.n += len(values)
}

// scale is what all but 0.5 % of the values keep below, either way from 0, up to 1/64
// too large; at least 1e-6.
func (m *magnitudes) scale() float32 {
	above := m.n
	for i, n := range m.count {
		above -= int(n)
		if above*200 <= m.n {
			if edge := math.Float32frombits(uint32(i+1) << dropped); edge <= math.MaxFloat32 {
				return max(1e-6, edge)
			}
			break
		}
	}
	return math.MaxFloat32 // as good as infinite, which JSON does not have
}
