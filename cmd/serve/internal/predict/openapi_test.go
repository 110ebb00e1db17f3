package predict

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestExamples: the examples of requests are understood, those of answers have the fields
// that answers have, and the bounds are those of the code.
func TestExamples(t *testing.T) {
	type media struct {
		Content map[string]struct {
			Examples map[string]struct{ Value json.RawMessage }
		}
	}
	type reference struct {
		Ref string `json:"$ref"`
	}
	var doc struct {
		Paths map[string]struct {
			Post struct {
				RequestBody reference
				Responses   map[string]reference
			}
		}
		Components struct {
			RequestBodies, Responses map[string]media
			Schemas                  map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		t.Fatal(err)
	}
	last := func(r reference) string { return r.Ref[strings.LastIndex(r.Ref, "/")+1:] }
	_, _, mux := serve(t)
	for _, path := range []string{Newest, Stable} {
		operation := doc.Paths[path].Post
		requests := doc.Components.RequestBodies[last(operation.RequestBody)].Content["application/json"].Examples
		for name, e := range requests {
			status, got, message := post(mux, path, "application/json", e.Value)
			if status != 200 || len(got.Predictions) < 1 || got.Predictions[0].Guess == nil {
				t.Errorf("%s, example %s: got %d %q, want 200", path, name, status, message)
			}
		}
		answers := doc.Components.Responses[last(operation.Responses["200"])].Content["application/json"].Examples
		for name, e := range answers {
			dec := json.NewDecoder(bytes.NewReader(e.Value))
			dec.DisallowUnknownFields()
			var r reply
			if err := dec.Decode(&r); err != nil {
				t.Errorf("%s, example %s: %v", path, name, err)
				continue
			}
			for _, p := range r.Predictions {
				if p.Guess != nil && (p.Probability != slices.Max(p.Probabilities) || p.Probability != p.Probabilities[p.Class]) {
					t.Errorf("%s, example %s: got %+v, want the greatest probability", path, name, p.Guess)
				}
			}
		}
		if len(requests) < 4 || len(answers) < 2 {
			t.Errorf("%s has %d examples of requests and %d of answers, want 4 and 2", path, len(requests), len(answers))
		}
		for _, status := range []string{"400", "404", "408", "413", "415", "503"} {
			if _, ok := doc.Components.Responses[last(operation.Responses[status])]; !ok {
				t.Errorf("%s does not have status %s", path, status)
			}
		}
	}
	for schema, want := range map[string]int{"Question": maxImages, "Strokes": maxStrokes} {
		if text := string(doc.Components.Schemas[schema]); !strings.Contains(text, `"maxItems": `+strconv.Itoa(want)) {
			t.Errorf("%s does not say at most %d:\n%s", schema, want, text)
		}
	}
}
