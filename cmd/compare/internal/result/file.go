package result

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"reflect"

	"github.com/pkg/errors"
)

// format is the first line of a file of results; a change of what the fields
// mean changes the number.
const (
	format       = "tapenet compare 2"
	formatBefore = "tapenet compare 1" // the same without a checksum
)

// file is a file of results.
type file struct {
	Format   string   `json:"format"`
	SHA256   string   `json:"sha256,omitempty"` // of settings and runs; formatBefore has none
	Settings Settings `json:"settings"`
	Runs     []Run    `json:"runs"`
}

// content is the part of a file that the checksum covers, as it is written.
type content struct {
	Settings json.RawMessage `json:"settings"`
	Runs     json.RawMessage `json:"runs"`
}

// checksum does not depend on the white space of data, which is a file or its
// content.
func checksum(data []byte) (string, error) {
	var c content
	if err := json.Unmarshal(data, &c); err != nil {
		return "", errors.WithStack(err)
	}
	text, err := json.Marshal(c) // without white space
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), errors.WithStack(err)
}

// Write writes runs of settings s as JSON that people can read too.
func Write(w io.Writer, s Settings, runs []Run) error {
	f := file{Format: format, Settings: s, Runs: append([]Run{}, runs...)} // a list, be it empty
	text, err := json.Marshal(f)
	if err != nil {
		return errors.WithStack(err)
	}
	if f.SHA256, err = checksum(text); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	return errors.WithStack(enc.Encode(f))
}

// Read is the runs of a file that Write wrote, now or before there was a
// checksum, sorted as Merge sorts them. The file has every field once and no other,
// and each run passes Check. The error says what is wrong, or that the settings
// are not s.
func Read(r io.Reader, s Settings, labels []uint8) ([]Run, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var f file
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&f); err != nil {
		return nil, errors.Wrap(err, "not a file of results")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("got more after the results, want the end")
	}
	want := ""
	switch f.Format {
	case format:
		if want, err = checksum(data); err != nil {
			return nil, err
		}
	case formatBefore:
	default:
		return nil, errors.Errorf("got format %q, want %q", f.Format, format)
	}
	if err := complete(data, reflect.TypeFor[file]()); err != nil {
		return nil, err
	}
	if f.SHA256 != want {
		return nil, errors.Errorf("damaged: the sha256 of settings and runs is %q, the file says %q", want, f.SHA256)
	}
	if err := f.Settings.differs(s); err != nil {
		return nil, err
	}
	for i, run := range f.Runs {
		if err := run.Check(s, labels); err != nil {
			return nil, errors.WithMessagef(err, "run %d of %d", i+1, len(f.Runs))
		}
	}
	return Merge(nil, f.Runs)
}
