// Command dataset turns folders of pictures, one for each class, into a data set
// for -data: IDX files and the names of the classes. -h lists the flags.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/table"
)

func main() {
	command.Main("dataset", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// run is the command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	names, files, err := classes(o.pictures)
	if err != nil {
		return err
	}
	if in, err := inside(o.dir, o.pictures); err != nil {
		return errors.WithMessagef(err, "-o %s", o.dir)
	} else if in {
		return errors.Errorf("-o %s is in %s: want another folder, or it would be a class", o.dir, o.pictures)
	}
	release, err := atomicfile.OwnFolder(o.dir, classesName, "dataset")
	if err != nil {
		return errors.WithMessagef(err, "-o %s", o.dir)
	}
	defer release()
	d, err := newDataset(o.dir, o.format, names)
	if err != nil {
		return errors.WithMessagef(err, "-o %s", o.dir)
	}
	defer d.close()
	skipped, err := d.addAll(ctx, files, o, newProgress(stderr, len(files)))
	if err != nil {
		return err
	}
	if err := d.check(o); err != nil {
		return err
	}
	if err := d.write(ctx); err != nil {
		return errors.WithMessagef(err, "-o %s", o.dir)
	}
	return d.report(stdout, skipped)
}

// report writes how many pictures each class has.
func (d *dataset) report(w io.Writer, skipped int) error {
	t := table.Table{Columns: append(table.Texts("class"), table.Numbers("training", "test")...)}
	for class, name := range d.names {
		t.Add(command.Printable(name), d.training.count(class), d.test.count(class))
	}
	t.Add("all", len(d.training.labels), len(d.test.labels))
	if err := t.Write(w); err != nil {
		return err
	}
	if skipped > 0 {
		_, err := fmt.Fprintf(w, "%d of %d files are left out\n", skipped, skipped+len(d.training.labels)+len(d.test.labels))
		return errors.WithStack(err)
	}
	return nil
}
