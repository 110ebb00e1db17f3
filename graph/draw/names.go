package draw

import (
	"fmt"
	"regexp"
	"strings"

	"tapenet/graph"
)

var (
	opWords = strings.NewReplacer("∂ ", "", "A × Bᵀ", "a_bt", "Aᵀ × B", "at_b", "A × B", "a_b", "Aᵀ", "at", "Σ", "sum", "⊙", "times", "×", "times", "÷", "over", "+", "plus", "-", "minus")
	noWord  = regexp.MustCompile(`[^a-z0-9]+`)
)

// nodeNames are names for nodes that say what they are, by ID: an input has its
// own, the gradient of a parameter is d_ and the parameter's, and another op has
// the name of its layer, d_ before it if it computes a gradient, and its own.
// Several of one name are counted.
func nodeNames(nodes []graph.Node) []string {
	names := make([]string, len(nodes))
	taken := map[string]bool{}
	for i, n := range nodes {
		name := strings.ReplaceAll(n.Name, ".", "_")
		if n.Op != "" {
			op := strings.Trim(noWord.ReplaceAllString(strings.ToLower(opWords.Replace(n.Op)), "_"), "_")
			if p := paramOf(n, nodes); n.Read && p != "" {
				op = strings.ReplaceAll(p, ".", "_")
			}
			switch {
			case n.Constant:
				name = op
			case op == n.Layer || strings.HasPrefix(op, n.Layer+"_"):
				name = op
			default:
				name = strings.Trim(n.Layer+"_"+op, "_")
			}
			if n.Grad && !n.Constant {
				name = gradName(name)
			}
		}
		names[i] = name
		for k := 2; taken[names[i]]; k++ {
			names[i] = fmt.Sprint(name, "_", k)
		}
		taken[names[i]] = true
	}
	return names
}

// paramOf is the name of the parameter whose gradient a node is or hands out; ""
// if there is none.
func paramOf(n graph.Node, nodes []graph.Node) string {
	id := n.ID
	if n.Read {
		id = n.Inputs[0]
	}
	for _, m := range nodes {
		if m.Name != "" && m.Deriv == id {
			return m.Name
		}
	}
	return ""
}
