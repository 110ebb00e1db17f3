package main

import (
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/mnist/scan/picture"
)

// options are what the command line says.
type options struct {
	pictures string // the folder of class folders
	dir      string
	format   picture.Format
	digits   bool
	test     share
	strict   bool
}

// share is the part of all pictures that is kept for the test, between 0 and 1.
type share float64

// maxSide is the most pixels that an image may have in a row or column, more than
// networks for images of this kind take.
const maxSide = 1024

// size is the width and height of an image.
type size struct{ width, height int }

func (s size) String() string { return fmt.Sprintf("%dx%d", s.width, s.height) }

func readSize(word string) (size, error) {
	w, h, _ := strings.Cut(word, "x")
	width, errW := strconv.Atoi(w)
	height, errH := strconv.Atoi(h)
	if errW != nil || errH != nil || min(width, height) < 1 || max(width, height) > maxSide {
		return size{}, errors.Errorf("want width x height such as 28x28, each from 1 to %d", maxSide)
	}
	return size{width, height}, nil
}

func readShare(word string) (share, error) {
	f, err := strconv.ParseFloat(word, 64)
	if err != nil || !(f > 0 && f < 1) {
		return 0, errors.New("want a number between 0 and 1 such as 0.1")
	}
	return share(f), nil
}

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := options{test: 0.1}
	s := size{28, 28}
	fs := flag.NewFlagSet("dataset", flag.ContinueOnError)
	fs.Var(command.Name(&o.dir), "o", "write to `folder`")
	fs.Var(command.Value(&s, readSize), "size", "make every image this `size`: width x height")
	fs.Var(command.Toggle(&o.format.Colour), "colour", "keep red, green and blue; without it, images are grey")
	fs.Var(command.Toggle(&o.format.Crop), "crop", "cut off what does not fit the shape; without it, the whole picture is there, between black bars")
	fs.Var(command.Toggle(&o.digits), "digits", "the pictures are of digits: prepare each as MNIST's were made, 28x28 and grey, as predict does; one without ink is left out")
	fs.Var(command.Value(&o.test, readShare), "test", "keep this `part` of the pictures for the test")
	fs.Var(command.Toggle(&o.strict), "strict", "stop at the first file that is no picture; without it, such files are listed and left out")
	set, rest, err := command.ParseArgs(fs, args, help, stdout)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"size", "colour", "crop"} {
		if o.digits && set[name] {
			return nil, command.Usagef("-%s: not with -digits, whose images are as MNIST's", name)
		}
	}
	switch {
	case len(rest) != 1:
		return nil, command.Usagef("got %d folders of pictures (%q), want one: dataset -o digits photos", len(rest), rest)
	case o.dir == "":
		return nil, command.Usagef("want a folder to write to: dataset -o digits %s", rest[0])
	}
	o.pictures = rest[0]
	o.format.Width, o.format.Height = s.width, s.height
	return &o, nil
}

// help is what a newcomer needs to know.
const help = `Usage: dataset -o folder [flags] pictures

Makes a data set for -data from a folder of pictures that has a folder for each
class: photos/cat/1.jpg, photos/dog/2.png, and so on. A class has the pictures
of all folders in its own.

  dataset -o pets photos                          28x28 pixels, grey
  dataset -o pets -size 32x32 -colour -crop photos
  onelayer -data pets
  dataset -o mine -digits digits                  as MNIST's digits were made

The folder of -o gets IDX files with MNIST's names, (N, height, width) or, with
-colour, (N, height, width, 3), and classes.txt: the names of the classes, one a
line, of which the first is label 0.

PNG, JPEG and GIF files are read, whatever their names end with. Each pixel is
the average of its area. Photos are turned as the camera was held, transparent
parts are white, an animation is its first frame, grey is the luma of ITU-R 601
(as Pillow's convert("L")). Hidden files are left out.

The content of a file alone decides whether it is for the test: a picture stays
there when others come or go, and copies of one are never on both sides.

The exit status is 0 if all is done, 1 if something failed, 2 if the command
line is wrong, 130 if it was interrupted.
`
