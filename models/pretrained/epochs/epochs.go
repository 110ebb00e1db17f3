// Package epochs holds the weights that the networks of package pretrained had
// after each epoch of their training. They are in every program that imports it,
// 5 MB; README.md beside the files has their accuracies.
//
//	net, values, err := epochs.After("twolayer", 3)
package epochs

import (
	"bytes"
	"embed"
	"fmt"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/models/weights"
)

// Last is the last epoch of the training.
const Last = 10

// seed is that of the training, and so of the weights before it.
const seed = 1

//go:embed *.safetensors
var files embed.FS

// fileOf is the file of the weights of a network after an epoch from 1 to Last-1.
func fileOf(name string, epoch int) string { return fmt.Sprintf("%s_epoch%d.safetensors", name, epoch) }

// After returns the network of a name, one of models.Names, and the weights that it
// had after an epoch from 0 to Last, one for each parameter in the order of Params.
// After epoch 0 they are the initial ones, after the last those of pretrained.Open;
// those between are rounded to F16. The caller may change them.
func After(name string, epoch int) (*graph.Network, []float32, error) {
	net, values, err := pretrained.Open(name)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case epoch < 0 || epoch > Last:
		return nil, nil, errors.Errorf("got epoch %d, want 0 to %d", epoch, Last)
	case epoch == 0:
		return net, models.Init(net, seed), nil
	case epoch == Last:
		return net, values, nil
	}
	file, err := files.ReadFile(fileOf(name, epoch))
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	values, err = weights.Load(bytes.NewReader(file), net)
	return net, values, errors.WithMessage(err, fileOf(name, epoch))
}
