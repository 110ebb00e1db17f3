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
	// 1:10: layer 2: got "Dens", want one of [Conv2d Dense Dropout Flatten MaxPool2D Rectify SoftMax]
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

// TestParseMethods: the methods of a layer in any order, and the text that String
// makes of them.
func TestParseMethods(t *testing.T) {
	for text, want := range map[string]struct {
		layer graph.Layer
		text  string
	}{
		"Conv2d(16, 5).Pad(2)":                {graph.Conv2d(16, 5).Pad(2), "Conv2d(16, 5).Pad(2)"},
		"Conv2d(16, 5).Stride(2).Pad(1)":      {graph.Conv2d(16, 5).Pad(1).Stride(2), "Conv2d(16, 5).Pad(1).Stride(2)"},
		"Conv2d(16,5) . Same ( ) . Stride(3)": {graph.Conv2d(16, 5).Same().Stride(3), "Conv2d(16, 5).Same().Stride(3)"},
		"Conv2d(16, 5).Pad(0).Stride(1)":      {graph.Conv2d(16, 5), "Conv2d(16, 5)"},
		"MaxPool2D(3).Stride(2)":              {graph.MaxPool2D(3).Stride(2), "MaxPool2D(3).Stride(2)"},
		"MaxPool2D(3).Stride(1).\nSame()":     {graph.MaxPool2D(3).Same().Stride(1), "MaxPool2D(3).Same().Stride(1)"},
		"MaxPool2D(2).Stride(2)":              {graph.MaxPool2D(2), "MaxPool2D(2)"},
		"Dropout(0.25)":                       {graph.Dropout(0.25), "Dropout(0.25)"},
		"Dropout(.5)":                         {graph.Dropout(0.5), "Dropout(0.5)"},
		"Dropout(0)":                          {graph.Dropout(0), "Dropout(0)"},
		"Dropout(1e-6)":                       {graph.Dropout(1e-6), "Dropout(1e-06)"},
	} {
		got, err := graph.Parse(text)
		if err != nil || !slices.Equal(got, graph.Sequential{want.layer}) || got.String() != want.text {
			t.Errorf("%q: got %v, error %v, want %s", text, got, err, want.text)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const kinds = "want one of [Conv2d Dense Dropout Flatten MaxPool2D Rectify SoftMax]"
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
		"Dense(1.5)":                     `1:7: layer 1: got "1.5", want a whole number`,
		"Dense(99999999999999999999)":    `1:7: layer 1: got "99999999999999999999", want a whole number`,
		"dense(10)":                      `1:1: layer 1: got "dense", ` + kinds,
		"graph.Dense(10)":                `1:1: layer 1: got "graph", ` + kinds,
		"Flatten\x00":                    `1:8: layer 1: got "\x00", want ',' or the end`,
		"Flatt\xffen":                    `1:1: layer 1: got "Flatt", ` + kinds,
		strings.Repeat("x", 1000):        `1:1: layer 1: got "` + strings.Repeat("x", 40) + `", ` + kinds,
		"Conv2d(1, 2).":                  "1:14: layer 1: got the end, want Pad, Same or Stride",
		"Conv2d(1, 2).Pads(1)":           `1:14: layer 1: got "Pads", want Pad, Same or Stride`,
		"Conv2d(1, 2).Pad":               `1:17: layer 1: got the end, want '('`,
		"Conv2d(1, 2).Pad()":             `1:18: layer 1: got ")", want a whole number`,
		"Conv2d(1, 2).Pad(-1)":           `1:18: layer 1: got "-", want a whole number`,
		"Conv2d(1, 2).Pad(1, 1)":         `1:19: layer 1: got ",", want ')'`,
		"Conv2d(1, 2).Same(1)":           `1:19: layer 1: got "1", want ')'`,
		"Conv2d(1, 2).Pad(1) Same()":     `1:21: layer 1: got "Same", want ',' or the end`,
		"Flatten, Dense(3).Pad(1)":       `1:18: layer 2: got ".", want ',' or the end`,
		"Dropout":                        `1:8: layer 1: got the end, want '('`,
		"Dropout()":                      `1:9: layer 1: got ")", want a number`,
		"Dropout(-0.5)":                  `1:9: layer 1: got "-", want a number`,
		"Dropout(1e999)":                 `1:9: layer 1: got "1e999", want a number`,
		"Dropout(NaN)":                   `1:9: layer 1: got "NaN", want a number`,
		"Dropout(0.5, 1)":                `1:12: layer 1: got ",", want ')'`,
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
	f.Add("Conv2d(16, 5).Pad(2).Stride(2), MaxPool2D(3).Same().Stride(3), Dropout(0.25)")
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
