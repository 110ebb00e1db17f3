package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of the messages in onnx.proto, as far as they are written, and two of
// its enumerations.
const (
	modelIRVersion       = 1  // int64
	modelProducerName    = 2  // string
	modelProducerVersion = 3  // string
	modelGraph           = 7  // GraphProto
	modelOpsetImport     = 8  // repeated OperatorSetIdProto
	modelMetadataProps   = 14 // repeated StringStringEntryProto

	opsetDomain  = 1 // string
	opsetVersion = 2 // int64

	entryKey   = 1 // string
	entryValue = 2 // string

	graphNode        = 1  // repeated NodeProto
	graphName        = 2  // string
	graphInitializer = 5  // repeated TensorProto
	graphInput       = 11 // repeated ValueInfoProto
	graphOutput      = 12 // repeated ValueInfoProto

	nodeInput     = 1 // repeated string
	nodeOutput    = 2 // repeated string
	nodeName      = 3 // string
	nodeOpType    = 4 // string
	nodeAttribute = 5 // repeated AttributeProto

	attributeName = 1  // string
	attributeF    = 2  // float
	attributeI    = 3  // int64
	attributeInts = 8  // repeated int64
	attributeType = 20 // AttributeProto.AttributeType

	tensorDims     = 1 // repeated int64
	tensorDataType = 2 // TensorProto.DataType
	tensorName     = 8 // string
	tensorRawData  = 9 // bytes, little-endian

	valueName    = 1 // string
	valueType    = 2 // TypeProto
	typeTensor   = 1 // TypeProto.Tensor
	typeElemType = 1 // TensorProto.DataType
	typeShape    = 2 // TensorShapeProto
	shapeDim     = 1 // repeated Dimension
	dimValue     = 1 // int64
	dimParam     = 2 // string

	typeFloat = 1 // of TensorProto.DataType

	attributeFloat   = 1 // of AttributeProto.AttributeType
	attributeInt     = 2
	attributeIntList = 7
)

// message is an encoded protobuf message. Its methods add a field; with the fields
// in order, the bytes are those that protobuf's own libraries write.
type message []byte

func (m *message) int(field protowire.Number, v int) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(v))
}

func (m *message) float(field protowire.Number, v float32) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(v))
}

func (m *message) string(field protowire.Number, v string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

func (m *message) bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

// integer returns the AttributeProto of a whole number.
func integer(name string, v int) (m message) {
	m.string(attributeName, name)
	m.int(attributeI, v)
	m.int(attributeType, attributeInt)
	return m
}

// ints returns the AttributeProto of a list of whole numbers.
func ints(name string, values ...int) (m message) {
	m.string(attributeName, name)
	for _, v := range values {
		m.int(attributeInts, v)
	}
	m.int(attributeType, attributeIntList)
	return m
}

// float returns the AttributeProto of a number.
func float(name string, v float32) (m message) {
	m.string(attributeName, name)
	m.float(attributeF, v)
	m.int(attributeType, attributeFloat)
	return m
}
