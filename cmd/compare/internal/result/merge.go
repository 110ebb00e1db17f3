package result

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pkg/errors"
)

// Merge returns the runs of a and b, sorted by configuration and seed. Of a run
// that both have, the one of a stays, with its times; it is an error if their
// results differ.
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

// order compares by configuration and seed: 0 is the same training.
func (r Run) order(o Run) int {
	return slices.Compare([]uint64{uint64(r.Config), r.Seed}, []uint64{uint64(o.Config), o.Seed})
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
