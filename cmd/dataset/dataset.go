package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/mnist/idx"
	"tapenet/mnist/scan/picture"
)

// classesName is the name of the file with the names of the classes, one a line.
const classesName = "classes.txt"

// dataset is a data set that grows image by image.
type dataset struct {
	dir            string
	format         picture.Format
	names          []string // of the classes
	training, test set
}

// set is one of its two sets. The images wait in a file, because the header before
// them has their number, and memory may be too small for them.
type set struct {
	name   string // before its files' names
	images *os.File
	out    *bufio.Writer // to images
	labels []uint8
}

// newDataset makes an empty one, to be written to dir.
func newDataset(dir string, format picture.Format, names []string) (*dataset, error) {
	d := &dataset{dir: dir, format: format, names: names, training: set{name: "train"}, test: set{name: "t10k"}}
	other := format
	other.Colour = !format.Colour
	for _, s := range []*set{&d.training, &d.test} {
		if name := s.imagesName(other); exists(filepath.Join(dir, name)) {
			d.close()
			return nil, errors.Errorf("%s is there, of other images than %s: remove it, or take another folder", name, s.imagesName(format))
		}
		f, err := os.CreateTemp(dir, ".dataset-")
		if err != nil {
			d.close()
			return nil, errors.WithStack(err)
		}
		os.Remove(f.Name()) // nothing is left, even after a kill; where open files stay, close removes it
		s.images, s.out = f, bufio.NewWriter(f)
	}
	return d, nil
}

// close removes what is not written.
func (d *dataset) close() {
	for _, s := range []set{d.training, d.test} {
		if s.images != nil {
			s.images.Close()
			os.Remove(s.images.Name())
		}
	}
}

// imagesName is the name of the set's file of images: idx3 or, with a third axis
// for colours, idx4.
func (s *set) imagesName(f picture.Format) string {
	return fmt.Sprintf("%s-images-idx%d-ubyte", s.name, len(shape(0, f)))
}

// shape is that of n images.
func shape(n int, f picture.Format) []int {
	if f.Colour {
		return []int{n, f.Height, f.Width, f.Channels()}
	}
	return []int{n, f.Height, f.Width}
}

func (s *set) add(image []byte, label int) error {
	s.labels = append(s.labels, uint8(label))
	_, err := s.out.Write(image)
	return errors.WithStack(err)
}

// count is how many images a class has.
func (s *set) count(class int) int { return bytes.Count(s.labels, []byte{uint8(class)}) }

// check returns an error if there is nothing to learn a class from, or nothing to
// test on.
func (d *dataset) check(o *options) error {
	for class, name := range d.names {
		if d.training.count(class)+d.test.count(class) == 0 {
			return errors.Errorf("%s: none of its files is a picture that can be read", filepath.Join(o.pictures, name))
		}
		if d.training.count(class) == 0 {
			return errors.Errorf("%s: all its pictures are in the test set: want more pictures, or a smaller -test", filepath.Join(o.pictures, name))
		}
	}
	if len(d.test.labels) == 0 {
		return errors.Errorf("-test %v: none of %d pictures is in the test set: want more pictures, or a larger -test", o.test, len(d.training.labels))
	}
	return nil
}

// output is a file to be written.
type output struct {
	name  string
	write func(io.Writer) error
}

// write writes the files of the data set.
func (d *dataset) write(ctx context.Context) error {
	var all []output
	for _, s := range []*set{&d.training, &d.test} {
		labels := idx.Array{Shape: []int{len(s.labels)}, Data: s.labels}
		all = append(all, output{s.imagesName(d.format), func(w io.Writer) error { return s.writeImages(w, d.format) }},
			output{s.name + "-labels-idx1-ubyte", labels.Write})
	}
	all = append(all, output{classesName, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(d.names, "\n")+"\n")
		return errors.WithStack(err)
	}})
	return writeAll(ctx, d.dir, all)
}

// writeAll replaces files: none before all are written, so that a full disk leaves
// the old ones.
func writeAll(ctx context.Context, dir string, all []output) error {
	if len(all) == 0 {
		return nil
	}
	return atomicfile.Write(ctx, filepath.Join(dir, all[0].name), func(w io.Writer) error {
		if err := all[0].write(w); err != nil {
			return err
		}
		return writeAll(ctx, dir, all[1:])
	})
}

// writeImages writes the IDX file of the images.
func (s *set) writeImages(w io.Writer, f picture.Format) error {
	if err := s.out.Flush(); err != nil {
		return errors.WithStack(err)
	}
	if _, err := s.images.Seek(0, io.SeekStart); err != nil {
		return errors.WithStack(err)
	}
	lengths := shape(len(s.labels), f)
	header := binary.BigEndian.AppendUint32(nil, uint32(0x800+len(lengths))) // as package idx has it
	for _, n := range lengths {
		header = binary.BigEndian.AppendUint32(header, uint32(n))
	}
	_, err := io.Copy(w, io.MultiReader(bytes.NewReader(header), s.images))
	return errors.WithStack(err)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
