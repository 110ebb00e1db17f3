package training

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"tapenet/cmd/internal/data"
	"tapenet/models"
	"tapenet/train"
)

// direct trains without a server, and returns the history and the weights after each
// epoch, those of epoch 0 first.
func direct(t *testing.T, list string, sets data.Sets, c train.Config) (train.History, [][]float32) {
	t.Helper()
	_, net, err := request{List: list}.settings(sets)
	if err != nil {
		t.Fatal(err)
	}
	all := [][]float32{models.Init(net, c.Seed)}
	var tr *train.Trainer
	c.OnEpoch = func(train.Epoch) error {
		w, err := tr.Weights()
		all = append(all, w)
		return err
	}
	if tr, err = train.New(net, all[0], c); err != nil {
		t.Fatal(err)
	}
	h, err := tr.Fit(t.Context(), sets.Train, sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	return h, all
}

func few(t *testing.T, limit int) data.Sets {
	t.Helper()
	sets, err := fewSets()
	if err == nil {
		sets, err = sets.Limit(limit)
	}
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// TestTraining: a training gives the bits of train.Trainer with the same settings, and
// its events say so.
func TestTraining(t *testing.T) {
	s := newServer(t, Config{})
	if _, text := s.get("/api/train"); text != `{"id":0,"state":"none","settings":null,"error":""}`+"\n" {
		t.Errorf("before: got %s", text)
	}
	s.must(http.StatusAccepted, "/api/train", fmt.Sprintf(`{"list":%q,"epochs":3,"batch":"60","rate":0.01,"seed":18446744073709551615,"limit":500}`, small))
	all := s.events("", named(endEvent))

	sets := few(t, 500)
	history, weights := direct(t, small.String(), sets, train.Config{Epochs: 3, Batch: 60, LearningRate: 0.01, Seed: 1<<64 - 1})
	if want := `{"id":1,"settings":{"list":"` + small.String() + `","title":"Edited network","epochs":3,"batch":60,"rate":0.01,"seed":18446744073709551615,"limit":500,"accuracy":0},` +
		fmt.Sprintf(`"steps":9,"params":%d,"filters":{"name":"conv1.weight","shape":[4,1,5,5]}}`, 4*25+4+4*6*6*10+10); all[0].data != want {
		t.Errorf("start: got %s\nwant %s", all[0].data, want)
	}
	if e := all[len(all)-1]; e.data != `{"state":"done","error":"","reason":""}` {
		t.Errorf("end: got %s", e.data)
	}
	epochs := only(all, epochEvent)
	if len(epochs) != 3 {
		t.Fatalf("got %d epochs, want 3", len(epochs))
	}
	for i, h := range history {
		var e ended
		epochs[i].into(t, &e)
		if e.Epoch != i+1 || e.Loss != h.Train.Loss || e.Accuracy != h.Train.Accuracy() || e.ValLoss != h.Val.Loss || e.ValAccuracy != h.Val.Accuracy() {
			t.Errorf("epoch %d: got %+v, want %+v", i+1, e, h)
		}
		right, images := 0, 0
		for k, n := range e.Confusion {
			if images += n; k/10 == k%10 {
				right += n
			}
		}
		if images != 300 || right != h.Val.Correct || len(e.Hardest) != min(maxHardest, images-right) {
			t.Errorf("epoch %d: the confusion has %d images, %d right, and %d hardest; want 300, %d and at most %d", i+1, images, right, len(e.Hardest), h.Val.Correct, maxHardest)
		}
	}
	net, err := s.nets.Open("trained")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(net.Epochs, []int{0, 1, 2, 3}) || net.Accuracy != history[2].Val.Accuracy() {
		t.Errorf("got epochs %v and accuracy %v, want 0 to 3 and %v", net.Epochs, net.Accuracy, history[2].Val.Accuracy())
	}
	for i, want := range append(weights, weights[3]) {
		if got, err := net.After(i); err != nil || !slices.Equal(got, want) {
			t.Errorf("weights after epoch %d: others, or error %v", i, err)
		}
	}
	if _, text := s.get("/api/train"); text[:24] != `{"id":1,"state":"done","` {
		t.Errorf("after: got %s", text)
	}
}
