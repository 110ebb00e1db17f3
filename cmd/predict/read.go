package main

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/mnist"
)

// stdinName stands for the standard input among the files.
const stdinName = "-"

// maxStream is how much is read of what is no regular file.
const maxStream = 100_000_000

// read reads a picture as an image (C, H, W) for the network.
func (p *predictor) read(file string, stdin io.Reader) ([]uint8, error) {
	if file == stdinName {
		return p.readStream(stdin)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, reason(err)
	}
	if info.IsDir() {
		return nil, errors.New("got a folder, want a picture")
	}
	if !info.Mode().IsRegular() { // a pipe, which cannot be read twice
		return p.readStream(f)
	}
	return p.prepare.Image(f, p.net.In)
}

func (p *predictor) readStream(r io.Reader) ([]uint8, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxStream+1))
	if err != nil {
		return nil, reason(err)
	}
	if len(b) > maxStream {
		return nil, errors.Errorf("got over %d MB, want a picture of at most that", maxStream/1_000_000)
	}
	return p.prepare.Image(bytes.NewReader(b), p.net.In)
}

// reason is the error without the path, which its reader adds.
func reason(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return errors.WithStack(err)
}

// testImage returns a test image of MNIST, and its label.
func (p *predictor) testImage(ctx context.Context, index int) (image []uint8, label int, err error) {
	var test mnist.Set
	err = command.Wait(ctx, "reading MNIST", func() (err error) {
		_, test, err = mnist.Load()
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if n := test.Len(); index >= n {
		return nil, 0, command.Usagef("-index %d: there are %d test images, the first is 0", index, n)
	}
	size := mnist.Rows * mnist.Cols
	return test.Pixels[index*size:][:size], int(test.Labels[index]), nil
}
