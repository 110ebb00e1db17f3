package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
)

func ExampleParse() {
	layers, err := graph.Parse("Conv2d(16, 5), Rectify, MaxPool2D(2), Flatten, Dense(10), SoftMax")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(layers), "layers, the first with", layers[0].Filters, "filters")
	fmt.Println(layers)

	_, err = graph.Parse("Flatten, Dens(10), SoftMax")
	fmt.Println(err)
	// Output:
	// 6 layers, the first with 16 filters
	// Conv2d(16, 5), Rectify, MaxPool2D(2), Flatten, Dense(10), SoftMax
	// 1:10: layer 2: got "Dens", want one of [Conv2d Dense Flatten MaxPool2D Rectify SoftMax]
}

// TestParseSpacing: blanks and line breaks are where Go allows them.
func TestParseSpacing(t *testing.T) {
	want := graph.Sequential{graph.Conv2d(16, 5), graph.Flatten, graph.Dense(0)}
	for _, text := range []string{
		"Conv2d(16,5),Flatten,Dense(0)",
		" Conv2d ( 16 , 5 ) , Flatten , Dense ( 0 ) ",
		"\n\tConv2d(16, 5),\r\n\tFlatten,\n\n\tDense(0)\n",
	} {
		if got, err := graph.Parse(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v, error %v", text, got, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const kinds = "want one of [Conv2d Dense Flatten MaxPool2D Rectify SoftMax]"
	for text, want := range map[string]string{
		"":                               "layer 1: got the end, " + kinds,
		" \n":                            "layer 1: got the end, " + kinds,
		"Flatten,":                       "1:9: layer 2: got the end, " + kinds,
		",Flatten":                       `1:1: layer 1: got ",", ` + kinds,
		"Flatten Rectify":                `1:9: layer 1: got "Rectify", want ',' or the end`,
		"Flatten;":                       `1:8: layer 1: got ";", want ',' or the end`,
		"Flatten()":                      `1:8: layer 1: got "(", want ',' or the end`,
		"Flatten, // the rest":           `1:10: layer 2: got "/", ` + kinds,
		"Flatten,\n Dense":               "2:7: layer 2: got the end, want '('",
		"Dense()":                        `1:7: layer 1: got ")", want a whole number`,
		"Dense(10":                       "1:9: layer 1: got the end, want ')'",
		"Dense(10, 3)":                   `1:9: layer 1: got ",", want ')'`,
		"Dense(10,)":                     `1:9: layer 1: got ",", want ')'`,
		"Conv2d(16)":                     `1:10: layer 1: got ")", want ','`,
		"Conv2d(16 5)":                   `1:11: layer 1: got "5", want ','`,
		"Dense(-1)":                      `1:7: layer 1: got "-", want a whole number`,
		"Dense(010)":                     `1:7: layer 1: got "010", want a whole number`,
		"Dense(0x10)":                    `1:7: layer 1: got "0x10", want a whole number`,
		"Dense(1_0)":                     `1:7: layer 1: got "1_0", want a whole number`,
		"Dense(1.5)":                     `1:8: layer 1: got ".", want ')'`,
		"Dense(99999999999999999999)":    `1:7: layer 1: got "99999999999999999999", want a whole number`,
		"dense(10)":                      `1:1: layer 1: got "dense", ` + kinds,
		"graph.Dense(10)":                `1:1: layer 1: got "graph", ` + kinds,
		"Flatten\x00":                    `1:8: layer 1: got "\x00", want ',' or the end`,
		"Flatt\xffen":                    `1:1: layer 1: got "Flatt", ` + kinds,
		strings.Repeat("x", 1000):        `1:1: layer 1: got "` + strings.Repeat("x", 40) + `", ` + kinds,
		strings.Repeat("Flatten,", 1001): "got more than 1000 layers",
	} {
		got, err := graph.Parse(text)
		if err == nil || !strings.HasSuffix(err.Error(), want) || got != nil {
			t.Errorf("%.50q: got %v, error %v, want %s", text, got, err, want)
		}
		checkLayerError(t, err)
	}
}

// FuzzParse: whatever the text, Parse gives an error or a list that survives
// String and Parse.
func FuzzParse(f *testing.F) {
	f.Add("Conv2d(16, 5), Rectify, MaxPool2D(2), Flatten, Dense(10), SoftMax")
	f.Add("\tDense ( 1 ) ,\n")
	f.Add("\ufeffFlatten")
	f.Add("Conv2d(1,")
	f.Add("Dense(0x1\x00")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := graph.Parse(text)
		if err != nil {
			if list != nil || len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Fatalf("got %v and error %q", list, err)
			}
			return
		}
		back, err := graph.Parse(list.String())
		if err != nil || !slices.Equal(back, list) || len(list) == 0 {
			t.Fatalf("%v is read back as %v, error %v", list, back, err)
		}
		list.Build(1, 28, 28)
	})
}
