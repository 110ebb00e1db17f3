package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/pkg/errors"
)

// complete is an error if data, JSON that package json has read into the type t,
// is not exactly that: a field is missing, null, unknown or there twice. All of
// these package json takes for granted, and a missing number would be a 0.
func complete(data []byte, t reflect.Type) error {
	return completeAt(json.NewDecoder(bytes.NewReader(data)), t, "")
}

// completeAt is complete for the next value of d, which is at a path such as
// runs[0].test.loss.
func completeAt(d *json.Decoder, t reflect.Type, path string) error {
	token, err := d.Token()
	if err != nil {
		return errors.WithStack(err)
	}
	if token == nil {
		return errors.Errorf("%s: got null, want a value", path)
	}
	switch t.Kind() {
	case reflect.Struct:
		err = completeFields(d, t, path)
	case reflect.Slice:
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

// completeFields is complete for the fields of an object.
func completeFields(d *json.Decoder, t reflect.Type, path string) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return errors.WithStack(err)
		}
		name := token.(string)
		if seen[name] {
			return errors.Errorf("%s: is there twice", join(path, name))
		}
		seen[name] = true
		field, known := fieldOf(t, name)
		if !known {
			return errors.New(strings.TrimPrefix(fmt.Sprintf("%s: unknown field %q", path, name), ": "))
		}
		if err := completeAt(d, field.Type, join(path, name)); err != nil {
			return err
		}
	}
	for field := range t.Fields() {
		if name, optional := nameOf(field); !seen[name] && !optional {
			return errors.Errorf("%s: missing", join(path, name))
		}
	}
	return nil
}

// join is the path of a field of what is at path.
func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

// fieldOf is the field of t with exactly this name in JSON; package json would
// take other cases of its letters too.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for field := range t.Fields() {
		if n, _ := nameOf(field); n == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// nameOf is the name of a field in JSON, and whether it may be missing.
func nameOf(field reflect.StructField) (name string, optional bool) {
	name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name, option == "omitempty"
}
