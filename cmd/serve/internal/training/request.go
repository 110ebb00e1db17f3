package training

import (
	"encoding/json"
	"flag"
	"net/http"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
)

// request is what a client says of the training that it starts: one of Net, a name
// of models.Names, and List, a list of layers; and what the flags of onelayer say.
type request struct {
	Net      string `json:"net"`
	List     string `json:"list"`
	Epochs   word   `json:"epochs"`
	Batch    word   `json:"batch"`
	Rate     word   `json:"rate"`
	Seed     word   `json:"seed"`
	Limit    word   `json:"limit"`
	Accuracy word   `json:"accuracy"`
}

// word is a number or text of JSON, as a flag takes it; "" if there is none.
type word string

// UnmarshalJSON takes any value: the flag says whether it is one that it wants.
func (w *word) UnmarshalJSON(text []byte) error {
	var s *string
	if json.Unmarshal(text, &s) != nil {
		*w = word(text)
	} else if s != nil {
		*w = word(*s)
	}
	return nil
}

// settings are what a training does.
type settings struct {
	List     string  `json:"list"`
	Title    string  `json:"title"`
	Epochs   int     `json:"epochs"`
	Batch    int     `json:"batch"`
	Rate     float64 `json:"rate"`
	Seed     uint64  `json:"seed"`
	Limit    int     `json:"limit"`    // training images; 0: all
	Accuracy float64 `json:"accuracy"` // of validation, at which the training ends; 0: none
}

const maxEpochs = 100

// settings returns what a request asks for on some data, and the network. What it
// lacks is as onelayer has it. The errors are of type *answer.Error.
func (q request) settings(sets data.Sets) (settings, *graph.Network, error) {
	s := settings{Epochs: 10, Batch: 200, Rate: 0.001, Seed: 1}
	for _, field := range []struct {
		name  string
		word  word
		value flag.Value
	}{
		{"epochs", q.Epochs, count(&s.Epochs, 1, maxEpochs)},
		{"batch", q.Batch, count(&s.Batch, 1, sets.Train.Len())},
		{"rate", q.Rate, command.Rate(&s.Rate)},
		{"seed", q.Seed, command.Seed(&s.Seed)},
		{"limit", q.Limit, count(&s.Limit, 0, sets.Train.Len())},
		{"accuracy", q.Accuracy, command.Number(&s.Accuracy, "a number from 0 to 1", func(f float64) bool { return f >= 0 && f <= 1 })},
	} {
		if field.word == "" {
			continue
		}
		if err := field.value.Set(string(field.word)); err != nil {
			return s, nil, answer.Wrong(field.name, "%s: got %s, %v", field.name, field.word, err)
		}
	}
	list := q.List
	if (q.Net == "") == (list == "") {
		return s, nil, answer.Wrong("list", "want a net or a list, and not both")
	}
	if q.Net != "" {
		m, ok := models.ByName(q.Net)
		if !ok {
			return s, nil, answer.Wrong("net", "net: got %q, want %s", q.Net, strings.Join(models.Names(), " or "))
		}
		list = m.Layers(mnist.Classes).String()
	}
	net, err := networks.Build(list)
	if err != nil {
		if e := new(answer.Error); errors.As(err, &e) {
			e.Field = "list"
		}
		return s, nil, err
	}
	if last := net.Layers[len(net.Layers)-1]; last.Kind != graph.KindSoftMax || last.Out.Size() != mnist.Classes {
		return s, nil, answer.Wrong("list", "list: it ends with %v of %d values, want SoftMax of %d", last.Layer, last.Out.Size(), mnist.Classes)
	}
	s.List, s.Title = net.Sequential().String(), title(net)
	return s, net, nil
}

// count is command.Count with an upper bound.
func count(p *int, least, most int) flag.Value {
	return command.Value(p, func(word string) (n int, err error) {
		if err := command.Count(&n, least).Set(word); err != nil {
			return 0, err
		}
		if n > most {
			return 0, errors.Errorf("want a whole number, at most %d", most)
		}
		return n, nil
	})
}

// title is the title of a network of package models, or says that it is another.
func title(net *graph.Network) string {
	for _, name := range models.Names() {
		if m, _ := models.ByName(name); m.Layers(mnist.Classes).String() == net.Sequential().String() {
			return m.Title
		}
	}
	return "Edited network"
}

// conflict is the error of a request that does not go with the training under way, or
// with none.
func conflict(message string) error {
	return &answer.Error{Status: http.StatusConflict, Message: message}
}
