// Command graph draws a network of the notebook: as it is written, as the fused
// ops run it, one training step with its gradients, or every node of the
// expression graph. An SVG needs no Graphviz. -h lists the flags.
package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/mnist"
	"tapenet/models"
)

func main() {
	command.Main("graph", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout) })
}

// run is the command.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	m, _ := models.ByName(o.model)
	net, err := build(ctx, m, o.data)
	if err != nil {
		return err
	}
	p := draw.Picture{Title: m.Title, Drawing: o.drawing, Lowering: o.lowering}
	if o.file == "" {
		return command.Wait(ctx, "writing to the standard output", func() error { return draw.DOT(stdout, net, p) })
	}
	err = atomicfile.Write(ctx, o.file, func(w io.Writer) error {
		switch format(o.file) {
		case ".svg":
			return draw.SVG(w, net, p)
		case ".png":
			return writePNG(ctx, w, net, p)
		}
		return draw.DOT(w, net, p)
	})
	return errors.WithMessagef(err, "-o %s", o.file)
}

// build builds a network for the data at a path, or for MNIST if path is "".
func build(ctx context.Context, m models.Model, path string) (*graph.Network, error) {
	if path == "" { // nothing of it need be read
		return m.Layers(mnist.Classes).Build(1, mnist.Rows, mnist.Cols)
	}
	sets, err := data.Load(ctx, path, false)
	if err != nil {
		return nil, err
	}
	net, err := m.Layers(sets.Classes).Build(sets.Shape...)
	return net, errors.WithMessagef(err, "-data %s: images of %s: %s", path, sets.Shape, m.Title)
}

// format is the kind of picture that the name of a file asks for.
func format(file string) string { return strings.ToLower(filepath.Ext(file)) }

// writePNG lets Graphviz's dot draw the picture.
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
