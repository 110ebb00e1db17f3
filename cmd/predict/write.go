package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
)

// result is what the network says of a picture, as -json has it.
type result struct {
	File          string    `json:"file"`
	Digit         int       `json:"digit"` // the most probable class
	Class         string    `json:"class,omitempty"`
	Label         *int      `json:"label,omitempty"` // of a test image
	Probabilities []float32 `json:"probabilities"`
}

// writer writes results.
type writer struct {
	w          io.Writer
	names      []string // of the classes, nil if they have none
	shape      graph.Shape
	top        int
	json, show bool
	colour     bool // the terminal has colours
}

func newWriter(w io.Writer, o *options, p *predictor) *writer {
	return &writer{w, p.names, p.net.In, o.top, o.json, o.show, command.Columns(w) != nil && os.Getenv("NO_COLOR") == ""}
}

// write writes a result and, if it is asked for, the image.
func (w *writer) write(r result, image []uint8) error {
	var b strings.Builder
	if w.json {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(r); err != nil {
			return errors.WithStack(err)
		}
	} else {
		b.WriteString(w.line(r))
	}
	if w.show {
		draw(&b, image, w.shape, w.colour)
	}
	_, err := io.WriteString(w.w, b.String())
	return errors.WithStack(err)
}

// line is a result in one line: digit.jpg: 7 (0.9987), 1 (0.0010)
func (w *writer) line(r result) string {
	order := make([]int, len(r.Probabilities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(r.Probabilities[j], r.Probabilities[i]) })
	var parts []string
	for _, class := range order[:min(w.top, len(order))] {
		name := strconv.Itoa(class)
		if w.names != nil {
			name = w.names[class]
		}
		parts = append(parts, fmt.Sprintf("%s (%.4f)", name, r.Probabilities[class]))
	}
	text := r.File + ": " + strings.Join(parts, ", ")
	if r.Label != nil {
		text += fmt.Sprintf("; it is %d", *r.Label)
	}
	return command.Printable(text) + "\n"
}

// draw draws an image (C, H, W) with two rows of pixels in each line of text: in its
// colours, or black and white.
func draw(b *strings.Builder, image []uint8, shape graph.Shape, colour bool) {
	c, h, w := shape[0], shape[1], shape[2]
	at := func(x, y int) (rgb [3]int) {
		for k := range rgb {
			if y < h {
				rgb[k] = int(image[(min(k, c-1)*h+y)*w+x])
			}
		}
		return rgb
	}
	bright := func(p [3]int) int {
		if p[0]+p[1]+p[2] >= 3*128 {
			return 1
		}
		return 0
	}
	for y := 0; y < h; y += 2 {
		for x := range w {
			upper, lower := at(x, y), at(x, y+1)
			if colour {
				fmt.Fprintf(b, "\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm▀", upper[0], upper[1], upper[2], lower[0], lower[1], lower[2])
			} else {
				b.WriteString([]string{" ", "▄", "▀", "█"}[2*bright(upper)+bright(lower)])
			}
		}
		if colour {
			b.WriteString("\x1b[0m")
		}
		b.WriteString("\n")
	}
}
