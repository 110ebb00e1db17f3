// Package sealed keeps a value in a JSON file with a checksum: a file that was cut,
// damaged or edited is not read.
package sealed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"

	"github.com/pkg/errors"
)

// file is a file with a value.
type file[T any] struct {
	Format string `json:"format"`
	SHA256 string `json:"sha256"` // of the file when this is ""
	Value  T      `json:"value"`
}

// text returns the file that holds a value.
func text[T any](format string, value T) ([]byte, error) {
	data, err := json.MarshalIndent(file[T]{Format: format, Value: value}, "", "\t")
	if err != nil {
		return nil, errors.WithStack(err)
	}
	const field = `"sha256": "` // the first is the field: in the format quotes are escaped
	sealed := bytes.Replace(data, []byte(field), []byte(field+hash(data)), 1)
	return append(sealed, '\n'), nil
}

// Write writes a file with a value. The format says how to read it; its number
// changes when the meaning of a field does.
func Write[T any](w io.Writer, format string, value T) error {
	data, err := text(format, value)
	if err == nil {
		_, err = w.Write(data)
	}
	return errors.WithStack(err)
}

// Read returns the value of a file that Write wrote. Any other is an error: one of
// another format, one that is cut or changed, or one in which a field is missing,
// unknown or there twice.
func Read[T any](r io.Reader, format string) (value T, err error) {
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

// Tag returns 48 bits of the SHA-256 of a value's JSON as 12 hexadecimal digits: a
// part of the name of its file. The value has numbers, text and maps only.
func Tag(value any) string {
	text, _ := json.Marshal(value) // with the keys of maps in order
	return hash(text)[:12]
}

// hash returns the SHA-256 of data in hexadecimal digits.
func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
