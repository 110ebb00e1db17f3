package main

import (
	"flag"
	"io"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/prepare"
	"tapenet/cmd/internal/trained"
)

// options are what the command line says.
type options struct {
	network trained.Choice
	classes string // a file of names, ""
	prepare prepare.Way
	index   int // of a test image, -1: none
	top     int
	json    bool
	show    bool
	files   []string
}

// automatic is the way of preparing pictures that fits the network.
const automatic prepare.Way = "auto"

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := options{prepare: automatic, index: -1, top: 1}
	fs := flag.NewFlagSet("predict", flag.ContinueOnError)
	o.network.Flags(fs, "ask")
	fs.Var(command.Name(&o.classes), "classes", "print the names of the classes in `file`, one a line, such as the classes.txt of dataset")
	fs.Var(command.Choice(&o.prepare, automatic, prepare.Digit, prepare.Plain, prepare.Crop), "prepare", "prepare pictures in this `way`: digit (found and made as MNIST's were), plain (scaled, as dataset does), crop (as dataset -crop does) or auto: digit if the network takes MNIST's images and there are no -classes, else plain")
	fs.Func("index", "ask about `N`, one of MNIST's test images from 0 to 9999, as it is", func(word string) error {
		return command.Count(&o.index, 0).Set(word)
	})
	fs.Var(command.Count(&o.top, 1), "top", "print the `N` most probable classes")
	fs.Var(command.Toggle(&o.json), "json", "print an object of JSON for each picture, one a line")
	fs.Var(command.Toggle(&o.show), "show", "draw what the network saw")
	set, files, err := command.ParseArgs(fs, args, help, stdout)
	if err != nil {
		return nil, err
	}
	o.files = files
	stdins := 0
	for _, f := range files {
		if f == stdinName {
			stdins++
		}
	}
	switch {
	case len(files) == 0 && o.index < 0:
		return nil, command.Usagef("want pictures: predict digit.jpg")
	case stdins > 1:
		return nil, command.Usagef("got - %d times: the standard input is one picture", stdins)
	case o.json && o.show:
		return nil, command.Usagef("-show: not with -json")
	case o.json && set["top"]:
		return nil, command.Usagef("-top %d: not with -json, which has all", o.top)
	}
	return &o, nil
}

// help is what a newcomer needs to know.
const help = `Usage: predict [flags] picture...

Says which digit each picture shows, and how probable that is.

  predict digit.jpg                               digit.jpg: 7 (0.9987)
  predict -top 3 -show *.png
  curl -s https://example.org/7.png | predict -   from the standard input
  predict -index 0                                MNIST's first test image

PNG, JPEG and GIF files of up to 50 megapixels are read, whatever their names
end with: one digit each, on any paper, in any colour, dark or light. It is
found, cut out and made as MNIST's images were. Of an animation the first frame
counts.

A network of your own images gets them as dataset makes them:

  onelayer -data pets -save pets.safetensors
  predict -weights pets.safetensors -classes pets/classes.txt rex.jpg

-json prints {"file", "digit", "probabilities"}: digit is the number of the most
probable class, probabilities has one for each; with -classes there is "class",
the name, with -index "label", the right answer.

A picture that cannot be read does not keep the others from being read. The
exit status is 0 if all is done, 1 if something failed, 2 if the command line is
wrong, 130 if it was interrupted.
`
