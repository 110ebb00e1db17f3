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

// Write writes runs of settings s as JSON that people can read too. It holds the text
// of one run at a time.
func Write(w io.Writer, s Settings, runs []Run) error {
	sum, err := sumOf(s, runs)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(file{Format: format, SHA256: sum, Settings: s, Runs: []Run{}}, "", "\t")
	if err != nil {
		return errors.WithStack(err)
	}
	const none = "]\n}" // where the runs belong
	out := &writer{w: w}
	out.write(text[:len(text)-len(none)])
	for i, r := range runs {
		out.write([]byte(before(i) + "\n\t\t"))
		out.json(r, func(v any) ([]byte, error) { return json.MarshalIndent(v, "\t\t", "\t") })
	}
	if len(runs) > 0 {
		out.write([]byte("\n\t"))
	}
	out.write([]byte(none + "\n"))
	return out.err
}

// sumOf is the checksum of the file with these settings and runs.
func sumOf(s Settings, runs []Run) (string, error) {
	h := sha256.New()
	out := &writer{w: h}
	out.write([]byte(`{"settings":`))
	out.json(s, json.Marshal)
	out.write([]byte(`,"runs":[`))
	for i, r := range runs {
		out.write([]byte(before(i)))
		out.json(r, json.Marshal)
	}
	out.write([]byte("]}"))
	return hex.EncodeToString(h.Sum(nil)), out.err
}

// before is what stands between a run and the one before it.
func before(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// writer keeps the first error, and writes no more after it.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) write(text []byte) {
	if w.err == nil {
		_, err := w.w.Write(text)
		w.err = errors.WithStack(err)
	}
}

func (w *writer) json(v any, marshal func(any) ([]byte, error)) {
	text, err := marshal(v)
	if w.err == nil {
		w.err = errors.WithStack(err)
	}
	w.write(text)
}

// Read returns the runs of a file that Write wrote, now or before there was a
// checksum. The error names the field that is missing, unknown or wrong, the setting
// that is not s's, or what Check refuses.
func Read(r io.Reader, s Settings, labels []uint8) ([]Run, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, errors.Wrap(err, "not a file of results")
	}
	if f.Format != format && f.Format != formatBefore {
		return nil, errors.Errorf("got format %q, want %q", f.Format, format)
	}
	if !f.asWritten(data) {
		if err := f.check(data); err != nil {
			return nil, err
		}
	}
	if err := f.Settings.differs(s); err != nil {
		return nil, err
	}
	for i, run := range f.Runs {
		if err := run.Check(s, labels); err != nil {
			return nil, errors.WithMessagef(err, "run %d of %d", i+1, len(f.Runs))
		}
	}
	return f.Runs, nil
}

// asWritten reports whether data, the JSON of f, is the text that Write writes: then
// each field is there once and the checksum is right. White space may follow.
func (f file) asWritten(data []byte) bool {
	return Write(&expected{data}, f.Settings, f.Runs) == nil
}

// expected is a writer that takes this text alone.
type expected struct{ text []byte }

func (e *expected) Write(text []byte) (int, error) {
	after, ok := bytes.CutPrefix(e.text, text)
	if !ok {
		return 0, errors.New("another text")
	}
	e.text = after
	return len(text), nil
}

// check is an error if a field of data, the text of f, is missing, unknown or there
// twice, or if the checksum is wrong.
func (f file) check(data []byte) error {
	want := "" // formatBefore has none
	if f.Format == format {
		var err error
		if want, err = checksum(data); err != nil {
			return err
		}
	}
	if err := complete(data, reflect.TypeFor[file]()); err != nil {
		return err
	}
	if f.SHA256 != want {
		return errors.Errorf("damaged: the sha256 of settings and runs is %q, the file says %q", want, f.SHA256)
	}
	return nil
}
