package networks

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tapenet/cmd/serve/internal/answer"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/models/pretrained/epochs"
)

func newSet(t *testing.T) *Set {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPretrained: the pretrained networks are there with the weights after each epoch,
// the last for any other.
func TestPretrained(t *testing.T) {
	s := newSet(t)
	var keys, versions []string
	for _, n := range s.All() {
		keys, versions = append(keys, n.Key), append(versions, n.Version)
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; !slices.Equal(n.Epochs, want) || n.Accuracy != pretrained.Accuracy(n.Key) {
			t.Errorf("%s: got epochs %v, accuracy %v", n.Key, n.Epochs, n.Accuracy)
		}
		for _, epoch := range append(n.Epochs, -1, 11) {
			got, err := n.After(epoch)
			if err != nil {
				t.Fatal(err)
			}
			if epoch < 0 || epoch > 10 {
				epoch = 10
			}
			_, want, err := epochs.After(n.Key, epoch)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got other weights after epoch %d", n.Key, epoch)
			}
		}
	}
	if !slices.Equal(keys, models.Names()) || versions[0] == versions[1] {
		t.Errorf("got keys %q, versions %q", keys, versions)
	}
}

// TestPut: a network is added at the end, or takes the place of the one with its key.
func TestPut(t *testing.T) {
	s := newSet(t)
	first, second := &Network{Key: Trained, Version: "1"}, &Network{Key: Trained, Version: "2"}
	s.Put(first)
	before := s.All()
	s.Put(&Network{Key: File})
	s.Put(second)
	if len(before) != 3 || before[2] != first || len(s.All()) != 4 || s.All()[2] != second {
		t.Errorf("got %v, then %v", before, s.All())
	}
	if n, err := s.Open(Trained); err != nil || n != second {
		t.Errorf("got %v, error %v", n, err)
	}
}

// TestList: an edited list has the weights of its seed, and names for what it tells
// apart.
func TestList(t *testing.T) {
	s := newSet(t)
	n, err := s.Open("list:7:Flatten, Dense(3), SoftMax")
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.After(0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, models.Init(n.Network, 7)) || len(n.Epochs) != 0 || !slices.Equal(n.Classes, []string{"0", "1", "2"}) {
		t.Errorf("got epochs %v, classes %q", n.Epochs, n.Classes)
	}
	if other, err := s.Open("list:8:Flatten, Dense(3), SoftMax"); err != nil || other.Version == n.Version {
		t.Errorf("another seed has the same version, error %v", err)
	}
	if n, err := s.Open("list:1:Conv2d(9, 5), Rectify"); err != nil || len(n.Classes) != mostNames {
		t.Errorf("an image as result: error %v", err)
	}
}

// TestErrors: a list that does not fit, or is too large, is an error for the client,
// which names the layer if it is one's.
func TestErrors(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct {
		key     string
		status  int
		layer   int
		message string // a part of it
	}{
		{"", http.StatusNotFound, 0, "want one of"},
		{"list:", http.StatusNotFound, 0, "want one of"},
		{"1:Flatten", http.StatusNotFound, 0, "want one of"},
		{"list:-1:Flatten", http.StatusBadRequest, 0, `seed "-1"`},
		{"list:1:", http.StatusBadRequest, 1, "got the end"},
		{"list:1:Flatten, Dense(x)", http.StatusBadRequest, 2, "a whole number"},
		{"list:1:Conv2d(2, 5), Rectify, Dense(3)", http.StatusBadRequest, 3, "put Flatten before it"},
		{"list:1:Conv2d(2, 29)", http.StatusBadRequest, 1, "does not fit"},
		{"list:1:" + strings.Repeat("Rectify,", 250) + "Rectify", http.StatusBadRequest, 0, "2007 bytes"},
		{"list:1:Flatten, Dense(5344)", http.StatusBadRequest, 0, "parameters"},                      // 5344·785 is above 2^22
		{"list:1:Conv2d(1400, 3), Conv2d(60, 1), Conv2d(1, 20)", http.StatusBadRequest, 0, "values"}, // 1400·26² and 60·20²·7²
		{"list:1:Conv2d(200, 3), Conv2d(80, 5)", http.StatusBadRequest, 0, "values"},                 // 200·25·22² of windows
		{"list:1:Conv2d(60, 3), Conv2d(740, 5)", http.StatusBadRequest, 0, "products"},               // 60·25·740·22² is above 2^29
		{"list:1:Conv2d(1, 1).Pad(5000).Stride(5000)", http.StatusBadRequest, 0, "values"},           // 10028² with the padding
		{"list:1:MaxPool2D(5000).Same()", http.StatusBadRequest, 0, "values"},                        // 5000² with it
	} {
		_, err := s.Open(c.key)
		var e *answer.Error
		if !errors.As(err, &e) || e.Status != c.status || e.Layer != c.layer || !strings.Contains(e.Message, c.message) {
			t.Errorf("%.60s: got error %+v, want status %d, layer %d, %q", c.key, err, c.status, c.layer, c.message)
		}
	}
	for _, fits := range []string{"list:1:Flatten, Dense(5343)", "list:1:Conv2d(60, 3), Conv2d(730, 5)"} {
		if _, err := s.Open(fits); err != nil {
			t.Errorf("%s: %v", fits, err)
		}
	}
}

// TestProducts holds the count against the sums of a small network, written out.
func TestProducts(t *testing.T) {
	net, err := graph.Sequential{graph.Conv2d(2, 3), graph.Rectify, graph.Flatten, graph.Dense(5)}.Build(1, 5, 4)
	if err != nil {
		t.Fatal(err)
	}
	conv, flat := 2*3*2, 12
	if got, want := Products(net), conv*(9+1+1)+conv+flat+5*(12+1+1); got != want {
		t.Errorf("got %d products, want %d", got, want)
	}
}
