package runs

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/runs/training"
)

// Folder is the name of the folder of the runs in that of -o.
const Folder = "runs"

// Path returns the path of the file of a run; dir is the folder of -o.
func Path(dir string, s training.Settings) string { return filepath.Join(dir, Folder, s.Name()) }

// Paths returns the paths of all runs in the folder of -o, which the error names.
func Paths(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, Folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Wrap(err, "-o")
	}
	var paths []string
	for _, e := range entries {
		if isRun(e.Name()) {
			paths = append(paths, filepath.Join(dir, Folder, e.Name()))
		}
	}
	return paths, nil
}

// isRun tells the name of a file from those of locks and of files that are being
// written.
func isRun(name string) bool { return filepath.Ext(name) == ".json" && name[0] != '.' }

// Missing returns those of all that have no file; dir is the folder of -o, which the
// error names.
func Missing(dir string, all []training.Settings) ([]training.Settings, error) {
	paths, err := Paths(dir)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, path := range paths {
		there[path] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(s training.Settings) bool { return there[Path(dir, s)] }), nil
}

// Read reads the file of a run. It is an error if the file has the name of another.
func Read(path string) (training.Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return training.Run{}, errors.WithStack(err)
	}
	defer f.Close()
	r, err := training.Read(f)
	if err != nil {
		return r, errors.WithMessage(err, path)
	}
	if want := r.Settings.Name(); filepath.Base(path) != want {
		return r, errors.Errorf("%s: got the run that is named %s, want its name", path, want)
	}
	return r, nil
}

// Walk calls run with the path of each run in a folder and below, and other with that
// of each other .json file, until one returns an error.
func Walk(dir string, run, other func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return errors.WithStack(err)
		}
		switch {
		case d.IsDir() || !isRun(d.Name()):
			return nil
		case filepath.Base(filepath.Dir(path)) == Folder:
			return run(path)
		}
		return other(path)
	})
}
