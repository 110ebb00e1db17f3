package training

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestWrongRequests: a request that is wrong is refused, and the answer says which
// field is.
func TestWrongRequests(t *testing.T) {
	s := newServer(t, Config{})
	for _, test := range []struct{ body, field, want string }{
		{`{`, "", "want a JSON object"},
		{`{"list":"Dense(10), SoftMax","steps":1}`, "", "unknown field"},
		{`{}`, "list", "want a net or a list"},
		{fmt.Sprintf(`{"net":"onelayer","list":%q}`, small), "list", "not both"},
		{`{"net":"threelayer"}`, "net", `got "threelayer", want onelayer or twolayer`},
		{`{"list":"Flatten, Dense(10), Soft"}`, "list", "Soft"},
		{`{"list":"Flatten, Dense(10)"}`, "list", "ends with Dense(10) of 10 values, want SoftMax of 10"},
		{`{"list":"Flatten, Dense(7), SoftMax"}`, "list", "ends with SoftMax of 7 values, want SoftMax of 10"},
		{`{"list":"Flatten, Dense(100000), Dense(10), SoftMax"}`, "list", "parameters, want at most"},
		{`{"net":"onelayer","epochs":0}`, "epochs", "epochs: got 0, want a whole number, at least 1"},
		{`{"net":"onelayer","epochs":101}`, "epochs", "want a whole number, at most 100"},
		{`{"net":"onelayer","epochs":[1]}`, "epochs", "want a whole number, at least 1"},
		{`{"net":"onelayer","batch":1.5}`, "batch", "want a whole number, at least 1"},
		{`{"net":"onelayer","batch":1001}`, "batch", "want a whole number, at most 1000"},
		{`{"net":"onelayer","rate":"fast"}`, "rate", "rate: got fast, want a finite number above 0"},
		{`{"net":"onelayer","rate":1e-60}`, "rate", "want a finite number above 0"},
		{`{"net":"onelayer","seed":-1}`, "seed", "want a whole number from 0 to 18446744073709551615"},
		{`{"net":"onelayer","limit":1001}`, "limit", "want a whole number, at most 1000"},
		{`{"net":"onelayer","accuracy":98}`, "accuracy", "want a number from 0 to 1"},
	} {
		status, text := s.post("/api/train", test.body)
		var e struct{ Error, Field string }
		if err := json.Unmarshal([]byte(text), &e); err != nil || status != http.StatusBadRequest || e.Field != test.field || !strings.Contains(e.Error, test.want) {
			t.Errorf("%s: got %d %s, want 400, field %q, and %q", test.body, status, text, test.field, test.want)
		}
	}
	if _, text := s.get("/api/train"); !strings.Contains(text, `"state":"none"`) {
		t.Errorf("after them: got %s", text)
	}
}
