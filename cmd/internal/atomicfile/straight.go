package atomicfile

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
)

// writeStraight writes to a target that cannot be replaced. Opening and writing
// may take until somebody reads, which may be never.
func (t target) writeStraight(ctx context.Context, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	return command.Wait(ctx, "writing to it", func() error {
		f, err := t.open()
		if err != nil {
			return errors.WithStack(err)
		}
		if _, err := f.Write(content.Bytes()); err != nil {
			f.Close()
			return errors.WithStack(err)
		}
		return errors.WithStack(f.Close())
	})
}

// open opens the target for writing. A file that is open already is that very
// one, with its position, so that what others write to it comes before or after.
func (t target) open() (*os.File, error) {
	if t.fd >= 0 {
		return duplicate(t.fd, t.path)
	}
	return os.OpenFile(t.path, os.O_WRONLY, 0)
}
