package mnist

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"tapenet/mnist/idx"
)

//go:embed data/*.gz
var embedded embed.FS

// A set is two files; each has the name of the set before one of these.
const (
	imagesOf = "-images-idx3-ubyte" // (N, 28, 28)
	labelsOf = "-labels-idx1-ubyte" // (N)
)

// Load returns the embedded MNIST: 60,000 training and 10,000 test images, in
// the order of the published files. Every call decompresses them anew, so the
// caller owns the memory (55 MB).
func Load() (train, test Set, err error) {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		return Set{}, Set{}, errors.Wrap(err, "embedded MNIST")
	}
	train, test, err = load(data)
	return train, test, errors.WithMessage(err, "embedded MNIST")
}

// LoadDir returns the training and test set of the folder dir, whose files have
// the names of MNIST:
//
//	train-images-idx3-ubyte   train-labels-idx1-ubyte
//	t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte
//
// each by that name or with .gz appended; if both are there, the one without .gz
// is read. Either may be compressed or not.
//
// An error names the folder and the file. It is fs.ErrNotExist to errors.Is if
// the folder or a file is missing; otherwise a file is none that [idx.Read]
// takes, or has no images, images of another size, or labels over 9, or a set
// has more images than labels or fewer.
func LoadDir(dir string) (train, test Set, err error) {
	info, err := os.Stat(dir)
	if err != nil {
		return Set{}, Set{}, errors.WithStack(err)
	}
	if !info.IsDir() {
		return Set{}, Set{}, errors.Errorf("%s: got a file, want a folder", dir)
	}
	train, test, err = load(os.DirFS(dir))
	return train, test, errors.WithMessage(err, dir)
}

// load reads both sets from the root of fsys; on an error both are empty.
func load(fsys fs.FS) (train, test Set, err error) {
	if train, err = loadSet(fsys, "train"); err != nil {
		return Set{}, Set{}, err
	}
	if test, err = loadSet(fsys, "t10k"); err != nil {
		return Set{}, Set{}, err
	}
	return train, test, nil
}

func loadSet(fsys fs.FS, set string) (Set, error) {
	images, err := read(fsys, set+imagesOf, 3)
	if err != nil {
		return Set{}, err
	}
	count, rows, cols := images.Shape[0], images.Shape[1], images.Shape[2]
	if rows != Rows || cols != Cols {
		return Set{}, errors.Errorf("%s: image size: got %dx%d, want %dx%d", set+imagesOf, rows, cols, Rows, Cols)
	}
	if count == 0 {
		return Set{}, errors.Errorf("%s: image count: got 0, want at least 1", set+imagesOf)
	}
	labels, err := read(fsys, set+labelsOf, 1)
	if err != nil {
		return Set{}, err
	}
	n := len(labels.Data)
	for i, label := range labels.Data {
		if label >= Classes {
			return Set{}, errors.Errorf("%s: label %d of %d: got %d, want 0 to %d", set+labelsOf, i+1, n, label, Classes-1)
		}
	}
	if count != n {
		return Set{}, errors.Errorf("got %d images in %s and %d labels in %s, want as many labels as images",
			count, set+imagesOf, n, set+labelsOf)
	}
	return Set{Pixels: images.Data, Labels: labels.Data}, nil
}

// read reads an IDX file of bytes that must have a number of axes.
func read(fsys fs.FS, name string, axes int) (idx.Array, error) {
	a, err := idx.ReadFS(fsys, name)
	if err == nil && (a.Type != idx.Uint8 || len(a.Shape) != axes) {
		err = errors.Errorf("%s: got %v values of shape %v, want uint8 of shape [N%s]", name, a.Type, a.Shape, strings.Repeat(" 28", axes-1))
	}
	return a, err
}

// WriteDir writes two sets into the folder dir as [LoadDir] reads them, not
// compressed.
func WriteDir(dir string, train, test Set) error {
	for name, s := range map[string]Set{"train": train, "t10k": test} {
		n := s.Len()
		images := idx.Array{Shape: []int{n, Rows, Cols}, Data: s.Pixels}
		if err := images.WriteFile(filepath.Join(dir, name+imagesOf)); err != nil {
			return err
		}
		labels := idx.Array{Shape: []int{n}, Data: s.Labels}
		if err := labels.WriteFile(filepath.Join(dir, name+labelsOf)); err != nil {
			return err
		}
	}
	return nil
}
