// Command graph draws a network of the notebook: as it is written, as the fused
// ops run it, one training step with its gradients, or every node of the
// expression graph. An SVG needs no Graphviz. -h lists the flags.
package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
)

func main() { os.Exit(command.Status("graph", os.Stderr, run(os.Args[1:], os.Stdout))) }

// run is the command.
func run(args []string, stdout io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	return draw(o, stdout)
}

// draw writes the picture.
func draw(o *options, stdout io.Writer) error {
	m := networks[o.model]
	net, err := m.layers().Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return err
	}
	p := graph.Picture{Title: m.title, Drawing: o.drawing, Ops: o.ops}
	if o.file == "" {
		return net.WriteDOT(stdout, p)
	}
	write := net.WriteDOT
	switch format(o.file) {
	case ".svg":
		write = net.WriteSVG
	case ".png":
		write = func(w io.Writer, p graph.Picture) error { return writePNG(w, net, p) }
	}
	err = atomicfile.Write(o.file, func(w io.Writer) error { return write(w, p) })
	return errors.WithMessagef(err, "-o %s", o.file)
}

// format is the kind of picture that the name of a file asks for.
func format(file string) string { return strings.ToLower(filepath.Ext(file)) }

// writePNG lets Graphviz's dot draw the picture.
func writePNG(w io.Writer, net *graph.Network, p graph.Picture) error {
	path, err := exec.LookPath("dot")
	if err != nil {
		return errors.New("a PNG needs Graphviz's dot, which is not in PATH: install graphviz, or write an .svg, which needs nothing")
	}
	var text, complaint bytes.Buffer
	if err := net.WriteDOT(&text, p); err != nil {
		return err
	}
	dot := exec.Command(path, "-Tpng")
	dot.Stdin, dot.Stdout, dot.Stderr = &text, w, &complaint
	if err := dot.Run(); err != nil {
		return errors.Errorf("%s: %v: %s", path, err, strings.Join(strings.Fields(complaint.String()), " "))
	}
	return nil
}
