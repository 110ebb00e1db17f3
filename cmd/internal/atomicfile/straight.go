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
// may wait until somebody reads, perhaps for ever.
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

// open opens the target for writing. If the process has it open already, the
// result shares the position, so that what others write there is not overwritten.
func (t target) open() (*os.File, error) {
	if t.fd >= 0 {
		return duplicate(t.fd, t.path)
	}
	return os.OpenFile(t.path, os.O_WRONLY, 0)
}
