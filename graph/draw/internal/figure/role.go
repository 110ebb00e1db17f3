package figure

import "tapenet/graph/draw/ink"

// Role is what a box stands for.
type Role struct {
	class      string
	fill, line ink.Colour
	square     bool // else rounded
	heavy      bool // with a thick outline
}

// The roles of boxes.
var (
	Data      = Role{class: "data", fill: ink.Colour{Light: "#eef2f6", Dark: "#20262f"}, line: ink.Muted, square: true}
	Param     = Role{class: "param", fill: ink.Colour{Light: "#fff4d6", Dark: "#2b240f"}, line: ink.Amber, square: true}
	Linear    = Role{class: "linear", fill: ink.Colour{Light: "#e3f0fa", Dark: "#12283b"}, line: ink.Blue}
	Bend      = Role{class: "bend", fill: ink.Colour{Light: "#fdece0", Dark: "#3a2317"}, line: ink.Orange}                                     // an activation
	Shape     = Role{class: "shape", fill: ink.Colour{Light: "#f4f4f2", Dark: "#23272d"}, line: ink.Colour{Light: "#8a8f98", Dark: "#848d99"}} // fewer values, or the same in another shape
	Result    = Role{class: "result", fill: ink.Colour{Light: "#e2f3ec", Dark: "#10291f"}, line: ink.Teal, heavy: true}
	Grad      = Role{class: "grad", fill: ink.Colour{Light: "#f3e9f6", Dark: "#2b1e34"}, line: ink.Purple}
	ParamGrad = Role{class: "paramgrad", fill: ink.Colour{Light: "#e9f4ea", Dark: "#162c1c"}, line: ink.Green, square: true}
	Several   = Role{class: "op", fill: ink.Colour{Light: "#f7f9fb", Dark: "#1b2027"}, line: ink.Line} // layers that run as one op
)

var roles = []Role{Data, Param, Linear, Bend, Shape, Result, Grad, ParamGrad, Several}

// Flow is what flows along an edge.
type Flow struct {
	class  string
	line   ink.Colour
	width  float64 // in pixels
	dashed bool
	dot    string // attributes in DOT
}

// What flows along edges: a value from op to op, data to an op from the side, a
// parameter to the op that reads it, what an op keeps for its ∂, a gradient from
// ∂ to ∂, and the gradient of a parameter out of a ∂.
var (
	ValueFlow     = Flow{class: "value", line: ink.Line, width: 1.3, dot: `weight=20`}
	DataFlow      = Flow{class: "value", line: ink.Line, width: 1.3, dot: `arrowsize=0.55`}
	ParamFlow     = Flow{class: "weight", line: ink.Amber, width: 1.1, dot: `color="` + ink.Amber.Light + `", penwidth=1.1, arrowsize=0.55`}
	KeepFlow      = Flow{class: "keep", line: ink.Faint, width: 1.3, dashed: true, dot: `style=dashed, color="` + ink.Faint.Light + `", arrowsize=0.55`}
	GradFlow      = Flow{class: "gradient", line: ink.Purple, width: 1.6, dot: `color="` + ink.Purple.Light + `", fontcolor="` + ink.Purple.Light + `", penwidth=1.6, weight=20`}
	ParamGradFlow = Flow{class: "out", line: ink.Green, width: 1.3, dot: `color="` + ink.Green.Light + `", arrowsize=0.55`}
)

// flows are those whose classes differ.
var flows = []Flow{ValueFlow, ParamFlow, KeepFlow, GradFlow, ParamGradFlow}
