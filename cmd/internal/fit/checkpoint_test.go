package fit

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/weights"
	"tapenet/train"
)

func tinyNet(t testing.TB) *graph.Network {
	t.Helper()
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func tinyCheckpoint(t testing.TB, dir string) (*job, train.State, settings) {
	t.Helper()
	j := &job{net: tinyNet(t)}
	j.checkpoint, j.batch, j.epochs = filepath.Join(dir, "ck"), 1, 5
	j.training = train.Data{Pixels: make([]uint8, 10), Labels: make([]uint8, 10)}
	j.val = train.Data{Pixels: make([]uint8, 3), Labels: make([]uint8, 3)}
	s := train.State{
		Epoch: 3, Step: 7, Updates: 27, Score: graph.Score{Loss: 0.1 + 0.2, Correct: 5},
		History: train.History{
			{Epoch: 1, Steps: 10, Train: train.Metrics{Loss: 1. / 3, Correct: 6, Images: 10}, Val: &train.Metrics{Loss: 2, Images: 3}, Time: time.Second, StepTime: 3},
			{Epoch: 2, Steps: 10, Train: train.Metrics{Loss: 1e-300, Correct: 7, Images: 10}, Val: &train.Metrics{Loss: 1, Images: 3}},
		},
		Weights: []float32{1, 2, 3, 4}, M: []float32{-1, 1e-40, 0, 5}, V: []float32{0, 1, 2, 3},
	}
	was := settings{Network: "Dense(2), SoftMax", Data: "d", Lowering: "fused", Batch: 3, LR: 0.1, Seed: 1 << 63, Shuffle: true, Kernels: "generic"}
	if err := j.writeCheckpoint(s, was); err != nil {
		t.Fatal(err)
	}
	return j, s, was
}

// TestCheckpointRoundTrip: every bit of a state comes back.
func TestCheckpointRoundTrip(t *testing.T) {
	j, want, wantSettings := tinyCheckpoint(t, t.TempDir())
	file, err := os.ReadFile(j.checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	got, was, err := readCheckpoint(bytes.NewReader(file), j.net)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(was, wantSettings) {
		t.Errorf("got %+v %+v\nwant %+v %+v", got, was, want, wantSettings)
	}
}

// TestCheckpointEveryByte changes each byte in turn: the checkpoint is refused, or
// read as it was.
func TestCheckpointEveryByte(t *testing.T) {
	j, want, _ := tinyCheckpoint(t, t.TempDir())
	file, err := os.ReadFile(j.checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	for at := range file {
		for _, change := range []byte{1, 0x20, 0x80, 0xff} {
			bad := bytes.Clone(file)
			bad[at] ^= change
			if got, _, err := readCheckpoint(bytes.NewReader(bad), j.net); err == nil && !reflect.DeepEqual(got, want) {
				t.Fatalf("byte %d of %d changed by %#x: read as another state", at, len(file), change)
			}
		}
	}
}

// TestHostileCheckpoint: a checkpoint with a right checksum that says what
// cannot be is refused, and the error says what.
func TestHostileCheckpoint(t *testing.T) {
	j, good, settings := tinyCheckpoint(t, t.TempDir())
	if _, _, err := j.loadCheckpoint(settings); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(s *train.State){
		"epoch 2 of the history says that it is epoch 99":                          func(s *train.State) { s.History[1].Epoch = 99 },
		"epoch 1: got 0 steps for 0 images":                                        func(s *train.State) { s.History[0].Train.Images, s.History[0].Steps = 0, 0 },
		"step 1000000000: got 27 updates of the weights, want at least 1000000020": func(s *train.State) { s.Step = 1e9 },
		"step 7: got 0 updates of the weights, want at least 27":                   func(s *train.State) { s.Updates = 0 },
		"got 28 updates of the weights, want 27":                                   func(s *train.State) { s.Updates = 28 },
		"got 1000000000 correct of 7 images":                                       func(s *train.State) { s.Score.Correct = 1e9 },
		"after step 7: got a loss of 0.3 and -5 correct images":                    func(s *train.State) { s.Score.Correct = -5 },
		"epoch 2: was on other data than epoch 1":                                  func(s *train.State) { s.History[1].Val = nil },
		"epoch 1: got 10 images of validation, want 3":                             func(s *train.State) { s.History[0].Val.Images, s.History[1].Val.Images = 10, 10 },
		"epoch 1: got 0 images of validation, want 3":                              func(s *train.State) { s.History[0].Val, s.History[1].Val = nil, nil },
		"second moment 2 is -2, want at least 0":                                   func(s *train.State) { s.V[2] = -2 },
	} {
		j, s, settings := tinyCheckpoint(t, t.TempDir())
		spoil(&s)
		if err := j.writeCheckpoint(s, settings); err != nil {
			t.Fatal(err)
		}
		if _, _, err := j.loadCheckpoint(settings); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	for name, rates := range map[string][]rate{
		"zero":         {{1, 0, 0}},
		"negative":     {{1, 0, -1}},
		"no float32":   {{1, 0, 1e-60}},
		"infinite":     {{1, 0, 1e60}},
		"before all":   {{0, 5, 1}},
		"no step":      {{1, -1, 1}},
		"twice":        {{2, 1, 1}, {2, 1, 2}},
		"backwards":    {{2, 1, 1}, {1, 9, 2}},
		"later":        {{3, 8, 1}},
		"much later":   {{1 << 40, 0, 1}},
		"last is late": {{1, 0, 1}, {4, 0, 1}},
	} {
		j, s, settings := tinyCheckpoint(t, t.TempDir())
		settings.Rates = rates
		if err := j.writeCheckpoint(s, settings); err != nil {
			t.Fatal(err)
		}
		if _, _, err := j.loadCheckpoint(settings); err == nil || !strings.Contains(err.Error(), "got a learning rate of ") {
			t.Errorf("%s: got error %v", name, err)
		}
		settings.Rates = []rate{{1, 0, 0.5}, {1, 9, 0.25}, {3, 7, 2}}
		if err := j.writeCheckpoint(s, settings); err != nil {
			t.Fatal(err)
		}
		if _, got, err := j.loadCheckpoint(settings); err != nil || !reflect.DeepEqual(got, settings.Rates) {
			t.Errorf("good rates: got %v, error %v", got, err)
		}
	}
	words := map[string]string{}
	for key, v := range map[string]any{
		formatKey: checkpointFormat, settingsKey: settings,
		positionKey: position{good.Epoch, good.Step, good.Updates, good.Score.Loss, good.Score.Correct, good.History},
	} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		words[key] = strings.Trim(string(text), `"`)
	}
	for _, test := range []struct{ key, old, new string }{
		{positionKey, `"step":7,`, ``},
		{positionKey, `"step":7,`, `"step":7,"step":7,`},
		{positionKey, `"step":7,`, `"Step":7,`},
		{positionKey, `"step":7,`, `"step":null,`},
		{positionKey, `"loss":`, `"lost":1,"loss":`},
		{positionKey, `"Correct":6,`, ``},
		{settingsKey, `"shuffle":true,`, ``},
		{settingsKey, `"kernels":"generic"`, `"kernels":null`},
		{settingsKey, `}`, `} `},
		{settingsKey, `}`, `,"validation":0}`},
		{settingsKey, `}`, `,"rates":[]}`},
		{settingsKey, `}`, `,"rates":null}`},
		{settingsKey, `}`, `,"rates":[{"epoch":1,"lr":0.5}]}`},
	} {
		meta := maps.Clone(words)
		if meta[test.key] = strings.Replace(meta[test.key], test.old, test.new, 1); meta[test.key] == words[test.key] {
			t.Fatalf("%s has no %s", meta[test.key], test.old)
		}
		var file bytes.Buffer
		vectors := map[string][]float32{"": good.Weights, prefixM: good.M, prefixV: good.V}
		if err := (weights.File{Meta: meta, Vectors: vectors}).Write(&file, j.net); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readCheckpoint(&file, j.net); err == nil || !strings.Contains(err.Error(), test.key+": a field is missing, unknown, there twice") {
			t.Errorf("%s for %s: got error %v", test.new, test.old, err)
		}
	}
}

// TestOtherFile: a file that only looks like a checkpoint is refused: one of another
// format, or without a checksum.
func TestOtherFile(t *testing.T) {
	j, _, _ := tinyCheckpoint(t, t.TempDir())
	file, err := os.ReadFile(j.checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Read(bytes.NewReader(file), j.net, "", prefixM, prefixV)
	if err != nil {
		t.Fatal(err)
	}
	f.Meta[formatKey] = "tapenet checkpoint 2"
	var other bytes.Buffer
	if err := f.Write(&other, j.net); err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string][]byte{
		`got format "tapenet checkpoint 2", want "tapenet checkpoint 1"`: other.Bytes(),
		"no checksum": bytes.Replace(file, []byte(`"sha256"`), []byte(`"SHA256"`), 1),
	} {
		if _, _, err := readCheckpoint(bytes.NewReader(file), j.net); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	j, _, _ := tinyCheckpoint(f, f.TempDir())
	file, err := os.ReadFile(j.checkpoint)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, _, err := readCheckpoint(bytes.NewReader(file), j.net)
		if err != nil {
			return
		}
		tr, err := train.New(j.net, s.Weights, train.Config{Lowering: graph.Gorgonia})
		if err != nil {
			t.Fatal(err)
		}
		tr.Restore(s) // an error or a state, no panic
	})
}

// BenchmarkCheckpoint times what a checkpoint of OneLayer adds to an epoch.
func BenchmarkCheckpoint(b *testing.B) {
	net, err := models.OneLayer(10).Build(1, 28, 28)
	if err != nil {
		b.Fatal(err)
	}
	tr, err := train.New(net, models.Init(net, 1), train.Config{})
	if err != nil {
		b.Fatal(err)
	}
	j := &job{net: net}
	j.checkpoint = filepath.Join(b.TempDir(), "ck")
	for b.Loop() {
		state, err := tr.State()
		if err != nil {
			b.Fatal(err)
		}
		if err := j.writeCheckpoint(state, settings{}); err != nil {
			b.Fatal(err)
		}
	}
}
