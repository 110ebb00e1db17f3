package live

import (
	"context"
	"encoding/binary"
	"math"
	"net/http"
	"slices"
	"time"

	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/cmd/serve/internal/strokes"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/mnist/scan"
)

// question is the body of a look.
type question struct {
	Net   string `json:"net"`
	Epoch *int   `json:"epoch"` // of the weights; nil: the last
	Seq   uint32 `json:"seq"`

	// The image: one of these, or neither for an empty page.
	Strokes [][]float64 `json:"strokes"` // each x, y, x, y, …
	Example *int        `json:"example"` // index of a test image

	Explain []int `json:"explain"` // gradient of the first class's score, less the second's if there is one
	Step    *step `json:"step"`
	Heavy   bool  `json:"heavy"`
	Node    *int  `json:"node"`
}

// step asks for the weights after steps of training on the image.
type step struct {
	As    int  `json:"as"`
	Times *int `json:"times"` // nil: 1
}

// mostSteps bounds the steps of a question.
const mostSteps = 20

// sight is a question whose fields are checked, with its image.
type sight struct {
	*question
	epoch    int
	pixels   []uint8 // (28, 28)
	page     scan.Place
	label    int32     // of a test image; else -1
	selector []float32 // nil without Explain
	steps    int
}

// look answers a question.
func (l *Live) look(w http.ResponseWriter, r *http.Request) error {
	start := time.Now()
	var q question
	if err := answer.Read(r, &q); err != nil {
		return err
	}
	n, err := l.nets.Open(q.Net)
	if err != nil {
		return err
	}
	s, err := l.check(n, &q)
	if err != nil {
		return err
	}
	body, err := l.see(r.Context(), n, s)
	if err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(body[microsAt:], uint32(min(time.Since(start).Microseconds(), math.MaxUint32)))
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(body) // a client that is gone needs no answer
	return nil
}

// see looks, once there is a place and it is the turn of the network's model.
func (l *Live) see(ctx context.Context, n *networks.Network, s *sight) ([]byte, error) {
	placed := false
	defer func() {
		if placed {
			<-l.places
		}
	}()
	var m *model
	if err := l.wait(func() (err error) {
		if err := enter(ctx, l.places); err != nil {
			return err
		}
		placed = true
		if m, err = l.models.open(n, l.test); err != nil {
			return err
		}
		return m.take(ctx)
	}); err != nil {
		return nil, err
	}
	defer m.leave()
	return m.look(ctx, s)
}

// check checks a question about a network, and makes its image.
func (l *Live) check(n *networks.Network, q *question) (*sight, error) {
	s := &sight{question: q, label: -1, page: scan.Place{Scale: mnist.Cols}}
	var err error
	if s.epoch, err = epochOf(n, q.Epoch); err != nil {
		return nil, err
	}
	switch {
	case q.Example != nil && q.Strokes != nil:
		return nil, answer.Wrong("example", "got strokes and an example, want one of them")
	case q.Example != nil:
		if s.pixels, err = l.example(*q.Example); err != nil {
			return nil, err
		}
		s.label = int32(l.test.Labels[*q.Example])
	default:
		if err := s.draw(); err != nil {
			return nil, err
		}
	}
	if err := s.explain(n.Network); err != nil {
		return nil, err
	}
	if q.Heavy && s.selector == nil {
		return nil, answer.Wrong("heavy", "got heavy without explain")
	}
	return s, s.checkStep(n.Network)
}

// draw makes the image of the strokes, an empty one if there are none.
func (s *sight) draw() error {
	lines, err := strokes.Points(s.Strokes)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(line []scan.Point) bool { return len(line) > 0 }) {
		s.pixels = make([]uint8, mnist.Rows*mnist.Cols)
		return nil
	}
	if s.pixels, s.page, err = scan.Strokes(lines); err != nil {
		return answer.Wrong("strokes", "%v", err)
	}
	return nil
}

// explain makes the selector of the classes.
func (s *sight) explain(net *graph.Network) error {
	if len(s.Explain) == 0 {
		return nil
	}
	if n := len(s.Explain); n > 2 {
		return answer.Wrong("explain", "got %d classes, want one or two", n)
	}
	for _, class := range s.Explain {
		if err := classRange(net, "explain", class); err != nil {
			return err
		}
	}
	s.selector = make([]float32, net.Out().Size())
	s.selector[s.Explain[0]] = 1
	if len(s.Explain) == 2 {
		if s.Explain[0] == s.Explain[1] {
			return answer.Wrong("explain", "got class %d twice, want two classes", s.Explain[0])
		}
		s.selector[s.Explain[1]] = -1
	}
	return nil
}

// checkStep checks the step, if there is one.
func (s *sight) checkStep(net *graph.Network) error {
	if s.Step == nil {
		return nil
	}
	if last := net.Layers[len(net.Layers)-1]; last.Kind != graph.KindSoftMax || len(net.Params) == 0 {
		return answer.Wrong("step", "training needs SoftMax as the last layer, and a layer with parameters")
	}
	if err := classRange(net, "step", s.Step.As); err != nil {
		return err
	}
	s.steps = 1
	if s.Step.Times != nil {
		s.steps = *s.Step.Times
	}
	if s.steps < 1 || s.steps > mostSteps {
		return answer.Wrong("step", "got %d steps, want 1 to %d", s.steps, mostSteps)
	}
	return nil
}
