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

// format says how to read a file of results; its number changes when the meaning
// of a field does.
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

// checksum is the SHA-256 of the settings and runs of a file, without the white
// space between them.
func checksum(data []byte) (string, error) {
	var c struct {
		Settings json.RawMessage `json:"settings"`
		Runs     json.RawMessage `json:"runs"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return "", errors.WithStack(err)
	}
	text, err := json.Marshal(c) // without white space
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), errors.WithStack(err)
}

// Write writes runs of settings s as JSON that people can read too.
func Write(w io.Writer, s Settings, runs []Run) error {
	f := file{Format: format, Settings: s, Runs: append([]Run{}, runs...)} // never null
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

// Read returns the runs of a file that Write wrote, now or before there was a
// checksum, sorted as Merge sorts them. The error names the field that is
// missing, unknown or wrong, the setting that is not s's, or what Check refuses.
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
