// Package export writes a network with its weights in the format of another
// program, by the ending of the file.
package export

import (
	"context"
	"flag"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models/onnx"
	"tapenet/models/weights"
)

const onnxEnding = ".onnx"

// Formats says in the help of a flag what each ending is for.
const Formats = ".onnx for ONNX Runtime, .keras or .weights.h5 for Keras 3, .npz for NumPy, .safetensors for PyTorch"

// Flag is a flag for the name of a file with one of the endings.
func Flag(p *string) flag.Value {
	return command.Value(p, func(word string) (string, error) {
		endings := append([]string{onnxEnding}, weights.Endings()...)
		if !slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(strings.ToLower(word), ending) }) {
			last := len(endings) - 1
			return "", errors.Errorf("want a name that ends in %s or %s", strings.Join(endings[:last], ", "), endings[last])
		}
		return word, nil
	})
}

// Write writes net with values to the file at path, whose ending Flag has checked.
// Only ONNX has a place for about.
func Write(ctx context.Context, path string, net *graph.Network, values []float32, about onnx.About) error {
	return atomicfile.Write(ctx, path, func(w io.Writer) error {
		name := strings.ToLower(path)
		if strings.HasSuffix(name, onnxEnding) {
			return onnx.Write(w, net, values, about)
		}
		return weights.Export(w, name, net, values)
	})
}

// Digits are the names of MNIST's classes.
func Digits() []string {
	var names []string
	for digit := range mnist.Classes {
		names = append(names, strconv.Itoa(digit))
	}
	return names
}
