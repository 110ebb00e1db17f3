package result

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/pkg/errors"
)

// Merged are the runs of several files, each training once. The zero Merged has none.
type Merged struct {
	all map[key]found
}

// key is what tells trainings of the same settings apart.
type key struct {
	config int
	seed   uint64
}

// found is a run and the path of the file that it is from.
type found struct {
	Run
	path string
}

// Add adds the runs of a file. Of the same training twice the first run stays, with
// its times; it is an error, which names both files, if their results differ.
func (m *Merged) Add(path string, runs ...Run) error {
	if m.all == nil {
		m.all = map[key]found{}
	}
	for _, r := range runs {
		k := key{r.Config, r.Seed}
		first, there := m.all[k]
		if !there {
			m.all[k] = found{r, path}
			continue
		}
		if err := first.equal(r); err != nil {
			return errors.WithMessagef(err, "%s and %s", first.path, path)
		}
	}
	return nil
}

// Len returns the number of runs.
func (m *Merged) Len() int { return len(m.all) }

// Runs returns the runs, sorted by configuration and seed.
func (m *Merged) Runs() []Run {
	runs := make([]Run, 0, len(m.all))
	for _, f := range m.all {
		runs = append(runs, f.Run)
	}
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Or(cmp.Compare(a.Config, b.Config), cmp.Compare(a.Seed, b.Seed)) })
	return runs
}

// equal is an error if two runs of the same training gave different results.
func (r Run) equal(o Run) error {
	if r.Filters.Biases == nil || o.Filters.Biases == nil { // from before they were kept
		r.Filters.Biases, o.Filters.Biases = nil, nil
	}
	what := difference(reflect.ValueOf(r), reflect.ValueOf(o), "")
	if what == "" {
		return nil
	}
	who := fmt.Sprintf("both with %s kernels, on %s and %s", r.Machine.Kernels, r.Machine.Processor, o.Machine.Processor)
	if r.Machine.Kernels != o.Machine.Kernels {
		who = fmt.Sprintf("the first with %s kernels and the second with %s, which round differently: keep one of them", r.Machine.Kernels, o.Machine.Kernels)
	}
	return errors.Errorf("configuration %d with seed %d is there twice, with different results: %s, %s", r.Config, r.Seed, what, who)
}

// difference says where two values of the same type first differ, below a path
// such as test.loss, with both numbers in all their digits; "" if they are equal.
// Where and how fast a run was trained makes none.
func difference(a, b reflect.Value, path string) string {
	switch a.Kind() {
	case reflect.Struct:
		for field, v := range a.Fields() {
			name := nameOf(field)
			if name == "machine" || name == "seconds" {
				continue
			}
			if d := difference(v, b.FieldByIndex(field.Index), join(path, name)); d != "" {
				return d
			}
		}
	case reflect.Slice:
		if reflect.DeepEqual(a.Interface(), b.Interface()) {
			return "" // as thousands of mistakes are, whose paths take long to write
		}
		for i := range min(a.Len(), b.Len()) {
			if d := difference(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
		if a.Len() != b.Len() {
			return fmt.Sprintf("%d and %d %s", a.Len(), b.Len(), path)
		}
	default:
		if !a.Equal(b) {
			return fmt.Sprintf("%s %v and %v", path, a, b)
		}
	}
	return ""
}

// Kernels returns the names of those that trained the runs, each once, sorted.
func Kernels(runs []Run) []string {
	var names []string
	for _, r := range runs {
		names = append(names, r.Machine.Kernels)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
