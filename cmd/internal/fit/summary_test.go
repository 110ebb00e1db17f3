package fit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tapenet/graph"
	"tapenet/models"
)

// recorded are the networks of testdata/keras.
var recorded = map[string]graph.Sequential{"OneLayer": models.OneLayer(10), "TwoLayer": models.TwoLayer(10), "Dropping": {
	graph.Conv2d(6, 5).Same(), graph.Rectify, graph.MaxPool2D(3).Same().Stride(2), graph.Dropout(0.25),
	graph.Conv2d(16, 4).Same().Stride(3), graph.Rectify, graph.Flatten, graph.Dropout(0.5), graph.Dense(10), graph.SoftMax,
}}

// TestSummaryAsKeras compares with what Keras printed for the same network
// (testdata/keras). Frame and totals are equal. So are the layers that both have,
// except for the order of a shape: Keras has Rectify and SoftMax inside the layer
// before.
func TestSummaryAsKeras(t *testing.T) {
	kind := map[string]string{"Conv2d": "Conv2D", "MaxPool2D": "MaxPooling2D", "Flatten": "Flatten", "Dense": "Dense", "Dropout": "Dropout"}
	for title, layers := range recorded {
		file, err := os.ReadFile(filepath.Join("testdata", "keras", strings.ToLower(title)+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		wantFrame, want := readSummary(t, string(file))
		gotFrame, all := readSummary(t, summaryOf(t, title, layers, 80))
		const shapes = " Shapes: (batch, channels, rows, columns)"
		if wantFrame = append(wantFrame, shapes); !slices.Equal(gotFrame, wantFrame) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(gotFrame, "\n"), strings.Join(wantFrame, "\n"))
		}
		var got []row
		for _, r := range all {
			switch r.kind {
			case "Rectify", "SoftMax":
				if strings.TrimSpace(r.params) != "0" {
					t.Errorf("%s has %s parameters, want 0", r.name, r.params)
				}
				continue
			}
			got = append(got, r)
		}
		if len(got) != len(want) {
			t.Fatalf("got layers %v, want %v", got, want)
		}
		for i, w := range want {
			if len(w.shape) == 4 {
				w.shape = []string{w.shape[0], w.shape[3], w.shape[1], w.shape[2]}
			}
			if strings.TrimSpace(w.params) == "0" { // Keras's own names: flatten_1
				w.name = got[i].name
			}
			g := got[i]
			g.kind = kind[g.kind]
			if fmt.Sprint(g) != fmt.Sprint(w) {
				t.Errorf("%s, layer %d: got %v, want %v", title, i+1, g, w)
			}
		}
	}
}

// row is a layer in a summary.
type row struct {
	name, kind string
	shape      []string
	params     string
}

// readSummary splits a summary into the rows of its layers and the other
// lines, the rules between layers once.
func readSummary(t *testing.T, text string) (frame []string, rows []row) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		cells := strings.Split(line, "│")
		if len(cells) != 5 {
			if len(frame) == 0 || line != frame[len(frame)-1] {
				frame = append(frame, line)
			}
			continue
		}
		var r row
		if _, err := fmt.Sscanf(cells[1], "%s (%s", &r.name, &r.kind); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		r.kind = strings.TrimSuffix(r.kind, ")")
		r.shape = strings.Split(strings.Trim(cells[2], " ()"), ", ")
		r.params = cells[3] // with the spaces: it is aligned
		rows = append(rows, r)
	}
	return frame, rows
}

func summaryOf(t *testing.T, title string, layers graph.Sequential, columns int) string {
	t.Helper()
	net, err := layers.Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := writeSummary(&b, title, net, columns); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSummaryColumns: on a terminal of other columns, the lines of the table are
// where Keras's are.
func TestSummaryColumns(t *testing.T) {
	for _, columns := range []int{66, 120} {
		for title, layers := range recorded {
			file, err := os.ReadFile(filepath.Join("testdata", "keras", fmt.Sprintf("%s_%d.txt", strings.ToLower(title), columns)))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(string(file), "\n")[:4]
			got := strings.Split(summaryOf(t, title, layers, columns), "\n")[:4]
			if !slices.Equal(got, want) {
				t.Errorf("%d columns: got\n%s\nwant\n%s", columns, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// TestSummaryShrinks: the table fits a terminal of 60 columns, with all that is in
// it, and one that is narrower has the table of 60.
func TestSummaryShrinks(t *testing.T) {
	for title, layers := range map[string]graph.Sequential{
		"OneLayer": models.OneLayer(10), "TwoLayer": models.TwoLayer(10),
		"Wide": {graph.Conv2d(1024, 5), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(100), graph.SoftMax},
	} {
		_, want := readSummary(t, summaryOf(t, title, layers, 80))
		text := summaryOf(t, title, layers, 60)
		_, got := readSummary(t, text)
		for i := range want {
			want[i].params, got[i].params = strings.TrimSpace(want[i].params), strings.TrimSpace(got[i].params)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", title, got, want)
		}
		for _, line := range strings.Split(text, "\n") {
			if n := utf8.RuneCountInString(line); n > 60 {
				t.Errorf("%s: got %d columns: %s", title, n, line)
			}
		}
		if narrow := summaryOf(t, title, layers, 40); narrow != text {
			t.Errorf("%s: 40 columns: got\n%s", title, narrow)
		}
	}
}

// TestSummaryFits: a wide text widens its column in every line.
func TestSummaryFits(t *testing.T) {
	net, err := graph.Sequential{graph.Rectify, graph.Flatten}.Build(1, 16384, 16384)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := writeSummary(&b, "Wide", net, 80); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for _, line := range lines[1:8] {
		if n := len([]rune(line)); n != 77 { // (None, 1, 16384, 16384) is one wider than 22
			t.Errorf("got %d columns, want 77: %s", n, line)
		}
	}
	if !strings.Contains(b.String(), "│ (None, 1, 16384, 16384) │") {
		t.Errorf("the shape is missing:\n%s", b.String())
	}
}

// TestBytesOf: the values are those of Keras's readable_memory_size.
func TestBytesOf(t *testing.T) {
	for n, want := range map[int]string{
		0: "0.00 B", 255: "1020.00 B", 256: "1.00 KB", 22046: "86.12 KB", 231926: "905.96 KB",
		1 << 18: "1.00 MB", 1 << 28: "1.00 GB", 1 << 40: "4096.00 GB",
	} {
		if got := bytesOf(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
