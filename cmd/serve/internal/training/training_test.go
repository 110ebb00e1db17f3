package training

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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
	ends := 0 // of epochs among the steps, however quick they are
	for _, e := range only(all, stepEvent) {
		if strings.Contains(e.data, `"step":9,`) {
			ends++
		}
	}
	if ends != 3 {
		t.Errorf("got the last step of %d epochs, want of 3", ends)
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

// long is a request for a training that no test waits for.
var long = fmt.Sprintf(`{"list":%q,"epochs":100,"batch":2}`, small)

// updates are the steps that the training under way has done.
func (s *server) updates() int {
	s.t.Helper()
	state, err := s.latest().trainer.State()
	if err != nil {
		s.t.Fatal(err)
	}
	return state.Updates
}

// settle waits until the training does no step for a while, and returns how many it
// has done.
func (s *server) settle() int {
	s.t.Helper()
	for n := -1; ; {
		now := s.updates()
		if now == n {
			return n
		}
		n = now
		time.Sleep(100 * time.Millisecond)
	}
}

// TestPauseStop: a paused training does no step, a second training has to wait, and a
// training that is stopped shows the weights that it has come to.
func TestPauseStop(t *testing.T) {
	s := newServer(t, Config{})
	for _, path := range []string{"/api/train/stop", "/api/train/pause"} {
		s.must(http.StatusConflict, path, `{"paused":true}`)
	}
	s.must(http.StatusAccepted, "/api/train", long)
	s.events("", named(epochEvent))
	for range 2 {
		s.must(http.StatusNoContent, "/api/train/pause", `{"paused":true}`)
	}
	all := s.events("", named(stateEvent))
	if last := all[len(all)-1]; last.data != `{"state":"paused"}` {
		t.Errorf("got %+v, want that it is paused", last)
	}
	n := s.settle()
	if n >= 100*500 {
		t.Errorf("paused, it did all of its %d steps", n)
	}
	if got, text := s.post("/api/train", long); got != http.StatusConflict || text != `{"error":"a training is under way: stop it before the next"}`+"\n" {
		t.Errorf("a second training: got %d %s", got, text)
	}
	s.must(http.StatusBadRequest, "/api/train/pause", `{}`)
	s.must(http.StatusNoContent, "/api/train/pause", `{"paused":false}`)
	s.events(all[len(all)-1].id, named(epochEvent))
	if more := s.updates(); more <= n {
		t.Errorf("after the pause: got %d steps, want more than %d", more, n)
	}
	s.must(http.StatusNoContent, "/api/train/pause", `{"paused":true}`)
	s.settle()
	want, err := s.latest().trainer.Weights()
	if err != nil {
		t.Fatal(err)
	}
	s.must(http.StatusNoContent, "/api/train/stop", "")
	all = s.events("", named(endEvent))
	if last := all[len(all)-1]; last.data != `{"state":"stopped","error":"","reason":""}` {
		t.Errorf("got %s", last.data)
	}
	trained, err := s.nets.Open("trained")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := trained.After(-1); err != nil || !slices.Equal(got, want) {
		t.Errorf("the last weights are others, or error %v", err)
	}
	for _, path := range []string{"/api/train/stop", "/api/train/pause"} {
		s.must(http.StatusConflict, path, `{"paused":true}`)
	}
}

// TestFailure: a training that fails says why, and another may follow.
func TestFailure(t *testing.T) {
	s := newServer(t, Config{})
	s.must(http.StatusAccepted, "/api/train", fmt.Sprintf(`{"list":%q,"rate":1e38}`, small))
	all := s.events("", named(endEvent))
	var end struct{ State, Error string }
	all[len(all)-1].into(t, &end)
	if end.State != failed || !strings.HasPrefix(end.Error, "epoch 1, step ") {
		t.Errorf("got %+v", end)
	}
	if _, text := s.get("/api/train"); !strings.Contains(text, `"state":"failed"`) || !strings.Contains(text, `"error":"epoch 1, `) {
		t.Errorf("got %s", text)
	}
	s.must(http.StatusAccepted, "/api/train", fmt.Sprintf(`{"list":%q,"accuracy":0.2}`, small))
	all = s.events(all[len(all)-1].id, named(endEvent))
	if last := all[len(all)-1]; last.data != `{"state":"done","error":"","reason":"accuracy 0.2 reached"}` {
		t.Errorf("got %s", last.data)
	}
	epochs := only(all, epochEvent)
	for i, e := range epochs {
		var at ended
		e.into(t, &at)
		if last := i == len(epochs)-1; at.ValAccuracy >= 0.2 != last {
			t.Errorf("epoch %d of %d has an accuracy of %v, want one of 0.2 to end it", i+1, len(epochs), at.ValAccuracy)
		}
	}
}

// TestStepEvent: the loss and accuracy of a step are those of its batch.
func TestStepEvent(t *testing.T) {
	s := newServer(t, Config{})
	r, err := s.prepare(request{List: small.String()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []train.Progress{
		{Epoch: 1, Step: 1, Train: train.Metrics{Loss: 2, Correct: 10, Images: 50}},
		{Epoch: 1, Step: 2, Train: train.Metrics{Loss: 1.5, Correct: 50, Images: 100}},
		{Epoch: 1, Step: 3, Train: train.Metrics{Loss: 1.25, Correct: 65, Images: 120}},
		{Epoch: 2, Step: 1, Train: train.Metrics{Loss: 0.5, Correct: 45, Images: 50}},
	} {
		r.shownStep = time.Time{}
		if err := r.onStep(p); err != nil {
			t.Fatal(err)
		}
	}
	r.onStep(train.Progress{Epoch: 2, Step: 2, Train: train.Metrics{Images: 100}}) // too soon
	events, _ := s.journal.after(0)
	want := []string{
		`{"epoch":1,"step":1,"loss":2,"accuracy":0.2,"norm":0}`,
		`{"epoch":1,"step":2,"loss":1,"accuracy":0.8,"norm":0}`,
		`{"epoch":1,"step":3,"loss":0,"accuracy":0.75,"norm":0}`,
		`{"epoch":2,"step":1,"loss":0.5,"accuracy":0.9,"norm":0}`,
	}
	for _, e := range events {
		if e.name != stepEvent {
			continue
		}
		if len(want) == 0 || string(e.data) != want[0] {
			t.Fatalf("got %s, then want %q", e.data, want)
		}
		want = want[1:]
	}
	if len(want) > 0 {
		t.Errorf("no %q", want)
	}
}
