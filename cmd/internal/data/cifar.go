package data

import (
	"io/fs"
	"math"
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// cifar is a set of 32x32 colour images in the binary version. An image is a
// record: its labels, a byte each, the last of which is its class, then its
// pixels (3, 32, 32).
type cifar struct {
	train   []string // files
	test    string
	names   string // file of the classes' names
	labels  int    // of a record
	classes int
}

var cifars = []cifar{
	{[]string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}, "test_batch.bin", "batches.meta.txt", 1, 10},
	{[]string{"train.bin"}, "test.bin", "fine_label_names.txt", 2, 100},
}

// in reports whether a folder with files of these names is meant to be c.
func (c cifar) in(names []string) bool {
	return slices.Contains(names, c.train[0]) || slices.Contains(names, c.test)
}

// read reads the set from a folder.
func (c cifar) read(dir fs.FS) (s source, err error) {
	s.classes = c.classes
	if s.train, err = c.readSet(dir, c.train...); err != nil {
		return source{}, err
	}
	if s.test, err = c.readSet(dir, c.test); err != nil {
		return source{}, err
	}
	text, err := readFile(dir, c.names, mostNames)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		s.names, err = parseClasses(text)
		if err == nil && len(s.names) != c.classes {
			err = errors.Errorf("got %d names, want %d", len(s.names), c.classes)
		}
		err = errors.WithMessage(err, c.names)
	}
	return s, err
}

// readSet reads files of records as one set.
func (c cifar) readSet(dir fs.FS, files ...string) (set, error) {
	s := set{shape: graph.Shape{3, 32, 32}, imagesFile: files[0], labelsFile: files[0]}
	for i, name := range files {
		file, err := readFile(dir, name, math.MaxInt64)
		if err != nil {
			return set{}, err
		}
		labels, pixels, err := c.split(file)
		if err != nil {
			return set{}, errors.WithMessage(err, name)
		}
		if i == 0 {
			s.pixels = slices.Grow(pixels, (len(files)-1)*len(pixels))
		} else {
			s.pixels = append(s.pixels, pixels...)
		}
		s.labels = append(s.labels, labels...)
	}
	return s, nil
}

// split returns the classes and pixels of a file of records. The pixels lie in
// the file's own memory.
func (c cifar) split(file []byte) (labels []uint16, pixels []uint8, err error) {
	const size = 3 * 32 * 32
	record := c.labels + size
	if len(file) == 0 || len(file)%record != 0 {
		return nil, nil, errors.Errorf("got %d bytes, want a multiple of %d: %d for the labels of an image, 3*32*32 for its pixels", len(file), record, c.labels)
	}
	n := len(file) / record
	for i := range n {
		label, image := file[i*record:][:c.labels], file[i*record+c.labels:][:size]
		class := label[c.labels-1]
		if int(class) >= c.classes {
			return nil, nil, errors.Errorf("label %d of %d: got %d, want 0 to %d", i+1, n, class, c.classes-1)
		}
		labels = append(labels, uint16(class))
		copy(file[i*size:], image)
	}
	return labels, file[:n*size], nil
}
