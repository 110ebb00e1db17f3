package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/runs"
	"tapenet/cmd/sweep/internal/grid"
	"tapenet/cmd/sweep/internal/report"
)

// mostNamed are as many missing runs as are named.
const mostNamed = 20

// report writes the table of the runs of this command line, which are all there.
func (s *sweep) report(ctx context.Context) error {
	var all report.Runs
	err := command.Wait(ctx, "reading the runs", func() error {
		for _, r := range s.runs {
			if err := add(&all, runs.Path(s.dir, r)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.write(ctx, report.Build(&all, 0))
}

// mergeFolder writes the table of all runs below the folder of -merge.
func (s *sweep) mergeFolder(ctx context.Context) error {
	var all report.Runs
	var plans []grid.Plan
	err := command.Wait(ctx, "reading the runs", func() (err error) {
		plans, err = readFolder(s.merge, &all)
		return errors.WithMessagef(err, "-merge %s", s.merge)
	})
	if err != nil {
		return err
	}
	missing, err := s.tellMissing(plans, &all)
	switch {
	case err != nil:
		return err
	case all.Len() == 0:
		return errors.Errorf("-merge %s: no run is there", s.merge)
	case missing > 0 && !s.partial:
		return errors.Errorf("-merge %s: %d of %d runs are missing; -partial leaves them out", s.merge, missing, missing+all.Len())
	}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return errors.Wrap(err, "-o")
	}
	return s.write(ctx, report.Build(&all, missing))
}

// readFolder adds the runs in a folder and below to all, and returns the plans there.
func readFolder(dir string, all *report.Runs) (plans []grid.Plan, err error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, errors.Errorf("got no folder (%v), want one with the runs of a sweep", err)
	}
	err = runs.Walk(dir, func(path string) error { return add(all, path) }, func(path string) error {
		if !strings.HasPrefix(filepath.Base(path), "plan_") {
			return nil
		}
		p, err := readPlan(path)
		plans = append(plans, p)
		return err
	})
	return plans, err
}

// readPlan reads the file of a plan.
func readPlan(path string) (p grid.Plan, err error) {
	f, err := os.Open(path)
	if err != nil {
		return p, errors.WithStack(err)
	}
	defer f.Close()
	p, err = grid.ReadPlan(f)
	return p, errors.WithMessage(err, path)
}

// tellMissing writes the names of the runs that plans have and all don't to the
// standard error, and returns how many they are.
func (s *sweep) tellMissing(plans []grid.Plan, all *report.Runs) (int, error) {
	missing := map[string]bool{}
	for _, p := range plans {
		planned, err := p.List()
		if err != nil {
			return 0, errors.WithMessage(err, p.Name())
		}
		for _, r := range planned {
			if name := r.Name(); !all.Has(r) && !missing[name] {
				if missing[name] = true; len(missing) <= mostNamed {
					s.notice("missing: %s", name)
				}
			}
		}
	}
	if n := len(missing) - mostNamed; n > 0 {
		s.notice("missing: %d more", n)
	}
	return len(missing), nil
}

// add adds the run of a file to all.
func add(all *report.Runs, path string) error {
	r, err := runs.Read(path)
	if err != nil {
		return err
	}
	return all.Add(path, r)
}

// write writes the files of a report, and prints its table.
func (s *sweep) write(ctx context.Context, r *report.Report) error {
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{"sweep.csv", r.CSV}, {"sweep.jsonl", r.JSONL}, {"sweep.html", r.HTML}} {
		if err := atomicfile.Write(ctx, filepath.Join(s.dir, f.name), f.write); err != nil {
			return errors.WithMessage(err, "-o")
		}
	}
	if err := r.WriteText(s.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.stdout, "\n%s has all of it.\n", command.Printable(filepath.Join(s.dir, "sweep.html")))
	return errors.WithStack(err)
}
