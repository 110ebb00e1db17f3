package checkpoint

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"tapenet/graph"
	"tapenet/models/weights"
	"tapenet/train"
)

// tiny returns a checkpoint, and what it was made of.
func tiny(t testing.TB) (file []byte, net *graph.Network, s train.State, was Settings) {
	t.Helper()
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	s = train.State{
		Epoch: 3, Step: 7, Updates: 27, Score: graph.Score{Loss: 0.1 + 0.2, Correct: 5},
		History: train.History{
			{Epoch: 1, Steps: 10, Train: train.Metrics{Loss: 1. / 3, Correct: 6, Images: 10}, Val: &train.Metrics{Loss: 2, Images: 3}, Time: time.Second, StepTime: 3},
			{Epoch: 2, Steps: 10, Train: train.Metrics{Loss: 1e-300, Correct: 7, Images: 10}, Val: &train.Metrics{Loss: 1, Images: 3}},
		},
		Weights: []float32{1, 2, 3, 4}, M: []float32{-1, 1e-40, 0, 5}, V: []float32{0, 1, 2, 3},
	}
	was = Settings{Network: "Dense(2), SoftMax", Data: "d", Lowering: "fused", Batch: 1, LR: 0.1, Seed: 1 << 63, Shuffle: true, Kernels: "generic"}
	var b bytes.Buffer
	if err := Write(&b, net, s, was, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), net, s, was
}

// TestRoundTrip: every bit of a state comes back.
func TestRoundTrip(t *testing.T) {
	file, net, want, wantSettings := tiny(t)
	got, was, err := Read(bytes.NewReader(file), net)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(was, wantSettings) {
		t.Errorf("got %+v %+v\nwant %+v %+v", got, was, want, wantSettings)
	}
}

// TestEveryByte changes each byte in turn: the checkpoint is refused, or
// read as it was.
func TestEveryByte(t *testing.T) {
	file, net, want, _ := tiny(t)
	for at := range file {
		for _, change := range []byte{1, 0x20, 0x80, 0xff} {
			bad := bytes.Clone(file)
			bad[at] ^= change
			if got, _, err := Read(bytes.NewReader(bad), net); err == nil && !reflect.DeepEqual(got, want) {
				t.Fatalf("byte %d of %d changed by %#x: read as another state", at, len(file), change)
			}
		}
	}
}

// TestHostile: a checkpoint with a right checksum that says what cannot be is
// refused, and the error says what.
func TestHostile(t *testing.T) {
	data := train.Data{Pixels: make([]uint8, 10), Labels: make([]uint8, 10)}
	validation := train.Data{Pixels: make([]uint8, 3), Labels: make([]uint8, 3)}
	check := func(spoil func(s *train.State, was *Settings)) error {
		_, net, s, was := tiny(t)
		spoil(&s, &was)
		var file bytes.Buffer
		if err := Write(&file, net, s, was, nil); err != nil {
			t.Fatal(err)
		}
		s, was, err := Read(&file, net)
		if err != nil {
			t.Fatal(err)
		}
		return was.Check(s, data, validation)
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
		err := check(func(s *train.State, _ *Settings) { spoil(s) })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	for name, rates := range map[string][]Rate{
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
		err := check(func(_ *train.State, was *Settings) { was.Rates = rates })
		if err == nil || !strings.Contains(err.Error(), "got a learning rate of ") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	good := []Rate{{1, 0, 0.5}, {1, 9, 0.25}, {3, 7, 2}}
	if err := check(func(_ *train.State, was *Settings) { was.Rates = good }); err != nil {
		t.Errorf("good rates: error %v", err)
	}
}

// TestFields: a checkpoint with a right checksum whose words are not those of Write
// is refused.
func TestFields(t *testing.T) {
	_, net, good, settings := tiny(t)
	words := map[string]string{}
	for key, v := range map[string]any{
		weights.FormatKey: weights.Checkpoint, settingsKey: settings,
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
		vectors := map[string][]float32{"": good.Weights, weights.AdamM: good.M, weights.AdamV: good.V}
		if err := (weights.File{Meta: meta, Vectors: vectors}).Write(&file, net); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(&file, net); err == nil || !strings.Contains(err.Error(), test.key+": a field is missing, unknown, there twice") {
			t.Errorf("%s for %s: got error %v", test.new, test.old, err)
		}
	}
}

// TestOtherFile: a file that only looks like a checkpoint is refused: one of another
// format, or without a checksum.
func TestOtherFile(t *testing.T) {
	file, net, _, _ := tiny(t)
	f, err := weights.Read(bytes.NewReader(file), net, "", weights.AdamM, weights.AdamV)
	if err != nil {
		t.Fatal(err)
	}
	f.Meta[weights.FormatKey] = "tapenet checkpoint 2"
	var other bytes.Buffer
	if err := f.Write(&other, net); err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string][]byte{
		`got format "tapenet checkpoint 2", want "tapenet checkpoint 1"`: other.Bytes(),
		"no checksum": bytes.Replace(file, []byte(`"sha256"`), []byte(`"SHA256"`), 1),
	} {
		if _, _, err := Read(bytes.NewReader(file), net); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	file, net, _, _ := tiny(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, _, err := Read(bytes.NewReader(file), net)
		if err != nil {
			return
		}
		tr, err := train.New(net, s.Weights, train.Config{Lowering: graph.Gorgonia})
		if err != nil {
			t.Fatal(err)
		}
		tr.Restore(s) // an error or a state, no panic
	})
}
