package main

import (
	"encoding/binary"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"tapenet/mnist"
)

// writeIDX writes both sets as the four files of MNIST, not compressed, so that
// every peer finds the same data.
func writeIDX(dir string, training, test mnist.Set) error {
	for name, s := range map[string]mnist.Set{"train": training, "t10k": test} {
		n := s.Len()
		if err := writeFile(filepath.Join(dir, name+"-images-idx3-ubyte"), s.Pixels, n, mnist.Rows, mnist.Cols); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, name+"-labels-idx1-ubyte"), s.Labels, n); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes the magic number 0x800 with the number of dimensions, these,
// and the bytes.
func writeFile(path string, data []uint8, dims ...int) error {
	header := binary.BigEndian.AppendUint32(nil, uint32(0x800+len(dims)))
	for _, d := range dims {
		header = binary.BigEndian.AppendUint32(header, uint32(d))
	}
	return errors.WithStack(os.WriteFile(path, append(header, data...), 0o600))
}
