package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"runtime"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/mnist/scan"
)

// ahead is how many files a core reads before the first of them is used: one large
// picture does not keep the others waiting.
const ahead = 4

// example is what a file becomes, or why it does not.
type example struct {
	image []byte
	test  bool
	err   error
}

// addAll reads all files, on all cores, and adds the images in the order of the
// files. It lists those that are no pictures, and returns how many there are; with
// o.strict the first of them is an error. The end of ctx ends it, with an error of
// command.Interruptedf.
func (d *dataset) addAll(ctx context.Context, files []file, o *options, p *progress) (skipped int, err error) {
	defer p.end()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	queue := make(chan chan example, ahead*runtime.GOMAXPROCS(0))
	go func() {
		defer close(queue)
		cores := make(chan struct{}, runtime.GOMAXPROCS(0))
		for _, f := range files {
			next := make(chan example, 1)
			select {
			case queue <- next:
			case <-ctx.Done():
				return
			}
			go func() {
				cores <- struct{}{}
				next <- read(f.path, o)
				<-cores
			}()
		}
	}()
	for i, f := range files {
		var e example
		select {
		case e = <-<-queue:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return 0, command.Interruptedf("interrupted after %d of %d files", i, len(files))
		}
		s := &d.training
		if e.test {
			s = &d.test
		}
		switch {
		case e.err != nil && o.strict:
			return 0, errors.WithMessage(e.err, f.path)
		case e.err != nil:
			skipped++
			p.skip(f.path, e.err)
		case f.class == noClass:
			return 0, inNoClass(f.path)
		default:
			if err := s.add(e.image, f.class); err != nil {
				return 0, err
			}
		}
		p.step(i + 1)
	}
	return skipped, nil
}

// read reads the picture of a file.
func read(path string, o *options) example {
	info, err := os.Stat(path)
	if err != nil {
		return example{err: reason(err)}
	}
	if !info.Mode().IsRegular() { // a pipe could wait for ever
		return example{err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return example{err: reason(err)}
	}
	defer f.Close()
	prepare := o.format.Read
	if o.digits {
		prepare = scan.Image
	}
	image, err := prepare(f)
	if err != nil {
		return example{err: err}
	}
	test, err := o.test.has(f)
	return example{image, test, err}
}

// reason is the error without the path, which its reader adds.
func reason(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return errors.WithStack(err)
}

// has reports whether a file with this content is for the test.
func (s share) has(r io.ReadSeeker) (bool, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return false, errors.WithStack(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return false, errors.WithStack(err)
	}
	const bits = 53 // that a float64 holds
	n := binary.BigEndian.Uint64(h.Sum(nil)) >> (64 - bits)
	return float64(n) < float64(s)*(1<<bits), nil
}
