package result

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pkg/errors"
)

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
	what := difference(reflect.ValueOf(r.untimed()), reflect.ValueOf(o.untimed()), "")
	if what == "" {
		return nil
	}
	who := fmt.Sprintf("both with %s kernels, on %s and %s", r.Machine.Kernels, r.Machine.Processor, o.Machine.Processor)
	if r.Machine.Kernels != o.Machine.Kernels {
		who = fmt.Sprintf("the first with %s kernels and the second with %s, which round differently: keep one of them", r.Machine.Kernels, o.Machine.Kernels)
	}
	return errors.Errorf("configuration %d with seed %d is there twice, with different results: %s, %s", r.Config, r.Seed, what, who)
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

// difference is the first one of two values of the same type, at a path such as
// test.loss: where it is and both numbers, with all their digits. It is "" if
// they are equal.
func difference(a, b reflect.Value, path string) string {
	switch a.Kind() {
	case reflect.Struct:
		for field, v := range a.Fields() {
			name, _ := nameOf(field)
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

// Kernels are those that trained the runs, each once, in the order of their
// names.
func Kernels(runs []Run) []string {
	var names []string
	for _, r := range runs {
		names = append(names, r.Machine.Kernels)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
