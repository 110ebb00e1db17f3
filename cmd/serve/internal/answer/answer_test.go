package answer

import (
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

// broken is a body that does not arrive.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestRead(t *testing.T) {
	for _, test := range []struct {
		body   string
		status int // 0: no error
		want   string
	}{
		{`{"n":3}`, 0, ""},
		{` {"n":3} ` + "\n", 0, ""},
		{``, 400, "want a JSON object: EOF"},
		{`{"n":3}{}`, 400, "got more than one JSON value"},
		{`{"n":3}x`, 400, "got more than one JSON value"},
		{`{"m":3}`, 400, `unknown field "m"`},
		{`{"n":"a"}`, 400, "n: got a JSON string, want a whole number"},
		{`{"u":-1}`, 400, "u: got a JSON number -1, want a whole number from 0 to 4294967295"},
		{`{"l":[["a"]]}`, 400, "l: got a JSON string, want a number"},
		{`{"l":[3]}`, 400, "l: got a JSON number, want a list"},
		{`{"t":3}`, 400, "t: got a JSON number, want text"},
		{`{"b":3}`, 400, "b: got a JSON number, want true or false"},
		{`{"o":3}`, 400, "o: got a JSON number, want an object"},
		{`{"n":1e99}`, 400, "n: got a JSON number 1e99, want a whole number"},
		{`[3]`, 400, "got a JSON array, want an object"},
		{`{"n":`, 400, "want a JSON object: unexpected EOF"},
	} {
		var v struct {
			N int         `json:"n"`
			U uint32      `json:"u"`
			L [][]float64 `json:"l"`
			T string      `json:"t"`
			B *bool       `json:"b"`
			O *struct{}   `json:"o"`
		}
		err := Read(httptest.NewRequest("POST", "/", strings.NewReader(test.body)), &v)
		if test.status == 0 {
			if err != nil || v.N != 3 {
				t.Errorf("%s: got %+v and error %v", test.body, v, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Status != test.status || !strings.Contains(e.Message, test.want) || strings.Contains(e.Message, "\n") {
			t.Errorf("%s: got error %v, want %d %s", test.body, err, test.status, test.want)
		}
	}
	for cause, want := range map[error]int{
		&http.MaxBytesError{Limit: 5}:                    http.StatusRequestEntityTooLarge,
		errors.Wrap(os.ErrDeadlineExceeded, "read tcp"):  http.StatusRequestTimeout,
		errors.New("connection reset"):                   http.StatusBadRequest,
		errors.WithStack(&http.MaxBytesError{Limit: 10}): http.StatusRequestEntityTooLarge,
	} {
		var e *Error
		if _, err := Body(httptest.NewRequest("POST", "/", broken{cause})); !errors.As(err, &e) || e.Status != want {
			t.Errorf("%v: got error %v, want status %d", cause, err, want)
		}
	}
}

func TestFail(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		want   string
		retry  string
	}{
		{Errorf("got %d", 3), 400, `{"error":"got 3"}`, ""},
		{errors.WithMessage(&Error{Status: 404, Message: "no", Layer: 2, Field: "net"}, "x"), 404, `{"error":"no","layer":2,"field":"net"}`, ""},
		{&Error{Status: 503, Message: "busy"}, 503, `{"error":"busy"}`, "1"},
		{errors.New("disk"), 500, `{"error":"disk"}`, ""},
	} {
		w := httptest.NewRecorder()
		Fail(w, test.err)
		if w.Code != test.status || w.Body.String() != test.want+"\n" || w.Header().Get("Retry-After") != test.retry || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%v: got %d %s %v, want %d %s", test.err, w.Code, w.Body, w.Header(), test.status, test.want)
		}
	}
	w := httptest.NewRecorder()
	JSON(w, 200, math.NaN())
	if w.Code != 500 || !strings.Contains(w.Body.String(), "cannot be written as JSON") {
		t.Errorf("NaN: got %d %s, want 500", w.Code, w.Body)
	}
}
