package page

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
)

// TestKinds: the editor offers every kind of layer with the numbers that it takes,
// and there is a glyph for each.
func TestKinds(t *testing.T) {
	kinds := []string{string(graph.KindConv2d), string(graph.KindRectify), string(graph.KindMaxPool2D), string(graph.KindFlatten), string(graph.KindDense), string(graph.KindSoftMax), string(graph.KindDropout)}
	slices.Sort(kinds)
	for name, start := range map[string]string{"editor.js": "const kinds = {", "dom.js": "const glyphs = {"} {
		table := strings.SplitN(strings.SplitN(string(files(t)[name]), start, 2)[1], "\n};", 2)[0]
		var got []string
		for _, entry := range regexp.MustCompile(`([A-Z]\w+): (?:"|\{(.*?)\})`).FindAllStringSubmatch(table, -1) {
			got = append(got, entry[1])
			if name == "dom.js" {
				continue
			}
			layer := entry[1]
			if numbers := regexp.MustCompile(`[\d.]+`).FindAllString(entry[2], -1); numbers != nil {
				layer += "(" + strings.Join(numbers, ", ") + ")"
			}
			if _, err := graph.Parse(layer); err != nil {
				t.Errorf("%s: a new layer is %s: %v", name, layer, err)
			}
		}
		if slices.Sort(got); !slices.Equal(got, kinds) {
			t.Errorf("%s: got the kinds %v, want %v", name, got, kinds)
		}
	}
}
