package pretrained

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapenet/mnist"
	"tapenet/models"
	"tapenet/train"
)

// TestAccuracy: each network is that of its name, and gets as many of the test
// images right as it says, which is what README says of the file.
func TestAccuracy(t *testing.T) {
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| (\\w+)\\.safetensors \\| ([0-9,]+) \\| `go run \\./cmd/(\\w+) .* -save (\\w+)\\.safetensors` \\| ([0-9,]+) \\| ([0-9.]+) \\| ([0-9a-f]{64}) \\|$").FindAllStringSubmatch(string(readme), -1)
	count := func(text string) int {
		n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var names []string
	for _, row := range rows {
		name := row[1]
		names = append(names, name)
		if row[3] != name || row[4] != name {
			t.Errorf("README says that %s is made by %s as %s", name, row[3], row[4])
		}
		m, _ := models.ByName(name)
		net, values, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := net.Sequential().String(), m.Layers(mnist.Classes).String(); got != want || !slices.Equal(net.In, []int{1, mnist.Rows, mnist.Cols}) {
			t.Errorf("%s: got %s on %v, want %s", name, got, net.In, want)
		}
		p, err := train.NewPredictor(net, values, train.Config{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Evaluate(train.Data(test))
		if err != nil {
			t.Fatal(err)
		}
		if got.Images != 10000 || got.Correct != all[name].correct || got.Correct != count(row[5]) || fmt.Sprint(Accuracy(name)) != row[6] || got.Accuracy() != Accuracy(name) {
			t.Errorf("%s: %d of %d right, the package says %d and %v, README %s and %s", name, got.Correct, got.Images, all[name].correct, Accuracy(name), row[5], row[6])
		}
		file := all[name].file
		sum := sha256.Sum256(file)
		if hex.EncodeToString(sum[:]) != row[7] || len(file) != count(row[2]) {
			t.Errorf("%s: the file has %d bytes and SHA-256 %x, README says %s and %s", name, len(file), sum, row[2], row[7])
		}
	}
	if !slices.Equal(names, models.Names()) {
		t.Errorf("README has %q, want %q", names, models.Names())
	}
}

func TestNoSuchNetwork(t *testing.T) {
	if _, _, err := Open("threelayer"); err == nil || err.Error() != `got "threelayer", want one of ["onelayer" "twolayer"]` {
		t.Errorf("got error %v", err)
	}
	if a := Accuracy("threelayer"); a != 0 {
		t.Errorf("got accuracy %v", a)
	}
	if right, of := Drawn("threelayer"); right != 0 || of != 0 {
		t.Errorf("got %d of %d drawings", right, of)
	}
}

// TestOwnCopies: who changes the weights changes nobody else's.
func TestOwnCopies(t *testing.T) {
	_, one, err := Open("twolayer")
	if err != nil {
		t.Fatal(err)
	}
	want := one[0]
	one[0]++
	if _, two, err := Open("twolayer"); err != nil || two[0] != want {
		t.Errorf("got %v and error %v, want %v", two[0], err, want)
	}
}
