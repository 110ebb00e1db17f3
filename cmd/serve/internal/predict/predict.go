// Package predict is the API for other programs: they send pictures, pixels or strokes of
// a pen, and get the classes that a network sees in them.
package predict

import (
	_ "embed"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"tapenet/cmd/internal/export"
	"tapenet/cmd/internal/prepare"
	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// MaxBody is how many bytes a request may have.
const MaxBody = 20 << 20

// The paths of the API. Stable stays when the API changes; the other is its newest version.
const (
	Newest = "/api/predict"
	Stable = "/api/v1/predict"
)

// How many requests are worked on or wait for it.
const (
	maxWaiting  = 256
	maxLarge    = 8        // of those with a body over smallBody, which are read into memory
	maxDecoding = 2        // pictures, each of up to 100 megapixels
	smallBody   = 64 << 10 // bytes
)

// Handler answers the requests.
type Handler struct {
	nets   *networks.Set
	images func(n int)

	places, large, decoding chan struct{} // one value for each request or picture

	mu         sync.Mutex
	predictors map[string]predictor // by key of the network
}

// predictor is one of a network's version.
type predictor struct {
	version string
	*train.Predictor
}

// New returns a Handler for the networks of nets. It calls images with the number of
// images that a network has been asked about.
func New(nets *networks.Set, images func(n int)) *Handler {
	return &Handler{
		nets: nets, images: images,
		places:     make(chan struct{}, runtime.GOMAXPROCS(0)+maxWaiting),
		large:      make(chan struct{}, maxLarge),
		decoding:   make(chan struct{}, maxDecoding),
		predictors: map[string]predictor{},
	}
}

// openAPI describes all routes of the server, in OpenAPI 3.1.
//
//go:embed openapi.json
var openAPI []byte

// Routes adds the API and its description.
func (h *Handler) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/predict", h.predict)
	mux.HandleFunc("POST /api/v1/predict", h.predict)
	mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(openAPI)
	})
}

// reply is the answer to a request that could be read.
type reply struct {
	Version     int          `json:"version"` // of this form, 1
	Network     string       `json:"network"` // its key
	Predictions []prediction `json:"predictions"`
}

// prediction is what a network says of an image, or why it was not asked.
type prediction struct {
	File  string `json:"file,omitempty"` // the name of the picture in a form
	Error string `json:"error,omitempty"`
	*Guess
}

// Guess is the most probable class, and how probable each is.
type Guess struct {
	Class         int       `json:"class"` // from 0
	Name          string    `json:"name"`
	Probability   float32   `json:"probability"`
	Probabilities []float32 `json:"probabilities"`
}

func (h *Handler) predict(w http.ResponseWriter, r *http.Request) {
	result, err := h.reply(r)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	answer.JSON(w, http.StatusOK, result)
}

// reply answers a request. One image that cannot be read is an error, one of several is
// an error in its place.
func (h *Handler) reply(r *http.Request) (*reply, error) {
	net, way, err := h.query(r)
	if err != nil {
		return nil, err
	}
	body, done, err := h.body(r)
	defer done()
	if err != nil {
		return nil, err
	}
	items, err := h.read(r.Context(), r.Header.Get("Content-Type"), body, net.In, way)
	if err != nil {
		return nil, err
	}
	var pixels []uint8
	for _, it := range items {
		if it.err != nil && len(items) == 1 {
			return nil, answer.Errorf("%v", it.err)
		}
		if it.err == nil {
			pixels = append(pixels, it.image...)
		}
	}
	probabilities, err := h.ask(net, pixels)
	if err != nil {
		return nil, err
	}
	result := &reply{Version: 1, Network: net.Key}
	classes := net.Out().Size()
	for _, it := range items {
		p := prediction{File: it.file}
		if it.err != nil {
			p.Error = it.err.Error()
		} else {
			p.Guess = guess(probabilities[:classes], net.Classes)
			probabilities = probabilities[classes:]
		}
		result.Predictions = append(result.Predictions, p)
	}
	return result, nil
}

// query reads the network and the way of preparing pictures from the URL. The errors are
// of type *answer.Error.
func (h *Handler) query(r *http.Request) (net *networks.Network, way prepare.Way, err error) {
	query := r.URL.Query()
	for name, values := range query {
		if (name != "net" && name != "prepare") || len(values) > 1 {
			return nil, "", answer.Errorf("got the parameter %q, want net and prepare, each once", name)
		}
	}
	all, key := h.nets.All(), query.Get("net")
	if key == "" {
		key = models.Names()[0]
	}
	i := slices.IndexFunc(all, func(n *networks.Network) bool { return n.Key == key })
	if i < 0 {
		return nil, "", &answer.Error{Status: http.StatusNotFound, Message: fmt.Sprintf("got network %q, want one of GET /api/networks", key), Field: "net"}
	}
	net = all[i]
	digits := prepare.TakesDigits(net.Network)
	switch way = prepare.Way(query.Get("prepare")); {
	case way == "" && digits && slices.Equal(net.Classes, export.Digits()):
		way = prepare.Digit
	case way == "":
		way = prepare.Plain
	case way == prepare.Digit && !digits:
		return nil, "", answer.Wrong("prepare", "the network takes (%s) and has %d classes, want one of MNIST's digits for prepare=digit", net.In.Join(", "), net.Out().Size())
	case way != prepare.Digit && way != prepare.Plain && way != prepare.Crop:
		return nil, "", answer.Wrong("prepare", "got %q, want digit, plain or crop", way)
	}
	return net, way, nil
}

// ask returns the probabilities (N, M) for N images.
func (h *Handler) ask(net *networks.Network, pixels []uint8) ([]float32, error) {
	if len(pixels) == 0 {
		return nil, nil
	}
	p, err := h.predictor(net)
	if err != nil {
		return nil, err
	}
	h.images(len(pixels) / net.In.Size())
	return p.Predict(pixels)
}

// predictor returns the one of a network, which is made when it is first asked, and again
// when its weights are others.
func (h *Handler) predictor(net *networks.Network) (*train.Predictor, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p, ok := h.predictors[net.Key]; ok && p.version == net.Version {
		return p.Predictor, nil
	}
	values, err := net.After(-1) // the last
	if err != nil {
		return nil, err
	}
	p, err := train.NewPredictor(net.Network, values, train.Config{})
	if err != nil {
		return nil, err
	}
	h.predictors[net.Key] = predictor{net.Version, p}
	return p, nil
}

// guess is the most probable class. A class without a name has its number.
func guess(probabilities []float32, names []string) *Guess {
	class := graph.Argmax(probabilities)
	name := strconv.Itoa(class)
	if class < len(names) {
		name = names[class]
	}
	return &Guess{class, name, probabilities[class], probabilities}
}
