package data

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/graph"
)

// TestClasses: how many there are, and what the labels stand for.
func TestClasses(t *testing.T) {
	from := func(n int) (names []string) {
		for i := range n {
			names = append(names, fmt.Sprint("c", i))
		}
		return names
	}
	for _, row := range []struct {
		name        string
		shape       graph.Shape
		names       []string
		known       int
		train, test []uint16
		classes     int
		want        []uint8 // labels of the training images
		wantErr     string
	}{
		{"MNIST's shape", digits, nil, 0, []uint16{1, 3}, []uint16{2}, 10, []uint8{1, 3}, ""},
		{"MNIST's shape, more", digits, nil, 0, []uint16{0, 10}, []uint16{2}, 11, []uint8{0, 10}, ""},
		{"MNIST's shape, more, from 1", digits, nil, 0, []uint16{1, 10, 3, 4, 5, 6, 7, 8, 9}, []uint16{2}, 10, []uint8{0, 9, 2, 3, 4, 5, 6, 7, 8}, ""},
		{"MNIST's shape, more, some missing", digits, nil, 0, []uint16{1, 10}, []uint16{2}, 11, []uint8{1, 10}, ""},
		{"from 0", graph.Shape{3, 28, 28}, nil, 0, []uint16{1, 2}, []uint16{0}, 3, []uint8{1, 2}, ""},
		{"from 1", graph.Shape{1, 28, 29}, nil, 0, []uint16{1, 2}, []uint16{3}, 3, []uint8{0, 1}, ""},
		{"digits of another size, 0 missing by chance", graph.Shape{1, 32, 32}, nil, 0, []uint16{3, 9, 6, 3, 1, 7}, []uint16{4, 1, 5}, 10, []uint8{3, 9, 6, 3, 1, 7}, ""},
		{"256 from 0", graph.Shape{1, 1, 1}, nil, 0, []uint16{255, 2}, []uint16{0}, 256, []uint8{255, 2}, ""},
		{"256 from 1", graph.Shape{1, 1, 1}, nil, 0, []uint16{256, 2}, []uint16{1}, 256, []uint8{255, 1}, ""},
		{"257", graph.Shape{1, 1, 1}, nil, 0, []uint16{256, 2}, []uint16{0}, 0, nil, "got labels from 0 to 256, want 2 to 256 classes"},
		{"one class", graph.Shape{1, 1, 1}, nil, 0, []uint16{0, 0}, []uint16{0}, 0, nil, "got labels from 0 to 0, want 2 to 256 classes"},
		{"names", digits, from(3), 0, []uint16{1, 2}, []uint16{1}, 3, []uint8{1, 2}, ""},
		{"names, from 1", digits, from(3), 0, []uint16{1, 3}, []uint16{1}, 3, []uint8{0, 2}, ""},
		{"names, too few", digits, from(3), 0, []uint16{0, 3}, []uint16{1}, 0, nil, "train: label 2 of 2: got 3, want 0 to 2"},
		{"names, far too few", digits, from(3), 0, []uint16{1, 1}, []uint16{4}, 0, nil, "test: label 1 of 1: got 4, want 0 to 2"},
		{"names before a known number", digits, from(3), 5, []uint16{0, 1}, []uint16{1}, 3, []uint8{0, 1}, ""},
		{"a known number", digits, nil, 12, []uint16{0, 1}, []uint16{1}, 12, []uint8{0, 1}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			set := func(name string, labels []uint16) set {
				return set{pixels: make([]uint8, len(labels)*row.shape.Size()), shape: row.shape, labels: labels, labelsFile: name}
			}
			s, err := source{train: set("train", row.train), test: set("test", row.test), names: row.names, classes: row.known}.sets("path")
			if row.wantErr != "" {
				if err == nil || err.Error() != "path: "+row.wantErr {
					t.Errorf("got error %v, want %s", err, row.wantErr)
				}
				return
			}
			if diff := cmp.Diff(row.want, s.Train.Labels); err != nil || diff != "" || s.Classes != row.classes {
				t.Errorf("got %d classes and error %v, want %d; labels (-want +got):\n%s", s.Classes, err, row.classes, diff)
			}
			shifted := int(row.train[0]) != int(s.Train.Labels[0])
			note := fmt.Sprintf("no label is 0: the labels 1 to %d are taken as the classes 0 to %d", row.classes, row.classes-1)
			if shifted != (len(s.Notes) == 1 && s.Notes[0] == note) {
				t.Errorf("shifted %t: got notes %q", shifted, s.Notes)
			}
		})
	}
}

// TestLongClasses: a file that is no list of names is not read.
func TestLongClasses(t *testing.T) {
	dir := t.TempDir()
	smallSet(t, dir, parts...)
	write(t, dir, classesFile, strings.Repeat("a", mostNames)+"\nb")
	if _, err := Load(context.Background(), dir, false); err == nil || err.Error() != "-data: "+dir+": classes.txt: got 1048578 bytes, want at most 1048576" {
		t.Errorf("got error %v", err)
	}
}

func TestParseClasses(t *testing.T) {
	for text, want := range map[string][]string{
		"cat\ndog":                         {"cat", "dog"},
		"\ufeffcat\r\nsea lion\r\n\r\n":    {"cat", "sea lion"},
		" été \n犬\n":                       {"été", "犬"},
		strings.Repeat("x", 300) + "\ny\n": {strings.Repeat("x", 300), "y"},
	} {
		got, err := parseClasses([]byte(text))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: error %v, (-want +got):\n%s", text, err, diff)
		}
	}
	var many strings.Builder
	for i := range 257 {
		fmt.Fprintln(&many, i)
	}
	for text, want := range map[string]string{
		"":             "got 1 names, want 2 to 256, one a line",
		"cat\n":        "got 1 names, want 2 to 256, one a line",
		many.String():  "got 257 names, want 2 to 256, one a line",
		"cat\n\ndog":   "line 2: got no name",
		"a\nb\x1b[2J":  `line 2: got "b\x1b[2J", want no control characters`,
		"a\nb\n a":     `line 3: "a" is the name of line 1 too`,
		"\xff\xfea\nb": "got text that is not UTF-8",
	} {
		if _, err := parseClasses([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%.20q: got error %v, want %s", text, err, want)
		}
	}
}
