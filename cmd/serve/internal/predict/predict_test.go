package predict

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"tapenet/cmd/internal/export"
	"tapenet/cmd/internal/prepare"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
)

// serve is a Handler of the pretrained networks and a mux that answers with it.
func serve(t *testing.T) (*Handler, *networks.Set, http.Handler) {
	t.Helper()
	nets, err := networks.New()
	if err != nil {
		t.Fatal(err)
	}
	h := New(nets, func(int) {})
	mux := http.NewServeMux()
	h.Routes(mux)
	return h, nets, mux
}

// post asks, and returns the status, the answer, and the error's line if it is one.
func post(mux http.Handler, url, kind string, body []byte) (status int, result reply, message string) {
	r := httptest.NewRequest("POST", url, bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	var e struct{ Error string }
	json.Unmarshal(w.Body.Bytes(), &e)
	json.Unmarshal(w.Body.Bytes(), &result)
	return w.Code, result, e.Error
}

// load reads MNIST's test images.
var load = sync.OnceValues(func() (mnist.Set, error) {
	_, test, err := mnist.Load()
	return test, err
})

func testImage(t *testing.T, index int) (pixels []uint8, label int) {
	t.Helper()
	test, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return test.Pixels[index*784:][:784], int(test.Labels[index])
}

// onPaper is a test image as ink on a sheet, a PNG file.
func onPaper(t *testing.T, index int) []byte {
	pixels, _ := testImage(t, index)
	img := image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range img.Pix {
		img.Pix[i] = 230
		if x, y := (i%300-150)/5, (i/300-20)/5; i%300 >= 150 && i/300 >= 20 && x < 28 && y < 28 {
			img.Pix[i] -= uint8(int(pixels[y*28+x]) * 200 / 255)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// numbers is pixels in JSON.
func numbers(pixels []uint8) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(pixels), "[]"), " ", ",")
}

// reference is what net gives for an image, in float64 loops.
func reference(net *graph.Network, values []float32, pixels []uint8) []float64 {
	weights, x := make([]float64, len(values)), make([]float64, len(pixels))
	for i, v := range values {
		weights[i] = float64(v)
	}
	for i, v := range pixels {
		x[i] = float64(v) / 255
	}
	return graphtest.Run(net, weights, x, []int{-1}).Outputs
}

// TestPixels: the answer is what the definition of the network gives for the image, in
// float64 loops, on both paths.
func TestPixels(t *testing.T) {
	_, _, mux := serve(t)
	for _, key := range models.Names() {
		net, values, err := pretrained.Open(key)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		var want [][]float64
		for index := range 2 {
			pixels, _ := testImage(t, index)
			list = append(list, "["+numbers(pixels)+"]")
			want = append(want, reference(net, values, pixels))
		}
		for _, path := range []string{Newest, Stable} {
			status, got, message := post(mux, path+"?net="+key, "application/json", []byte(`{"images":[`+strings.Join(list, ",")+`]}`))
			if status != 200 || got.Version != 1 || got.Network != key || len(got.Predictions) != len(want) {
				t.Fatalf("%s: got %d %+v %q", path, status, got, message)
			}
			for index, p := range got.Predictions {
				_, label := testImage(t, index)
				if p.Class != label || p.Name != fmt.Sprint(label) || p.Probability != slices.Max(p.Probabilities) || p.Probability != p.Probabilities[p.Class] {
					t.Errorf("%s, test image %d: got %+v, want class %d", key, index, p.Guess, label)
				}
				for class, v := range want[index] {
					if math.Abs(float64(p.Probabilities[class])-v) > 1e-5 {
						t.Errorf("%s, test image %d, class %d: got %v, want %v", key, index, class, p.Probabilities[class], v)
					}
				}
			}
		}
	}
}

// TestPictures: a photo is prepared as MNIST was; alone it is an error if it is none, among
// others an error in its place.
func TestPictures(t *testing.T) {
	_, _, mux := serve(t)
	seven, two := onPaper(t, 0), onPaper(t, 1)
	for _, kind := range []string{"image/png", "image/jpeg", "application/octet-stream", ""} { // the file says what it is
		if status, got, message := post(mux, Stable, kind, seven); status != 200 || got.Predictions[0].Class != 7 {
			t.Errorf("%q: got %d %+v %q, want a 7", kind, status, got, message)
		}
	}
	form := func(files ...[]byte) (kind string, body []byte) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i, f := range files {
			part, _ := w.CreateFormFile("image", fmt.Sprintf("%d.png", i))
			part.Write(f)
		}
		w.Close()
		return w.FormDataContentType(), b.Bytes()
	}
	kind, body := form(seven, []byte("text"), two)
	status, got, message := post(mux, Stable, kind, body)
	if status != 200 || len(got.Predictions) != 3 {
		t.Fatalf("got %d %+v %q, want three predictions", status, got, message)
	}
	p := got.Predictions
	if p[0].Guess == nil || p[0].Class != 7 || p[2].Guess == nil || p[2].Class != 2 || p[1].Guess != nil || !strings.Contains(p[1].Error, `got text that starts with "text"`) || p[2].File != "2.png" {
		t.Errorf("got %+v, want 7, an error and 2", p)
	}
	kind, body = form([]byte("text"))
	if status, _, message := post(mux, Stable, kind, body); status != 400 || !strings.Contains(message, "want PNG, JPEG or GIF") {
		t.Errorf("one text: got %d %q, want 400", status, message)
	}
	kind, body = form([]byte("a"), []byte("b"))
	if status, got, message := post(mux, Stable, kind, body); status != 200 || len(got.Predictions) != 2 || got.Predictions[0].Guess != nil {
		t.Errorf("two texts: got %d %+v %q, want two errors in their places", status, got, message)
	}
	if status, got, _ := post(mux, Stable+"?prepare=plain", "image/png", seven); status != 200 || slices.Equal(got.Predictions[0].Probabilities, p[0].Probabilities) {
		t.Errorf("plain: got %d %+v, want another answer than for a digit", status, got)
	}
}

// TestStrokes: drawings are digits.
func TestStrokes(t *testing.T) {
	_, _, mux := serve(t)
	status, got, message := post(mux, Stable, "application/json", []byte(`{"drawings":[[[0.3,0.2,0.7,0.2,0.45,0.85]],[[0.5,0.2,0.5,0.8]],[[0.5]]]}`))
	if status != 200 || got.Predictions[0].Class != 7 || got.Predictions[1].Class != 1 || !strings.Contains(got.Predictions[2].Error, "want x and y") {
		t.Errorf("got %d %+v %q, want a 7, a 1 and an error", status, got.Predictions, message)
	}
}

// TestVersions: the weights of a network that was replaced are not asked again, those of
// one that was not are not read again.
func TestVersions(t *testing.T) {
	h, nets, mux := serve(t)
	net, err := graph.Sequential{graph.Flatten, graph.Dense(2), graph.SoftMax}.Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	put := func(version string, bias float32) {
		values := make([]float32, net.NumParams())
		values[len(values)-1] = bias
		nets.Put(&networks.Network{Key: "file", Version: version, Network: net, Classes: []string{"cat", "dog"}, After: func(int) ([]float32, error) { read++; return values, nil }})
	}
	blank := []byte(`{"image":[` + numbers(make([]uint8, 784)) + `]}`)
	for i, want := range []struct {
		version string
		bias    float32
		name    string
		read    int
	}{{"a", 5, "dog", 1}, {"a", 5, "dog", 1}, {"b", -5, "cat", 2}} {
		put(want.version, want.bias)
		status, got, message := post(mux, Stable+"?net=file", "application/json", blank)
		if status != 200 || got.Predictions[0].Name != want.name || read != want.read {
			t.Errorf("call %d: got %d %+v %q after %d reads, want %s after %d", i, status, got.Predictions, message, read, want.name, want.read)
		}
	}
	if status, _, message := post(mux, Stable+"?net=file&prepare=digit", "application/json", blank); status != 400 || !strings.Contains(message, "has 2 classes") {
		t.Errorf("prepare=digit: got %d %q, want 400", status, message)
	}
	for range cap(h.places) {
		h.places <- struct{}{}
	}
	if status, _, message := post(mux, Stable, "application/json", blank); status != 503 || !strings.Contains(message, "try again") {
		t.Errorf("no place: got %d %q, want 503", status, message)
	}
}

// TestDefaultPreparation: a network of digits with other names gets pictures as they are.
func TestDefaultPreparation(t *testing.T) {
	h, nets, _ := serve(t)
	net, values, err := pretrained.Open("twolayer")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		names []string
		want  string
	}{{export.Digits(), "digit"}, {strings.Fields("shirt trouser pullover dress coat sandal top sneaker bag boot"), "plain"}} {
		nets.Put(&networks.Network{Key: "file", Network: net, Classes: test.names, After: func(int) ([]float32, error) { return values, nil }})
		_, way, err := h.query(httptest.NewRequest("POST", Stable+"?net=file", nil))
		if err != nil || string(way) != test.want {
			t.Errorf("%v: got %s and error %v, want %s", test.names, way, err, test.want)
		}
	}
}

// TestChannels: a network of two channels takes pixels, and no pictures.
func TestChannels(t *testing.T) {
	_, nets, mux := serve(t)
	net, err := graph.Sequential{graph.Flatten, graph.Dense(2), graph.SoftMax}.Build(2, 4, 4)
	if err != nil {
		t.Fatal(err)
	}
	nets.Put(&networks.Network{Key: "file", Network: net, After: func(int) ([]float32, error) { return models.Init(net, 1), nil }})
	if status, _, message := post(mux, Stable+"?net=file", "image/png", onPaper(t, 0)); status != 400 || !strings.Contains(message, "2 channels") {
		t.Errorf("picture: got %d %q, want 400", status, message)
	}
	if status, _, message := post(mux, Stable+"?net=file", "application/json", []byte(`{"image":[`+numbers(make([]uint8, 32))+`]}`)); status != 200 {
		t.Errorf("pixels: got %d %q, want 200", status, message)
	}
}

// TestGone: nothing is decoded for a client that has gone.
func TestGone(t *testing.T) {
	h, _, _ := serve(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	for range 20 {
		if image, err := h.picture(ctx, onPaper(t, 0), graph.Shape{1, 28, 28}, prepare.Plain); err == nil {
			t.Fatalf("got %d pixels, want an error", len(image))
		}
	}
	for range cap(h.decoding) {
		h.decoding <- struct{}{} // none is kept; else this waits
	}
	if _, err := h.picture(ctx, onPaper(t, 0), graph.Shape{1, 28, 28}, prepare.Plain); err == nil {
		t.Error("while others decode: got no error")
	}
}
