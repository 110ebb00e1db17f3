package result

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"

	"github.com/pkg/errors"
)

// format is the first line of a file of results; a change of what the fields
// mean changes the number.
const format = "tapenet compare 1"

// file is a file of results.
type file struct {
	Format   string   `json:"format"`
	Settings Settings `json:"settings"`
	Runs     []Run    `json:"runs"`
}

// Write writes runs of settings s as JSON that people can read too.
func Write(w io.Writer, s Settings, runs []Run) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	return errors.WithStack(enc.Encode(file{format, s, runs}))
}

// Read is the runs of a file that Write wrote, in the order of Sort. They are
// checked: each is complete, all its numbers are possible, and its mistakes are
// those of test images with these labels. The error says which is not, or that
// the settings are not s.
func Read(r io.Reader, s Settings, labels []uint8) ([]Run, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var f file
	if err := dec.Decode(&f); err != nil {
		return nil, errors.Wrap(err, "not a file of results")
	}
	if f.Format != format {
		return nil, errors.Errorf("got format %q, want %q", f.Format, format)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("got more behind the results, want the end")
	}
	if err := f.Settings.differs(s); err != nil {
		return nil, err
	}
	for i, run := range f.Runs {
		if err := run.check(s, labels); err != nil {
			return nil, errors.WithMessagef(err, "run %d of %d", i+1, len(f.Runs))
		}
	}
	return Merge(nil, f.Runs)
}

// Merge is the runs of a and b, sorted by configuration and seed. A run that
// both have must have given the same; the one of a stays, with its times.
func Merge(a, b []Run) ([]Run, error) {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, Run.order)
	var runs []Run
	for _, r := range all {
		if n := len(runs); n > 0 && runs[n-1].order(r) == 0 {
			if err := runs[n-1].equal(r); err != nil {
				return nil, err
			}
			continue
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// order is negative if r comes before o, 0 if they are the same training.
func (r Run) order(o Run) int {
	return slices.Compare([]uint64{uint64(r.Config), r.Seed}, []uint64{uint64(o.Config), o.Seed})
}

// equal is an error if two runs of the same training gave different results.
func (r Run) equal(o Run) error {
	a, b := r.untimed(), o.untimed()
	if reflect.DeepEqual(a, b) {
		return nil
	}
	return errors.Errorf("configuration %d with seed %d is there twice, with different results: accuracy %v (%s kernels) and %v (%s kernels)",
		r.Config, r.Seed, r.Test.Accuracy, r.Machine.Kernels, o.Test.Accuracy, o.Machine.Kernels)
}

// untimed is r without what depends on the machine alone.
func (r Run) untimed() Run {
	r.Machine = Machine{}
	r.Epochs = slices.Clone(r.Epochs)
	for i := range r.Epochs {
		r.Epochs[i].Seconds = 0
	}
	return r
}
