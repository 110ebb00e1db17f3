package figure

// Kind is what a box stands for.
type Kind struct {
	class       string
	light, dark paint
	square      bool // else rounded
	heavy       bool // with a thick outline
}

// paint are the colours of a box.
type paint struct{ fill, line string }

// The kinds of boxes.
var (
	Data      = Kind{class: "data", light: paint{"#eef2f6", "#5b6675"}, dark: paint{"#20262f", "#a3adba"}, square: true}
	Param     = Kind{class: "param", light: paint{"#fff4d6", "#b98900"}, dark: paint{"#2b240f", "#e0b040"}, square: true}
	Linear    = Kind{class: "linear", light: paint{"#e3f0fa", "#0072b2"}, dark: paint{"#12283b", "#56b4e9"}}
	Bend      = Kind{class: "bend", light: paint{"#fdece0", "#d55e00"}, dark: paint{"#3a2317", "#f0884a"}}  // activations
	Shape     = Kind{class: "shape", light: paint{"#f4f4f2", "#8a8f98"}, dark: paint{"#23272d", "#848d99"}} // fewer values, or the same in another shape
	Result    = Kind{class: "result", light: paint{"#e2f3ec", "#00805d"}, dark: paint{"#10291f", "#3dbd8d"}, heavy: true}
	Grad      = Kind{class: "grad", light: paint{"#f3e9f6", "#7b3294"}, dark: paint{"#2b1e34", "#c08be6"}}
	ParamGrad = Kind{class: "paramgrad", light: paint{"#e9f4ea", "#1b7837"}, dark: paint{"#162c1c", "#4fd18b"}, square: true}
	Op        = Kind{class: "op", light: paint{"#f7f9fb", "#8a94a3"}, dark: paint{"#1b2027", "#727d8b"}} // several layers in one
)

var kinds = []Kind{Data, Param, Linear, Bend, Shape, Result, Grad, ParamGrad, Op}

// EdgeKind is what flows along an edge.
type EdgeKind struct {
	class       string
	light, dark string // colours
	width       float64
	dashed      bool
	dot         string // attributes in DOT
}

// The kinds of edges. A value flows from op to op, data to an op from the side,
// a parameter to the op that reads it. An op keeps values for its ∂. A gradient
// flows from ∂ to ∂, and one of a parameter out of a ∂.
var (
	ValueEdge     = EdgeKind{class: "value", light: "#8a94a3", dark: "#727d8b", width: 1.3, dot: `weight=20`}
	DataEdge      = EdgeKind{class: "value", light: "#8a94a3", dark: "#727d8b", width: 1.3, dot: `arrowsize=0.55`}
	ParamEdge     = EdgeKind{class: "weight", light: "#b98900", dark: "#e0b040", width: 1.1, dot: `color="#b98900", penwidth=1.1, arrowsize=0.55`}
	KeepEdge      = EdgeKind{class: "keep", light: "#aab3c0", dark: "#5b6675", width: 1.3, dashed: true, dot: `style=dashed, color="#aab3c0", arrowsize=0.55`}
	GradEdge      = EdgeKind{class: "gradient", light: "#7b3294", dark: "#c08be6", width: 1.6, dot: `color="#7b3294", fontcolor="#7b3294", penwidth=1.6, weight=20`}
	ParamGradEdge = EdgeKind{class: "out", light: "#1b7837", dark: "#4fd18b", width: 1.3, dot: `color="#1b7837", arrowsize=0.55`}
)

// edgeKinds are those whose classes differ.
var edgeKinds = []EdgeKind{ValueEdge, ParamEdge, KeepEdge, GradEdge, ParamGradEdge}
