package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/report"
	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
)

// resultsName is the name of the file with all that was measured.
const resultsName = "results.json"

func (c *comparison) file(name string) string { return filepath.Join(c.dir, name) }

// own makes the folder of -o if need be and keeps other commands from writing
// there. release lets them again, and removes the folders that are still empty.
func (c *comparison) own() (release func(), err error) {
	if info, err := os.Stat(c.file(resultsName)); err == nil && info.IsDir() {
		return nil, errors.Wrap(&fs.PathError{Op: "open", Path: c.file(resultsName), Err: syscall.EISDIR}, "-o")
	}
	release, err = atomicfile.OwnFolder(c.dir, resultsName, "compare")
	return release, errors.WithMessagef(err, "-o %s", c.dir)
}

// open reads the results of earlier commands, those of -merge too, and makes sure
// that more can be written.
func (c *comparison) open() error {
	if err := c.add(c.file(resultsName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.merge != "" {
		if err := c.addFolder(); err != nil {
			return err
		}
	}
	return errors.WithMessage(atomicfile.Check(c.file(resultsName)), "-o")
}

// addFolder reads all results below the folder of -merge.
func (c *comparison) addFolder() error {
	info, err := os.Stat(c.merge)
	if err != nil {
		return errors.Wrap(err, "-merge")
	}
	if !info.IsDir() {
		return errors.Errorf("-merge %s: got a file, want a folder", c.merge)
	}
	found := 0
	err = fs.WalkDir(os.DirFS(c.merge), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != resultsName {
			return err
		}
		found++
		return c.add(filepath.Join(c.merge, filepath.FromSlash(path)))
	})
	if err != nil {
		return errors.WithMessage(err, "-merge")
	}
	if found == 0 {
		return errors.Errorf("-merge %s: no %s in it or below", c.merge, resultsName)
	}
	if len(c.runs) == 0 {
		return errors.Errorf("-merge %s: no run is done yet", c.merge)
	}
	return nil
}

// add reads one file of results.
func (c *comparison) add(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close()
	runs, err := result.Read(f, c.settings, c.test.Labels)
	if err == nil {
		runs, err = result.Merge(c.runs, runs)
	}
	if err != nil {
		return errors.WithMessage(err, path)
	}
	c.runs = runs
	return nil
}

// saveResults replaces the file of results by one with all runs.
func (c *comparison) saveResults(ctx context.Context) error {
	err := atomicfile.Write(ctx, c.file(resultsName), func(w io.Writer) error { return result.Write(w, c.settings, c.runs) })
	return errors.WithMessage(err, "-o")
}

// saveReport writes the report and its pictures, and prints its table.
func (c *comparison) saveReport(ctx context.Context, r *report.Report) error {
	files := map[string]func(io.Writer) error{"report.md": r.Markdown, "report.html": r.HTML}
	for _, s := range r.Sections {
		for _, f := range s.Figures {
			files[f.Name] = func(w io.Writer) error {
				_, err := w.Write(f.SVG)
				return errors.WithStack(err)
			}
		}
	}
	names := append(slices.Sorted(maps.Keys(files)), resultsName)
	for i, name := range names {
		for _, other := range names[:i] {
			if atomicfile.Same(c.file(name), c.file(other)) {
				return errors.Errorf("-o %s: %s and %s are one file", c.dir, other, name)
			}
		}
	}
	for name, write := range files {
		if err := atomicfile.Write(ctx, c.file(name), write); err != nil {
			return errors.WithMessage(err, "-o")
		}
	}
	if err := r.WriteText(c.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.stdout, "\n%s says what follows from it.\n", command.Printable(c.file("report.html")))
	return errors.WithStack(err)
}
