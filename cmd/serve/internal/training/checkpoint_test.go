package training

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tapenet/models"
	"tapenet/models/weights"
	"tapenet/train"
)

// interrupted trains until the first epoch is done, and ends the server; the training
// is in the file then. It returns the events, and how many steps are done.
func interrupted(t *testing.T, c Config, body string) (before []got, updates int) {
	t.Helper()
	s := newServer(t, c)
	s.must(http.StatusAccepted, "/api/train", body)
	before = s.events("", named(epochEvent))
	if err := s.Trainings.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("the training is kept in %s, and goes on after the next start", c.Checkpoint); len(s.notices) != 1 || s.notices[0] != want {
		t.Fatalf("got %q, want %q", s.notices, want)
	}
	return before, s.updates()
}

// TestCheckpoint: a training that the end of the server interrupts, twice, ends with
// the bits of one that never was. The page sees it paused, with its epochs.
func TestCheckpoint(t *testing.T) {
	c := Config{Checkpoint: filepath.Join(t.TempDir(), "new", "serve.safetensors")}
	body := fmt.Sprintf(`{"list":%q,"epochs":100,"batch":10,"seed":7}`, small)
	before, updates := interrupted(t, c, body)

	s := newServer(t, c)
	if _, text := s.get("/api/train"); !strings.Contains(text, `"state":"paused","settings":{"list":"`+small.String()+`","title":"Edited network","epochs":100,`) {
		t.Errorf("after the start: got %s", text)
	}
	all := s.events("", named(stateEvent))
	if all[0].data != before[0].data || len(only(all, epochEvent)) == 0 || all[len(all)-1].data != `{"state":"paused"}` {
		t.Errorf("replayed: got %v", all)
	}
	var was, is ended
	before[len(before)-1].into(t, &was)
	only(all, epochEvent)[0].into(t, &is)
	if was.Confusion, was.Hardest = is.Confusion, is.Hardest; fmt.Sprint(was) != fmt.Sprint(is) {
		t.Errorf("epoch 1: got %+v, want %+v", is, was)
	}
	if n := s.settle(); n != updates {
		t.Errorf("paused, it has done %d steps, want the %d of before", n, updates)
	}
	if got, text := s.post("/api/train", body); got != http.StatusConflict {
		t.Errorf("another training beside it: got %d %s", got, text)
	}
	if err := s.Trainings.Close(t.Context()); err != nil { // paused all the time
		t.Fatal(err)
	}

	s = newServer(t, c)
	last := s.events("", named(stateEvent))
	s.must(http.StatusNoContent, "/api/train/pause", `{"paused":false}`)
	all = s.events(last[len(last)-1].id, named(endEvent))
	history, want := direct(t, small.String(), few(t, 0), train.Config{Epochs: 100, Batch: 10, Seed: 7})
	trained, err := s.nets.Open("trained")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := trained.After(100); err != nil || !slices.Equal(got, want[100]) {
		t.Errorf("the weights are others than of a training that never stopped, or error %v", err)
	}
	if got, err := trained.After(0); err != nil || !slices.Equal(got, want[0]) {
		t.Errorf("the first weights are others, or error %v", err)
	}
	epochs := only(all, epochEvent)
	epochs[len(epochs)-1].into(t, &is)
	if h := history[99]; is.Epoch != 100 || is.Loss != h.Train.Loss || is.ValLoss != h.Val.Loss {
		t.Errorf("epoch 100: got %+v, want %+v", is, h)
	}
	<-s.latest().over
	if _, err := os.Stat(c.Checkpoint); !os.IsNotExist(err) {
		t.Errorf("after the end, the checkpoint is still there, or error %v", err)
	}
}

// TestOnelayerGoesOn: cmd/onelayer takes the checkpoint of a training with its
// network, and ends with the bits of one that never stopped.
func TestOnelayerGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a command")
	}
	dir := t.TempDir()
	c := Config{Checkpoint: filepath.Join(dir, "ck"), Data: mnistSets}
	interrupted(t, c, `{"net":"onelayer","epochs":6,"limit":3000,"seed":5}`)
	out := filepath.Join(dir, "net.safetensors")
	command := exec.Command("go", "run", "tapenet/cmd/onelayer", "-epochs", "6", "-limit", "3000", "-seed", "5", "-checkpoint", c.Checkpoint, "-resume", "-save", out)
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := weights.Open(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	sets, err := mnistSets()
	if err == nil {
		sets, err = sets.Limit(3000)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, want := direct(t, models.OneLayer(10).String(), sets, train.Config{Epochs: 6, Batch: 200, Seed: 5})
	if !slices.Equal(got, want[6]) {
		t.Error("the weights are others than of a training that never stopped")
	}
}

// TestUnusableCheckpoint: a checkpoint that is not one, is another program's or server's,
// or is damaged is said in a line, and stays as it is.
func TestUnusableCheckpoint(t *testing.T) {
	dir := t.TempDir()
	good := Config{Checkpoint: filepath.Join(dir, "good")}
	interrupted(t, good, fmt.Sprintf(`{"list":%q,"epochs":100,"batch":20}`, small))
	file, err := os.ReadFile(good.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	for want, bad := range map[string][]byte{
		"not a safetensors file":                       []byte("x"),
		"it is not of a training of this command":      bytes.Replace(file, []byte(requestKey), []byte("tapenet.sauce"), 1),
		"damaged: the checksum is":                     bytes.Replace(file, []byte(`\"lr\":0.001`), []byte(`\"lr\":0.002`), 1),
		"the checkpoint is of another training: -seed": bytes.Replace(file, []byte(`\"seed\":1,\"limit\"`), []byte(`\"seed\":2,\"limit\"`), 1),
		"cut short": file[:len(file)-1],
	} {
		if bytes.Equal(bad, file) {
			t.Fatalf("%s: nothing changed", want)
		}
		path := filepath.Join(dir, "bad")
		if strings.Contains(want, "-seed") { // with a right checksum
			bad = signed(t, bad)
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s := newServer(t, Config{Checkpoint: path})
		if len(s.notices) != 1 || !strings.Contains(s.notices[0], want) || strings.Contains(s.notices[0], "\n") {
			t.Errorf("got %q, want %s", s.notices, want)
		}
		s.must(http.StatusAccepted, "/api/train", fmt.Sprintf(`{"list":%q,"epochs":100,"batch":20}`, small))
		if err := s.Trainings.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, bad) {
			t.Errorf("%s: the file has changed, or error %v", want, err)
		}
	}
	newServer(t, good)
	if second := newServer(t, good); len(second.notices) != 1 || !strings.Contains(second.notices[0], "another server is using it") {
		t.Errorf("a second server: got %q", second.notices)
	}
}

// signed gives a checkpoint of small the checksum of what is in it.
func signed(t *testing.T, file []byte) []byte {
	t.Helper()
	net, err := small.Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := bytes.Replace(file, []byte(`"sha256"`), []byte(`"sha257"`), 1)
	f, err := weights.Read(bytes.NewReader(unsigned), net, "", weights.AdamM, weights.AdamV)
	if err != nil {
		t.Fatal(err)
	}
	delete(f.Meta, "sha257")
	var b bytes.Buffer
	if err := f.Write(&b, net); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCloseGivesUp: the end of the context ends Close, whatever the step is doing.
func TestCloseGivesUp(t *testing.T) {
	s := newServer(t, Config{Checkpoint: filepath.Join(t.TempDir(), "ck")})
	r, err := s.prepare(request{List: small.String()})
	if err != nil {
		t.Fatal(err)
	}
	s.run = r // never begins, and so never ends
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Trainings.Close(ctx); err == nil || !strings.HasPrefix(err.Error(), "the training is lost: its step did not end in time") {
		t.Errorf("got error %v", err)
	}
}
