package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/pkg/errors"
)

// complete is an error unless data, JSON that package json has read into the
// type t, has exactly the fields of t, each once and none null. Package json
// takes all else for granted: a missing number would be a 0.
func complete(data []byte, t reflect.Type) error {
	return completeAt(json.NewDecoder(bytes.NewReader(data)), t, "")
}

// completeAt checks the next value of d, which is at a path such as
// runs[0].test.loss.
func completeAt(d *json.Decoder, t reflect.Type, path string) error {
	token, err := d.Token()
	switch kind := t.Kind(); {
	case err != nil:
		return errors.WithStack(err)
	case token == nil:
		return errors.Errorf("%s: got null, want a value", path)
	case kind == reflect.Struct:
		err = completeFields(d, t, path)
	case kind == reflect.Slice:
		for i := 0; err == nil && d.More(); i++ {
			err = completeAt(d, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		return nil
	}
	if err == nil {
		_, err = d.Token() // the end of the object or list
	}
	return err
}

// completeFields checks the fields of an object.
func completeFields(d *json.Decoder, t reflect.Type, path string) error {
	fields, seen := map[string]reflect.StructField{}, map[string]bool{}
	for field := range t.Fields() {
		fields[nameOf(field)] = field
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return errors.WithStack(err)
		}
		name := token.(string)
		field, known := fields[name] // package json would take other cases of its letters too
		switch {
		case seen[name]:
			return errors.Errorf("%s: is there twice", join(path, name))
		case !known:
			return errors.New(strings.TrimPrefix(fmt.Sprintf("%s: unknown field %q", path, name), ": "))
		}
		seen[name] = true
		if err := completeAt(d, field.Type, join(path, name)); err != nil {
			return err
		}
	}
	for field := range t.Fields() {
		if name := nameOf(field); !seen[name] && !strings.HasSuffix(field.Tag.Get("json"), ",omitempty") {
			return errors.Errorf("%s: missing", join(path, name))
		}
	}
	return nil
}

// nameOf is the name of a field in JSON.
func nameOf(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// join is the path of a field of what is at path.
func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }
