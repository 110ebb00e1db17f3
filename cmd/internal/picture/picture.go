// Package picture writes pictures of a network in the format that the name of a
// file asks for.
package picture

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/graph/draw"
)

// Formats are the endings of names that ask for a format: .svg, .dot and .png.
func Formats() []string { return []string{".svg", ".dot", ".png"} }

// Format is the ending of the name of a file, in lower case.
func Format(file string) string { return strings.ToLower(filepath.Ext(file)) }

// Command is the command line that draws a picture of a model for the data at a
// path, or for MNIST if path is "".
func Command(model, path string, p draw.Picture) string {
	line := fmt.Sprintf("go run ./cmd/graph -model %s -graph %s -ops %s", model, p.Drawing, p.Lowering)
	if path != "" {
		line += fmt.Sprintf(" -data %q", path)
	}
	return line
}

// Write writes a picture: .svg as SVG, .png by Graphviz's dot, and any other name
// as DOT. If ctx ends while dot draws, the error is one of command.Interruptedf.
func Write(ctx context.Context, w io.Writer, file string, net *graph.Network, p draw.Picture) error {
	switch Format(file) {
	case ".svg":
		return draw.SVG(w, net, p)
	case ".png":
		return writePNG(ctx, w, net, p)
	}
	return draw.DOT(w, net, p)
}

func writePNG(ctx context.Context, w io.Writer, net *graph.Network, p draw.Picture) error {
	path, err := exec.LookPath("dot")
	if err != nil {
		return errors.New("a PNG needs Graphviz's dot, which is not in PATH: install graphviz, or write an .svg, which needs nothing")
	}
	var text, complaint bytes.Buffer
	if err := draw.DOT(&text, net, p); err != nil {
		return err
	}
	dot := exec.CommandContext(ctx, path, "-Tpng")
	dot.Stdin, dot.Stdout, dot.Stderr = &text, w, &complaint
	dot.WaitDelay = time.Second // dot may be a script: what it has started keeps the output open
	err = dot.Run()
	if ctx.Err() != nil {
		return command.Interruptedf("interrupted while %s was drawing", path)
	}
	if err != nil {
		return errors.Errorf("%s: %v: %s", path, err, strings.Join(strings.Fields(complaint.String()), " "))
	}
	return nil
}
