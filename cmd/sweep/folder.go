package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/sweep/internal/grid"
	"tapenet/cmd/sweep/internal/report"
	"tapenet/cmd/sweep/internal/result"
)

// mostNamed are as many missing runs as are named.
const mostNamed = 20

// report writes the table of the runs of this command line, which are all there.
func (s *sweep) report(ctx context.Context) error {
	var runs report.Runs
	err := command.Wait(ctx, "reading the runs", func() error {
		for _, r := range s.runs {
			if err := add(&runs, s.file(r)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.write(ctx, report.Build(&runs, 0))
}

// mergeFolder writes the table of all runs below the folder of -merge.
func (s *sweep) mergeFolder(ctx context.Context) error {
	var runs report.Runs
	var plans []result.Plan
	err := command.Wait(ctx, "reading the runs", func() (err error) {
		plans, err = readFolder(s.merge, &runs)
		return errors.WithMessagef(err, "-merge %s", s.merge)
	})
	if err != nil {
		return err
	}
	missing, err := s.tellMissing(plans, &runs)
	switch {
	case err != nil:
		return err
	case runs.Len() == 0:
		return errors.Errorf("-merge %s: no run is there", s.merge)
	case missing > 0 && !s.partial:
		return errors.Errorf("-merge %s: %d of %d runs are missing; -partial leaves them out", s.merge, missing, missing+runs.Len())
	}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return errors.Wrap(err, "-o")
	}
	return s.write(ctx, report.Build(&runs, missing))
}

// readFolder adds the runs in a folder and below to runs, and returns the plans
// there.
func readFolder(dir string, runs *report.Runs) (plans []result.Plan, err error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, errors.Errorf("got no folder (%v), want one with the runs of a sweep", err)
	}
	return plans, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return errors.WithStack(err)
		case d.IsDir() || filepath.Ext(name) != ".json" || name[0] == '.':
			return nil
		case filepath.Base(filepath.Dir(path)) == runsName:
			return add(runs, path)
		case strings.HasPrefix(name, "plan_"):
			p, err := open(path, result.ReadPlan)
			plans = append(plans, p)
			return err
		}
		return nil
	})
}

// tellMissing writes the names of the runs that plans have and runs don't to the
// standard error, and returns how many they are.
func (s *sweep) tellMissing(plans []result.Plan, runs *report.Runs) (int, error) {
	missing := map[string]bool{}
	for _, p := range plans {
		g, err := grid.FromValues(p.Grid)
		if err != nil {
			return 0, errors.WithMessage(err, p.Name())
		}
		all, err := g.List(p.Images)
		if err != nil {
			return 0, errors.WithMessage(err, p.Name())
		}
		for _, r := range all {
			if name := r.Name(); !runs.Has(r) && !missing[name] {
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

// add adds the run of a file to runs.
func add(runs *report.Runs, path string) error {
	r, err := open(path, result.ReadRun)
	if err != nil {
		return err
	}
	if want := r.Settings.Name(); filepath.Base(path) != want {
		return errors.Errorf("%s: got the run that is named %s, want its name", path, want)
	}
	return runs.Add(path, r)
}

// open reads a file.
func open[T any](path string, read func(io.Reader) (T, error)) (value T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return value, errors.WithStack(err)
	}
	defer f.Close()
	value, err = read(f)
	return value, errors.WithMessage(err, path)
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
