package prepare

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/graph"
	"tapenet/models"
)

// TestImage: of a picture whose left half is red and whose right half is blue, twice as
// wide as high, plain keeps all and crop the middle, channel by channel.
func TestImage(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for i := range 40 * 20 {
		c := color.RGBA{R: 255, A: 255}
		if i%40 >= 20 {
			c = color.RGBA{B: 255, A: 255}
		}
		img.SetRGBA(i%40, i/40, c)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		way   Way
		shape graph.Shape
		want  []uint8
	}{
		{Plain, graph.Shape{3, 1, 2}, []uint8{255, 0, 0, 0, 0, 255}},
		{Crop, graph.Shape{3, 2, 2}, []uint8{255, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 255}},
		{Plain, graph.Shape{3, 3, 2}, []uint8{0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0}}, // black above and below
		{Plain, graph.Shape{1, 1, 2}, []uint8{76, 29}},                                                   // 0.299 and 0.114 of 255
	} {
		got, err := test.way.Image(bytes.NewReader(file.Bytes()), test.shape)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s %v: error %v, (-want +got):\n%s", test.way, test.shape, err, diff)
		}
	}
	if got, err := Digit.Image(bytes.NewReader(file.Bytes()), graph.Shape{1, 28, 28}); err == nil && len(got) != 784 {
		t.Errorf("digit: got %d pixels, want 784", len(got))
	}
	if _, err := Plain.Image(bytes.NewReader([]byte("seven")), graph.Shape{1, 28, 28}); err == nil {
		t.Error("text: want an error")
	}
	if _, err := Plain.Image(bytes.NewReader(file.Bytes()), graph.Shape{2, 4, 4}); err == nil || !strings.Contains(err.Error(), "2 channels, want 1 or 3") {
		t.Errorf("two channels: got error %v", err)
	}
}

func TestTakesDigits(t *testing.T) {
	for _, test := range []struct {
		classes    int
		rows, cols int
		want       bool
	}{{10, 28, 28, true}, {26, 28, 28, false}, {10, 32, 32, false}} {
		net, err := models.OneLayer(test.classes).Build(1, test.rows, test.cols)
		if err != nil {
			t.Fatal(err)
		}
		if got := TakesDigits(net); got != test.want {
			t.Errorf("%+v: got %t", test, got)
		}
	}
}
