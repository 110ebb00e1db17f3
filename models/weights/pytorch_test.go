package weights

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/models"
)

// TestPyTorchRecorded: PyTorch takes the file of an edited network, of three
// channels, filters of 3x3 and no pooling, and gives what the float64 loops give.
// With TAPENET_PYTORCH_DIR it writes what testdata/pytorch.py needs into that
// folder, and checks nothing.
func TestPyTorchRecorded(t *testing.T) {
	net, err := graph.Sequential{
		graph.Conv2d(8, 3), graph.Rectify, graph.Conv2d(6, 3), graph.Rectify, graph.Flatten, graph.Dense(20), graph.Rectify, graph.Dense(5), graph.SoftMax,
	}.Build(3, 12, 11)
	if err != nil {
		t.Fatal(err)
	}
	values := models.Init(net, 1)
	var file bytes.Buffer
	if err := Save(&file, net, values); err != nil {
		t.Fatal(err)
	}
	const images = 2000
	if dir := os.Getenv("TAPENET_PYTORCH_DIR"); dir != "" {
		rng := rand.New(rand.NewPCG(1, 1))
		x := make([]float32, images*net.In.Size())
		for i := range x {
			x[i] = rng.Float32()
		}
		y := graphtest.Outputs(net, values, x)
		for name, data := range map[string]any{"edited.safetensors": file.Bytes(), "edited.x": x, "edited.y": y} {
			b, err := binary.Append(nil, binary.LittleEndian, data)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), b, 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	text, err := os.ReadFile(filepath.Join("testdata", "pytorch.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		SHA256        string
		Images        int
		MaxDifference float64 `json:"max_difference"`
		OtherWinners  int     `json:"other_winners"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(file.Bytes()); got.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("recorded for a file of SHA-256 %s, now it is %x: run testdata/pytorch.py", got.SHA256, sum)
	}
	if got.Images != images || !(got.MaxDifference > 0 && got.MaxDifference <= 4e-6) || got.OtherWinners != 0 {
		t.Errorf("got %+v, want %d images, a difference of at most 4e-6 and no other winner", got, images)
	}
}
