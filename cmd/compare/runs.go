package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/runs"
	"tapenet/cmd/internal/runs/training"
)

// open reads the runs of earlier commands, those of -merge too, and makes sure that
// more can be written.
func (c *comparison) open() error {
	if err := c.addResults(c.file(resultsName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	paths, err := runs.Paths(c.dir)
	if err != nil {
		return err
	}
	if _, err := c.addRuns(paths); err != nil {
		return err
	}
	if c.merge != "" {
		if err := c.addFolder(); err != nil {
			return errors.WithMessagef(err, "-merge %s", c.merge)
		}
	}
	c.runs = c.merged.Runs()
	return errors.WithMessage(atomicfile.Check(c.file(resultsName)), "-o")
}

// addFolder adds all runs below the folder of -merge.
func (c *comparison) addFolder() error {
	info, err := os.Stat(c.merge)
	if err != nil {
		return errors.WithStack(err)
	}
	if !info.IsDir() {
		return errors.New("got a file, want a folder")
	}
	var paths []string
	results := 0
	err = runs.Walk(c.merge, func(path string) error {
		paths = append(paths, path)
		return nil
	}, func(path string) error {
		if filepath.Base(path) != resultsName {
			return nil
		}
		results++
		return c.addResults(path)
	})
	if err != nil {
		return err
	}
	others, err := c.addRuns(paths)
	switch {
	case err != nil:
		return err
	case results == 0 && len(paths) == 0:
		return errors.Errorf("no run and no %s in it or below", resultsName)
	case c.merged.Len() == 0 && others == 0:
		return errors.New("no run is done yet")
	case c.merged.Len() == 0:
		return errors.Errorf("the runs there, %d, are of other settings: want those of this command line, such as -data, -limit and -epochs", others)
	case others > 0:
		c.notice("-merge %s: runs of other settings, which are left out: %d", c.merge, others)
	}
	return nil
}

// addResults adds the runs of a file of results.
func (c *comparison) addResults(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close()
	more, err := result.Read(f, c.settings, c.sets.Test.Labels)
	if err != nil {
		return errors.WithMessage(err, path)
	}
	return c.merged.Add(path, more...)
}

// addRuns adds the runs of files that have one each, and returns how many are no runs
// of these settings.
func (c *comparison) addRuns(paths []string) (others int, err error) {
	for _, path := range paths {
		t, err := runs.Read(path)
		if err != nil {
			return 0, err
		}
		of, err := c.settings.Runs(t, c.sets.Test.Labels)
		if err != nil {
			return 0, errors.WithMessage(err, path)
		}
		if len(of) == 0 {
			others++
		}
		if err := c.merged.Add(path, of...); err != nil {
			return 0, err
		}
	}
	return others, nil
}

// missing returns the trainings of the runs that the command line asks for and that
// are not there yet, seed by seed: an early end then leaves runs of all configurations.
func (c *comparison) missing() []training.Settings {
	type key struct {
		config int
		seed   uint64
	}
	there := map[key]bool{}
	for _, r := range c.runs {
		there[key{r.Config, r.Seed}] = true
	}
	var all []training.Settings
	for _, seed := range c.allSeeds() {
		var of []training.Settings
		for _, config := range c.settings.Configs() {
			t := c.settings.Training(config, seed)
			if slices.Contains(c.only, config.K) && !there[key{config.K, seed}] && !slices.Contains(of, t) {
				of = append(of, t)
			}
		}
		all = append(all, of...)
	}
	return all
}

// trainMissing trains what is missing, and adds it.
func (c *comparison) trainMissing(ctx context.Context) error {
	missing := c.missing()
	config := runs.Config{Dir: c.dir, Sets: c.sets, Workers: c.workers, Jobs: c.jobs, Details: true, Stderr: c.stderr}
	if err := config.Train(ctx, missing); err != nil {
		return err
	}
	return command.Wait(ctx, "reading the runs", func() error {
		var paths []string
		for _, t := range missing {
			paths = append(paths, runs.Path(c.dir, t))
		}
		_, err := c.addRuns(paths)
		c.runs = c.merged.Runs()
		return err
	})
}
