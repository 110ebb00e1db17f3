package training

import (
	"cmp"
	"slices"

	"tapenet/cmd/internal/export"
	"tapenet/cmd/internal/kerastext"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/train"
)

// ended is the data of an epoch event.
type ended struct {
	Epoch       int       `json:"epoch"`
	Loss        float64   `json:"loss"`
	Accuracy    float64   `json:"accuracy"`
	ValLoss     float64   `json:"val_loss"`
	ValAccuracy float64   `json:"val_accuracy"`
	Seconds     float64   `json:"seconds"`
	Line        string    `json:"line"`      // as Keras prints it
	Confusion   []int     `json:"confusion"` // test images by label, a row each, and by answer; empty after an earlier run of the server
	Hardest     []mistake `json:"hardest"`
}

// mistake is a test image whose most probable class is not its label.
type mistake struct {
	Index       int     `json:"index"`
	Label       int     `json:"label"`
	Guess       int     `json:"guess"`
	Probability float32 `json:"probability"` // of the guess
}

// maxHardest is how many mistakes are shown: those of the highest probability.
const maxHardest = 16

// endedOf is e without what the test images showed.
func endedOf(e train.Epoch) ended {
	return ended{
		Epoch: e.Epoch, Loss: e.Train.Loss, Accuracy: e.Train.Accuracy(), ValLoss: e.Val.Loss, ValAccuracy: e.Val.Accuracy(),
		Seconds: e.Time.Seconds(), Line: kerastext.Epoch(e), Confusion: []int{}, Hardest: []mistake{},
	}
}

// mistakes counts the probabilities (N, 10) of images with these labels, and returns
// the hardest.
func mistakes(probabilities []float32, labels []uint8) (confusion []int, hardest []mistake) {
	confusion, hardest = make([]int, mnist.Classes*mnist.Classes), []mistake{}
	for i, label := range labels {
		row := probabilities[i*mnist.Classes:][:mnist.Classes]
		guess := graph.Argmax(row)
		confusion[int(label)*mnist.Classes+guess]++
		if guess != int(label) {
			hardest = append(hardest, mistake{i, int(label), guess, row[guess]})
		}
	}
	slices.SortStableFunc(hardest, func(a, b mistake) int { return cmp.Compare(b.Probability, a.Probability) })
	return confusion, hardest[:min(len(hardest), maxHardest)]
}

const (
	maxKept   = 26       // epochs whose weights are kept,
	keptBytes = 64 << 20 // fewer of a large network, but three at least
)

// kept are the weights after some epochs of a training: the first, the last, and
// evenly between them.
type kept struct {
	stride  int // epochs between two that are kept
	epochs  []int
	weights [][]float32
}

// newKept returns where the weights of a training of some epochs are kept.
func newKept(epochs, params int) kept {
	most := min(maxKept, max(3, keptBytes/(4*params)))
	return kept{stride: max(1, (epochs+most-2)/(most-1))}
}

// add keeps the weights after an epoch, which is the last so far.
func (k *kept) add(epoch int, weights []float32) {
	if n := len(k.epochs) - 1; n >= 0 && k.epochs[n]%k.stride != 0 {
		k.epochs, k.weights = k.epochs[:n], k.weights[:n]
	}
	k.epochs, k.weights = append(k.epochs, epoch), append(k.weights, weights)
}

// network is the network of a training with the weights that it kept, and its last.
func (k *kept) network(title string, net *graph.Network, last []float32, accuracy float64) *networks.Network {
	epochs, all := slices.Clone(k.epochs), slices.Clone(k.weights)
	return &networks.Network{
		Key: networks.Trained, Title: title + ", trained here", Version: networks.Version(net, epochs, last),
		Network: net, Classes: export.Digits(), Accuracy: accuracy, Epochs: epochs,
		After: func(epoch int) ([]float32, error) {
			if i, ok := slices.BinarySearch(epochs, epoch); ok {
				return all[i], nil
			}
			return last, nil
		},
	}
}
