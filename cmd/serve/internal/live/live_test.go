package live

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/mnist"
)

// testSet loads MNIST's test images once.
var testSet = sync.OnceValues(func() (mnist.Set, error) {
	_, test, err := mnist.Load()
	return test, err
})

// server is a Live of its own with the pretrained networks, and its handlers.
func server(t testing.TB) (*Live, http.Handler) {
	t.Helper()
	nets, err := networks.New()
	if err != nil {
		t.Fatal(err)
	}
	test, err := testSet()
	if err != nil {
		t.Fatal(err)
	}
	l := newLive(nets, test)
	mux := http.NewServeMux()
	l.Routes(mux)
	return l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		mux.ServeHTTP(w, r)
	})
}

// get answers a GET.
func get(h http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

// post answers a look.
func post(h http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/look", strings.NewReader(body)))
	return w
}

// describe gets what the server says of a network.
func describe(t testing.TB, h http.Handler, net string) *description {
	t.Helper()
	w := get(h, "/api/model?net="+url.QueryEscape(net))
	var d description
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: got status %d, %s", net, w.Code, w.Body)
	}
	return &d
}

// reply is a decoded answer to a look.
type reply struct {
	seq, flags                 uint32
	scale, dx, dy, difference  float32
	micros                     uint32
	label                      int32
	values, tape, grads, heavy []float32
	node, weights              []float32
	d                          *description
}

// look asks and decodes the answer as d says.
func look(t testing.TB, h http.Handler, d *description, body string) *reply {
	t.Helper()
	w := post(h, body)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/octet-stream" {
		t.Fatalf("%s: got status %d, %.200s", body, w.Code, w.Body)
	}
	b := w.Body.Bytes()
	r := &reply{d: d}
	for _, field := range []any{&r.seq, &r.flags, &r.scale, &r.dx, &r.dy, &r.difference, &r.micros, &r.label} {
		n, err := binary.Decode(b, binary.LittleEndian, field)
		if err != nil {
			t.Fatal(err)
		}
		b = b[n:]
	}
	block := func(n int) []float32 {
		if len(b) < 4*n {
			t.Fatalf("%s: %d bytes are left, want %d", body, len(b), 4*n)
		}
		v := make([]float32, n)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		b = b[4*n:]
		return v
	}
	r.values, r.tape = block(d.Blocks.Values), block(d.Blocks.Tape)
	if r.flags&1 != 0 {
		r.grads = block(d.Blocks.Grads)
	}
	if r.flags&2 != 0 {
		r.heavy = block(d.Blocks.Heavy)
	}
	if r.flags&4 != 0 {
		weights := 0
		if r.flags&8 != 0 {
			weights = d.Blocks.Weights
		}
		r.node = block(len(b)/4 - weights)
	}
	if r.flags&8 != 0 {
		r.weights = block(d.Blocks.Weights)
	}
	if len(b) > 0 {
		t.Fatalf("%s: %d bytes too many", body, len(b))
	}
	return r
}

// find is the part of a block that a list of tensors has under a name.
func find(t testing.TB, list []tensor, block []float32, name string) []float32 {
	t.Helper()
	i := slices.IndexFunc(list, func(p tensor) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s in %v", name, list)
	}
	return block[list[i].Offset : list[i].Offset+list[i].Size]
}

// TestNetworks: the list has the pretrained networks as their tests know them.
func TestNetworks(t *testing.T) {
	_, h := server(t)
	const want = `[{"key":"onelayer","title":"OneLayer","params":231926,"accuracy":0.9887},{"key":"twolayer","title":"TwoLayer","params":22046,"accuracy":0.9877}]`
	if got := strings.TrimSpace(get(h, "/api/networks").Body.String()); got != want {
		t.Errorf("got %s", got)
	}
}

// TestCheck: what is wrong with a list is an answer, not a failure.
func TestCheck(t *testing.T) {
	_, h := server(t)
	for list, want := range map[string]string{
		"Flatten, Dense(10), SoftMax":   `{"error":""}`,
		"Flatten, Conv2d(3, 5), Dense(": `{"error":"1:30: layer 3: got the end, want a whole number","layer":3}`,
		"Conv2d(3, 5), Dense(10)":       `{"error":"layer 2, Dense(10): want rows (D), got (3, 24, 24): put Flatten before it","layer":2}`,
	} {
		w := get(h, "/api/check?net="+url.QueryEscape("list:1:"+list))
		if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != want {
			t.Errorf("%s: got status %d, %s, want %s", list, w.Code, got, want)
		}
	}
}

// TestWeights: the parameters are those of the set, and a client that has them is told
// so.
func TestWeights(t *testing.T) {
	l, h := server(t)
	n, err := l.nets.Open("twolayer")
	if err != nil {
		t.Fatal(err)
	}
	epochs := n.Epochs
	tags := map[string]bool{}
	for _, epoch := range append(slices.Clone(epochs), -1) {
		target := "/api/weights?net=twolayer"
		if epoch >= 0 {
			target += fmt.Sprint("&epoch=", epoch)
		} else if len(epochs) > 0 {
			epoch = epochs[len(epochs)-1]
		}
		want, err := n.After(epoch)
		if err != nil {
			t.Fatal(err)
		}
		w := get(h, target)
		if !slices.Equal(w.Body.Bytes(), floats(nil, want)) {
			t.Errorf("%s: got other weights", target)
		}
		tags[w.Header().Get("ETag")] = true
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Header.Set("If-None-Match", w.Header().Get("ETag"))
		again := httptest.NewRecorder()
		if h.ServeHTTP(again, r); again.Code != http.StatusNotModified || w.Header().Get("ETag") == "" {
			t.Errorf("%s: got status %d with ETag %s", target, again.Code, w.Header().Get("ETag"))
		}
	}
	if len(tags) != len(epochs) {
		t.Errorf("%d epochs have %d ETags", len(epochs), len(tags))
	}
}

// TestDigits: pixels and labels are those of the test images.
func TestDigits(t *testing.T) {
	l, h := server(t)
	w := get(h, "/api/digits?index=9999,0,8")
	const size = mnist.Rows * mnist.Cols
	var want []byte
	for _, i := range []int{9999, 0, 8} {
		want = append(want, l.test.Pixels[i*size:(i+1)*size]...)
	}
	labels := fmt.Sprintf("%d,%d,%d", l.test.Labels[9999], l.test.Labels[0], l.test.Labels[8])
	if !slices.Equal(w.Body.Bytes(), want) || w.Header().Get("X-Labels") != labels {
		t.Errorf("got %d bytes, labels %q, want %q", w.Body.Len(), w.Header().Get("X-Labels"), labels)
	}
	if w := get(h, "/api/digits?index=0"+strings.Repeat(",1", 99)); w.Body.Len() != 100*size {
		t.Errorf("100 images: got status %d, %d bytes", w.Code, w.Body.Len())
	}
}

// TestPicture: the pictures are those of package draw.
func TestPicture(t *testing.T) {
	l, h := server(t)
	n, err := l.nets.Open("twolayer")
	if err != nil {
		t.Fatal(err)
	}
	for _, drawing := range draw.Drawings() {
		for format, write := range map[string]func(*strings.Builder) error{
			"svg": func(b *strings.Builder) error {
				return draw.SVG(b, n.Network, draw.Picture{Title: n.Title, Drawing: drawing})
			},
			"dot": func(b *strings.Builder) error {
				return draw.DOT(b, n.Network, draw.Picture{Title: n.Title, Drawing: drawing})
			},
		} {
			var want strings.Builder
			if err := write(&want); err != nil {
				t.Fatal(err)
			}
			w := get(h, fmt.Sprintf("/api/picture?net=twolayer&graph=%s&format=%s&download=1", drawing, format))
			name := fmt.Sprintf(`attachment; filename="twolayer_%s.%s"`, drawing, format)
			if w.Body.String() != want.String() || w.Header().Get("Content-Disposition") != name {
				t.Errorf("%s.%s: got %d bytes as %s, want %d", drawing, format, w.Body.Len(), w.Header().Get("Content-Disposition"), want.Len())
			}
		}
	}
}

// TestPictureOfAList: an edited list is titled by what it is.
func TestPictureOfAList(t *testing.T) {
	_, h := server(t)
	w := get(h, "/api/picture?net="+url.QueryEscape("list:1:Flatten, Dense(12), Rectify, Dense(10), SoftMax"))
	if want := "<title>Dense(12), Dense(10)</title>"; !strings.Contains(w.Body.String(), want) {
		t.Errorf("got no %q in %.300s", want, w.Body)
	}
}

// TestBadRequests: each is an error in words with its status, and names its field.
func TestBadRequests(t *testing.T) {
	_, h := server(t)
	strokes := func(n, points int) string {
		line := "[" + strings.TrimSuffix(strings.Repeat("0.5,0.5,", points), ",") + "]"
		return "[" + strings.TrimSuffix(strings.Repeat(line+",", n), ",") + "]"
	}
	for _, c := range []struct {
		request string // a GET's target, or the body of a look
		status  int
		field   string
		message string // a part of it
	}{
		{"/api/model", 404, "net", `got network ""`},
		{"/api/model?net=threelayer", 404, "net", `got network "threelayer"`},
		{"/api/model?net=list:x:Flatten", 400, "net", `got seed "x"`},
		{"/api/model?net=list:1:Conv2d(3,5),Dense(4)", 400, "", "layer 2"},
		{"/api/model?net=list:1:Conv2d(3,5),Conv", 400, "", "layer 2"},
		{"/api/model?net=list:1:Conv2d(5000,1),Conv2d(1,14)", 400, "", "values for an image"},
		{"/api/weights?net=onelayer&epoch=1.5", 400, "epoch", `got epoch "1.5"`},
		{"/api/weights?net=onelayer&epoch=11", 400, "epoch", "got epoch 11"},
		{"/api/weights?net=onelayer&epoch=-1", 400, "epoch", "got epoch -1"},
		{"/api/digits", 400, "index", `got ""`},
		{"/api/digits?index=1,,2", 400, "index", `got ""`},
		{"/api/digits?index=10000", 400, "index", "got test image 10000"},
		{"/api/digits?index=0" + strings.Repeat(",1", 100), 400, "index", "at most 100"},
		{"/api/picture?net=onelayer&graph=sideways", 400, "graph", `got graph "sideways"`},
		{"/api/picture?net=onelayer&format=png", 400, "format", `got format "png"`},
		{"/api/picture?net=list:1:Flatten&graph=training", 400, "graph", "SoftMax"},
		{``, 400, "", "want a JSON object"},
		{`{"net":"onelayer","pixels":[]}`, 400, "", "pixels"},
		{`{"net":"onelayer","seq":-1}`, 400, "seq", "seq"},
		{`{"net":"onelayer","strokes":[[1e999,0]]}`, 400, "strokes", "1e999"},
		{`{"net":"onelayer","strokes":[[0.1,0.2,0.3]]}`, 400, "strokes", "x and y"},
		{`{"net":"onelayer","strokes":[[0.1,1.51]]}`, 400, "strokes", "1.51"},
		{`{"net":"onelayer","strokes":` + strokes(65, 1) + `}`, 400, "strokes", "65 strokes"},
		{`{"net":"onelayer","strokes":` + strokes(3, 1334) + `}`, 400, "strokes", "over 4000 points"},
		{`{"net":"onelayer","strokes":` + strokes(10, 1000) + `}`, 413, "", "65536"},
		{`{"net":"onelayer","strokes":[[0.1,0.2]],"example":3}`, 400, "example", "one of them"},
		{`{"net":"onelayer","example":10000}`, 400, "example", "10000"},
		{`{"net":"onelayer","example":-1}`, 400, "example", "-1"},
		{`{"net":"onelayer","epoch":11}`, 400, "epoch", "got epoch 11"},
		{`{"net":"onelayer","explain":[10]}`, 400, "explain", "got class 10, want 0 to 9"},
		{`{"net":"onelayer","explain":[4,-1]}`, 400, "explain", "got class -1"},
		{`{"net":"onelayer","explain":[4,4]}`, 400, "explain", "twice"},
		{`{"net":"onelayer","explain":[1,2,3]}`, 400, "explain", "got 3 classes"},
		{`{"net":"onelayer","heavy":true}`, 400, "heavy", "explain"},
		{`{"net":"onelayer","step":{"as":10}}`, 400, "step", "got class 10"},
		{`{"net":"onelayer","step":{"as":1,"times":0}}`, 400, "step", "got 0 steps"},
		{`{"net":"onelayer","step":{"as":1,"times":21}}`, 400, "step", "got 21 steps"},
		{`{"net":"list:1:Flatten, Dense(10)","step":{"as":1}}`, 400, "step", "SoftMax"},
		{`{"net":"list:1:Flatten, SoftMax","step":{"as":1}}`, 400, "step", "parameters"},
		{`{"net":"onelayer","node":1000}`, 400, "node", "got node 1000"},
		{`{"net":"onelayer","node":-1}`, 400, "node", "got node -1"},
	} {
		var w *httptest.ResponseRecorder
		if strings.HasPrefix(c.request, "/") {
			w = get(h, strings.ReplaceAll(c.request, " ", "%20"))
		} else {
			w = post(h, c.request)
		}
		var e answer.Error
		err := json.Unmarshal(w.Body.Bytes(), &e)
		if err != nil || w.Code != c.status || e.Field != c.field || !strings.Contains(e.Message, c.message) || strings.Contains(e.Message, "\n") {
			t.Errorf("%.100s: got %d %.300s, want %d, field %q, %q", c.request, w.Code, w.Body, c.status, c.field, c.message)
		}
	}
	// What is just inside the bounds is none.
	for _, body := range []string{
		`{"net":"twolayer","strokes":` + strokes(64, 62) + `}`, `{"net":"twolayer","strokes":[[-0.5,1.5]]}`,
		`{"net":"twolayer","example":9999,"explain":[0,9],"step":{"as":9,"times":20}}`,
	} {
		if w := post(h, body); w.Code != http.StatusOK {
			t.Errorf("%.100s: got %d %.200s", body, w.Code, w.Body)
		}
	}
}

// TestOtherImages: a network for images of another size is shown the means of the
// pixels, in all channels; one for rows cannot be shown, nor one with NaN as a weight.
func TestOtherImages(t *testing.T) {
	l, h := server(t)
	put := func(key string, weight float32, in ...int) {
		net, err := graph.Sequential{graph.Flatten, graph.Dense(3), graph.SoftMax}.Build(in...)
		if err != nil {
			t.Fatal(err)
		}
		l.nets.Put(&networks.Network{Key: key, Title: key, Version: "1", Network: net, After: func(int) ([]float32, error) {
			values := make([]float32, net.NumParams())
			values[0] = weight
			return values, nil
		}})
	}
	put("half", 1, 3, 14, 7)
	put("rows", 1, 784)
	put("broken", float32(math.NaN()), 1, 28, 28)
	d := describe(t, h, "half")
	x := find(t, d.Values, look(t, h, d, `{"net":"half","example":0}`).values, "x")
	for i, got := range x {
		row, col, sum := i/7%14, i%7, 0.0
		for y := range 2 {
			for x := range 4 {
				sum += float64(l.test.Pixels[(2*row+y)*28+4*col+x])
			}
		}
		if want := sum / 8 / 255; math.Abs(float64(got)-want) > 0.501/255 {
			t.Errorf("pixel %d: got %v, want %v", i, got, want)
		}
	}
	if w := post(h, `{"net":"broken","example":0}`); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "not a number") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := post(h, `{"net":"rows","example":0}`); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "rows of 784 values") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
