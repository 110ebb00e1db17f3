// Package data is the images and labels that a command trains and tests on: the
// flags that choose them, and how they are read.
package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/train"
)

// Flags declares -data and -limit, for [Load] and [Sets.Limit].
func Flags(fs *flag.FlagSet, folder *string, limit *int) {
	fs.Var(command.Name(folder), "data", "read the data from the IDX files in `folder`, plain or .gz, with MNIST's four names (default: MNIST, embedded)")
	fs.Var(command.Count(limit, 0), "limit", "train on the first `N` images only; 0 is all (default 0)")
}

// Sets are the images to train on and those to test on.
type Sets struct {
	Train, Test train.Data
	Shape       graph.Shape // of an image
	Classes     int
}

// Load reads the sets in a folder, or MNIST if folder is "". The end of ctx ends
// it, with an error of command.Interruptedf.
func Load(ctx context.Context, folder string) (s Sets, err error) {
	var training, test mnist.Set
	err = command.Wait(ctx, "reading the data", func() (err error) {
		if folder == "" {
			training, test, err = mnist.Load()
			return err
		}
		training, test, err = mnist.LoadDir(folder)
		return errors.WithMessage(err, "-data")
	})
	if err != nil {
		return Sets{}, err
	}
	return Sets{train.Data(training), train.Data(test), graph.Shape{1, mnist.Rows, mnist.Cols}, mnist.Classes}, nil
}

// Limit returns s with its first n training images alone, or all if n is 0. If
// there are fewer, the error is one of command.Usagef.
func (s Sets) Limit(n int) (Sets, error) {
	if n > s.Train.Len() {
		return Sets{}, command.Usagef("-limit %d: there are %d training images: want a smaller number", n, s.Train.Len())
	}
	if n > 0 {
		s.Train = train.Data{Pixels: s.Train.Pixels[:n*s.Shape.Size()], Labels: s.Train.Labels[:n]}
	}
	return s, nil
}

// Digest is the SHA-256 of all images and labels, in hexadecimal digits.
func (s Sets) Digest() string {
	h := sha256.New()
	for _, d := range []train.Data{s.Train, s.Test} {
		fmt.Fprintln(h, d.Len())
		h.Write(d.Pixels)
		h.Write(d.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}
