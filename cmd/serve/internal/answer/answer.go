// Package answer is how the handlers of the server read requests and answer them:
// JSON with its errors in one form.
package answer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"

	"github.com/pkg/errors"
)

// Error is an error that a client is told, with the HTTP status of the answer.
type Error struct {
	Status  int    `json:"-"`
	Message string `json:"error"`           // one line
	Layer   int    `json:"layer,omitempty"` // the layer of a list that does not fit, from 1
	Field   string `json:"field,omitempty"` // the field of the request that is wrong
}

func (e *Error) Error() string { return e.Message }

// Errorf is an Error of a request that is wrong: status 400.
func Errorf(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// Wrong is Errorf for a field of the request.
func Wrong(field, format string, args ...any) *Error {
	e := Errorf(format, args...)
	e.Field = field
	return e
}

// JSON writes v as the answer.
func JSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(text, '\n')) // a client that is gone needs no answer
}

// Fail writes err as the answer. An err that is no *Error is one of the server: 500.
func Fail(w http.ResponseWriter, err error) {
	e := &Error{Status: http.StatusInternalServerError, Message: err.Error()}
	errors.As(err, &e)
	if e.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	JSON(w, e.Status, e)
}

// Body reads the body of a request. The errors are of type *Error.
func Body(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("got a larger body, want at most %d bytes", large.Limit)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &Error{Status: http.StatusRequestTimeout, Message: "the body did not arrive in time"}
	case err != nil:
		return nil, Errorf("the body did not arrive: %v", err)
	}
	return body, nil
}

// Read reads the JSON object of a request into v, whose fields are all that it may
// have. The errors are of type *Error.
func Read(r *http.Request, v any) error {
	body, err := Body(r)
	if err != nil {
		return err
	}
	return Decode(body, v)
}

// Decode is Read for a body that has been read.
func Decode(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	var field *json.UnmarshalTypeError
	switch {
	case errors.As(err, &field) && field.Field != "":
		return Wrong(field.Field, "%s: got a JSON %s, want %s", field.Field, field.Value, wanted(field.Type))
	case field != nil:
		return Errorf("got a JSON %s, want an object", field.Value)
	case err != nil:
		return Errorf("want a JSON object: %v", err)
	}
	if _, more := dec.Token(); more != io.EOF {
		return Errorf("got more than one JSON value")
	}
	return nil
}

// wanted is what JSON has for a field of a type.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Uint32:
		return "a whole number from 0 to 4294967295"
	}
	return "a whole number"
}
