// Package live shows networks at work on one image: what every tensor of the graph
// holds, the gradient of a score by each, and how a step of training moves the weights.
//
// An image is looked at by a graph.Probe, whose graph is the network as Gorgonia's own
// ops; the fused ops that training runs on compute the same results beside it, and
// every answer says by how much the two differ.
package live

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/mnist"
)

// Live answers for all networks of a set. Any number of goroutines may use it.
type Live struct {
	nets    *networks.Set
	test    mnist.Set
	models  cache
	places  chan struct{} // one value for each look that has a model, kept or not, or is making it
	waiting atomic.Int32  // requests that wait for what others are using
	drawing sync.Mutex    // held while a picture is made: its graph may be large
}

// New returns a Live of these networks.
func New(nets *networks.Set) (*Live, error) {
	_, test, err := mnist.Load()
	if err != nil {
		return nil, err
	}
	return newLive(nets, test), nil
}

func newLive(nets *networks.Set, test mnist.Set) *Live {
	return &Live{nets: nets, test: test, places: make(chan struct{}, mostLooks)}
}

// Routes adds the handlers to mux.
func (l *Live) Routes(mux *http.ServeMux) {
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /api/networks": l.networks,
		"GET /api/check":    l.try,
		"GET /api/model":    l.model,
		"GET /api/weights":  l.weights,
		"GET /api/picture":  l.picture,
		"GET /api/digits":   l.digits,
		"POST /api/look":    l.look,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := handle(w, r); err != nil {
				answer.Fail(w, told(err))
			}
		})
	}
}

// told is an error of a handler with the status that it stands for.
func told(err error) error {
	switch {
	case errors.Is(err, graph.ErrNaN):
		return &answer.Error{Status: http.StatusUnprocessableEntity, Message: err.Error() + ": the network cannot show this", Field: "net"}
	case errors.Is(err, context.Canceled):
		return &answer.Error{Status: http.StatusServiceUnavailable, Message: "the client has gone"}
	}
	return err
}

// networks lists the networks that have a name.
func (l *Live) networks(w http.ResponseWriter, _ *http.Request) error {
	type line struct {
		Key      string  `json:"key"`
		Title    string  `json:"title"`
		Params   int     `json:"params"`
		Accuracy float64 `json:"accuracy"`
	}
	lines := []line{}
	for _, n := range l.nets.All() {
		lines = append(lines, line{n.Key, n.Title, n.NumParams(), n.Accuracy})
	}
	answer.JSON(w, http.StatusOK, lines)
	return nil
}

// try says what is wrong with the key of a network, if anything is. It is for lists
// that are being edited, so a list that does not fit is no failure of the request.
func (l *Live) try(w http.ResponseWriter, r *http.Request) error {
	_, err := l.nets.Open(r.FormValue("net"))
	said := &answer.Error{}
	if err != nil && !errors.As(err, &said) {
		return err
	}
	answer.JSON(w, http.StatusOK, said)
	return nil
}

// model describes a network.
func (l *Live) model(w http.ResponseWriter, r *http.Request) error {
	n, err := l.nets.Open(r.FormValue("net"))
	if err != nil {
		return err
	}
	var m *model
	if err := l.wait(func() (err error) {
		m, err = l.models.open(n, l.test)
		return err
	}); err != nil {
		return err
	}
	answer.JSON(w, http.StatusOK, m.about)
	return nil
}

const (
	mostWaiting = 32 // requests
	mostLooks   = 8  // at once: as many models are in memory beside those that are kept
)

// wait calls f, which waits for what other requests are using, unless too many wait
// already.
func (l *Live) wait(f func() error) error {
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > mostWaiting {
		return &answer.Error{Status: http.StatusServiceUnavailable, Message: "busy: too many requests wait"}
	}
	return f()
}

// weights sends the parameters after an epoch.
func (l *Live) weights(w http.ResponseWriter, r *http.Request) error {
	n, err := l.nets.Open(r.FormValue("net"))
	if err != nil {
		return err
	}
	var asked *int
	if text := r.FormValue("epoch"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil {
			return answer.Wrong("epoch", "got epoch %.40q, want a whole number", text)
		}
		asked = &number
	}
	epoch, err := epochOf(n, asked)
	if err != nil {
		return err
	}
	values, err := n.After(epoch)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache") // kept, and asked about by its tag
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(n.Version, "-", epoch)))
	w.Header().Set("Content-Type", "application/octet-stream")
	// ServeContent answers a request that has them already.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(floats(nil, values)))
	return nil
}

// epochOf is the epoch that a request asks for, nil for the last.
func epochOf(n *networks.Network, asked *int) (int, error) {
	switch {
	case asked == nil && len(n.Epochs) == 0:
		return 0, nil
	case asked == nil:
		return n.Epochs[len(n.Epochs)-1], nil
	case len(n.Epochs) == 0:
		return 0, answer.Wrong("epoch", "got epoch %d, want none: only the last weights are kept", *asked)
	case !slices.Contains(n.Epochs, *asked):
		return 0, answer.Wrong("epoch", "got epoch %d, want one of %v", *asked, n.Epochs)
	}
	return *asked, nil
}

// floats appends values to b as float32s, little-endian.
func floats(b []byte, values []float32) []byte {
	b, err := binary.Append(b, binary.LittleEndian, values)
	if err != nil {
		panic(err) // a slice of float32s has a fixed size
	}
	return b
}

// picture draws a network.
func (l *Live) picture(w http.ResponseWriter, r *http.Request) error {
	n, err := l.nets.Open(r.FormValue("net"))
	if err != nil {
		return err
	}
	drawing := draw.Drawing(r.FormValue("graph"))
	if drawing == "" {
		drawing = draw.Drawings()[0]
	}
	if !slices.Contains(draw.Drawings(), drawing) {
		return answer.Wrong("graph", "got graph %.40q, want one of %v", drawing, draw.Drawings())
	}
	write, kind := draw.SVG, "image/svg+xml"
	format := r.FormValue("format")
	switch format {
	case "", "svg":
		format = "svg"
	case "dot":
		write, kind = draw.DOT, "text/vnd.graphviz; charset=utf-8"
	default:
		return answer.Wrong("format", "got format %.40q, want svg or dot", format)
	}
	if err := l.wait(func() error {
		l.drawing.Lock()
		return nil
	}); err != nil {
		return err
	}
	defer l.drawing.Unlock()
	title := n.Title
	if strings.HasPrefix(n.Key, "list:") { // an edited list: by what it is
		title = ""
	}
	var picture bytes.Buffer
	if err := write(&picture, n.Network, draw.Picture{Title: title, Drawing: drawing}); err != nil {
		return answer.Wrong("graph", "%v", err)
	}
	w.Header().Set("Content-Type", kind)
	if r.FormValue("download") == "1" {
		name, _, _ := strings.Cut(n.Key, ":")
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+"_"+string(drawing)+"."+format))
	}
	w.Write(picture.Bytes()) // a client that is gone needs no answer
	return nil
}

// mostDigits is how many test images one request gets.
const mostDigits = 100

// digits sends test images.
func (l *Live) digits(w http.ResponseWriter, r *http.Request) error {
	var pixels []byte
	var labels []string
	for i, text := range strings.SplitN(r.FormValue("index"), ",", mostDigits+1) {
		if i == mostDigits {
			return answer.Wrong("index", "want at most %d images", mostDigits)
		}
		index, err := strconv.Atoi(text)
		if err != nil {
			return answer.Wrong("index", "got %.40q, want whole numbers as in index=1,2,3", text)
		}
		image, err := l.example(index)
		if err != nil {
			return answer.Wrong("index", "%v", err)
		}
		pixels = append(pixels, image...)
		labels = append(labels, strconv.Itoa(int(l.test.Labels[index])))
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("X-Labels", strings.Join(labels, ","))
	w.Write(pixels) // a client that is gone needs no answer
	return nil
}

// example is a test image.
func (l *Live) example(index int) ([]uint8, error) {
	if index < 0 || index >= l.test.Len() {
		return nil, answer.Wrong("example", "got test image %d, want 0 to %d", index, l.test.Len()-1)
	}
	const size = mnist.Rows * mnist.Cols
	return l.test.Pixels[index*size : (index+1)*size], nil
}

// classRange is an error if a class is none of the network's.
func classRange(net *graph.Network, field string, class int) error {
	if n := net.Out().Size(); class < 0 || class >= n {
		return answer.Wrong(field, "got class %d, want 0 to %d", class, n-1)
	}
	return nil
}
