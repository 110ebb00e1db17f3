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

// saveResults writes the file of results, with all runs.
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
