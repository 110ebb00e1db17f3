package data

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/train"
)

// set is the images to train on, or those to test on, as they were read.
type set struct {
	pixels                 []uint8     // (N, C, H, W)
	shape                  graph.Shape // (C, H, W)
	labels                 []uint16    // (N), as the file has them: the first class may be 0 or 1
	imagesFile, labelsFile string      // for errors
}

// source is what was read at a path, and what its names tell.
type source struct {
	train, test set
	classes     int      // 0 if only the labels tell
	names       []string // of the classes, nil if they have none
	fromOne     bool     // the labels do not start from 0
	notes       []string
}

// maxClasses are as many as a byte can tell apart.
const maxClasses = 256

// sets checks the labels and makes them classes from 0. The errors start with the
// path that s is from.
//
// The names tell how many classes there are. Without any, images as MNIST's with
// labels up to 9 have 10. Else the greatest label tells. If no label is 0, they
// are numbered from 1 where the names or their number say so, or where all from 1
// to the greatest are there; of a few images, 0 may be missing by chance.
func (s source) sets(path string) (result Sets, err error) {
	defer func() {
		if err != nil {
			result, err = Sets{}, errors.WithMessage(err, path)
		}
	}()
	if !slices.Equal(s.train.shape, s.test.shape) {
		return Sets{}, errors.Errorf("got images of %v in %s and of %v in %s, want one shape", s.train.shape, s.train.imagesFile, s.test.shape, s.test.imagesFile)
	}
	for _, t := range []set{s.train, s.test} {
		if n := len(t.pixels) / t.shape.Size(); n != len(t.labels) {
			return Sets{}, errors.Errorf("got %d images in %s and %d labels in %s, want as many labels as images", n, t.imagesFile, len(t.labels), t.labelsFile)
		}
	}
	least := int(min(slices.Min(s.train.labels), slices.Min(s.test.labels)))
	greatest := int(max(slices.Max(s.train.labels), slices.Max(s.test.labels)))
	result = Sets{Shape: s.train.shape, Classes: s.classes, Names: s.names, Notes: s.notes}
	first := 0
	switch {
	case s.names != nil:
		result.Classes = len(s.names)
		fallthrough
	case s.classes > 0:
		if least > 0 && (s.fromOne || greatest == result.Classes) {
			first = 1
		}
	case slices.Equal(result.Shape, digits) && greatest < mnist.Classes:
		result.Classes = mnist.Classes
	case least > 0 && (greatest == maxClasses || all(1, greatest, s.train.labels, s.test.labels)):
		first, result.Classes = 1, greatest
	default:
		result.Classes = greatest + 1
	}
	if first > 0 {
		result.Notes = append(result.Notes, fmt.Sprintf("no label is 0: the labels 1 to %d are taken as the classes 0 to %d", result.Classes, result.Classes-1))
	}
	if result.Classes < 2 || result.Classes > maxClasses {
		return Sets{}, errors.Errorf("got labels from %d to %d, want 2 to %d classes", least, greatest, maxClasses)
	}
	if result.Train, err = s.train.data(first, result.Classes); err != nil {
		return Sets{}, err
	}
	result.Test, err = s.test.data(first, result.Classes)
	return result, err
}

// all reports whether each label from first to last is in one of the sets.
func all(first, last int, sets ...[]uint16) bool {
	seen := map[int]bool{}
	for _, labels := range sets {
		for _, label := range labels {
			seen[int(label)] = true
		}
	}
	for label := first; label <= last; label++ {
		if !seen[label] {
			return false
		}
	}
	return true
}

// data is s with labels from 0; first is the label of the first class.
func (s set) data(first, classes int) (train.Data, error) {
	labels := make([]uint8, len(s.labels))
	for i, label := range s.labels {
		class := int(label) - first
		if class >= classes {
			return train.Data{}, errors.Errorf("%s: label %d of %d: got %d, want %d to %d", s.labelsFile, i+1, len(labels), label, first, first+classes-1)
		}
		labels[i] = uint8(class)
	}
	return train.Data{Pixels: s.pixels, Labels: labels}, nil
}

// classesFile has the names of the classes, one a line, where it lies beside the
// images.
const classesFile = "classes.txt"

const mostNames = 1 << 20 // bytes of a file of names

// readClasses sets the names of s to those of classesFile, if there is one.
func (s *source) readClasses(dir fs.FS) error {
	text, err := readFile(dir, classesFile, mostNames)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		s.names, err = parseClasses(text)
		err = errors.WithMessage(err, classesFile)
	}
	return err
}

// ReadClasses returns the names in the file at path, the value of -classes: one a line for
// each of a network's n classes. If ctx ends first, the error is one of
// command.Interruptedf.
func ReadClasses(ctx context.Context, path string, n int) (names []string, err error) {
	err = command.Wait(ctx, "reading -classes "+path, func() error {
		text, err := os.ReadFile(path)
		if err != nil {
			return errors.Wrap(err, "-classes")
		}
		names, err = parseClasses(text)
		return errors.WithMessagef(err, "-classes %s", path)
	})
	if err != nil {
		return nil, err
	}
	if got := len(names); got != n {
		return nil, errors.Errorf("-classes %s: got %d names, want one for each of the network's %d classes", path, got, n)
	}
	return names, nil
}

// parseClasses returns the names in a text, one a line.
func parseClasses(text []byte) ([]string, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, errors.New("got text that is not UTF-8")
	}
	names := strings.Split(strings.TrimRight(string(text), " \t\r\n"), "\n")
	if n := len(names); n < 2 || n > maxClasses {
		return nil, errors.Errorf("got %d names, want 2 to %d, one a line", n, maxClasses)
	}
	for i, name := range names {
		name = strings.TrimSpace(name)
		if name == "" {
			return nil, errors.Errorf("line %d: got no name", i+1)
		}
		if strings.ContainsFunc(name, unicode.IsControl) {
			return nil, errors.Errorf("line %d: got %q, want no control characters", i+1, name)
		}
		if first := slices.Index(names[:i], name); first >= 0 {
			return nil, errors.Errorf("line %d: %q is the name of line %d too", i+1, name, first+1)
		}
		names[i] = name
	}
	return names, nil
}
