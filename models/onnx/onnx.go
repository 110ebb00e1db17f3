// Package onnx writes a network with its weights as an ONNX model, which ONNX
// Runtime, OpenCV, Netron and many others read:
//
//	err := onnx.Write(w, net, values, onnx.About{Accuracy: 0.9887})
//
// Every layer of the network is one node that has the layer's name, and so has
// the node's result, but for the last one:
//
//	Conv2d(F, K)   Conv      x (N, C, H, W)   weight (F, C, K, K)   bias (F)
//	Rectify        Relu
//	MaxPool2D(P)   MaxPool   x (N, C, H, W)
//	Dropout        none: it does nothing outside a training; Identity if there is no other layer
//	Flatten        Flatten   x (N, C, H, W) or (N, D)
//	Dense(M)       Gemm      x (N, D)         weight (M, D)         bias (M)
//	SoftMax        Softmax   x (N, M)
//
// The model's input is called image, (N, C, H, W) or (N, D), in float32: pixels
// from 0 to 1 if the weights were trained on such. Its output is called
// probabilities if the last layer is SoftMax, else result. N, the number of
// images, is any, and called batch. Parameters have their names and shapes of
// graph.Network's Params; ONNX lays them out as PyTorch does.
//
// Files are of IR version 8 and operator set 13, which readers since 2021 know.
// The format is defined at https://github.com/onnx/onnx: docs/IR.md,
// docs/Operators.md and, as a protobuf message, onnx/onnx.proto.
package onnx

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pkg/errors"

	"tapenet/graph"
)

const (
	irVersion       = 8
	opset           = 13
	producerVersion = "1" // changes when equal networks get other bytes
)

// maxParams keeps a model below 2 GiB, the most that a protobuf message can have,
// and leaves a MiB for all that is not a parameter.
const maxParams = 1<<29 - 1<<18

// About is what a model says about itself, in ONNX's metadata_props.
type About struct {
	Classes  []string // "classes", a JSON array: a name for each result; nil: not said
	Accuracy float64  // "accuracy", from 0 to 1, on images that were not trained on; 0: not said
}

// Write writes net with a value for each of its parameters, in the order of
// net.Params. Equal arguments give equal bytes. An error is another number of
// values, one that is not finite, more than 2^29 - 2^18 of them, and what does not
// fit in about.
func Write(w io.Writer, net *graph.Network, values []float32, about About) error {
	if err := check(net, values); err != nil {
		return err
	}
	metadata, err := about.metadata(net)
	if err != nil {
		return err
	}
	network, err := encodeGraph(net, values)
	if err != nil {
		return err
	}
	var set, m message
	set.string(opsetDomain, "") // ONNX's own operators
	set.int(opsetVersion, opset)

	m.int(modelIRVersion, irVersion)
	m.string(modelProducerName, "tapenet")
	m.string(modelProducerVersion, producerVersion)
	m.bytes(modelGraph, network)
	m.bytes(modelOpsetImport, set)
	for _, entry := range metadata {
		m.bytes(modelMetadataProps, entry)
	}
	_, err = w.Write(m)
	return errors.Wrap(err, "onnx")
}

// check returns an error if values are not what net's parameters can have.
func check(net *graph.Network, values []float32) error {
	n := net.NumParams()
	if n > maxParams {
		return errors.Errorf("the network has %d parameters, want at most %d in an ONNX file", n, maxParams)
	}
	if len(values) != n {
		return errors.Errorf("got %d values, want one for each of %d parameters", len(values), n)
	}
	for _, p := range net.Params {
		v := p.Of(values)
		if i := slices.IndexFunc(v, func(x float32) bool { return x-x != 0 }); i >= 0 {
			return errors.Errorf("%s: value %d is %v, want a finite number", p.Name, i, v[i])
		}
	}
	return nil
}

// metadata returns the entries of metadata_props.
func (a About) metadata(net *graph.Network) (entries []message, err error) {
	add := func(key, value string) {
		var m message
		m.string(entryKey, key)
		m.string(entryValue, value)
		entries = append(entries, m)
	}
	if !(a.Accuracy >= 0 && a.Accuracy <= 1) {
		return nil, errors.Errorf("accuracy: got %v, want a number from 0 to 1", a.Accuracy)
	}
	if a.Accuracy > 0 {
		add("accuracy", strconv.FormatFloat(a.Accuracy, 'g', -1, 64))
	}
	if a.Classes == nil {
		return entries, nil
	}
	if out := net.Out(); len(out) != 1 || len(a.Classes) != out[0] {
		return nil, errors.Errorf("got %d names of classes, want one for each of %v results", len(a.Classes), out)
	}
	if i := slices.IndexFunc(a.Classes, func(name string) bool { return !utf8.ValidString(name) }); i >= 0 {
		return nil, errors.Errorf("the name of class %d, %q, is not UTF-8", i, a.Classes[i])
	}
	names, err := json.Marshal(a.Classes)
	add("classes", string(names))
	return entries, errors.WithStack(err)
}

// encodeGraph returns the GraphProto of net.
func encodeGraph(net *graph.Network, values []float32) (message, error) {
	const input = "image"
	output := "result"
	layers := slices.DeleteFunc(slices.Clone(net.Layers), func(l graph.NamedLayer) bool { return l.Kind == graph.KindDropout })
	if len(layers) == 0 {
		layers = net.Layers[:1] // the output needs a node
	}
	if layers[len(layers)-1].Kind == graph.KindSoftMax {
		output = "probabilities"
	}
	var g, parameters message
	x := input
	for i, l := range layers {
		op, attributes := operator(l)
		if op == "" {
			return nil, errors.Errorf("%s: ONNX has no operator for a layer of kind %q", l.Name, l.Kind)
		}
		y := l.Name
		if i == len(layers)-1 {
			y = output
		}
		var n message
		n.string(nodeInput, x)
		for _, p := range l.Params {
			n.string(nodeInput, p.Name)
			parameters.bytes(graphInitializer, tensor(p, values))
		}
		n.string(nodeOutput, y)
		n.string(nodeName, l.Name)
		n.string(nodeOpType, op)
		for _, a := range attributes {
			n.bytes(nodeAttribute, a)
		}
		g.bytes(graphNode, n)
		x = y
	}
	g.string(graphName, "network") // ONNX wants one
	g = append(g, parameters...)
	g.bytes(graphInput, valueInfo(input, net.In))
	g.bytes(graphOutput, valueInfo(output, net.Out()))
	return g, nil
}

// operator returns ONNX's operator for a layer and its attributes: all that there
// are, for some readers refuse a node without them. Only MaxPool's dilations are
// missing, because GoMLX refuses a node that has them, even if they are 1.
func operator(l graph.NamedLayer) (op string, attributes []message) {
	w := l.Window()
	kernel, pads, strides := ints("kernel_shape", w.Side, w.Side), ints("pads", w.Top, w.Left, w.Bottom, w.Right), ints("strides", w.Stride, w.Stride)
	switch l.Kind {
	case graph.KindConv2d:
		return "Conv", []message{ints("dilations", 1, 1), integer("group", 1), kernel, pads, strides}
	case graph.KindRectify:
		return "Relu", nil
	case graph.KindMaxPool2D:
		return "MaxPool", []message{integer("ceil_mode", 0), kernel, pads, integer("storage_order", 0), strides}
	case graph.KindDropout:
		return "Identity", nil
	case graph.KindFlatten:
		return "Flatten", []message{integer("axis", 1)}
	case graph.KindDense: // alpha x weightᵀ + beta bias
		return "Gemm", []message{float("alpha", 1), float("beta", 1), integer("transA", 0), integer("transB", 1)}
	case graph.KindSoftMax:
		return "Softmax", []message{integer("axis", 1)}
	}
	return "", nil
}

// tensor returns the TensorProto of a parameter.
func tensor(p graph.Param, values []float32) message {
	var m message
	for _, d := range p.Shape {
		m.int(tensorDims, d)
	}
	m.int(tensorDataType, typeFloat)
	m.string(tensorName, p.Name)
	raw, _ := binary.Append(nil, binary.LittleEndian, p.Of(values)) // takes any float32s
	m.bytes(tensorRawData, raw)
	return m
}

// valueInfo returns the ValueInfoProto of any number of float32 tensors of the
// given shape.
func valueInfo(name string, shape graph.Shape) message {
	var batch, dims, t, kind, m message
	batch.string(dimParam, "batch")
	dims.bytes(shapeDim, batch)
	for _, d := range shape {
		var dim message
		dim.int(dimValue, d)
		dims.bytes(shapeDim, dim)
	}
	t.int(typeElemType, typeFloat)
	t.bytes(typeShape, dims)
	kind.bytes(typeTensor, t)
	m.string(valueName, name)
	m.bytes(valueType, kind)
	return m
}
