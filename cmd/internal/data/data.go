// Package data is the images and labels that a command trains and tests on: the
// flags that choose them, and how they are read: folders of IDX files, CIFAR's
// folders and .npz files.
package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/train"
)

// Flags declares -data and -transpose, for [Load], and -limit, for [Sets.Limit].
func Flags(fs *flag.FlagSet, path *string, transpose *bool, limit *int) {
	PathFlag(fs, path, "read the data from `path`")
	fs.Var(command.Toggle(transpose), "transpose", "swap the rows and columns of each image: EMNIST's lie on their side")
	fs.Var(command.Count(limit, 0), "limit", "train on the first `N` images only; 0 is all (default 0)")
}

// PathFlag declares -data alone. Its help says first what the command does with
// the data at `path`.
func PathFlag(fs *flag.FlagSet, path *string, does string) {
	fs.Var(command.Name(path), "data", does+": a folder of IDX files, plain or .gz, named as MNIST's, EMNIST's or QMNIST's are, or of CIFAR's binary files or KMNIST's .npz files, or a .npz file as Keras has it; of several sets in a folder, folder/name such as folder/emnist-letters (default: MNIST, embedded)")
}

// Sets are the images to train on and those to test on.
type Sets struct {
	Train, Test train.Data
	Shape       graph.Shape // of an image, (C, H, W); C is 1 or 3
	Classes     int
	Names       []string // of the classes, nil if they have none
	Notes       []string // what the user should know about the data, a sentence each
}

// digits is the shape of MNIST's images.
var digits = graph.Shape{1, mnist.Rows, mnist.Cols}

// Load reads the sets at a path, or MNIST if path is "". If transpose is true, it
// swaps the rows and columns of each image. The end of ctx ends it, with an error
// of command.Interruptedf.
func Load(ctx context.Context, path string, transpose bool) (s Sets, err error) {
	err = command.Wait(ctx, "reading the data", func() (err error) {
		if path == "" {
			var training, test mnist.Set
			training, test, err = mnist.Load()
			s = Sets{Train: train.Data(training), Test: train.Data(test), Shape: digits, Classes: mnist.Classes}
		} else if s, err = read(path, transpose); err != nil {
			return errors.WithMessage(err, "-data")
		}
		if transpose {
			s.transpose()
		}
		return err
	})
	if err != nil {
		return Sets{}, err
	}
	return s, nil
}

// transpose swaps the rows and columns of all images.
func (s *Sets) transpose() {
	c, h, w := s.Shape[0], s.Shape[1], s.Shape[2]
	for _, d := range []train.Data{s.Train, s.Test} {
		turn(d.Pixels, h, w)
	}
	s.Shape = graph.Shape{c, w, h}
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

// Digest is the SHA-256 of all images and labels, in hexadecimal digits. The
// shape counts only if it is not MNIST's: digests of old checkpoints stay right.
func (s Sets) Digest() string {
	h := sha256.New()
	if !slices.Equal(s.Shape, digits) {
		fmt.Fprintln(h, s.Shape)
	}
	for _, d := range []train.Data{s.Train, s.Test} {
		fmt.Fprintln(h, d.Len())
		h.Write(d.Pixels)
		h.Write(d.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}
