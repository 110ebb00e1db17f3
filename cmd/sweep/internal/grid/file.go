package grid

import (
	"encoding/json"
	"flag"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Values returns the flags of a grid with their values, as text that Set reads.
func (g *Grid) Values() map[string]string {
	// Declaring the flags sets the defaults, so it is done to a copy whose values
	// are then the grid's.
	was := *g
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	g.Flags(fs)
	*g = was
	values := map[string]string{}
	fs.VisitAll(func(f *flag.Flag) { values[f.Name] = f.Value.String() })
	return values
}

// FromValues returns the grid that has these Values.
func FromValues(values map[string]string) (*Grid, error) {
	var g Grid
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	g.Flags(fs)
	for name, value := range values {
		if err := fs.Set(name, value); err != nil {
			return nil, errors.Wrapf(err, "%s %q", name, value)
		}
	}
	return &g, nil
}

// Read reads a grid from a JSON object whose keys are flags of a grid, such as
//
//	{"network": "twolayer", "batch": [200, 1024], "lr": "0.0001:0.01", "sample": 20}
//
// Values are numbers, text as on the command line, or lists of those. Flags that
// set has stay as they are.
func Read(r io.Reader, fs *flag.FlagSet, set map[string]bool) error {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return errors.Errorf("got %v, want a JSON object such as {\"lr\": [0.001, 0.003], \"seeds\": 5}", token)
	}
	known, seen := (&Grid{}).Values(), map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return errors.Wrap(err, "not JSON")
		}
		var value any
		if err := dec.Decode(&value); err != nil {
			return errors.Wrap(err, "not JSON")
		}
		name := token.(string) // a key
		if _, ok := known[name]; !ok || seen[name] {
			return errors.Errorf("got the key %q, want one of %s, each once", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		seen[name] = true
		text, err := words(value)
		if err != nil {
			return errors.WithMessagef(err, "%q", name)
		}
		if set[name] {
			continue
		}
		if err := fs.Set(name, text); err != nil {
			return errors.Errorf("%q: got %q: %v", name, text, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return errors.Wrap(err, "not JSON")
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("got more after the object, want the end")
	}
	return nil
}

// words returns a value as it is on the command line.
func words(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			if _, list := part.([]any); list {
				return "", errors.New("got a list in a list, want numbers or text")
			}
			var err error
			if parts[i], err = words(part); err != nil {
				return "", err
			}
		}
		return strings.Join(parts, ","), nil
	}
	return "", errors.Errorf("got %v, want a number, text, or a list of those", value)
}
