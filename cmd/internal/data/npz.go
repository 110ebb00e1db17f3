package data

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist/idx/sniff"
	"tapenet/models/weights/npz"
)

const npzEnd = ".npz" // of a file's name

var arrayName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(train|test)(?:ing)?)?(?:(x|data|image|img)|y|label|target)s?(?:(train|test)(?:ing)?)?$`)
})

// partOf returns which of parts an array is by its name: x_train and y_test in
// Keras, train_images in MedMNIST, trainX and the like.
func partOf(name string) (part int, ok bool) {
	m := arrayName().FindStringSubmatch(strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name)))
	if m == nil || (m[1] == "") == (m[3] == "") {
		return 0, false
	}
	if m[1]+m[3] == "test" {
		part = 2
	}
	if m[2] == "" {
		part++
	}
	return part, true
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
	archive, file, err := openNPZ(os.DirFS(filepath.Dir(name)), filepath.Base(name))
	if err != nil {
		return source{}, err
	}
	defer file.Close()
	has := archive.Names()
	names := make([]string, len(parts))
	for _, name := range has {
		part, ok := partOf(name)
		if ok && names[part] != "" {
			return source{}, errors.Errorf("got the arrays %s and %s, want one of them", names[part], name)
		}
		if ok {
			names[part] = name
		}
	}
	if slices.Contains(names, "") {
		return source{}, errors.Errorf("got the arrays %s, want x_train, y_train, x_test, y_test or train_images, train_labels, test_images, test_labels", shorten(has))
	}
	return readSource(func(part int) (array, error) {
		a, err := archive.Read(names[part])
		return arrayOfNPZ(names[part], a), err
	})
}

// readOnly reads the only array of a .npz file that is a part of a set, as KMNIST
// is published.
func readOnly(dir fs.FS, name string) (array, error) {
	archive, file, err := openNPZ(dir, name)
	if err != nil {
		return array{}, errors.WithMessage(err, name)
	}
	defer file.Close()
	has := archive.Names()
	if len(has) != 1 {
		return array{}, errors.Errorf("%s: got the arrays %s, want one", name, shorten(has))
	}
	a, err := archive.Read(has[0])
	return arrayOfNPZ(name, a), errors.WithMessage(err, name)
}

// openNPZ opens a .npz file, which reads from file until that is closed.
func openNPZ(dir fs.FS, name string) (archive *npz.File, file fs.File, err error) {
	file, err = dir.Open(name)
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	info, err := file.Stat()
	if err == nil {
		archive, err = npz.Open(file.(io.ReaderAt), info.Size()) // an *os.File
	}
	if errors.Is(err, npz.ErrFormat) {
		err = sniff.Unexpected(file, "a NumPy archive (.npz)")
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return archive, file, nil
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
