package figure

import "tapenet/graph/draw/ink"

// Role is what a box stands for.
type Role struct {
	class      string
	words      string // what such boxes are
	fill, line ink.Colour
	square     bool // else rounded
	heavy      bool // with a thick outline
}

// The roles of boxes.
var (
	Data      = Role{class: "data", words: "inputs, labels and constants", fill: ink.Colour{Light: "#eef2f6", Dark: "#20262f"}, line: ink.Muted, square: true}
	Param     = Role{class: "param", words: "parameters: they are learned", fill: ink.Colour{Light: "#fff4d6", Dark: "#2b240f"}, line: ink.Amber, square: true}
	Linear    = Role{class: "linear", words: "ops that multiply and add", fill: ink.Colour{Light: "#e3f0fa", Dark: "#12283b"}, line: ink.Blue}
	Bend      = Role{class: "bend", words: "activations", fill: ink.Colour{Light: "#fdece0", Dark: "#3a2317"}, line: ink.Orange}                                                                    // an activation
	Shape     = Role{class: "shape", words: "fewer values, or the same in another shape", fill: ink.Colour{Light: "#f4f4f2", Dark: "#23272d"}, line: ink.Colour{Light: "#8a8f98", Dark: "#848d99"}} // fewer values, or the same in another shape
	Result    = Role{class: "result", words: "results", fill: ink.Colour{Light: "#e2f3ec", Dark: "#10291f"}, line: ink.Teal, heavy: true}
	Grad      = Role{class: "grad", words: "gradients", fill: ink.Colour{Light: "#f3e9f6", Dark: "#2b1e34"}, line: ink.Purple}
	ParamGrad = Role{class: "paramgrad", words: "gradients of parameters", fill: ink.Colour{Light: "#e9f4ea", Dark: "#162c1c"}, line: ink.Green, square: true}
	Several   = Role{class: "op", words: "layers that run as one op", fill: ink.Colour{Light: "#f7f9fb", Dark: "#1b2027"}, line: ink.Line} // layers that run as one op
)

var roles = []Role{Data, Param, Linear, Bend, Shape, Result, Grad, ParamGrad, Several}

// Flow is what flows along an edge.
type Flow struct {
	class  string
	words  string // what such edges are
	line   ink.Colour
	text   ink.Colour // of labels
	width  float64    // in pixels
	tip    float64    // the size of the arrow's head in DOT
	weight int        // how straight and short dot draws it
	dashed bool
}

// What flows along edges: a value from op to op, data to an op from the side, a
// parameter to the op that reads it, what an op keeps for its ∂, a gradient from
// ∂ to ∂, and the gradient of a parameter out of a ∂.
var (
	ValueFlow     = Flow{class: "value", words: "values, from op to op", line: ink.Line, text: ink.Muted, width: 1.3, tip: 0.65, weight: 20}
	DataFlow      = Flow{class: "value", words: "data, from the side", line: ink.Line, text: ink.Muted, width: 1.3, tip: 0.55, weight: 1}
	ParamFlow     = Flow{class: "weight", words: "parameters, to the op that reads them", line: ink.Amber, text: ink.Muted, width: 1.1, tip: 0.55, weight: 1}
	KeepFlow      = Flow{class: "keep", words: "what an op keeps for its gradient", line: ink.Faint, text: ink.Muted, width: 1.3, tip: 0.55, weight: 1, dashed: true}
	GradFlow      = Flow{class: "gradient", words: "gradients, from op back to op", line: ink.Purple, text: ink.Purple, width: 1.6, tip: 0.65, weight: 20}
	ParamGradFlow = Flow{class: "out", words: "gradients of parameters", line: ink.Green, text: ink.Muted, width: 1.3, tip: 0.55, weight: 1}
)

// allFlows are in the order in which DOT has them. Values come first: dot keeps the
// direction of edges that it meets first, and draws gradients back up.
var allFlows = []Flow{ValueFlow, DataFlow, ParamFlow, KeepFlow, GradFlow, ParamGradFlow}

// flows are those whose classes differ.
var flows = []Flow{ValueFlow, ParamFlow, KeepFlow, GradFlow, ParamGradFlow}
