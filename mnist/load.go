package mnist

import (
	"embed"
	"io"
	"io/fs"
	"os"

	"github.com/pkg/errors"
)

//go:embed data/*.gz
var embedded embed.FS

// Load returns the embedded MNIST: 60,000 training and 10,000 test images, in the order of the published files. Every
// call decompresses them anew, so the caller owns the memory (55 MB).
func Load() (train, test Set, err error) {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		return Set{}, Set{}, errors.Wrap(err, "embedded MNIST")
	}
	train, test, err = load(data)
	return train, test, errors.WithMessage(err, "embedded MNIST")
}

// LoadDir returns the training and test set of the folder dir, whose files have the names of MNIST:
//
//	train-images-idx3-ubyte   train-labels-idx1-ubyte
//	t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte
//
// each by that name or with .gz appended; where both exist, the one without .gz is read. Whether a file is compressed
// is seen from its content, not its name.
//
// An error names the folder and the file. It is fs.ErrNotExist to errors.Is when the folder or a file is missing;
// otherwise the file cannot be read, is not what [ReadImages] or [ReadLabels] accepts, or a set has more images than
// labels or fewer.
func LoadDir(dir string) (train, test Set, err error) {
	info, err := os.Stat(dir)
	if err != nil {
		return Set{}, Set{}, errors.WithStack(err)
	}
	if !info.IsDir() {
		return Set{}, Set{}, errors.Errorf("%s: got a file, want a folder", dir)
	}
	train, test, err = load(os.DirFS(dir))
	return train, test, errors.WithMessage(err, dir)
}

// load reads both sets from the root of fsys; on an error both are empty.
func load(fsys fs.FS) (train, test Set, err error) {
	if train, err = loadSet(fsys, "train"); err != nil {
		return Set{}, Set{}, err
	}
	if test, err = loadSet(fsys, "t10k"); err != nil {
		return Set{}, Set{}, err
	}
	return train, test, nil
}

func loadSet(fsys fs.FS, name string) (Set, error) {
	images, imageFile, err := loadFile(fsys, name+"-images-idx3-ubyte", ReadImages)
	if err != nil {
		return Set{}, err
	}
	labels, labelFile, err := loadFile(fsys, name+"-labels-idx1-ubyte", ReadLabels)
	if err != nil {
		return Set{}, err
	}
	if n := len(images) / (Rows * Cols); n != len(labels) {
		return Set{}, errors.Errorf("got %d images in %s and %d labels in %s, want as many labels as images",
			n, imageFile, len(labels), labelFile)
	}
	return Set{Pixels: images, Labels: labels}, nil
}

// loadFile returns what read makes of the file name, or of name.gz if there is no such file, and which of them it was.
func loadFile(fsys fs.FS, name string, read func(io.Reader) ([]uint8, error)) (data []uint8, file string, err error) {
	file = name
	f, err := fsys.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		file = name + ".gz"
		f, err = fsys.Open(file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", errors.Wrapf(fs.ErrNotExist, "%s or %s", name, file)
	}
	if err != nil {
		return nil, "", errors.WithStack(err)
	}
	defer f.Close()
	data, err = read(f)
	return data, file, errors.WithMessage(err, file)
}
