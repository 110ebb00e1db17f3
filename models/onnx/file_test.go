package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"tapenet/graph"
)

// file is a parsed model. parse makes it, by onnx.proto and with nothing of what
// writes models.
type file struct {
	ir                int
	producer, version string
	opsets            map[string]int // version by domain
	metadata          map[string]string
	graph             string // its name
	nodes             []node
	parameters        []parameter
	inputs, outputs   []value
}

type node struct {
	name, op        string
	inputs, outputs []string
	attributes      map[string]any // int, []int or float64
}

type parameter struct {
	name   string
	shape  graph.Shape
	values []float32
}

type value struct {
	name  string
	kind  int   // TensorProto.DataType
	shape []any // a number or a name for each axis
}

// fail ends a test; *testing.T and *rapid.T can.
type fail interface {
	Helper()
	Fatalf(format string, args ...any)
}

// parse parses a model. A field that a file should not have ends the test.
func parse(t fail, data []byte) (f file) {
	t.Helper()
	f.opsets, f.metadata = map[string]int{}, map[string]string{}
	eachField(t, data, func(num protowire.Number, v []byte, n uint64) {
		switch num {
		case 1:
			f.ir = int(n)
		case 2:
			f.producer = string(v)
		case 3:
			f.version = string(v)
		case 7:
			f.parseGraph(t, v)
		case 8:
			domain, version := "none", 0
			eachField(t, v, func(num protowire.Number, v []byte, n uint64) {
				if num == 1 {
					domain = string(v)
				} else {
					version = int(n)
				}
			})
			f.opsets[domain] = version
		case 14:
			var entry [3]string
			eachField(t, v, func(num protowire.Number, v []byte, _ uint64) { entry[num] = string(v) })
			f.metadata[entry[1]] = entry[2]
		default:
			t.Fatalf("the model has a field %d", num)
		}
	})
	return f
}

func (f *file) parseGraph(t fail, data []byte) {
	t.Helper()
	eachField(t, data, func(num protowire.Number, v []byte, _ uint64) {
		switch num {
		case 1:
			f.nodes = append(f.nodes, parseNode(t, v))
		case 2:
			f.graph = string(v)
		case 5:
			f.parameters = append(f.parameters, parseTensor(t, v))
		case 11:
			f.inputs = append(f.inputs, parseValue(t, v))
		case 12:
			f.outputs = append(f.outputs, parseValue(t, v))
		default:
			t.Fatalf("the graph has a field %d", num)
		}
	})
}

func parseNode(t fail, data []byte) node {
	t.Helper()
	n := node{attributes: map[string]any{}}
	eachField(t, data, func(num protowire.Number, v []byte, _ uint64) {
		switch num {
		case 1:
			n.inputs = append(n.inputs, string(v))
		case 2:
			n.outputs = append(n.outputs, string(v))
		case 3:
			n.name = string(v)
		case 4:
			n.op = string(v)
		case 5:
			name, a := parseAttribute(t, v)
			n.attributes[name] = a
		default:
			t.Fatalf("a node has a field %d", num)
		}
	})
	return n
}

func parseAttribute(t fail, data []byte) (name string, a any) {
	t.Helper()
	var list []int
	kind := uint64(0)
	eachField(t, data, func(num protowire.Number, v []byte, n uint64) {
		switch num {
		case 1:
			name = string(v)
		case 2:
			a = float64(math.Float32frombits(uint32(n)))
		case 3:
			a = int(n)
		case 8:
			list = append(list, int(n))
			a = list
		case 20:
			kind = n
		default:
			t.Fatalf("an attribute has a field %d", num)
		}
	})
	want := uint64(1)
	switch a.(type) {
	case int:
		want = 2
	case []int:
		want = 7
	}
	if kind != want {
		t.Fatalf("attribute %s: got type %d, want %d for %v", name, kind, want, a)
	}
	return name, a
}

func parseTensor(t fail, data []byte) (p parameter) {
	t.Helper()
	eachField(t, data, func(num protowire.Number, v []byte, n uint64) {
		switch {
		case num == 1:
			p.shape = append(p.shape, int(n))
		case num == 2 && n == 1:
		case num == 8:
			p.name = string(v)
		case num == 9 && len(v)%4 == 0:
			for i := 0; i < len(v); i += 4 {
				p.values = append(p.values, math.Float32frombits(binary.LittleEndian.Uint32(v[i:])))
			}
		default:
			t.Fatalf("a tensor has a field %d of %d bytes, %d", num, len(v), n)
		}
	})
	if p.shape.Size() != len(p.values) {
		t.Fatalf("%s: got %d values for shape %v", p.name, len(p.values), p.shape)
	}
	return p
}

func parseValue(t fail, data []byte) (val value) {
	t.Helper()
	eachField(t, data, func(num protowire.Number, v []byte, _ uint64) {
		if num == 1 {
			val.name = string(v)
			return
		}
		eachField(t, v, func(_ protowire.Number, v []byte, _ uint64) { // TypeProto
			eachField(t, v, func(num protowire.Number, v []byte, n uint64) { // Tensor
				if num == 1 {
					val.kind = int(n)
					return
				}
				eachField(t, v, func(_ protowire.Number, v []byte, _ uint64) { // TensorShapeProto
					eachField(t, v, func(num protowire.Number, v []byte, n uint64) { // Dimension
						if num == 1 {
							val.shape = append(val.shape, int(n))
						} else {
							val.shape = append(val.shape, string(v))
						}
					})
				})
			})
		})
	})
	return val
}

// eachField calls f with the number of each field of a message and its bytes or
// its number.
func eachField(t fail, data []byte, f func(num protowire.Number, v []byte, n uint64)) {
	t.Helper()
	for len(data) > 0 {
		num, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			t.Fatalf("%v", protowire.ParseError(n))
		}
		data = data[n:]
		var v []byte
		var x uint64
		switch kind {
		case protowire.BytesType:
			v, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			x, n = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var y uint32
			y, n = protowire.ConsumeFixed32(data)
			x = uint64(y)
		default:
			t.Fatalf("field %d has wire type %d", num, kind)
		}
		if n < 0 {
			t.Fatalf("%v", protowire.ParseError(n))
		}
		f(num, v, x)
		data = data[n:]
	}
}
