package training

import (
	"cmp"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"tapenet/graph"
)

// The names of events. A client that comes later needs only the latest of weights
// and of state.
const (
	startEvent   = "start"
	stepEvent    = "step"
	epochEvent   = "epoch"
	weightsEvent = "weights"
	stateEvent   = "state"
	endEvent     = "end"
)

// event is one event of the stream.
type event struct {
	id   int64
	name string
	data []byte // JSON, in one line
	step int    // of a step event of the latest training, its number among them, from 1; else 0
}

// started is the data of a start event.
type started struct {
	ID       int      `json:"id"`
	Settings settings `json:"settings"`
	Steps    int      `json:"steps"` // of an epoch
	Params   int      `json:"params"`
	Filters  *filters `json:"filters"` // null without a convolution that is small enough to be sent
	Previous bool     `json:"previous,omitempty"`
}

// filters says which parameter the values of a weights event are.
type filters struct {
	Name  string      `json:"name"`
	Shape graph.Shape `json:"shape"`
}

// maxSteps bounds the step events that are kept of a training.
const maxSteps = 400

// journal keeps the events of the latest training, and of the one before it what
// draws its curves. Any number of goroutines may read it, each at its own speed, and
// none holds up the training.
type journal struct {
	mu            sync.Mutex
	events        []event // by id
	last          int64   // id of the latest event
	latest        started // of the latest training
	steps, stride int     // of the latest training: step events so far; each stride-th of them is kept
	changed       chan struct{}
}

// newJournal returns an empty journal. Its ids go on after those of a server before
// it, so that a client that comes back gets everything.
func newJournal() *journal {
	return &journal{last: time.Now().UnixMilli(), stride: 1, changed: make(chan struct{})}
}

// start begins the events of a training.
func (j *journal) start(s started) {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := len(j.events) - 1
	for before >= 0 && j.events[before].name != startEvent {
		before--
	}
	if before >= 0 {
		j.events = j.events[before:]
		j.latest.Previous = true
		j.events[0].data = text(j.latest)
		j.drop(func(e event) bool { return e.name == weightsEvent || e.name == stateEvent })
		for i := range j.events {
			j.events[i].step = 0
		}
	}
	j.latest, j.steps, j.stride = s, 0, 1
	j.append(event{name: startEvent, data: text(s)})
}

// add appends an event of the latest training.
func (j *journal) add(name string, data any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := event{name: name, data: text(data)}
	switch name {
	case stepEvent:
		j.steps++
		e.step = j.steps
		if j.steps/j.stride >= maxSteps {
			j.stride *= 2
		}
		j.drop(func(old event) bool { return old.step%j.stride != 0 })
	case weightsEvent, stateEvent:
		j.drop(func(old event) bool { return old.name == name })
	}
	j.append(e)
}

func (j *journal) drop(old func(event) bool) { j.events = slices.DeleteFunc(j.events, old) }

func (j *journal) append(e event) {
	j.last++
	e.id = j.last
	j.events = append(j.events, e)
	close(j.changed)
	j.changed = make(chan struct{})
}

// after returns the events after the one of an id, and what is closed when there are
// more. An id that is of no event yet counts as none.
func (j *journal) after(id int64) ([]event, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if id > j.last {
		id = 0
	}
	i, _ := slices.BinarySearchFunc(j.events, id+1, func(e event, id int64) int { return cmp.Compare(e.id, id) })
	return slices.Clone(j.events[i:]), j.changed
}

// text is the data of an event, which holds nothing that JSON cannot.
func text(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}
