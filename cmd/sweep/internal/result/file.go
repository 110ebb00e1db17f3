package result

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/pkg/errors"
)

// The formats of the files; a number changes when the meaning of a field does.
const (
	runFormat  = "tapenet run 1"
	planFormat = "tapenet sweep 1"
)

// file is a file of a sweep: one value with a checksum.
type file[T any] struct {
	Format string `json:"format"`
	SHA256 string `json:"sha256"` // of the file when this is ""
	Value  T      `json:"value"`
}

// text returns the file that holds a value.
func text[T any](format string, value T) ([]byte, error) {
	f := file[T]{Format: format, Value: value}
	data, err := json.MarshalIndent(f, "", "\t")
	if err != nil {
		return nil, errors.WithStack(err)
	}
	f.SHA256 = hash(data)
	data, err = json.MarshalIndent(f, "", "\t")
	return append(data, '\n'), errors.WithStack(err)
}

// read returns the value of a file that text made. Any other is an error.
func read[T any](r io.Reader, format string) (value T, err error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return value, errors.WithStack(err)
	}
	var f file[T]
	if err := json.Unmarshal(data, &f); err != nil {
		return value, errors.Wrapf(err, "not a file of the format %q", format)
	}
	if f.Format != format {
		return value, errors.Errorf("got format %q, want %q", f.Format, format)
	}
	// If writing it again gives the same text, each field was there, once.
	again, err := text(format, f.Value)
	if err != nil {
		return value, err
	}
	if !bytes.Equal(data, again) {
		return value, errors.Errorf("damaged or edited: its checksum or its text, of %d bytes, is not as this program writes it", len(data))
	}
	return f.Value, nil
}

// Write writes the file of a run.
func (r Run) Write(w io.Writer) error { return write(w, runFormat, r) }

func write[T any](w io.Writer, format string, value T) error {
	data, err := text(format, value)
	if err == nil {
		_, err = w.Write(data)
	}
	return errors.WithStack(err)
}

// ReadRun reads a file that Write wrote, and checks the run. Any other is an error:
// one that is cut, changed, or in which a field is missing, unknown or there twice.
func ReadRun(r io.Reader) (Run, error) {
	run, err := read[Run](r, runFormat)
	if err == nil {
		err = run.Check()
	}
	if err != nil {
		return Run{}, err
	}
	return run, nil
}
