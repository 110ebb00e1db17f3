package epochs

import (
	"bytes"
	"context"
	"flag"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/models/weights"
	"tapenet/train"
)

var update = flag.Bool("update", false, "train both networks and write the files anew")

// kernels are those that package pretrained was trained with.
const kernels = "avx512"

// training calls after with the weights after each epoch of the training of
// package pretrained, until that returns an error.
func training(t *testing.T, name string, after func(epoch int, net *graph.Network, values []float32) error) error {
	t.Helper()
	set, _, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	m, _ := models.ByName(name)
	net, err := m.Layers(mnist.Classes).Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		t.Fatal(err)
	}
	var trainer *train.Trainer
	trainer, err = train.New(net, models.Init(net, 1), train.Config{Batch: 200, Epochs: 10, Seed: 1, OnEpoch: func(e train.Epoch) error {
		values, err := trainer.Weights()
		if err != nil {
			return err
		}
		return after(e.Epoch, net, values)
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = trainer.Fit(context.Background(), train.Data(set), train.Data{})
	return err
}

// TestUpdate writes the files, with -update. The training ends with the weights of
// package pretrained, to the last bit.
func TestUpdate(t *testing.T) {
	if !*update {
		t.Skip("not asked to, by -update")
	}
	if graph.Level() != kernels {
		t.Fatalf("the kernels are %s, want %s", graph.Level(), kernels)
	}
	for _, name := range models.Names() {
		err := training(t, name, func(epoch int, net *graph.Network, values []float32) error {
			if epoch == Last {
				if _, want, err := pretrained.Open(name); err != nil || !slices.Equal(values, want) {
					t.Errorf("%s: the training does not end with the weights of package pretrained; error %v", name, err)
				}
				return nil
			}
			var whole, half bytes.Buffer
			if err := weights.Save(&whole, net, values); err != nil {
				return err
			}
			file, err := weights.Read(&whole, net, "")
			if err != nil {
				return err
			}
			file.Half = true
			if err := file.Write(&half, net); err != nil {
				return err
			}
			return os.WriteFile(fileOf(name, epoch), half.Bytes(), 0o666)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFirstEpoch: the training gives the weights of the file after its first epoch,
// but for the rounding to F16.
func TestFirstEpoch(t *testing.T) {
	if graph.Level() != kernels {
		t.Skipf("the kernels are %s, and give weights of other bits than %s", graph.Level(), kernels)
	}
	done := errors.New("done")
	err := training(t, "twolayer", func(epoch int, net *graph.Network, want []float32) error {
		_, got, err := After("twolayer", epoch)
		if err != nil {
			return err
		}
		for i, x := range got {
			// Half of the last of 11 binary digits, or of the smallest number.
			w := float64(want[i])
			if off := math.Abs(float64(x) - w); !(off <= max(math.Abs(w)*0x1p-11, 0x1p-25)) {
				return errors.Errorf("after epoch %d, value %d is %v, want %v", epoch, i, x, w)
			}
		}
		return done
	})
	if !errors.Is(err, done) {
		t.Fatal(err)
	}
}

// TestAccuracies: the network of each epoch gets as many of the test images right as
// README says, and that of the last as many as package pretrained says.
func TestAccuracies(t *testing.T) {
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \| ([0-9,]+) \| ([0-9,]+) \|$`).FindAllStringSubmatch(string(readme), -1)
	if len(rows) != Last+1 {
		t.Fatalf("README has %d rows, want one for each epoch from 0 to %d", len(rows), Last)
	}
	for epoch, row := range rows {
		if row[1] != strconv.Itoa(epoch) {
			t.Errorf("row %d of README is of epoch %s", epoch, row[1])
		}
		for i, name := range models.Names() {
			want, err := strconv.Atoi(strings.ReplaceAll(row[2+i], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			net, values, err := After(name, epoch)
			if err != nil {
				t.Fatal(err)
			}
			p, err := train.NewPredictor(net, values, train.Config{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Evaluate(train.Data(test))
			if err != nil {
				t.Fatal(err)
			}
			if got.Correct != want {
				t.Errorf("%s after epoch %d: %d right, README says %d", name, epoch, got.Correct, want)
			}
			if epoch == Last && got.Accuracy() != pretrained.Accuracy(name) {
				t.Errorf("%s after the last epoch: accuracy %v, package pretrained says %v", name, got.Accuracy(), pretrained.Accuracy(name))
			}
		}
	}
}

func TestNoSuchEpoch(t *testing.T) {
	for _, test := range []struct {
		name  string
		epoch int
		want  string
	}{
		{"twolayer", -1, "got epoch -1, want 0 to 10"},
		{"onelayer", 11, "got epoch 11, want 0 to 10"},
		{"threelayer", 3, `got "threelayer", want one of ["onelayer" "twolayer"]`},
	} {
		if _, _, err := After(test.name, test.epoch); err == nil || err.Error() != test.want {
			t.Errorf("%s, %d: got error %v, want %s", test.name, test.epoch, err, test.want)
		}
	}
}
