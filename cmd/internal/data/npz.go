package data

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models/weights/npz"
)

const npzEnd = ".npz" // of a file's name

// npzNames are the names of the arrays of a set, in the order of parts: Keras's
// and MedMNIST's.
var npzNames = [][]string{
	{"x_train", "y_train", "x_test", "y_test"},
	{"train_images", "train_labels", "test_images", "test_labels"},
}

// readNPZ reads the sets in a .npz file.
func readNPZ(name string) (Sets, error) {
	s, err := readArchive(name)
	if err == nil {
		err = s.readClasses(os.DirFS(filepath.Dir(name)))
	}
	if err != nil {
		return Sets{}, errors.WithMessage(err, name)
	}
	return s.sets(name)
}

func readArchive(name string) (source, error) {
	f, err := os.Open(name)
	if err != nil {
		return source{}, errors.WithStack(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return source{}, errors.WithStack(err)
	}
	archive, err := npz.Open(f, info.Size())
	if errors.Is(err, npz.ErrFormat) {
		err = foreign(name, "a NumPy archive (.npz)")
	}
	if err != nil {
		return source{}, err
	}
	has := archive.Names()
	for _, names := range npzNames {
		if !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(has, name) }) {
			return readSource(func(part int) (array, error) {
				a, err := archive.Read(names[part])
				return arrayOfNPZ(names[part], a), err
			})
		}
	}
	return source{}, errors.Errorf("got the arrays %s, want %s or %s", shorten(has), shorten(npzNames[0]), shorten(npzNames[1]))
}

// arrayOfNPZ is the array of a .npz file.
func arrayOfNPZ(name string, a npz.Array) array {
	if a.Type == "|u1" {
		return array{name: name, shape: a.Shape, bytes: a.Data}
	}
	size := len(a.Data) / max(1, graph.Shape(a.Shape).Size())
	values := func(from, to int) []float64 {
		return npz.Array{Type: a.Type, Data: a.Data[from*size : to*size]}.Values()
	}
	fraction := a.Type == "|b1" || a.Type != "" && a.Type[1] == 'f'
	return array{name: name, shape: a.Shape, values: values, fraction: fraction}
}
